-- Proves that attribution neither counts a customer twice nor loses one: every customer that has ordered has shares that sum to exactly 1
-- in each model of the seed, and nobody else has any. Returns the customers and models for which that does not hold.

with

expected as (
    select
        first_orders.customer_id,
        models.attribution_model
    from {{ ref('int_marketing__first_orders') }} as first_orders
    cross join {{ ref('attribution_models') }} as models
),

credited as (
    select
        customer_id,
        attribution_model,
        sum(credit_share) as credit_share
    from {{ ref('int_marketing__acquisition_credits') }}
    group by
        customer_id,
        attribution_model
)

select
    coalesce(expected.customer_id, credited.customer_id) as customer_id,
    coalesce(expected.attribution_model, credited.attribution_model) as attribution_model,
    credited.credit_share
from expected
full outer join credited
    on expected.customer_id = credited.customer_id
    and expected.attribution_model = credited.attribution_model
where
    expected.customer_id is null
    or coalesce(credited.credit_share, 0) <> 1
