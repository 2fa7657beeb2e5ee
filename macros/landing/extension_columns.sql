{#- ", x_a, x_b" for the columns that a company added to a table under the prefix x_; empty where there are none. Those that
    the contract marks as personal stay in the landing schema.

    relation: source or model that has them.
    alias: table alias to put before each column.
    without: a second relation whose extension columns are left out, as they come from there. -#}
{% macro extension_columns(relation, alias=none, without=none) -%}
    {%- if execute -%}
        {%- set taken = columns_of_relation(without) if without else [] -%}
        {%- set personal = personal_extensions() -%}
        {%- for column in columns_of_relation(relation) if column.startswith('x_') and column not in taken + personal -%}
            , {{ alias ~ '.' if alias }}{{ extension_name(column) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#- The same for rows that are put together: of each column the first value there is.

    relation: source or model that has them; alias: its table alias; place: expression that orders the rows. -#}
{% macro first_extensions(relation, alias, place) -%}
    {%- if execute -%}
        {%- for column in columns_of_relation(relation) if column.startswith('x_') and column not in personal_extensions() -%}
            {%- set value = alias ~ '.' ~ extension_name(column) -%}
            , min_by({{ value }}, case when {{ value }} is not null then {{ place }} end) as {{ extension_name(column) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#- An own column as it stands in SQL. It comes from a file: what cannot be a name on every engine stops the run. -#}
{% macro extension_name(column) -%}
    {%- if not modules.re.match('x_[a-z0-9_]{0,61}$', column) -%}
        {{ exceptions.raise_compiler_error(
            'An own column is called ' ~ column | tojson ~ ': letters, digits and underscores only, 63 at most. Take the delivery '
            ~ 'back by `profit land withdraw`, or rename the column in the warehouse table.'
        ) }}
    {%- endif -%}
    {{ adapter.quote(column) }}
{%- endmacro %}


{#- Own columns that the contract names and marks as personal. -#}
{% macro personal_extensions() %}
    {%- set names = [] -%}
    {%- for feed in graph.get('sources', {}).values() -%}
        {%- for column in feed.columns.values() if column.name.startswith('x_') -%}
            {%- if column.get('config', {}).get('meta', {}).get('pii') or column.get('meta', {}).get('pii') -%}
                {%- do names.append(column.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}


{#- Pre-hook of core: a contract governs the columns that the project defines; extension columns (x_) of the company
    come on top. They are added to the model's columns for this run, before the contract is checked. -#}
{% macro extend_contract() %}
    {%- if execute and model.get('contract', {}).get('enforced') -%}
        {%- for column in get_column_schema_from_query(sql) if column.name.startswith('x_') and column.name not in model['columns'] -%}
            {%- do model['columns'].update({column.name: {
                'name': column.name, 'data_type': column.data_type, 'description': '', 'constraints': [], 'quote': true
            }}) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{#- Nulls for the extension columns of a relation, for the member that stands for the unknown. -#}
{% macro extension_nulls(relation) -%}
    {%- if execute -%}
        {%- for column in columns_of_relation(relation) if column.startswith('x_') -%}
            , null as {{ extension_name(column) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
