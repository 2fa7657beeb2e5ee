-- depends_on: {{ ref('int_pipeline__rule_problems') }}
with

event_versions as (
    {{ ranked_versions(ref('stg_crm__opportunity_events'), ['opportunity_event_id']) }}
),

opportunity_versions as (
    {{ ranked_versions(ref('stg_crm__opportunities'), ['opportunity_id']) }}
),

stage_names as (
    select * from {{ ref('pipeline_stage_names') }}
),

-- An event is known from its delivery until it is delivered otherwise.
events as (
    select
        source_system,
        opportunity_id,
        'event ' || opportunity_event_id as change_id,
        occurred_at as happened_at,
        {{ counted_day(business_day('occurred_at'), 'delivered_on') }} as happened_on,
        stage as stage_word,
        amount,
        currency_code,
        probability,
        expected_close_on,
        sales_rep_id,
        territory_id,
        is_deleted,
        delivered_on as known_from,
        lag(delivered_on) over (partition by source_system, opportunity_event_id order by version_rank) as known_to
    from event_versions
),

-- Of several of one day the last counts.
versions as (
    select
        *,
        delivered_on = first_delivered_on as is_first,
        row_number() over (partition by source_system, opportunity_id, delivered_on order by version_rank) as place_of_day,
        {{ counted_day('opened_on', 'delivered_on') }} as opened_day
    from opportunity_versions
),

told_by_events as (
    select
        source_system,
        opportunity_id,
        max(case when stage_word is not null then 1 else 0 end) as has_stage,
        max(case when amount is not null then 1 else 0 end) as has_amount
    from events
    where not is_deleted
    group by
        source_system,
        opportunity_id
),

-- One that was withdrawn is not known from then on.
opportunities as (
    select
        source_system,
        opportunity_id,
        opened_day,
        case when is_deleted then delivered_on end as withdrawn_on
    from versions
    where version_rank = 1
),

-- What events leave open the versions of the opportunity say: the first from the day on which it was opened, a later one from its delivery, and
-- a decision on its day.
said_by_versions as (
    select
        versions.source_system,
        versions.opportunity_id,
        versions.delivered_on,
        case when versions.is_first then versions.opened_day else versions.delivered_on end as happened_on,
        case when coalesce(told_by_events.has_stage, 0) = 0 then versions.stage end as stage_word,
        case when coalesce(told_by_events.has_stage, 0) = 0 then {{ counted_day('versions.closed_on', 'versions.delivered_on') }} end as closed_on,
        case when coalesce(told_by_events.has_amount, 0) = 0 then versions.amount end as amount,
        case when coalesce(told_by_events.has_stage, 0) = 0 then versions.probability end as probability,
        case when coalesce(told_by_events.has_amount, 0) = 0 and versions.amount is not null then versions.currency_code end as currency_code,
        versions.expected_close_on,
        versions.sales_rep_id,
        versions.territory_id,
        coalesce(told_by_events.has_stage, 0) = 0 and versions.is_first as is_opening
    from versions
    left join told_by_events
        on versions.source_system = told_by_events.source_system
        and versions.opportunity_id = told_by_events.opportunity_id
    where not versions.is_deleted and versions.place_of_day = 1
),

changes as (
    select
        source_system,
        opportunity_id,
        change_id,
        1 as change_rank,
        happened_at,
        happened_on,
        stage_word,
        amount,
        currency_code,
        probability,
        expected_close_on,
        sales_rep_id,
        territory_id,
        known_from,
        known_to
    from events
    where not is_deleted

    union all

    select
        source_system,
        opportunity_id,
        'version ' || cast(delivered_on as {{ dbt.type_string() }}) as change_id,
        0 as change_rank,
        cast(happened_on as timestamp) as happened_at,
        happened_on,
        -- Of one that was decided before anybody delivered it, or that names no stage, nobody knows in which it was opened.
        coalesce(case when closed_on is null then stage_word end, case when is_opening then 'not delivered' end) as stage_word,
        amount,
        currency_code,
        case when closed_on is null then probability end as probability,
        expected_close_on,
        sales_rep_id,
        territory_id,
        delivered_on as known_from,
        cast(null as date) as known_to
    from said_by_versions

    union all

    select
        source_system,
        opportunity_id,
        'decision ' || cast(delivered_on as {{ dbt.type_string() }}) as change_id,
        2 as change_rank,
        cast(closed_on as timestamp) as happened_at,
        closed_on as happened_on,
        stage_word,
        amount,
        currency_code,
        probability,
        cast(null as date) as expected_close_on,
        cast(null as {{ dbt.type_string() }}) as sales_rep_id,
        cast(null as {{ dbt.type_string() }}) as territory_id,
        delivered_on as known_from,
        cast(null as date) as known_to
    from said_by_versions
    where closed_on is not null
),

named as (
    select
        changes.source_system,
        changes.opportunity_id,
        coalesce(opportunities.opened_day, changes.happened_on) as opened_day,
        changes.change_id,
        changes.change_rank,
        changes.happened_at,
        changes.happened_on,
        coalesce(stage_names.stage, changes.stage_word) as stage,
        changes.amount,
        changes.currency_code,
        changes.probability,
        changes.expected_close_on,
        changes.sales_rep_id,
        changes.territory_id,
        changes.known_from,
        least(coalesce(changes.known_to, opportunities.withdrawn_on), coalesce(opportunities.withdrawn_on, changes.known_to)) as known_to
    from changes
    left join opportunities
        on changes.source_system = opportunities.source_system
        and changes.opportunity_id = opportunities.opportunity_id
    left join stage_names
        on changes.stage_word = stage_names.delivered_name
),

-- What was delivered otherwise on the day of its own delivery was never known.
final as (
    select *
    from named
    where known_to is null or known_to > known_from
)

select * from final
