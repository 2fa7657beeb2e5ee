select
    SalesOrderNumber as shipment_id,
    'outbound' as direction,
    SalesOrderNumber as order_id,
    min(ShipDate) as shipped_on
from dw.FactInternetSales
group by SalesOrderNumber
