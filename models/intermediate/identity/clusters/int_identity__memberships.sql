with

epochs as (
    select * from {{ ref('int_identity__epochs') }}
),

epoch_clusters as (
    select * from {{ ref('int_identity__epoch_clusters') }}
),

records as (
    select * from {{ ref('int_identity__records') }}
),

-- A customer is known by the number of its oldest record. That number is given when the record first arrives and never
-- again, so a merge keeps the older one and a split leaves it to the part with the oldest record.
named as (
    select
        epochs.record_id,
        epochs.epoch,
        first_value(epochs.record_id) over (
            partition by coalesce(epoch_clusters.cluster_id, epochs.node) order by epochs.record_age
        ) as customer_id
    from epochs
    left join epoch_clusters
        on epochs.node = epoch_clusters.node
),

followed as (
    select
        *,
        lag(customer_id) over (partition by record_id order by epoch) as customer_id_before
    from named
),

final as (
    select
        record_id,
        customer_id,
        customer_id_before,
        epoch as valid_from,
        coalesce(lead(epoch) over (partition by record_id order by epoch), cast('9999-12-31' as date)) as valid_to
    from followed
    where customer_id_before is null or customer_id <> customer_id_before

    union all

    -- Records that were never linked.
    select
        records.record_id,
        records.record_id as customer_id,
        cast(null as {{ dbt.type_string() }}) as customer_id_before,
        records.first_seen_on as valid_from,
        cast('9999-12-31' as date) as valid_to
    from records
    left join epochs
        on records.record_id = epochs.record_id
    where epochs.record_id is null
)

select * from final
