-- Proves that the tier of today and the whale curve of the last twelve months tell the same story: every customer on the curve has
-- its decile in customer_segments and a tier that the seed profit_tiers gives this decile and sign. Returns the customers that differ.

with

curve as (
    select
        customer_id,
        decile,
        customer_profit_amount < 0 as is_loss
    from {{ ref('whale_curve') }}
    where
        scope = 'all'
        and period = 'last_12m'
),

customers as (
    select
        customer_id,
        profit_tier
    from {{ ref('customer_profitability') }}
    where not is_unattributed
),

judged as (
    select
        customer_id,
        profit_decile
    from {{ ref('customer_segments') }}
    where is_current
),

tiers as (
    select * from {{ ref('profit_tiers') }}
    where is_loss is not null
)

select
    customers.customer_id,
    customers.profit_tier,
    curve.decile
from customers
left join curve
    on customers.customer_id = curve.customer_id
left join judged
    on customers.customer_id = judged.customer_id
left join tiers
    on customers.profit_tier = tiers.profit_tier
where
    (curve.customer_id is null) <> (customers.profit_tier = 'inactive')
    or (curve.customer_id is not null and (curve.is_loss <> tiers.is_loss or curve.decile < tiers.first_decile or curve.decile > tiers.last_decile))
    or curve.decile <> judged.profit_decile
