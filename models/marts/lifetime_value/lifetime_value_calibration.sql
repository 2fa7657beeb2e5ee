with

hold_out as (
    select * from {{ ref('int_value__hold_out') }}
),

measures as (
    {%- for measure in ['purchases', 'amount', 'margin'] %}
    select
        customer_id,
        method,
        '{{ measure }}' as measure,
        predicted_{{ measure }} as predicted,
        actual_{{ measure }} as actual
    from hold_out
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
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
        round(sum(predicted), 4) as predicted_total,
        round(sum(actual), 4) as actual_total,
        round(avg(predicted), 6) as predicted_mean,
        round(avg(actual), 6) as actual_mean
    from deciles
    group by
        method,
        measure,
        decile
)

select * from final
