{%- set asked_on = "cast('" ~ var('as_of') ~ "' as date)" if var('as_of') else 'cast(null as date)' -%}

with

orders as (
    select
        ordered_on,
        delivered_on
    from {{ ref('int_sales__orders') }}
    where is_withdrawn is not true
),

delivered as (
    select
        {{ month_of('min(ordered_on)') }} as first_month,
        {{ month_of('max(ordered_on)') }} as last_month,
        max(delivered_on) as last_delivered_on
    from orders
),

ended as (
    select
        first_month,
        last_month,
        {{ last_ended_month('last_delivered_on') }} as last_delivered_month,
        {{ last_ended_month(asked_on) }} as asked_month
    from delivered
),

chosen as (
    select
        first_month,
        last_month,
        least(last_month, last_delivered_month, coalesce(asked_month, last_month)) as as_of_month
    from ended
),

final as (
    select
        {{ month_end_of('as_of_month') }} as as_of,
        as_of_month,
        first_month,
        last_month
    from chosen
)

select * from final
