select
    SalesOrderNumber as shipment_id,
    'outbound' as direction,
    SalesOrderNumber as order_id,
    min(ShipDate) as shipped_on,
    min(CarrierTrackingNumber) as x_carrier_tracking_number
from dw.FactResellerSales
group by SalesOrderNumber
