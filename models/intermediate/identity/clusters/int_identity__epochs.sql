-- Records that were ever linked, over any number of steps: what is decided about a component concerns no other record.
{% set connected = connected_components(ref('int_identity__links'), 'left_record_id', 'right_record_id') %}

with

components as (
    select
        node as record_id,
        component as component_id
    from {{ connected }}
),

records as (
    select * from {{ ref('int_identity__records') }}
),

links as (
    select
        left_record_id,
        right_record_id,
        valid_from,
        valid_to
    from {{ ref('int_identity__links') }}

    union all

    select
        left_record_id,
        right_record_id,
        valid_from,
        valid_to
    from {{ ref('int_identity__known_links') }}
    where not is_match and refused_because is null and valid_from < valid_to
),

changes as (
    select
        components.component_id,
        records.first_seen_on as epoch
    from components
    inner join records
        on components.record_id = records.record_id

    union distinct

    select
        components.component_id,
        links.valid_from as epoch
    from links
    inner join components
        on links.left_record_id = components.record_id

    union distinct

    select
        components.component_id,
        links.valid_to as epoch
    from links
    inner join components
        on links.left_record_id = components.record_id
    where links.valid_to < cast('9999-12-31' as date)
),

days as (
    select
        component_id,
        epoch,
        coalesce(lead(epoch) over (partition by component_id order by epoch), cast('9999-12-31' as date)) as epoch_end
    from changes
),

final as (
    select
        days.component_id,
        days.epoch,
        days.epoch_end,
        records.record_id,
        records.record_age,
        {{ epoch_node('records.record_id', 'days.epoch') }} as node
    from days
    inner join components
        on days.component_id = components.component_id
    inner join records
        on components.record_id = records.record_id
        and days.epoch >= records.first_seen_on
)

select * from final
