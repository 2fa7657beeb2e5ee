{%- set links = ref('int_identity__links') -%}
{%- set known_links = ref('int_identity__known_links') -%}
{%- set contradictions = ref('int_identity__contradictions') -%}
{%- set records = ref('int_identity__records') -%}

-- Records that were ever linked, over any number of steps: what is decided about a component concerns no other record.
{% set components = connected_components(links, 'left_record_id', 'right_record_id') %}

-- A component is looked at anew on every day on which something about it changed: each of its records on each such day.
{% set select_epochs %}
    with

    components as (
        select
            node as record_id,
            component as component_id
        from {{ components }}
    ),

    spans as (
        select
            left_record_id,
            valid_from,
            valid_to
        from {{ links }}

        union all

        select
            left_record_id,
            valid_from,
            valid_to
        from {{ known_links }}
        where not is_match and refused_because is null and valid_from < valid_to

        union all

        select
            left_record_id,
            valid_from,
            valid_to
        from {{ contradictions }}
    ),

    changes as (
        select
            components.component_id,
            records.first_seen_on as epoch
        from components
        inner join {{ records }} as records
            on components.record_id = records.record_id

        union distinct

        select
            components.component_id,
            spans.valid_from as epoch
        from spans
        inner join components
            on spans.left_record_id = components.record_id

        union distinct

        select
            components.component_id,
            spans.valid_to as epoch
        from spans
        inner join components
            on spans.left_record_id = components.record_id
        where spans.valid_to < cast('9999-12-31' as date)
    )

    select
        changes.epoch,
        records.record_id,
        records.record_age,
        {{ epoch_node('records.record_id', 'changes.epoch') }} as node
    from changes
    inner join components
        on changes.component_id = components.component_id
    inner join {{ records }} as records
        on components.record_id = records.record_id
        and changes.epoch >= records.first_seen_on
{% endset %}
{% set epochs = select_once('epochs', select_epochs, reads=[links, known_links, contradictions, records]) %}

-- Pairs of records that are linked, or that a person or a contradiction keeps apart, on that day.
{% set epoch_links %}
    select
        epochs.node as left_node,
        {{ epoch_node('links.right_record_id', 'epochs.epoch') }} as right_node,
        max(links.strength) as strength
    from {{ links }} as links
    inner join {{ epochs }} as epochs
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
    from {{ known_links }} as non_links
    inner join {{ epochs }} as epochs
        on non_links.left_record_id = epochs.record_id
        and non_links.valid_from <= epochs.epoch
        and non_links.valid_to > epochs.epoch
    where not non_links.is_match and non_links.refused_because is null

    union distinct

    select
        epochs.node as left_node,
        {{ epoch_node('contradictions.right_record_id', 'epochs.epoch') }} as right_node
    from {{ contradictions }} as contradictions
    inner join {{ epochs }} as epochs
        on contradictions.left_record_id = epochs.record_id
        and contradictions.valid_from <= epochs.epoch
        and contradictions.valid_to > epochs.epoch
{% endset %}
-- Who is one customer on that day: everything linked over any number of steps, but for known non-matches and contradictions.
{% set clusters = constrained_clusters(epoch_links, epoch_non_links, reads=[links, known_links, contradictions]) %}

with

epochs as (
    select epochs.* from {{ epochs }} as epochs
),

epoch_clusters as (
    select
        node,
        cluster as cluster_id
    from {{ clusters }}
),

records as (
    select * from {{ records }}
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
