with

hold_out as (
    select * from {{ ref('int_value__hold_out') }}
),

measures as (
    select
        customer_id,
        method,
        'purchases' as measure,
        cast(predicted_purchases as decimal(28, 6)) as predicted,
        cast(actual_purchases as decimal(28, 6)) as actual
    from hold_out

    union all

    select
        customer_id,
        method,
        'amount' as measure,
        cast(predicted_amount as decimal(28, 6)) as predicted,
        cast(actual_amount as decimal(28, 6)) as actual
    from hold_out

    union all

    select
        customer_id,
        method,
        'margin' as measure,
        cast(predicted_margin as decimal(28, 6)) as predicted,
        cast(actual_margin as decimal(28, 6)) as actual
    from hold_out
),

placed as (
    select
        *,
        row_number() over (partition by method, measure order by predicted desc, customer_id asc) as place,
        count(*) over (partition by method, measure) as customer_count
    from measures
),

deciles as (
    select
        *,
        {{ decile_of('place', 'customer_count') }} as decile
    from placed
),

final as (
    select
        method as model,
        measure,
        decile,
        count(*) as customer_count,
        round(cast(sum(predicted) as double), 4) as predicted_total,
        round(cast(sum(actual) as double), 4) as actual_total,
        round(cast(sum(predicted) as double) / count(*), 6) as predicted_mean,
        round(cast(sum(actual) as double) / count(*), 6) as actual_mean
    from deciles
    group by
        method,
        measure,
        decile
)

select * from final
