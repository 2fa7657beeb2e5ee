-- The core of the warehouse as one person would write it for this company alone, straight from the landed files:
-- newest version of each row, lines costed and converted by dated cost and rate, customer x month, customers.
-- No other system, no open reference, no test: what is left is the work that any warehouse has to do.
create or replace table orders as
select
    source_system || ':' || order_id as order_id,
    coalesce(coalesce(customer_source_system, source_system) || ':' || customer_id, 'unattributed') as customer_id,
    cast(ordered_at as date) as ordered_on,
    coalesce(currency_code, 'USD') as currency_code
from read_parquet(getvariable('landing') || '/sales/orders/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
qualify row_number() over (partition by source_system, order_id order by delivered_on desc) = 1
    and not coalesce(is_deleted, false);

create or replace table order_lines as
select
    source_system || ':' || order_line_id as order_line_id,
    source_system || ':' || order_id as order_id,
    product_id,
    quantity,
    unit_list_price,
    coalesce(discount_amount, 0) as discount_amount
from read_parquet(getvariable('landing') || '/sales/order_lines/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
qualify row_number() over (partition by source_system, order_line_id order by delivered_on desc) = 1
    and not coalesce(is_deleted, false);

create or replace table refunds as
select
    source_system || ':' || order_id as order_id,
    cast(returned_at as date) as returned_on,
    refund_amount,
    coalesce(currency_code, 'USD') as currency_code
from read_parquet(getvariable('landing') || '/sales/returns/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
qualify row_number() over (partition by source_system, return_id order by delivered_on desc) = 1
    and not coalesce(is_deleted, false);

create or replace table costs as
select
    product_id,
    valid_from,
    unit_cost_amount,
    coalesce(currency_code, 'USD') as currency_code
from read_parquet(getvariable('landing') || '/finance/product_costs/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
qualify row_number() over (partition by source_system, product_id, valid_from order by delivered_on desc) = 1
    and not coalesce(is_deleted, false);

create or replace table rates as
select
    from_currency_code as currency_code,
    rate_on,
    cast(exchange_rate as decimal(18, 8)) as exchange_rate
from read_parquet(getvariable('landing') || '/finance/exchange_rates/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
where to_currency_code = 'USD'
qualify row_number() over (partition by source_system, from_currency_code, rate_on order by delivered_on desc) = 1
    and not coalesce(is_deleted, false)
union all
select 'USD', date '1900-01-01', 1;

create or replace table lines as
with

placed as (
    select lines.*, orders.customer_id, orders.ordered_on, orders.currency_code
    from order_lines as lines
    inner join orders using (order_id)
),

costed as (
    select placed.*, costs.unit_cost_amount, costs.currency_code as cost_currency_code
    from placed
    asof left join costs on placed.product_id = costs.product_id and placed.ordered_on >= costs.valid_from
),

rated as (
    select costed.*, rates.exchange_rate
    from costed
    asof left join rates on costed.currency_code = rates.currency_code and costed.ordered_on >= rates.rate_on
)

select
    rated.order_line_id,
    rated.order_id,
    rated.customer_id,
    rated.product_id,
    rated.ordered_on,
    rated.quantity,
    cast(round(rated.quantity * rated.unit_list_price * cast(rated.exchange_rate as double), 2) as decimal(18, 4)) as gross_sales_amount,
    cast(round(rated.discount_amount * cast(rated.exchange_rate as double), 2) as decimal(18, 4)) as discount_amount,
    cast(round(rated.quantity * rated.unit_cost_amount * cast(rates.exchange_rate as double), 2) as decimal(18, 4)) as cost_of_goods_amount
from rated
asof left join rates on rated.cost_currency_code = rates.currency_code and rated.ordered_on >= rates.rate_on;

create or replace table customer_months as
with

refunded as (
    select
        orders.customer_id,
        refunds.returned_on,
        cast(round(refunds.refund_amount * cast(rates.exchange_rate as double), 2) as decimal(18, 4)) as return_amount
    from refunds
    inner join orders using (order_id)
    asof left join rates on refunds.currency_code = rates.currency_code and refunds.returned_on >= rates.rate_on
),

entries as (
    select customer_id, date_trunc('month', ordered_on) as month, gross_sales_amount, discount_amount, 0 as return_amount, cost_of_goods_amount
    from lines
    union all
    select customer_id, date_trunc('month', returned_on), 0, 0, return_amount, 0
    from refunded
)

select
    customer_id,
    month,
    sum(gross_sales_amount) as gross_sales_amount,
    sum(discount_amount) as discount_amount,
    sum(return_amount) as return_amount,
    sum(gross_sales_amount - discount_amount - return_amount) as net_revenue_amount,
    sum(cost_of_goods_amount) as cost_of_goods_amount,
    sum(gross_sales_amount - discount_amount - return_amount - coalesce(cost_of_goods_amount, 0)) as gross_margin_amount
from entries
group by all;

create or replace table customer_totals as
select
    customer_id,
    count(*) as month_count,
    sum(gross_sales_amount) as gross_sales_amount,
    sum(net_revenue_amount) as net_revenue_amount,
    sum(cost_of_goods_amount) as cost_of_goods_amount,
    sum(gross_margin_amount) as gross_margin_amount
from customer_months
group by customer_id
