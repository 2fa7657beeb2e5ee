-- Proves that customer_group_profitability is customer_profitability summed over the members of each group: no customer is
-- in two groups or in none, and every amount and count of a group is the sum of its members'. The columns are read from the
-- documented contract, so that one that is added to customer_profitability and forgotten here is found too; its windows, the last
-- twelve months and the year to date, are for single customers. Returns each group and column that differs.

{%- set columns = [] %}
{%- set forgotten = [] %}
{%- if execute %}
{%- set group_columns = graph.nodes['model.' ~ project_name ~ '.customer_group_profitability'].columns %}
{%- set customer_columns = graph.nodes['model.' ~ project_name ~ '.customer_profitability'].columns %}
{%- for column in customer_columns
    if not column.startswith(('last_12m_', 'ytd_')) and (column.endswith('_amount') or (column in group_columns and column.endswith('_count'))) %}
{%- if column in group_columns %}{%- do columns.append(column) %}{%- else %}{%- do forgotten.append(column) %}{%- endif %}
{%- endfor %}
{%- endif %}

with

customers as (
    select
        customer_id,
        ultimate_parent_customer_id
    from {{ ref('dim_customer') }}
),

profitability as (
    select * from {{ ref('customer_profitability') }}
),

members as (
    select
        profitability.*,
        customers.ultimate_parent_customer_id
    from profitability
    left join customers
        on profitability.customer_id = customers.customer_id
),

both_sides as (
    select
        ultimate_parent_customer_id,
        'member_count' as column_name,
        member_count as group_value,
        0 as member_value
    from {{ ref('customer_group_profitability') }}

    union all

    select
        ultimate_parent_customer_id,
        'member_count' as column_name,
        0 as group_value,
        1 as member_value
    from members
    {%- for column in columns %}

    union all

    select
        ultimate_parent_customer_id,
        '{{ column }}' as column_name,
        {{ column }} as group_value,
        0 as member_value
    from {{ ref('customer_group_profitability') }}

    union all

    select
        ultimate_parent_customer_id,
        '{{ column }}' as column_name,
        0 as group_value,
        {{ column }} as member_value
    from members
    {%- endfor %}
    {%- for column in forgotten %}

    union all

    select
        'not summed in customer_group_profitability' as ultimate_parent_customer_id,
        '{{ column }}' as column_name,
        0 as group_value,
        1 as member_value
    {%- endfor %}
)

select
    ultimate_parent_customer_id,
    column_name,
    sum(group_value) as group_value,
    sum(member_value) as member_value
from both_sides
group by
    ultimate_parent_customer_id,
    column_name
having coalesce(sum(group_value), 0) <> coalesce(sum(member_value), 0)
