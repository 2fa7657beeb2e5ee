{#- The rules of next_best_actions, each with the parameters that it reads from the seed action_parameters. -#}
{% macro action_rule_parameters() -%}
    {{ return({
        'N-100': ['minimum_peers', 'minimum_share', 'maximum_offers', 'assumed_success'],
        'N-200': ['maximum_adjusted_p_value', 'minimum_lift'],
        'N-300': ['minimum_profit', 'minimum_score', 'minimum_tenure_months', 'quiet_months', 'minimum_referred', 'assumed_success'],
        'N-400': ['minimum_cost_share', 'maximum_price_change', 'assumed_success'],
        'N-410': ['minimum_orders', 'minimum_channel_orders', 'assumed_success'],
        'N-420': ['minimum_leakage', 'assumed_success'],
        'N-500': ['minimum_profit', 'assumed_uplift'],
    }) }}
{%- endmacro %}


{#- Select of one row: the parameters of a rule, each a column, double. -#}
{% macro action_parameters(rule_id) -%}
    select
        '{{ rule_id }}' as rule_id,
        {%- for parameter in action_rule_parameters()[rule_id] %}
        max(case when parameter = '{{ parameter }}' then cast(value as double) end) as {{ parameter }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('action_parameters') }}
    where rule_id = '{{ rule_id }}'
{%- endmacro %}


{#- Key of an action: the rule, whom it is for, and what is offered or changed. -#}
{% macro action_key(rule_id, customer_id, target=none) -%}
    {{ rule_id }} || '/' || {{ customer_id }}
    {%- if target %} || '/' || {{ target }}{% endif %}
{%- endmacro %}


{#- An expected amount as money in whole cents. Rounded twice: the order in which an engine sums doubles must not decide about a cent. -#}
{% macro expected_money(amount) -%}
    cast(round(cast(round({{ amount }}, 6) as decimal(24, 6)), 2) as decimal(18, 4))
{%- endmacro %}


{#- A part of one as text, in whole per cent. -#}
{% macro percent_text(part) -%}
    cast(cast(round(cast(round(100 * {{ part }}, 6) as decimal(18, 6)), 0) as bigint) as {{ dbt.type_string() }}) || ' %'
{%- endmacro %}


{#- An amount as text, in whole units of the reporting currency. -#}
{% macro amount_text(amount) -%}
    cast(cast(round(cast(round({{ amount }}, 6) as decimal(24, 6)), 0) as bigint) as {{ dbt.type_string() }}) || ' {{ var("reporting_currency") }}'
{%- endmacro %}


{#- A count as text. -#}
{% macro count_text(number) -%}
    cast(cast({{ number }} as bigint) as {{ dbt.type_string() }})
{%- endmacro %}
