with reasons as (
    select
        FactInternetSalesReason.SalesOrderNumber as order_id,
        string_agg(distinct DimSalesReason.SalesReasonName, ', ' order by DimSalesReason.SalesReasonName) as reason_names
    from dw.FactInternetSalesReason
    inner join dw.DimSalesReason on FactInternetSalesReason.SalesReasonKey = DimSalesReason.SalesReasonKey
    group by FactInternetSalesReason.SalesOrderNumber
),

orders as (
    select distinct
        SalesOrderNumber as order_id,
        CustomerKey as customer_key,
        OrderDate as ordered_at,
        SalesTerritoryKey as territory_key,
        CurrencyKey as currency_key
    from dw.FactInternetSales
)

select
    orders.order_id,
    DimCustomer.CustomerAlternateKey as customer_id,
    orders.ordered_at,
    'web' as channel,
    cast(orders.territory_key as varchar) as territory_id,
    -- Whatever currency key an order bears, its prices are those of the one US-dollar list.
    'USD' as currency_code,
    DimCurrency.CurrencyAlternateKey as x_currency_code,
    reasons.reason_names as x_sales_reasons
from orders
left join dw.DimCustomer on orders.customer_key = DimCustomer.CustomerKey
left join dw.DimCurrency on orders.currency_key = DimCurrency.CurrencyKey
left join reasons on orders.order_id = reasons.order_id
