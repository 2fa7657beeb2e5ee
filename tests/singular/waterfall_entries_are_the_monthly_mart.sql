-- Proves that what metrics are counted on is what people read: for every customer, month and line, the entries of the
-- waterfall add up to customer_profitability_monthly, subtotals included. Returns the customers' months that differ, with the lines that do.

{%- set lines = [
    'gross_sales_amount', 'discount_amount', 'rebate_amount', 'return_amount', 'net_revenue_amount', 'cost_of_goods_amount',
    'gross_margin_amount', 'commission_amount', 'payment_fee_amount', 'freight_amount', 'lead_fee_amount',
    'direct_selling_cost_amount', 'contribution_margin_amount', 'cost_to_serve_amount', 'customer_margin_amount',
    'sustaining_cost_amount', 'customer_profit_amount', 'rebate_leakage_amount',
] %}

{%- set differences = [] -%}
{%- for line in lines -%}
{%- do differences.append("case when entries." ~ line ~ " <> months." ~ line ~ " then '" ~ line ~ " ' else '' end") -%}
{%- endfor %}

with

entries as (
    select
        customer_id,
        month,
        sum(gross_sales_amount) as gross_sales_amount,
        sum(discount_amount) as discount_amount,
        sum(rebate_amount) as rebate_amount,
        sum(return_amount) as return_amount,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(cost_of_goods_amount) as cost_of_goods_amount,
        sum(gross_margin_amount) as gross_margin_amount,
        sum(commission_amount) as commission_amount,
        sum(payment_fee_amount) as payment_fee_amount,
        sum(freight_amount) as freight_amount,
        sum(lead_fee_amount) as lead_fee_amount,
        sum(direct_selling_cost_amount) as direct_selling_cost_amount,
        sum(contribution_margin_amount) as contribution_margin_amount,
        sum(cost_to_serve_amount) as cost_to_serve_amount,
        sum(customer_margin_amount) as customer_margin_amount,
        sum(sustaining_cost_amount) as sustaining_cost_amount,
        sum(customer_profit_amount) as customer_profit_amount,
        sum(rebate_leakage_amount) as rebate_leakage_amount
    from {{ ref('waterfall_entries') }}
    group by
        customer_id,
        month
),

months as (
    select * from {{ ref('customer_profitability_monthly') }}
),

compared as (
    select
        coalesce(entries.customer_id, months.customer_id) as customer_id,
        coalesce(entries.month, months.month) as month,
        entries.customer_id is null as is_without_entries,
        months.customer_id is null as is_without_mart,
        {{ differences | join("\n        || ") }} as differing_lines
    from entries
    full outer join months
        on entries.customer_id = months.customer_id
        and entries.month = months.month
)

select * from compared
where is_without_entries or is_without_mart or differing_lines <> ''
