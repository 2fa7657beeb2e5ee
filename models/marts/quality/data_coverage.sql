with

counted as (
    select * from {{ ref('int_coverage__crm_masters') }}

    union all

    select * from {{ ref('int_coverage__crm_events') }}

    union all

    select * from {{ ref('int_coverage__sales') }}

    union all

    select * from {{ ref('int_coverage__marketing') }}

    union all

    select * from {{ ref('int_coverage__service') }}

    union all

    select * from {{ ref('int_coverage__finance') }}
),

contract as (
    {{ contract_feeds() }}
),

final as (
    select
        contract.feed,
        contract.department,
        contract.is_required,
        case when counted.row_count > 0 then 'delivered' else 'missing' end as status,
        counted.row_count,
        counted.source_system_count,
        counted.first_on,
        counted.last_on,
        counted.last_delivered_on,
        contract.metrics,
        case when counted.row_count > 0 then '' else contract.metrics end as weaker_metrics
    from contract
    inner join counted
        on contract.feed = counted.feed
)

select * from final
