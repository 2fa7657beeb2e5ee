-- Records that were ever linked, over any number of steps; what is decided about a component concerns no other record.
{% set components = connected_components(ref('int_identity__links'), 'left_record_id', 'right_record_id') %}

select
    node as record_id,
    component as component_id
from {{ components }}
