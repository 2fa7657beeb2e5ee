select
    customer_id,
    'person' as customer_kind,
    max(sample_number) as x_sample_number
from purchases
group by customer_id
