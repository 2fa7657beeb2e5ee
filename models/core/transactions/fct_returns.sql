with

returns as (
    select * from {{ ref('int_sales__returns') }}
    where is_withdrawn is not true
),

unit_costs as (
    select * from {{ ref('int_finance__product_unit_costs') }}
),

exchange_rates as (
    select
        currency_code,
        calendar_date,
        exchange_rate
    from {{ ref('int_finance__daily_exchange_rates') }}
),

priced as (
    select
        returns.*,
        case
            when returns.is_without_cost then 'none'
            when returns.actual_unit_cost_amount is not null then 'actual'
            when unit_costs.unit_cost_amount is not null then 'standard'
            else 'none'
        end as cost_basis,
        case when returns.actual_unit_cost_amount is not null then returns.actual_cost_currency_code else unit_costs.currency_code end
            as cost_currency_code,
        {{ exact_amount('returns.quantity', 'coalesce(returns.actual_unit_cost_amount, unit_costs.unit_cost_amount)') }}
            as cost_of_goods_original_amount,
        case when returns.actual_unit_cost_amount is not null then unit_costs.currency_code end as standard_currency_code,
        case when returns.actual_unit_cost_amount is not null then {{ exact_amount('returns.quantity', 'unit_costs.unit_cost_amount') }} end
            as standard_cost_original_amount
    from returns
    left join unit_costs
        on returns.product_id = unit_costs.product_id
        and returns.cost_on >= unit_costs.valid_from
        and returns.cost_on < unit_costs.superseded_on
),

costed as (
    select
        priced.*,
        refund_rates.exchange_rate,
        {{ to_reporting_currency(
            'coalesce(priced.company_refund_original_amount, priced.refund_original_amount)', 'priced.currency_code', 'refund_rates.exchange_rate'
        ) }} as refund_amount,
        {{ to_reporting_currency(
            'priced.cost_of_goods_original_amount', 'priced.cost_currency_code', 'cost_rates.exchange_rate'
        ) }} as cost_of_goods_amount,
        {{ to_reporting_currency(
            'priced.standard_cost_original_amount', 'priced.standard_currency_code', 'standard_rates.exchange_rate'
        ) }} as standard_cost_amount
    from priced
    left join exchange_rates as refund_rates
        on priced.currency_code = refund_rates.currency_code
        and priced.returned_on = refund_rates.calendar_date
    left join exchange_rates as cost_rates
        on priced.cost_currency_code = cost_rates.currency_code
        and priced.cost_on = cost_rates.calendar_date
    left join exchange_rates as standard_rates
        on priced.standard_currency_code = standard_rates.currency_code
        and priced.cost_on = standard_rates.calendar_date
),

final as (
    select
        return_id,
        source_system,
        order_id,
        order_line_id,
        customer_id,
        customer_reference,
        product_id,
        channel_id,
        returned_on,
        {{ month_of('returned_on') }} as month,
        cast(quantity as decimal(18, 4)) as quantity,
        currency_code,
        exchange_rate,
        refund_original_amount,
        refund_amount,
        is_resaleable,
        cost_basis,
        -- What a resaleable return gives back: the cost at which the goods left.
        case when is_resaleable and is_without_cost is not true then cost_of_goods_amount else cast(0 as decimal(18, 4)) end as returned_cost_of_goods_amount,
        case when is_resaleable and is_without_cost is not true then cast(cost_of_goods_amount - standard_cost_amount as decimal(18, 4)) end
            as standard_cost_variance_amount,
        refund_amount is not null as has_exchange_rate,
        cost_of_goods_amount is not null as has_cost,
        order_id is not null as has_order,
        reason,
        is_order_missing,
        order_status,
        is_redated
        {{- extension_columns(ref('int_sales__returns')) }},
        delivered_on
    from costed
)

select * from final
