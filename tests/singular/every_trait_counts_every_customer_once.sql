-- Proves that each trait of profit_driver_traits has every known customer that has ordered exactly once, and all of their profit:
-- whatever is suppressed, nobody is left out. Returns each trait for which it does not hold, and each one of the seed that is missing.

with

customers as (
    select
        count(*) as customer_count,
        sum(profitability.customer_profit_amount) as customer_profit_amount
    from {{ ref('customer_profitability') }} as profitability
    inner join {{ ref('action_customers') }} as customers
        on profitability.customer_id = customers.customer_id
),

traits as (
    select
        trait,
        sum(customer_count) as customer_count,
        sum(customer_profit_amount) as customer_profit_amount
    from {{ ref('profit_driver_traits') }}
    group by trait
)

select
    asked.trait,
    traits.customer_count,
    customers.customer_count as all_customer_count,
    traits.customer_profit_amount,
    customers.customer_profit_amount as all_profit_amount
from {{ ref('driver_traits') }} as asked
cross join customers
left join traits
    on asked.trait = traits.trait
where
    customers.customer_count > 0
    and (
        coalesce(traits.customer_count, 0) <> customers.customer_count
        or coalesce(traits.customer_profit_amount, 0) <> customers.customer_profit_amount
    )
