-- Proves that the current rows of dim_customer_history say of every customer what dim_customer says, in every column that
-- both have, and that neither has a customer that the other lacks, the member unattributed apart. The dimension cuts a cycle
-- of parents, so the parent of the customer above which it is cut is left out; and it alone has parents that a name names. The
-- columns are read from the documented contract, so that one that is added to both is proved without a change here. Returns the
-- rows that stand on one side only.

{%- set columns = [] %}
{%- if execute %}
{%- set dimension = graph.nodes['model.' ~ project_name ~ '.dim_customer'].columns %}
{%- set history = graph.nodes['model.' ~ project_name ~ '.dim_customer_history'].columns %}
{%- for column in history if column in dimension and column != 'parent_customer_id' %}
{%- do columns.append(column) %}
{%- endfor %}
{%- if columns | length < 10 %}
{{ exceptions.raise_compiler_error('dim_customer and dim_customer_history document only ' ~ columns | length ~ ' columns in common, so this test would prove little.') }}
{%- endif %}
{%- endif %}

with

dimension as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        case when not has_parent_cycle and parent_source = 'delivered' then parent_customer_id end as parent_customer_id
    from {{ ref('dim_customer') }}
    where not is_unattributed
),

history as (
    select
        {%- for column in columns %}
        history.{{ column }},
        {%- endfor %}
        case when not coalesce(customers.has_parent_cycle, false) then history.parent_customer_id end as parent_customer_id
    from {{ ref('dim_customer_history') }} as history
    left join {{ ref('dim_customer') }} as customers
        on history.customer_id = customers.customer_id
    where history.is_current
),

both_sides as (
    select
        *,
        1 as dimension_count,
        0 as history_count
    from dimension

    union all

    select
        *,
        0 as dimension_count,
        1 as history_count
    from history
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    parent_customer_id,
    sum(dimension_count) as dimension_count,
    sum(history_count) as history_count
from both_sides
group by
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    parent_customer_id
having sum(dimension_count) <> 1 or sum(history_count) <> 1
