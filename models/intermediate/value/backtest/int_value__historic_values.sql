with

cash_flows as (
    select
        customer_id,
        happened_on,
        cash_flow_kind,
        amount
    from {{ ref('fct_cash_flows') }}
    where is_in_waterfall
),

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

settings as (
    select {{ value_setting('yearly_discount_rate') }} as yearly_rate
),

-- Rounded by the row, so that sums are exact in any order.
valued as (
    select
        cash_flows.customer_id,
        cash_flows.cash_flow_kind,
        cash_flows.amount,
        cast(
            cast(cash_flows.amount as double)
            * {{ discount_factor('-' ~ years_between('cash_flows.happened_on', 'calendar.as_of'), 'settings.yearly_rate') }} as decimal(18, 6)
        ) as value_amount
    from cash_flows
    inner join calendar
        on cash_flows.happened_on <= calendar.as_of
    cross join settings
),

final as (
    select
        customer_id,
        cast(round(sum(value_amount), 2) as decimal(18, 4)) as historic_value_amount,
        cast(sum(amount) as decimal(18, 4)) as historic_cash_flow_amount,
        cast(-sum(case when cash_flow_kind = 'lead_fees' then amount else 0 end) as decimal(18, 4)) as lead_fee_amount
    from valued
    group by customer_id
)

select * from final
