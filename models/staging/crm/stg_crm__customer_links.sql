with

versions as (
    select * from {{ source('crm', 'customer_links') }}
),

newest as (
    {{ newest_version('versions', [
        'left_source_system', 'left_customer_id', 'right_source_system', 'right_customer_id',
    ]) }}
),

final as (
    select
        source_system,
        left_source_system,
        left_customer_id,
        right_source_system,
        right_customer_id,
        is_match,
        decided_on,
        reason
        {{- extension_columns(source('crm', 'customer_links')) }},
        delivered_on
    from newest
)

select * from final
