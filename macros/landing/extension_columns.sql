{#- ", x_a, x_b" for the columns that a company added to a table under the prefix x_; empty where there are none.

    relation: source or model that has them.
    alias: table alias to put before each column.
    without: a second relation whose extension columns are left out, as they come from there. -#}
{% macro extension_columns(relation, alias=none, without=none) -%}
    {%- if execute -%}
        {%- set taken = columns_of_relation(without) if without else [] -%}
        {%- for column in columns_of_relation(relation) if column.startswith('x_') and column not in taken -%}
            , {{ alias ~ '.' if alias }}{{ column }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#- Pre-hook of core: a contract governs the columns that the project defines; extension columns (x_) of the company
    come on top. They are added to the model's columns for this run, before the contract is checked. -#}
{% macro extend_contract() %}
    {%- if execute and model.get('contract', {}).get('enforced') -%}
        {%- for column in get_column_schema_from_query(sql) if column.name.startswith('x_') and column.name not in model['columns'] -%}
            {%- do model['columns'].update({column.name: {
                'name': column.name, 'data_type': column.data_type, 'description': '', 'constraints': [], 'quote': none
            }}) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{#- Nulls for the extension columns of a relation, for the member that stands for the unknown. -#}
{% macro extension_nulls(relation) -%}
    {%- if execute -%}
        {%- for column in columns_of_relation(relation) if column.startswith('x_') -%}
            , null as {{ column }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
