with

versions as (
    select * from {{ ref('int_identity__record_versions') }}
),

contact_points as (
    select
        record_id,
        customer_kind
    from {{ ref('int_identity__contact_points') }}
    where valid_to = cast('9999-12-31' as date)
),

first_versions as (
    select * from versions
    where valid_from = first_seen_on
),

newest_versions as (
    select
        record_id,
        is_deleted
    from versions
    where valid_to = cast('9999-12-31' as date)
),

final as (
    select
        first_versions.record_id,
        first_versions.record_kind,
        first_versions.source_system,
        first_versions.source_customer_id,
        contact_points.customer_kind,
        first_versions.first_seen_on,
        first_versions.first_delivery_id,
        newest_versions.is_deleted,
        {{ record_age('first_versions.first_seen_on', 'first_versions.first_created_on', 'first_versions.record_id') }} as record_age
    from first_versions
    inner join newest_versions
        on first_versions.record_id = newest_versions.record_id
    inner join contact_points
        on first_versions.record_id = contact_points.record_id
)

select * from final
