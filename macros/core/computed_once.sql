{#- A condition that always holds, and that Spark looks neither behind nor through while it plans. Selected as a column and filtered by together
    with what was computed: a filter on a computed column is else pushed down with the whole computation in it, again through every level of it, until
    planning takes more memory than there is. -#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once')()) }}
{%- endmacro %}

{% macro default__computed_once() -%}
    true
{%- endmacro %}

{% macro spark__computed_once() -%}
    monotonically_increasing_id() >= 0
{%- endmacro %}
