-- For the months asked for that have a ledger: what the accounts contribute to a customer on a line is what it bears there.
with

provenance as (
    select
        customer_id,
        month,
        sum(case when waterfall_line = 'cost_of_goods' then cost_amount else 0 end) as cost_of_goods_amount,
        sum(case when waterfall_line = 'commission' then cost_amount else 0 end) as commission_amount,
        sum(case when waterfall_line = 'payment_fees' then cost_amount else 0 end) as payment_fee_amount,
        sum(case when waterfall_line = 'freight' then cost_amount else 0 end) as freight_amount,
        sum(case when waterfall_line = 'lead_fees' then cost_amount else 0 end) as lead_fee_amount,
        sum(case when waterfall_line = 'cost_to_serve' then cost_amount else 0 end) as cost_to_serve_amount,
        sum(case when waterfall_line = 'sustaining_cost' then cost_amount else 0 end) as sustaining_cost_amount
    from {{ ref('customer_cost_provenance') }}
    group by
        customer_id,
        month
),

ledger_months as (
    select distinct
        period,
        max(period) over () as newest_period
    from {{ ref('int_costing__account_flows') }}
),

borne as (
    select monthly.*
    from {{ ref('customer_profitability_monthly') }} as monthly
    inner join ledger_months
        on monthly.month = ledger_months.period
    where {{ is_asked_for('monthly.month', 'ledger_months.newest_period', var('provenance_periods')) }}
)

select
    coalesce(borne.customer_id, provenance.customer_id) as customer_id,
    coalesce(borne.month, provenance.month) as month
from borne
full join provenance
    on borne.customer_id = provenance.customer_id
    and borne.month = provenance.month
where
    coalesce(borne.cost_of_goods_amount, 0) <> coalesce(provenance.cost_of_goods_amount, 0)
    or coalesce(borne.commission_amount, 0) <> coalesce(provenance.commission_amount, 0)
    or coalesce(borne.payment_fee_amount, 0) <> coalesce(provenance.payment_fee_amount, 0)
    or coalesce(borne.freight_amount, 0) <> coalesce(provenance.freight_amount, 0)
    or coalesce(borne.lead_fee_amount, 0) <> coalesce(provenance.lead_fee_amount, 0)
    or coalesce(borne.cost_to_serve_amount, 0) <> coalesce(provenance.cost_to_serve_amount, 0)
    or coalesce(borne.sustaining_cost_amount, 0) <> coalesce(provenance.sustaining_cost_amount, 0)
