{#- What a change says of an opportunity until a later one says otherwise. -#}
{%- set told = ['amount', 'currency_code', 'expected_close_on', 'sales_rep_id', 'territory_id'] -%}
{%- set known = 'source_system, opportunity_id, known_from' -%}

with

changes as (
    select * from {{ ref('int_pipeline__changes') }}
),

stages as (
    select * from {{ ref('pipeline_stages') }}
),

sales_rep_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'sales_rep'
),

territory_keys as (
    select * from {{ ref('int_references__keys') }}
    where entity = 'territory'
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

first_rates as (
    select
        currency_code,
        min(calendar_date) as first_day
    from exchange_rates
    group by currency_code
),

-- The days on which something became known of an opportunity: until the next of them nothing else was known.
days_of_knowledge as (
    select
        source_system,
        opportunity_id,
        known_from
    from changes

    union

    select
        source_system,
        opportunity_id,
        known_to as known_from
    from changes
    where known_to is not null
),

knowledge as (
    select
        source_system,
        opportunity_id,
        known_from,
        lead(known_from) over (partition by source_system, opportunity_id order by known_from) as known_to
    from days_of_knowledge
),

known_changes as (
    select
        changes.*,
        knowledge.known_from as looked_at_from,
        knowledge.known_to as looked_at_to
    from knowledge
    inner join changes
        on knowledge.source_system = changes.source_system
        and knowledge.opportunity_id = changes.opportunity_id
        and knowledge.known_from >= changes.known_from
        and knowledge.known_from < coalesce(changes.known_to, cast('9999-12-31' as date))
),

-- Each count numbers the runs in which nothing new is told.
numbered as (
    select
        source_system,
        opportunity_id,
        looked_at_from as known_from,
        looked_at_to as known_to,
        opened_day,
        happened_at,
        happened_on,
        stage,
        -- What is no probability counts as none, and a number of any size does not stop a build.
        case when probability >= 0 and probability <= 1 then probability end as probability,
        {%- for column in told %}
        {{ column }},
        count({{ column }}) over state_order as {{ column }}_run,
        {%- endfor %}
        count(stage) over state_order as stage_run,
        row_number() over state_order as state_number
    from known_changes
    window state_order as (
        partition by source_system, opportunity_id, looked_at_from
        -- Of one moment, in which systems tell each column as a change of its own, the stage comes last, so that it is decided at the new value; and by
        -- number 9 comes before 10.
        order by happened_on, happened_at, change_rank, case when stage is null then 0 else 1 end, length(change_id), change_id
    )
),

carried as (
    select
        source_system,
        opportunity_id,
        known_from,
        known_to,
        opened_day,
        state_number,
        stage_run,
        happened_at,
        happened_on,
        max(stage) over (partition by {{ known }}, stage_run) as stage,
        min(happened_on) over (partition by {{ known }}, stage_run) as stage_told_on,
        probability,
        {%- for column in told %}
        max({{ column }}) over (partition by {{ known }}, {{ column }}_run) as {{ column }},
        {%- endfor %}
        count(probability) over (partition by {{ known }}, stage_run order by state_number) as probability_run
    from numbered
),

-- Nothing is known of it before its first stage.
staged as (
    select
        *,
        max(probability) over (partition by {{ known }}, stage_run, probability_run) as own_probability,
        case
            when stage = lag(stage) over (partition by {{ known }} order by state_number) then 0
            else 1
        end as is_entry,
        lead(happened_at) over (partition by {{ known }} order by state_number) as left_at,
        lead(happened_on) over (partition by {{ known }} order by state_number) as left_on
    from carried
    where stage is not null
),

stays as (
    select
        *,
        cast(sum(is_entry) over (partition by {{ known }} order by state_number) as integer) as stay_number
    from staged
),

valued as (
    select
        stays.*,
        coalesce(stays.currency_code, {{ reporting_currency() }}) as currency,
        coalesce(stages.stage_state, 'open') as stage_state,
        stages.stage_order,
        -- That of the day: what the change to this stage or one since says, else the default of the stage when it was entered.
        coalesce(stays.own_probability, stages.default_probability) as probability_then
    from stays
    left join stages
        on stays.stage = stages.stage
        and stays.stage_told_on >= coalesce(stages.valid_from, cast('0001-01-01' as date))
        and stays.stage_told_on <= coalesce(stages.valid_to, cast('9999-12-31' as date))
),

-- All amounts of an opportunity at the rate of the day on which it was opened, or of the first day with a rate where that came later: no
-- movement comes from currencies.
converted as (
    select
        valued.*,
        {{ to_reporting_currency('valued.amount', 'valued.currency', 'exchange_rates.exchange_rate') }} as converted_amount
    from valued
    left join first_rates
        on valued.currency = first_rates.currency_code
    left join exchange_rates
        on first_rates.currency_code = exchange_rates.currency_code
        and greatest(valued.opened_day, first_rates.first_day) = exchange_rates.calendar_date
),

final as (
    select
        {{ conformed_key('converted.source_system', 'converted.opportunity_id') }} as opportunity_id,
        converted.source_system,
        converted.known_from,
        converted.known_to,
        cast(converted.state_number as integer) as state_number,
        converted.happened_at,
        converted.left_at,
        converted.happened_on as valid_from,
        converted.left_on as valid_to,
        converted.stage,
        converted.stage_state,
        converted.stage_order,
        converted.stay_number,
        min(converted.happened_on) over (
            partition by converted.source_system, converted.opportunity_id, converted.known_from, converted.stay_number
        ) as stage_since,
        converted.probability_then as probability,
        converted.currency as currency_code,
        converted.amount as original_amount,
        converted.converted_amount as amount,
        {{ rounded_to_cents('converted.converted_amount * converted.probability_then') }} as weighted_amount,
        converted.expected_close_on,
        coalesce({{ referred_id('sales_rep_keys') }}, {{ unknown_member() }}) as sales_rep_id,
        coalesce({{ referred_id('territory_keys') }}, {{ unknown_member() }}) as territory_id
    from converted
    {{ resolve_reference('sales_rep_keys', 'converted.sales_rep_id', 'converted.source_system') }}
    {{ resolve_reference('territory_keys', 'converted.territory_id', 'converted.source_system') }}
)

select * from final
