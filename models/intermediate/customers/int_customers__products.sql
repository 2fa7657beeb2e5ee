with

order_lines as (
    select
        customer_id,
        product_id,
        order_id,
        ordered_on
    from {{ ref('fct_order_lines') }}
),

products as (
    select
        product_id,
        product_group,
        product_kind
    from {{ ref('dim_product') }}
),

stamps as (
    select
        customer_id,
        segment_id
    from {{ ref('int_segments__stamps') }}
    where is_current
),

used as (
    select distinct
        customer_id,
        product_id
    from {{ ref('int_customers__usage') }}
),

-- Only of articles whose use is measured at all can be said that they are not used.
measured as (
    select distinct product_id
    from used
),

bought as (
    select
        customer_id,
        product_id,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on,
        max(case when order_id is not null then 1 else 0 end) = 1 as is_ordered
    from order_lines
    group by
        customer_id,
        product_id
),

described as (
    select
        bought.customer_id,
        bought.product_id,
        bought.first_ordered_on,
        bought.last_ordered_on,
        stamps.segment_id,
        case
            when bought.is_ordered and products.product_kind <> 'fee' and bought.product_id <> {{ unknown_member() }} then bought.product_id
        end as counted_product_id,
        case
            when bought.is_ordered and {{ is_group_of_products('products.product_group', 'products.product_kind') }} then products.product_group
        end as product_group,
        case when bought.is_ordered then measured.product_id end as measured_product_id,
        case when bought.is_ordered then used.product_id end as used_product_id
    from bought
    inner join products
        on bought.product_id = products.product_id
    left join stamps
        on bought.customer_id = stamps.customer_id
    left join measured
        on bought.product_id = measured.product_id
    left join used
        on bought.customer_id = used.customer_id
        and bought.product_id = used.product_id
),

segment_groups as (
    select
        segment_id,
        count(distinct product_group) as segment_product_group_count
    from described
    where segment_id is not null
    group by segment_id
),

counted as (
    select
        customer_id,
        max(segment_id) as segment_id,
        min(first_ordered_on) as first_ordered_on,
        max(last_ordered_on) as last_ordered_on,
        count(counted_product_id) as product_count,
        count(distinct product_group) as product_group_count,
        count(measured_product_id) as measured_product_count,
        count(used_product_id) as used_product_count
    from described
    group by customer_id
),

final as (
    select
        counted.customer_id,
        counted.first_ordered_on,
        counted.last_ordered_on,
        counted.product_count,
        counted.product_group_count,
        segment_groups.segment_product_group_count,
        {{ ratio('counted.product_group_count', 'segment_groups.segment_product_group_count') }} as account_penetration,
        counted.measured_product_count,
        counted.used_product_count,
        {{ ratio('counted.used_product_count', 'counted.measured_product_count') }} as product_adoption
    from counted
    left join segment_groups
        on counted.segment_id = segment_groups.segment_id
)

select * from final
