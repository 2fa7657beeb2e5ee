{#- Columns of customer_profitability_monthly that are shared out by credits. -#}
{% macro shared_measures() -%}
    {{ return(['net_revenue_amount', 'gross_margin_amount', 'customer_margin_amount', 'customer_profit_amount', 'lead_fee_amount']) }}
{%- endmacro %}


{#- Measures that marts show for each attribution model beside the default. -#}
{% macro attributed_measures() -%}
    {{ return(['new_customer_count', 'net_revenue_amount', 'customer_margin_amount', 'customer_profit_amount']) }}
{%- endmacro %}


{#- Type of an attributed sum: customers are counted in fractions, everything else is money. -#}
{% macro attributed_type(measure) -%}
    {{ 'decimal(18, 4)' if measure.endswith('_count') else money_total() }}
{%- endmacro %}


{#- Sums of the shared measures times a share, exact: a product of an amount and a share has twelve decimals, and so have its sums.

    money: alias of customer_profitability_monthly; share: expression, decimal(18,8). -#}
{% macro shared_money(money, share) -%}
    {%- for measure in shared_measures() %}
        cast(sum({{ exact_product(money ~ '.' ~ measure, share) }}) as decimal(34, 12)) as {{ measure }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- Columns <model>_<measure> of every attribution model beside the default, from a table that is long by `<model> <measure>`. -#}
{% macro attributed_sums() -%}
    {%- for model in shown_attribution_models()[1:] -%}
        {%- set is_last_model = loop.last -%}
        {%- for measure in attributed_measures() %}
        {{ sum_of_measure(model ~ ' ' ~ measure, attributed_type(measure)) }} as {{ model }}_{{ measure }}
        {{- ',' if not (loop.last and is_last_model) }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}


{#- Sums of the additive columns of campaign_performance_monthly, each under its name: the marts above it are sums of it. -#}
{% macro performance_sums() -%}
    {%- set amounts = [
        'media_spend_amount', 'media_cost_amount', 'pre_sale_cost_amount', 'acquired_lead_fee_amount', 'acquisition_cost_amount',
        'net_revenue_amount', 'gross_margin_amount', 'customer_margin_amount', 'customer_profit_amount', 'charged_lead_fee_amount',
    ] -%}
    {%- for model in shown_attribution_models()[1:] -%}
        {%- for measure in attributed_measures() -%}
            {%- do amounts.append(model ~ '_' ~ measure) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for count in ['lead_count', 'converted_lead_count', 'touch_count', 'response_count', 'new_customer_count'] %}
        cast(sum(coalesce({{ count }}, 0)) as bigint) as {{ count }},
    {%- endfor %}
    {%- for amount in amounts %}
        cast(sum(coalesce({{ amount }}, 0)) as {{ attributed_type(amount) }}) as {{ amount }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- What it cost, whom it won by the default attribution model, and what those brought: the columns that all marts of performance share.

    sums: alias of a relation with the columns of performance_sums. -#}
{% macro default_performance(sums) -%}
        {{ sums }}.media_spend_amount,
        {{ sums }}.media_cost_amount,
        {{ sums }}.pre_sale_cost_amount,
        {{ sums }}.acquired_lead_fee_amount,
        {{ sums }}.acquisition_cost_amount,
        {{ sums }}.lead_count,
        {{ sums }}.converted_lead_count,
        {{ sums }}.touch_count,
        {{ sums }}.response_count,
        {{ ratio(sums ~ '.response_count', sums ~ '.touch_count') }} as response_rate,
        {{ sums }}.new_customer_count,
        {{ amount_per_customer(sums ~ '.acquisition_cost_amount', sums ~ '.new_customer_count') }} as cac_amount,
        {{ sums }}.net_revenue_amount,
        {{ sums }}.gross_margin_amount,
        {{ sums }}.customer_margin_amount,
        {{ sums }}.customer_profit_amount,
        {{ sums }}.charged_lead_fee_amount
{%- endmacro %}


{#- What the attribution models other than the default say: customers won, CAC, what the customers brought.

    sums: alias of a relation with the columns of performance_sums.
    paybacks: alias of a relation with columns <model>_payback_months; none leaves them out. -#}
{% macro attributed_performance(sums, paybacks=none) -%}
    {%- for model in shown_attribution_models()[1:] %}
        {{ sums }}.{{ model }}_new_customer_count,
        {{ amount_per_customer(sums ~ '.acquisition_cost_amount', sums ~ '.' ~ model ~ '_new_customer_count') }} as {{ model }}_cac_amount,
        {%- if paybacks %}
        {{ paybacks }}.{{ model }}_payback_months,
        {%- endif %}
        {{ sums }}.{{ model }}_net_revenue_amount,
        {{ sums }}.{{ model }}_customer_margin_amount,
        {{ sums }}.{{ model }}_customer_profit_amount
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- Select of the first month in which the cumulative margin per customer covers the CAC, by member: <model>_payback_months.

    relation: CTE over acquisition_payback_curve; grouping_kind: media_source or campaign. -#}
{% macro first_paybacks(relation, grouping_kind) -%}
    select
        member_id
        {%- for model in shown_attribution_models() %},
        min(case when attribution_model = '{{ model }}' and is_cac_covered then months_since_first_order end) as {{ model }}_payback_months
        {%- endfor %}
    from {{ relation }}
    where grouping_kind = '{{ grouping_kind }}'
    group by member_id
{%- endmacro %}
