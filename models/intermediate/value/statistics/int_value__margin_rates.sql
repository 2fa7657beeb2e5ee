with

months as (
    select
        customer_id,
        month,
        gross_sales_amount - discount_amount as net_sales_amount,
        customer_margin_amount
    from {{ ref('int_customers__waterfall') }}
    where not is_unattributed
),

bases as (
    select * from {{ ref('int_value__bases') }}
),

stamps as (
    select
        customer_id,
        month,
        segment_id
    from {{ ref('int_segments__stamps') }}
),

settings as (
    select {{ value_setting('prior_purchases') }} as prior_purchases
),

earned as (
    select
        bases.basis,
        bases.last_month,
        months.customer_id,
        sum(months.net_sales_amount) as net_sales_amount,
        sum(months.customer_margin_amount) as customer_margin_amount
    from months
    inner join bases
        on months.month <= bases.last_month
    group by
        bases.basis,
        bases.last_month,
        months.customer_id
),

judged as (
    select
        earned.*,
        {{ stamped_segment('false', 'stamps.segment_id') }} as segment_id
    from earned
    left join stamps
        on earned.customer_id = stamps.customer_id
        and earned.last_month = stamps.month
),

-- The first purchase and those that repeat it.
purchases as (
    select
        basis,
        customer_id,
        purchase_count + 1 as purchase_day_count
    from {{ ref('int_value__purchase_statistics') }}
),

joined as (
    select
        judged.*,
        settings.prior_purchases,
        coalesce(purchases.purchase_day_count, 0) as purchase_day_count
    from judged
    cross join settings
    left join purchases
        on judged.basis = purchases.basis
        and judged.customer_id = purchases.customer_id
),

summed as (
    select
        *,
        cast(sum(net_sales_amount) over (partition by basis, segment_id) as double) as segment_sales_amount,
        cast(sum(customer_margin_amount) over (partition by basis, segment_id) as double) as segment_margin_amount,
        cast(sum(purchase_day_count) over (partition by basis, segment_id) as double) as segment_purchase_count,
        cast(sum(net_sales_amount) over (partition by basis) as double) as all_sales_amount,
        cast(sum(customer_margin_amount) over (partition by basis) as double) as all_margin_amount
    from joined
),

-- A segment without sales has no rate of its own.
rated as (
    select
        *,
        case
            when segment_sales_amount > 0 then segment_margin_amount / nullif(segment_sales_amount, 0)
            when all_sales_amount > 0 then all_margin_amount / nullif(all_sales_amount, 0)
            else 0e0
        end as segment_margin_rate,
        greatest(coalesce(segment_sales_amount / nullif(segment_purchase_count, 0), 0e0), 0e0) * prior_purchases as prior_amount,
        greatest(cast(net_sales_amount as double), 0e0) as weight_amount
    from summed
),

final as (
    select
        customer_id,
        basis,
        segment_id,
        cast(customer_margin_amount as double) / nullif(weight_amount, 0) as own_margin_rate,
        segment_margin_rate,
        coalesce(
            (cast(customer_margin_amount as double) + prior_amount * segment_margin_rate) / nullif(weight_amount + prior_amount, 0),
            segment_margin_rate
        ) as margin_rate
    from rated
)

select * from final
