{#- Drivers that count money instead of something that takes time; time estimates are not varied for what they drive. -#}
{% macro money_drivers() -%}
    {{ return(['media_spend', 'sales_amount', 'warranty_parts']) }}
{%- endmacro %}


{#- Name of the scenario in which the time of every activity is wrong in the same direction. -#}
{% macro all_activities_scenario() -%}
    'all_activities'
{%- endmacro %}


{#- Cost of an activity in a pool if a part of the pool's activities took more time or, below zero, less. A standard rate is the price of a
    minute, and so is cost ÷ capacity; without capacity the pool's cost is divided by the minutes used.

    change: fraction. Columns read: is_changed, minutes, method, standard_rate, timed_amount, capacity_minutes, used_minutes,
    changed_minutes. -#}
{% macro timed_cost(change) -%}
    case when is_changed then {{ 1 + change }} else 1 end * minutes
    * case
        when method = 'standard' then standard_rate
        else timed_amount / nullif(coalesce(capacity_minutes, used_minutes + {{ change }} * changed_minutes), 0)
    end
{%- endmacro %}


{#- SQL literals of a list of texts, with commas between them. -#}
{% macro quoted_list(texts) -%}
    {%- for text in texts -%}
        '{{ text }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- Aggregate: the texts of a group in alphabetical order, with a comma and a blank between them; null where there is none. -#}
{% macro sorted_texts(text) -%}
    {{ adapter.dispatch('sorted_texts')(text) }}
{%- endmacro %}

{% macro duckdb__sorted_texts(text) -%}
    string_agg({{ text }}, ', ' order by {{ text }})
{%- endmacro %}

{% macro spark__sorted_texts(text) -%}
    nullif(array_join(sort_array(collect_list({{ text }})), ', '), '')
{%- endmacro %}
