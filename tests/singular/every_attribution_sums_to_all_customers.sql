-- Proves that the four attributions are four views of the same money: in every month, over all media sources and campaigns, each has
-- the new customers that the first orders have, and the net revenue, margin and profit of customer_profitability_monthly, exactly. Returns
-- months, models and measures for which that does not hold.

with

attributed as (
    {%- for model in shown_attribution_models() %}
    {%- set prefix = '' if loop.first else model ~ '_' %}
    {%- set is_last_model = loop.last %}
    {%- for measure in attributed_measures() %}
    select
        month,
        '{{ model }}' as attribution_model,
        '{{ measure }}' as measure,
        cast({{ prefix }}{{ measure }} as decimal(18, 4)) as attributed_amount,
        cast(0 as decimal(18, 4)) as expected_amount
    from {{ ref('campaign_performance_monthly') }}
    {%- if not (loop.last and is_last_model) %}

    union all
    {% endif %}
    {%- endfor %}
    {%- endfor %}
),

totals as (
    {%- for measure in attributed_measures()[1:] %}
    select
        month,
        '{{ measure }}' as measure,
        {{ measure }} as amount
    from {{ ref('customer_profitability_monthly') }}

    union all
    {% endfor %}
    select
        first_order_month as month,
        'new_customer_count' as measure,
        cast(1 as decimal(18, 4)) as amount
    from {{ ref('int_marketing__first_orders') }}
),

expected as (
    {%- for model in shown_attribution_models() %}
    select
        month,
        '{{ model }}' as attribution_model,
        measure,
        cast(0 as decimal(18, 4)) as attributed_amount,
        amount as expected_amount
    from totals
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

both_sides as (
    select * from attributed
    union all
    select * from expected
)

select
    month,
    attribution_model,
    measure,
    sum(attributed_amount) as attributed_amount,
    sum(expected_amount) as expected_amount
from both_sides
group by
    month,
    attribution_model,
    measure
having sum(attributed_amount) <> sum(expected_amount)
