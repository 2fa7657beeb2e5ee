select
    customer_id || '-' || strftime(purchased_on, '%Y%m%d') || '-' || number_of_day as order_id,
    customer_id,
    cast(purchased_on as timestamp) as ordered_at,
    'web' as channel,
    'USD' as currency_code
from purchases
