-- The parent of the parent, and so on to the end, however long the chain is.
{% set tops = hierarchy_tops(ref('int_identity__customer_parents'), 'customer_id', 'parent_customer_id') %}

select
    node as customer_id,
    top as ultimate_parent_customer_id,
    is_in_cycle as has_parent_cycle
from {{ tops }}
