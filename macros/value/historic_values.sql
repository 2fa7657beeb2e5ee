{#- Select of what every customer has brought up to the as-of date: customer_id, historic_value_amount (at its value on that day),
    historic_cash_flow_amount, lead_fee_amount (positive).

    cash_flows: CTE with customer_id, happened_on, cash_flow_kind and amount; calendar: CTE with as_of; settings: CTE with yearly_rate. -#}
{% macro historic_values(cash_flows, calendar, settings) %}
    with

    -- Rounded by the row, so that sums are exact in any order.
    grown as (
        select
            cash_flows.customer_id,
            cash_flows.cash_flow_kind,
            cash_flows.amount,
            cast(
                cast(cash_flows.amount as double)
                * {{ discount_factor('-' ~ years_between('cash_flows.happened_on', 'calendar.as_of'), 'settings.yearly_rate') }} as decimal(28, 6)
            ) as value_amount
        from {{ cash_flows }} as cash_flows
        cross join {{ calendar }} as calendar
        cross join {{ settings }} as settings
        where cash_flows.happened_on <= calendar.as_of
    ),

    final as (
        select
            customer_id,
            cast(round(sum(value_amount), 2) as decimal(18, 4)) as historic_value_amount,
            cast(sum(amount) as decimal(18, 4)) as historic_cash_flow_amount,
            cast(-sum(case when cash_flow_kind = 'lead_fees' then amount else 0 end) as decimal(18, 4)) as lead_fee_amount
        from grown
        group by customer_id
    )

    select * from final
{%- endmacro %}
