with orders as (
    select distinct
        SalesOrderNumber as order_id,
        ResellerKey as reseller_key,
        OrderDate as ordered_at,
        SalesTerritoryKey as territory_key,
        EmployeeKey as employee_key,
        CurrencyKey as currency_key,
        CustomerPONumber as purchase_order_number
    from dw.FactResellerSales
)

select
    orders.order_id,
    DimReseller.ResellerAlternateKey as customer_id,
    orders.ordered_at,
    'reseller' as channel,
    cast(orders.territory_key as varchar) as territory_id,
    sales_people.sales_rep_id,
    -- Whatever currency key an order bears, its prices are those of the US-dollar lists.
    'USD' as currency_code,
    DimCurrency.CurrencyAlternateKey as x_currency_code,
    orders.purchase_order_number as x_purchase_order_number
from orders
left join dw.DimReseller on orders.reseller_key = DimReseller.ResellerKey
left join sales_people on orders.employee_key = sales_people.employee_key
left join dw.DimCurrency on orders.currency_key = DimCurrency.CurrencyKey
