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


{#- Post-hook of int_costing__rule_problems: stops the run before anything is computed, and names file, line and rule. -#}
{% macro refuse_broken_rules() -%}
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
                'The costing rules in ' ~ env_var('PROFIT_COST_RULES', 'seeds/costing') ~ ' cannot be used:\n  ' ~ messages | join('\n  ')
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
