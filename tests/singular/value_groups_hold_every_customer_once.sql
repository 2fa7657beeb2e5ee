-- Segments, media sources and cohorts each hold all customers and all their value.
with

grouped as (
    select
        group_kind,
        sum(customer_count) as customer_count,
        sum(lifetime_value_amount) as lifetime_value_amount,
        sum(acquisition_cost_amount) as acquisition_cost_amount
    from {{ ref('lifetime_value_groups') }}
    group by group_kind
),

customers as (
    select
        count(*) as customer_count,
        sum(lifetime_value_amount) as lifetime_value_amount,
        sum(coalesce(acquisition_cost_amount, 0)) as acquisition_cost_amount
    from {{ ref('customer_lifetime_value') }}
    where not is_unattributed
)

select
    grouped.group_kind,
    grouped.customer_count,
    grouped.lifetime_value_amount,
    grouped.acquisition_cost_amount
from grouped
cross join customers
where
    grouped.customer_count <> customers.customer_count
    or grouped.lifetime_value_amount <> customers.lifetime_value_amount
    or grouped.acquisition_cost_amount <> customers.acquisition_cost_amount
