{#- A condition that always holds, and behind which Spark does not look while it plans: what is selected beside it is computed once for each row.
    Without it a filter on a computed column is pushed down with the whole computation in it, again through every level of it, until planning
    takes more memory than there is. Select it as a column, and filter by it together with what was computed. -#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once')()) }}
{%- endmacro %}

{% macro default__computed_once() -%}
    true
{%- endmacro %}

{% macro spark__computed_once() -%}
    monotonically_increasing_id() >= 0
{%- endmacro %}
