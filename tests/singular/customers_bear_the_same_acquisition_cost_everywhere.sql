-- The cost of acquisition in the valuation of a customer is that of customer_acquisition; in cash flows it stands without fees for leads.
with

valued as (
    select
        customer_id,
        sum(acquisition_cost_amount) as valued_amount
    from {{ ref('fct_acquisition_costs') }}
    where customer_id <> {{ unattributed_customer() }}
    group by customer_id
),

acquired as (
    select
        customer_id,
        acquisition_cost_amount
    from {{ ref('customer_acquisition') }}
)

select
    coalesce(valued.customer_id, acquired.customer_id) as customer_id,
    valued.valued_amount,
    acquired.acquisition_cost_amount
from valued
full outer join acquired
    on valued.customer_id = acquired.customer_id
where coalesce(valued.valued_amount, 0) <> coalesce(acquired.acquisition_cost_amount, 0)
