{#- Every subset of 25 initiatives: 13 of them in one half, 12 in the other. -#}
{%- set halves = {'first_half': 13, 'second_half': 12} -%}

with

limits as (
    select * from {{ ref('plan_budget_limits') }}
),

calendar as (
    select
        as_of_month,
        {{ month_after('as_of_month', 1) }} as first_month
    from {{ ref('int_calendar__as_of') }}
    where as_of_month is not null
),

initiatives as (
    select
        initiative_id,
        cost_amount,
        net_present_value_amount
    from {{ ref('initiatives') }}
),

media_spend as (
    select
        month,
        media_source,
        media_spend_amount
    from {{ ref('fct_media_spend') }}
),

acquired as (
    select
        customer_id,
        media_source,
        first_order_month
    from {{ ref('customer_acquisition') }}
),

lifetime_values as (
    select
        customer_id,
        expected_value_amount
    from {{ ref('customer_lifetime_value') }}
),

valid_limits as (
    select
        limits.limit_id,
        limits.limit_name,
        limits.purpose,
        limits.limit_amount,
        limits.owner
    from limits
    cross join calendar
    where {{ is_valid_in('limits', 'calendar.first_month') }}
),

-- What costs more than it brings is in no best set; what is worth it is ranked by what a unit of money brings.
ranked as (
    select
        valid_limits.limit_id,
        valid_limits.limit_amount,
        initiatives.initiative_id,
        initiatives.cost_amount,
        initiatives.net_present_value_amount as value_amount,
        row_number() over (
            partition by valid_limits.limit_id
            order by initiatives.net_present_value_amount / nullif(cast(initiatives.cost_amount as double), 0) desc nulls first, initiatives.initiative_id
        ) as place,
        count(*) over (partition by valid_limits.limit_id) as candidate_count,
        sum(initiatives.cost_amount) over (
            partition by valid_limits.limit_id
            order by
                initiatives.net_present_value_amount / nullif(cast(initiatives.cost_amount as double), 0) desc nulls first, initiatives.initiative_id
            rows between unbounded preceding and current row
        ) as cumulative_cost
    from valid_limits
    inner join initiatives
        on initiatives.net_present_value_amount > 0 and valid_limits.limit_amount >= initiatives.cost_amount
    where valid_limits.purpose = 'initiatives'
),

-- Of more than 25 those around the first that does not fit are decided exactly; what is ranked before them is in, what is ranked after them is not.
cores as (
    select
        limit_id,
        coalesce(sum(case when place < core_start then cost_amount end), 0) as cost_before,
        max(core_start) as core_start
    from (
        select
            *,
            greatest(
                1,
                least(
                    coalesce(min(case when cumulative_cost > limit_amount then place end) over (partition by limit_id), candidate_count) - 12,
                    candidate_count - 24
                )
            ) as core_start
        from ranked
    ) as started
    group by limit_id
),

candidates as (
    select
        ranked.limit_id,
        ranked.limit_amount,
        ranked.initiative_id,
        ranked.cost_amount,
        ranked.value_amount,
        ranked.place - cores.core_start + 1 as place,
        ranked.candidate_count,
        ranked.cumulative_cost,
        ranked.limit_amount - cores.cost_before as core_limit_amount
    from ranked
    inner join cores
        on ranked.limit_id = cores.limit_id
),

subsets as (
    select low_numbers.number + 128 * high_numbers.number as subset
    from {{ whole_numbers(128) | replace('whole_numbers (', 'low_numbers (') }}
    cross join {{ whole_numbers(64) | replace('whole_numbers (', 'high_numbers (') }}
),

core_limits as (
    select
        limit_id,
        max(core_limit_amount) as limit_amount,
        least(max(candidate_count), 25) as candidate_count
    from candidates
    group by limit_id
),

{%- for half, size in halves.items() %}

{{ half }} as (
    select
        core_limits.limit_id,
        core_limits.limit_amount,
        subsets.subset,
        coalesce(sum(candidates.cost_amount), 0) as cost_amount,
        coalesce(sum(candidates.value_amount), 0) as value_amount
    from core_limits
    inner join subsets
        on subsets.subset < power(2, greatest(least(core_limits.candidate_count - {{ 0 if loop.first else 13 }}, {{ size }}), 0))
    left join candidates
        on core_limits.limit_id = candidates.limit_id
        and candidates.place > {{ 0 if loop.first else 13 }}
        and candidates.place <= {{ 13 if loop.first else 25 }}
        and floor(subsets.subset / power(2, candidates.place - {{ 1 if loop.first else 14 }})) % 2 = 1
    group by
        core_limits.limit_id,
        core_limits.limit_amount,
        subsets.subset
),
{%- endfor %}

-- The best of the second half that fits beside each subset of the first: both in one order of money, the running maximum of values.
laid as (
    select
        limit_id,
        cost_amount as room_amount,
        0 as side,
        value_amount as second_value,
        cast(null as bigint) as first_subset,
        cast(null as {{ money_total() }}) as first_value,
        subset as second_subset
    from second_half

    union all

    select
        limit_id,
        limit_amount - cost_amount as room_amount,
        1 as side,
        cast(null as {{ money_total() }}) as second_value,
        subset as first_subset,
        value_amount as first_value,
        cast(null as bigint) as second_subset
    from first_half
    where cost_amount <= limit_amount
),

running as (
    select
        *,
        max(second_value) over (partition by limit_id order by room_amount, side rows between unbounded preceding and current row) as best_second
    from laid
),

first_choices as (
    select
        limit_id,
        room_amount,
        first_subset,
        best_second,
        row_number() over (partition by limit_id order by first_value + best_second desc, room_amount desc, first_subset asc) as place
    from running
    where side = 1
),

choices as (
    select
        first_choices.limit_id,
        first_choices.first_subset,
        second_half.subset as second_subset,
        row_number() over (partition by first_choices.limit_id order by second_half.cost_amount, second_half.subset) as place
    from first_choices
    inner join second_half
        on first_choices.limit_id = second_half.limit_id
        and first_choices.best_second = second_half.value_amount
        and first_choices.room_amount >= second_half.cost_amount
    where first_choices.place = 1
),

decided as (
    select
        candidates.*,
        case
            when candidates.place < 1 then true
            when candidates.place > 25 then false
            when candidates.place <= 13 then floor(choices.first_subset / power(2, candidates.place - 1)) % 2 = 1
            else floor(choices.second_subset / power(2, candidates.place - 14)) % 2 = 1
        end as is_chosen
    from candidates
    left join choices
        on candidates.limit_id = choices.limit_id
        and choices.place = 1
),

-- What no set can exceed: by the same ranking, the last one in part (Dantzig, 1957).
bounds as (
    select
        limit_id,
        sum(
            cast(value_amount as double)
            * case
                when cost_amount = 0 then 1e0
                else least(greatest(cast(limit_amount - cumulative_cost + cost_amount as double) / nullif(cast(cost_amount as double), 0), 0e0), 1e0)
            end
        ) as bound
    from candidates
    group by limit_id
),

totals as (
    select
        limit_id,
        sum(case when is_chosen then value_amount else 0 end) as value_amount,
        sum(case when is_chosen then cost_amount else 0 end) as cost_amount
    from decided
    group by limit_id
),

chosen_initiatives as (
    select
        valid_limits.limit_id,
        valid_limits.purpose,
        'initiative' as item_kind,
        initiatives.initiative_id as item_id,
        valid_limits.limit_amount,
        initiatives.cost_amount,
        initiatives.net_present_value_amount as value_amount,
        coalesce(decided.is_chosen, false) as is_chosen,
        cast(initiatives.net_present_value_amount as double) / nullif(cast(initiatives.cost_amount as double), 0) as marginal_value,
        cast(null as double) as marginal_low,
        cast(null as double) as marginal_high,
        cast(null as double) as response,
        totals.value_amount as set_value_amount,
        bounds.bound as bound_amount,
        case
            when decided.limit_id is null and initiatives.net_present_value_amount <= 0 then 'not_worth_it'
            when decided.limit_id is null then 'above_the_limit'
            when decided.candidate_count <= 25 then 'exact'
            else 'greedy_within_bound'
        end as verdict
    from valid_limits
    cross join initiatives
    left join decided
        on valid_limits.limit_id = decided.limit_id
        and initiatives.initiative_id = decided.initiative_id
    left join totals
        on valid_limits.limit_id = totals.limit_id
    left join bounds
        on valid_limits.limit_id = bounds.limit_id
    where valid_limits.purpose = 'initiatives'
),

-- Media: value won in a month against money spent in it. value = c × spend^b, b below 1 being the diminishing return, by least squares of logarithms.
spent as (
    select
        media_spend.media_source,
        media_spend.month,
        cast(sum(media_spend.media_spend_amount) as double) as spend
    from media_spend
    cross join calendar
    where media_spend.month <= calendar.as_of_month
    group by
        media_spend.media_source,
        media_spend.month
    having sum(media_spend.media_spend_amount) > 0
),

won as (
    select
        media_source,
        first_order_month as month,
        cast(count(*) as double) as customer_count
    from acquired
    group by
        media_source,
        first_order_month
),

worth as (
    select
        acquired.media_source,
        avg(cast(lifetime_values.expected_value_amount as double)) as value_each
    from acquired
    inner join lifetime_values
        on acquired.customer_id = lifetime_values.customer_id
    group by acquired.media_source
),

logs as (
    select
        spent.media_source,
        spent.spend,
        coalesce(won.customer_count, 0e0) as customer_count,
        ln(spent.spend) as x,
        ln(coalesce(won.customer_count, 0e0) + 0.5e0) as y
    from spent
    left join won
        on spent.media_source = won.media_source
        and spent.month = won.month
),

moments as (
    select
        media_source,
        count(*) as month_count,
        sum(spend) as spend,
        sum(customer_count) as customer_count,
        avg(x) as mean_x,
        avg(y) as mean_y,
        avg(x * x) - avg(x) * avg(x) as variance_x,
        avg(y * y) - avg(y) * avg(y) as variance_y,
        avg(x * y) - avg(x) * avg(y) as covariance
    from logs
    group by media_source
),

fitted as (
    select
        *,
        case when month_count >= 6 and variance_x > 1e-4 then covariance / variance_x end as response,
        case
            when month_count >= 6 and variance_x > 1e-4
                then sqrt(greatest(variance_y - covariance * covariance / variance_x, 0e0) / (month_count - 2) / variance_x)
        end as response_error
    from moments
),

responses as (
    select
        fitted.*,
        worth.value_each,
        -- At the mean spend a unit more brings response × value ÷ spend.
        fitted.customer_count * worth.value_each / nullif(fitted.spend, 0) as mean_value,
        {{ normal_quantile('((1 + ' ~ value_setting('interval_level') ~ ') / 2)') }} as normal_width
    from fitted
    left join worth
        on fitted.media_source = worth.media_source
),

chosen_media as (
    select
        valid_limits.limit_id,
        valid_limits.purpose,
        'media_source' as item_kind,
        responses.media_source as item_id,
        valid_limits.limit_amount,
        {{ rounded_to_cents('responses.spend / responses.month_count * 12', money_total()) }} as cost_amount,
        {{ rounded_to_cents('coalesce(responses.mean_value, 0e0) * responses.spend / responses.month_count * 12', money_total()) }} as value_amount,
        cast(null as boolean) as is_chosen,
        responses.response * responses.mean_value as marginal_value,
        (responses.response - responses.normal_width * responses.response_error) * responses.mean_value as marginal_low,
        (responses.response + responses.normal_width * responses.response_error) * responses.mean_value as marginal_high,
        responses.response,
        cast(null as {{ money_total() }}) as set_value_amount,
        cast(null as double) as bound_amount,
        case
            when responses.response is null or responses.value_each is null then 'data_cannot_tell'
            when responses.response - responses.normal_width * responses.response_error <= 0 then 'data_cannot_tell'
            when responses.response >= 1 then 'no_diminishing_return_seen'
            else 'measured'
        end as verdict
    from valid_limits
    cross join responses
    where valid_limits.purpose = 'media'
),

-- The next unit goes where it is measured to bring most, if it is sure to bring back more than itself.
ranked_media as (
    select
        *,
        row_number() over (
            partition by limit_id
            order by case when verdict = 'measured' and marginal_low > 1 then 0 else 1 end asc, marginal_value desc nulls last, item_id asc
        ) as place
    from chosen_media
),

everything as (
    select
        limit_id,
        purpose,
        item_kind,
        item_id,
        limit_amount,
        cost_amount,
        value_amount,
        is_chosen,
        marginal_value,
        marginal_low,
        marginal_high,
        response,
        set_value_amount,
        bound_amount,
        verdict
    from chosen_initiatives

    union all

    select
        limit_id,
        purpose,
        item_kind,
        item_id,
        limit_amount,
        cost_amount,
        value_amount,
        place = 1 and verdict = 'measured' and marginal_low > 1 as is_chosen,
        marginal_value,
        marginal_low,
        marginal_high,
        response,
        set_value_amount,
        bound_amount,
        verdict
    from ranked_media
),

final as (
    select
        limit_id,
        purpose,
        item_kind,
        item_id,
        cast(limit_amount as {{ money_total() }}) as limit_amount,
        cast(cost_amount as {{ money_total() }}) as cost_amount,
        cast(value_amount as {{ money_total() }}) as value_amount,
        is_chosen,
        round(marginal_value, 6) as marginal_value,
        round(marginal_low, 6) as marginal_low,
        round(marginal_high, 6) as marginal_high,
        round(response, 6) as response,
        cast(set_value_amount as {{ money_total() }}) as set_value_amount,
        {{ rounded_to_cents('bound_amount', money_total()) }} as bound_amount,
        verdict
    from everything
)

select * from final
