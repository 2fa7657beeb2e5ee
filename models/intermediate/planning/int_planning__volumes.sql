{%- set filters = ['cohort_kind', 'segment_id', 'channel_id', 'media_source'] + plan_parts() -%}

with

cells as (
    select
        scenario_id,
        cohort_kind,
        segment_id,
        case cohort_kind when 'new' then 'won' else segment_id end as rate_segment_id,
        channel_id,
        media_source,
        {{ plan_parts() | join(',\n        ') }},
        named_customer_id,
        month,
        orders,
        active_customers,
        new_customers
    from {{ ref('int_planning__cells') }}
),

rates as (
    select * from {{ ref('int_planning__activity_rates') }}
),

changes as (
    {{ plan_changes_by_scenario() }}
),

actual_receivers as (
    select
        period,
        activity_id,
        customer_id,
        minutes
    from {{ ref('int_costing__activity_receivers') }}
),

-- The last month that is known, by its own volumes: the plan of it is the actual ledger.
calendar as (
    select as_of_month
    from {{ ref('int_calendar__as_of') }}
),

by_all as (
    select
        activity_id,
        basis,
        channel_id,
        minutes_each
    from rates
    where segment_id = 'all' and basis in ('orders', 'active_customers')
),

own_rates as (
    select
        activity_id,
        segment_id,
        named_customer_id,
        minutes_each
    from rates
    where segment_id <> 'all'
),

-- A group that did nothing of an activity has a rate of nothing; one that ordered nothing takes that of all.
known_groups as (
    select distinct
        segment_id,
        named_customer_id
    from own_rates
),

for_customers as (
    select
        cells.scenario_id,
        cells.month,
        by_all.activity_id,
        'customers' as receiver,
        cells.cohort_kind,
        cells.segment_id,
        cells.channel_id,
        cells.media_source,
        {%- for part in plan_parts() %}
        cells.{{ part }},
        {%- endfor %}
        cells.named_customer_id,
        case by_all.basis when 'orders' then cells.orders else cells.active_customers end
        * coalesce(own_rates.minutes_each, case when known_groups.segment_id is null then by_all.minutes_each else 0e0 end) as minutes
    from cells
    inner join by_all
        on coalesce(by_all.channel_id, cells.channel_id) = cells.channel_id
    left join own_rates
        on by_all.activity_id = own_rates.activity_id
        and cells.rate_segment_id = own_rates.segment_id
        and cells.named_customer_id = own_rates.named_customer_id
    left join known_groups
        on cells.rate_segment_id = known_groups.segment_id
        and cells.named_customer_id = known_groups.named_customer_id
),

won as (
    select
        scenario_id,
        month,
        cast(sum(cast(new_customers as decimal(28, 10))) as double) as new_customers
    from cells
    group by
        scenario_id,
        month
),

for_prospects as (
    select
        won.scenario_id,
        won.month,
        rates.activity_id,
        'acquisition' as receiver,
        cast(null as {{ dbt.type_string() }}) as cohort_kind,
        'none' as segment_id,
        cast(null as {{ dbt.type_string() }}) as channel_id,
        rates.media_source,
        {%- for part in plan_parts() %}
        cast(null as {{ dbt.type_string() }}) as {{ part }},
        {%- endfor %}
        '' as named_customer_id,
        rates.minutes_each * case rates.basis when 'new_customers' then won.new_customers else 1e0 end as minutes
    from won
    inner join rates
        on rates.basis in ('new_customers', 'months')
),

planned as (
    select * from for_customers
    union all
    select * from for_prospects
),

-- What changes the time of an activity; money for media is the minutes of the activities that it drives.
touched as (
    select
        planned.*,
        coalesce(changes.lever, 'none') as lever,
        changes.operation,
        changes.change_value
    from planned
    left join changes
        on planned.scenario_id = changes.scenario_id
        and case when planned.media_source is not null and planned.receiver = 'acquisition' then 'media_spend' else 'activity_time' end = changes.lever
        and coalesce(changes.activity_id, planned.activity_id) = planned.activity_id
        {%- for filter in filters %}
        and coalesce(changes.{{ filter }}, planned.{{ filter }}, '') = coalesce(planned.{{ filter }}, '')
        {%- endfor %}
        and {{ is_valid_in('changes', 'planned.month') }}
),

effects as (
    select
        scenario_id,
        month,
        activity_id,
        receiver,
        {{ filters | join(',\n        ') }},
        named_customer_id,
        minutes,
        {{ lever_columns(['activity_time', 'media_spend']) }}
    from touched
    group by
        scenario_id,
        month,
        activity_id,
        receiver,
        {{ filters | join(',\n        ') }},
        named_customer_id,
        minutes
),

changed_volumes as (
    select
        effects.scenario_id,
        effects.month,
        effects.activity_id,
        effects.receiver,
        effects.segment_id,
        effects.minutes * greatest({{ changed('activity_time', '1e0') }}, 0e0) * greatest({{ changed('media_spend', '1e0') }}, 0e0) as minutes
    from effects
),

final as (
    select
        scenario_id,
        month as period,
        activity_id,
        receiver,
        segment_id,
        -- To more decimals than are kept: parts of a cell that a scenario takes apart sum to what the whole is rounded to.
        cast(sum(cast(minutes as decimal(38, 10))) as decimal(18, 4)) as minutes
    from changed_volumes
    group by
        scenario_id,
        month,
        activity_id,
        receiver,
        segment_id

    union all

    select
        'actual' as scenario_id,
        actual_receivers.period,
        actual_receivers.activity_id,
        case when actual_receivers.customer_id is null then 'acquisition' else 'customers' end as receiver,
        'none' as segment_id,
        cast(sum(actual_receivers.minutes) as decimal(18, 4)) as minutes
    from actual_receivers
    inner join calendar
        on actual_receivers.period = calendar.as_of_month
    group by
        actual_receivers.period,
        actual_receivers.activity_id,
        case when actual_receivers.customer_id is null then 'acquisition' else 'customers' end
)

select * from final
