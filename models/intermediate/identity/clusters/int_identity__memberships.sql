-- Pairs of records that are linked, or that a person keeps apart, on the day of a change.
{% set epoch_links %}
    select
        epochs.node as left_node,
        {{ epoch_node('links.right_record_id', 'epochs.epoch') }} as right_node,
        max(links.strength) as strength
    from {{ ref('int_identity__links') }} as links
    inner join {{ ref('int_identity__epochs') }} as epochs
        on links.left_record_id = epochs.record_id
        and links.valid_from <= epochs.epoch
        and links.valid_to > epochs.epoch
    group by
        epochs.node,
        {{ epoch_node('links.right_record_id', 'epochs.epoch') }}
{% endset %}
{% set epoch_non_links %}
    select distinct
        epochs.node as left_node,
        {{ epoch_node('non_links.right_record_id', 'epochs.epoch') }} as right_node
    from {{ ref('int_identity__known_links') }} as non_links
    inner join {{ ref('int_identity__epochs') }} as epochs
        on non_links.left_record_id = epochs.record_id
        and non_links.valid_from <= epochs.epoch
        and non_links.valid_to > epochs.epoch
    where not non_links.is_match and non_links.refused_because is null
{% endset %}
-- Who is one customer on that day: everything linked over any number of steps, but for known non-matches.
{% set clusters = constrained_clusters(
    epoch_links, epoch_non_links, reads=[ref('int_identity__links'), ref('int_identity__known_links'), ref('int_identity__epochs')]
) %}

with

epochs as (
    select * from {{ ref('int_identity__epochs') }}
),

epoch_clusters as (
    select
        node,
        cluster as cluster_id
    from {{ clusters }}
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
