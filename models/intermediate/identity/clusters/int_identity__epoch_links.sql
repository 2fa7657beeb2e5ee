with

links as (
    select * from {{ ref('int_identity__links') }}
),

epochs as (
    select * from {{ ref('int_identity__epochs') }}
),

final as (
    select
        epochs.node as left_node,
        {{ epoch_node('links.right_record_id', 'epochs.epoch') }} as right_node,
        max(links.strength) as strength
    from links
    inner join epochs
        on links.left_record_id = epochs.record_id
        and links.valid_from <= epochs.epoch
        and links.valid_to > epochs.epoch
    group by
        epochs.node,
        {{ epoch_node('links.right_record_id', 'epochs.epoch') }}
)

select * from final
