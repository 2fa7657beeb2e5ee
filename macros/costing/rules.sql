{#- Whether a version of a rule counts in a month: the first day of the month lies in its validity.

    rule: alias of the rules.
    month: expression of the first day of the month. -#}
{% macro is_valid_in(rule, month) -%}
    {{ rule }}.valid_from <= {{ month }}
    and coalesce({{ rule }}.valid_to, cast('9999-12-31' as date)) >= {{ month }}
{%- endmacro %}


{#- Line of its file on which a seed's row stands, the header being the first; null on an engine that does not keep it. -#}
{% macro seed_line() -%}
    {{ adapter.dispatch('seed_line')() }}
{%- endmacro %}

{% macro spark__seed_line() -%}
    cast(null as bigint)
{%- endmacro %}

{#- Rows keep the order of their file; a seed that is loaded again goes on numbering where the former ended. -#}
{% macro duckdb__seed_line() -%}
    cast(rowid - min(rowid) over () + 2 as bigint)
{%- endmacro %}


{#- Post-hook of a model of rule problems: stops the run before anything is computed, and names file, line and rule.

    variable, default: variable of the environment that names the folder of the rules, and the folder where it is not set. -#}
{% macro refuse_broken_rules(variable='PROFIT_COST_RULES', default='seeds/costing') -%}
    {%- if execute -%}
        {%- set found = run_query('select rule_file, file_line, rule_id, problem from ' ~ this ~ ' order by rule_file, file_line, rule_id, problem') -%}
        {%- if found.rows | length > 0 -%}
            {%- set messages = [] -%}
            {%- for problem in found.rows -%}
                {%- do messages.append(
                    problem[0] ~ '.csv' ~ (', line ' ~ problem[1] if problem[1] is not none else '')
                    ~ (', rule ' ~ problem[2] if problem[2] else '') ~ ': ' ~ problem[3]
                ) -%}
            {%- endfor -%}
            {{ exceptions.raise_compiler_error(
                'The ' ~ default.split('/') | last ~ ' rules in ' ~ env_var(variable, default) ~ ' cannot be used:\n  ' ~ messages | join('\n  ')
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- The columns that tell the runs of the ledger apart, as a list of a select.

    by: names of the columns; relation: alias that they are taken from. -#}
{% macro run_columns(by, relation=none) -%}
    {{ (by | join(', ')) if relation is none else relation ~ '.' ~ by | join(', ' ~ relation ~ '.') }}
{%- endmacro %}


{#- Whether two rows are of the same run of the ledger. -#}
{% macro same_run(relation, other_relation, by) -%}
    {%- for column in by -%}
        {{ relation }}.{{ column }} = {{ other_relation }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
