-- Proves that the seeds of segments judge every customer: windows and bounds for any kind of customer are there, a better score asks
-- for more, every decile has one tier with and one without a loss, the lowest loyalty asks for nothing, the last rule fits everybody,
-- rules name only statuses, tiers and levels that exist, and the members that models write themselves are there. Returns what is wrong.

with

windows as (
    select * from {{ ref('customer_windows') }}
),

bounds as (
    select
        customer_kind,
        measure,
        score,
        bound,
        lag(bound) over (partition by customer_kind, measure order by score) as easier_bound
    from {{ ref('rfm_thresholds') }}
),

tiers as (
    select * from {{ ref('profit_tiers') }}
),

levels as (
    select * from {{ ref('loyalty_levels') }}
),

segments as (
    select * from {{ ref('segments') }}
),

covered as (
    select
        is_loss,
        sum(last_decile - first_decile + 1) as decile_count,
        min(first_decile) as first_decile,
        max(last_decile) as last_decile
    from tiers
    where is_loss is not null
    group by is_loss
),

words as (
    select
        'statuses' as list_name,
        customer_status as word
    from (
        select 'active' as customer_status
        union all
        select 'lapsed' as customer_status
        union all
        select 'churned' as customer_status
    ) as known_statuses

    union all

    select
        'profit_tiers' as list_name,
        profit_tier as word
    from tiers

    union all

    select
        'loyalty_levels' as list_name,
        loyalty_level as word
    from levels
),

lists as (
    {%- for list_name in ['statuses', 'profit_tiers', 'loyalty_levels'] %}
    select
        segment_id,
        '{{ list_name }}' as list_name,
        {{ list_name }} as named_words
    from segments
    where
        rule_order is not null
        and {{ list_name }} <> 'any'
    {{- '

    union all
' if not loop.last }}
    {%- endfor %}
),

-- A list is its known words with blanks between them, or it names something else.
read_lists as (
    select
        lists.segment_id,
        lists.list_name,
        lists.named_words,
        sum(length(words.word) + 1) - 1 as known_length
    from lists
    left join words
        on lists.list_name = words.list_name
        and {{ is_listed('words.word', 'lists.named_words') }}
    group by
        lists.segment_id,
        lists.list_name,
        lists.named_words
),

last_rules as (
    select *
    from segments
    where rule_order = (select max(last_rule.rule_order) from segments as last_rule)
),

counted as (
    select
        'any_windows' as what,
        count(*) as row_count
    from windows
    where customer_kind = 'any'

    union all

    select
        'any_bounds' as what,
        count(*) as row_count
    from bounds
    where customer_kind = 'any'

    union all

    select
        'signs' as what,
        count(*) as row_count
    from covered

    union all

    select
        'lowest_levels' as what,
        count(*) as row_count
    from levels
    where
        minimum_tenure_months = 0
        and minimum_order_count <= 1
        and minimum_product_group_count = 0
        and coalesce(minimum_feedback_score, 0) = 0

    union all

    select
        'written_tiers' as what,
        count(*) as row_count
    from tiers
    where profit_tier in ('inactive', 'none')

    union all

    select
        'written_segments' as what,
        count(*) as row_count
    from segments
    where segment_id in ('no_order_yet', 'none')
)

select 'customer_windows and rfm_thresholds need all rows for any kind of customer' as problem
from counted
where
    (what = 'any_windows' and row_count <> 1)
    or (what = 'any_bounds' and row_count <> 12)

union all

select 'customer_windows: ' || customer_kind || ' churns before it lapses' as problem
from windows
where
    active_days < 0
    or churned_days < active_days

union all

select 'rfm_thresholds: ' || customer_kind || ' has too few scores, ' || measure as problem
from bounds
group by
    customer_kind,
    measure
having count(*) <> 4

union all

select 'rfm_thresholds: ' || customer_kind || ' lacks a measure' as problem
from bounds
group by customer_kind
having count(distinct measure) <> 3

union all

select 'rfm_thresholds: a better score must ask for more, ' || customer_kind || ' ' || measure as problem
from bounds
where
    (measure = 'recency_days' and bound >= easier_bound)
    or (measure <> 'recency_days' and bound <= easier_bound)

union all

select 'profit_tiers must have each decile once with and once without a loss' as problem
from counted
where
    what = 'signs'
    and row_count <> 2

union all

select 'profit_tiers must have each decile once with and once without a loss' as problem
from covered
where
    decile_count <> 10
    or first_decile <> 1
    or last_decile <> 10

union all

select 'loyalty_levels needs one level that asks for nothing' as problem
from counted
where
    what = 'lowest_levels'
    and row_count = 0

union all

select 'segments: ' || segment_id || ' names an unknown word in ' || list_name as problem
from read_lists
where coalesce(known_length, 0) <> length(named_words)

union all

select 'segments: the last rule, ' || segment_id || ', must fit everybody' as problem
from last_rules
where
    statuses <> 'any'
    or profit_tiers <> 'any'
    or loyalty_levels <> 'any'
    or maximum_months_since_first_order is not null
    or coalesce(minimum_monetary_score, 1) > 1

union all

select 'segments and profit_tiers need the members that models write: inactive and none, no_order_yet and none' as problem
from counted
where
    what in ('written_tiers', 'written_segments')
    and row_count <> 2
