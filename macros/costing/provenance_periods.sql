{#- Condition that a month is one of those whose provenance is asked for.

    month: expression of the first day of a month.
    newest: expression of the newest month.
    periods: list of months as yyyy-mm; newest stands for the newest month, all for every month. -#}
{% macro is_asked_for(month, newest, periods) -%}
    {%- set conditions = [] -%}
    {%- for period in periods -%}
        {%- if period == 'all' -%}
            {%- do conditions.append('1 = 1') -%}
        {%- elif period == 'newest' -%}
            {%- do conditions.append(month ~ ' = ' ~ newest) -%}
        {%- elif modules.re.fullmatch('[0-9]{4}-(0[1-9]|1[0-2])', period | string) -%}
            {%- do conditions.append(month ~ " = cast('" ~ period ~ "-01' as date)") -%}
        {%- else -%}
            {{ exceptions.raise_compiler_error(
                "provenance_periods holds '" ~ period ~ "'; a period is a month as yyyy-mm, 'newest' or 'all'"
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ '(' ~ conditions | join(' or ') ~ ')' if conditions else '1 = 0' }}
{%- endmacro %}
