with

backtest as (
    select * from {{ ref('int_value__backtest') }}
    where measure = 'amount'
),

-- Least error in money; a tie goes to the simpler method.
ranked as (
    select
        *,
        row_number() over (
            partition by value_segment
            order by mean_absolute_error asc, case when is_baseline then 0 else 1 end asc, method asc
        ) as place,
        row_number() over (
            partition by value_segment, is_baseline
            order by mean_absolute_error asc, method asc
        ) as own_place
    from backtest
),

final as (
    select
        value_segment,
        max(case when place = 1 then method end) as method,
        max(case when is_baseline and own_place = 1 then method end) as best_baseline,
        max(case when is_baseline and own_place = 1 then mean_absolute_error end) as baseline_error,
        max(case when not is_baseline and own_place = 1 then method end) as best_model,
        max(case when not is_baseline and own_place = 1 then mean_absolute_error end) as model_error,
        max(case when place = 1 and is_baseline then 1 else 0 end) = 1 as is_baseline_chosen
    from ranked
    group by value_segment
)

select * from final
