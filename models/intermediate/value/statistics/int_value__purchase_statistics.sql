with

order_lines as (
    select
        customer_id,
        product_id,
        ordered_on,
        net_sales_amount
    from {{ ref('fct_order_lines') }}
    where
        customer_id <> {{ unattributed_customer() }}
        and order_id is not null
),

contracts as (
    select
        customer_id,
        product_id,
        min(started_on) as started_on
    from {{ ref('int_value__contract_terms') }}
    where product_id is not null
    group by
        customer_id,
        product_id
),

-- What a contract bills comes by its calendar; whether it comes again is the question of renewals.
purchases as (
    select order_lines.*
    from order_lines
    left join contracts
        on order_lines.customer_id = contracts.customer_id
        and order_lines.product_id = contracts.product_id
        and order_lines.ordered_on >= contracts.started_on
    where contracts.customer_id is null
),

-- Several orders of a day are one purchase.
days as (
    select
        customer_id,
        ordered_on as purchased_on,
        cast(sum(net_sales_amount) as decimal(18, 4)) as purchase_amount
    from purchases
    group by
        customer_id,
        ordered_on
),

bases as (
    select
        *,
        {{ dbt.dateadd('day', '-window_days', 'observed_until') }} as window_starts_after
    from {{ ref('int_value__bases') }}
),

customers as (
    select
        customer_id,
        customer_kind
    from {{ ref('dim_customer') }}
),

first_days as (
    select
        customer_id,
        min(purchased_on) as first_purchased_on
    from days
    group by customer_id
),

dated as (
    select
        days.customer_id,
        bases.basis,
        bases.observed_until,
        first_days.first_purchased_on,
        days.purchased_on,
        days.purchase_amount,
        days.purchased_on <= bases.observed_until as is_known,
        days.purchased_on > first_days.first_purchased_on as is_repeat,
        days.purchased_on > cast(bases.window_starts_after as date) as is_recent
    from days
    inner join first_days
        on days.customer_id = first_days.customer_id
    inner join bases
        on first_days.first_purchased_on <= bases.observed_until
        and days.purchased_on <= coalesce(bases.predicted_until, bases.observed_until)
),

counted as (
    select
        customer_id,
        basis,
        min(first_purchased_on) as first_purchased_on,
        max(case when is_known then purchased_on end) as last_purchased_on,
        max(observed_until) as observed_until,
        sum(case when is_known and is_repeat then 1 else 0 end) as repeat_count,
        sum(case when is_known and is_repeat then purchase_amount else 0 end) as repeat_amount,
        sum(case when is_known then purchase_amount else 0 end) as known_amount,
        sum(case when is_known and is_recent and is_repeat then 1 else 0 end) as recent_count,
        sum(case when is_known and is_recent and is_repeat then purchase_amount else 0 end) as recent_amount,
        sum(case when is_known then 0 else 1 end) as actual_count,
        sum(case when is_known then 0 else purchase_amount end) as actual_amount
    from dated
    group by
        customer_id,
        basis
),

aged as (
    select
        *,
        {{ dbt.datediff('first_purchased_on', 'last_purchased_on', 'day') }}
            as recency_days,
        {{ dbt.datediff('first_purchased_on', 'observed_until', 'day') }} as age_days
    from counted
),

-- Times of the models are in weeks.
final as (
    select
        aged.customer_id,
        aged.basis,
        coalesce(customers.customer_kind, 'unknown') as value_segment,
        aged.first_purchased_on,
        aged.last_purchased_on,
        cast(aged.repeat_count as double) as purchase_count,
        aged.recency_days / 7e0 as recency,
        aged.age_days / 7e0 as age,
        -- Amounts of nothing and below are no spend that the model knows.
        case
            when aged.repeat_amount > 0 then cast(aged.repeat_amount as double) / nullif(aged.repeat_count, 0)
        end as average_amount,
        cast(aged.known_amount as double) / (aged.repeat_count + 1) as average_known_amount,
        cast(aged.recent_count as double) as recent_purchase_count,
        cast(aged.recent_amount as double) as recent_amount,
        cast(aged.actual_count as double) as actual_purchase_count,
        cast(aged.actual_amount as double) as actual_amount
    from aged
    left join customers
        on aged.customer_id = customers.customer_id
)

select * from final
