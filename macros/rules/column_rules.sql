{#
    What the YAML of a table says of the values of its columns, as conditions that every row has to meet. It stands beside
    the column, in the words of the source contract:

        config: {meta: {required: true, accepted_values: [a, b], minimum: 0, maximum: 1, above: 0}}

    or, where the contract of the table is enforced, as `constraints: [{type: not_null}]`, which counts here on engines that
    do not enforce constraints themselves.

    Arguments:
        relation: relation of a model or seed.

    Returns a list of {column, rule, condition, is_personal}, in the order of the columns.
#}
{% macro column_rules(relation) %}
    {%- set rules = [] -%}
    {%- set is_enforced = engine_enforces_constraints() -%}
    {%- for column in described_columns(relation) -%}
        {%- set name, meta = column.name, column.get('config', {}).get('meta') or column.get('meta') or {} -%}
        {%- set constrained = column.get('constraints', []) | selectattr('type', 'equalto', 'not_null') | list -%}
        {%- if meta.required or (constrained and not is_enforced) -%}
            {%- do rules.append({'column': name, 'rule': 'is filled', 'condition': name ~ ' is not null'}) -%}
        {%- endif -%}
        {%- set bounds = [] -%}
        {%- if meta.accepted_values -%}
            {%- do bounds.append(('is one of ' ~ meta.accepted_values | join(', '), 'in (' ~ sql_literals(meta.accepted_values) ~ ')')) -%}
        {%- endif -%}
        {%- for bound, words, operator in [('minimum', 'at least', '>='), ('above', 'above', '>'), ('maximum', 'at most', '<=')] -%}
            {%- if meta.get(bound) is not none -%}
                {%- do bounds.append(('is ' ~ words ~ ' ' ~ meta[bound], operator ~ ' ' ~ sql_literals([meta[bound]]))) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for words, test in bounds -%}
            {%- do rules.append({
                'column': name, 'rule': words, 'condition': '(' ~ name ~ ' ' ~ test ~ ' or ' ~ name ~ ' is null)', 'is_personal': meta.pii
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(rules) -}}
{% endmacro %}


{#- The values of a key as one text; null where one of its columns is personal.

    relation: relation of a model or seed; key: names of columns. -#}
{% macro shown_key(relation, key) %}
    {%- for column in (described_columns(relation) if execute else []) if column.name in key -%}
        {%- if (column.get('config', {}).get('meta') or column.get('meta') or {}).get('pii') -%}
            {{- return('cast(null as ' ~ dbt.type_string() ~ ')') -}}
        {%- endif -%}
    {%- endfor -%}
    {%- set texts = [] -%}
    {%- for name in key -%}
        {%- do texts.append('coalesce(cast(' ~ name ~ ' as ' ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    {{- return(texts | join(" || ' ' || ")) -}}
{% endmacro %}


{#- Columns that the YAML of a model or seed describes. -#}
{% macro described_columns(relation) %}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') and node.name == relation.identifier -%}
        {{- return(node.columns.values() | list) -}}
    {%- endfor -%}
    {{- return([]) -}}
{% endmacro %}


{#- Literals of a list of numbers and texts, with commas between them. -#}
{% macro sql_literals(values) %}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(value if value is number and value is not boolean else dbt.string_literal(dbt.escape_single_quotes(value | string))) -%}
    {%- endfor -%}
    {{- return(literals | join(', ')) -}}
{% endmacro %}


{#- Whether a table that breaks a constraint of its contract cannot be built. -#}
{% macro engine_enforces_constraints() %}
    {{- return(adapter.dispatch('engine_enforces_constraints')()) -}}
{% endmacro %}

{% macro default__engine_enforces_constraints() %}
    {{- return(false) -}}
{% endmacro %}

{% macro duckdb__engine_enforces_constraints() %}
    {{- return(true) -}}
{% endmacro %}


{#- dbt takes a table of Spark for one of Delta where no format is set, and would alter it; `keeps_its_rules` tests it. -#}
{% macro spark__persist_constraints(relation, model) %}
{% endmacro %}
