with

versions as (
    select * from {{ source('crm', 'customer_links') }}
),

ranked as (
    {{ ranked_versions('versions', [
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
        coalesce(is_deleted, false) as is_deleted,
        version_rank = 1 and not coalesce(is_deleted, false) as is_current,
        delivery_id,
        delivered_on
    from ranked
)

select * from final
