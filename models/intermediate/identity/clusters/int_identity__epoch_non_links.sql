with

non_links as (
    select * from {{ ref('int_identity__known_links') }}
    where not is_match and refused_because is null
),

epochs as (
    select * from {{ ref('int_identity__epochs') }}
),

final as (
    select distinct
        epochs.node as left_node,
        {{ epoch_node('non_links.right_record_id', 'epochs.epoch') }} as right_node
    from non_links
    inner join epochs
        on non_links.left_record_id = epochs.record_id
        and non_links.valid_from <= epochs.epoch
        and non_links.valid_to > epochs.epoch
)

select * from final
