with

calendar as (
    select as_of
    from {{ ref('int_calendar__as_of') }}
),

profitability as (
    select
        customer_id,
        is_unattributed,
        customer_profit_amount,
        equal_share_profit_amount
    from {{ ref('customer_profitability') }}
),

activity_changes as (
    select * from {{ ref('int_stability__activity_changes') }}
),

receivers as (
    select
        period,
        activity_id,
        customer_id,
        minutes
    from {{ ref('int_costing__activity_receivers') }}
),

used as (
    select
        period,
        activity_id,
        cast(sum(minutes) as double) as minutes
    from receivers
    group by
        period,
        activity_id
),

-- Customers bear a change by their minutes, and prospects their part of it: acquisition.
changes as (
    select
        receivers.customer_id,
        activity_changes.scenario_id,
        sum(cast(receivers.minutes as double) / nullif(used.minutes, 0) * cast(activity_changes.less_time_change_amount as double)) as less_time_change,
        sum(cast(receivers.minutes as double) / nullif(used.minutes, 0) * cast(activity_changes.more_time_change_amount as double)) as more_time_change
    from activity_changes
    inner join used
        on activity_changes.period = used.period
        and activity_changes.activity_id = used.activity_id
    inner join receivers
        on activity_changes.period = receivers.period
        and activity_changes.activity_id = receivers.activity_id
    where receivers.customer_id is not null
    group by
        receivers.customer_id,
        activity_changes.scenario_id
),

-- Rounded twice: the order in which an engine sums doubles must not decide about a cent.
rounded as (
    select
        customer_id,
        scenario_id,
        cast(round(cast(round(less_time_change, 6) as decimal(18, 6)), 2) as decimal(18, 4)) as less_time_change_amount,
        cast(round(cast(round(more_time_change, 6) as decimal(18, 6)), 2) as decimal(18, 4)) as more_time_change_amount
    from changes
),

varied as (
    select
        profitability.customer_id,
        rounded.scenario_id,
        profitability.customer_profit_amount,
        least(
            profitability.customer_profit_amount - rounded.less_time_change_amount,
            profitability.customer_profit_amount - rounded.more_time_change_amount
        ) as lowest_profit_amount,
        greatest(
            profitability.customer_profit_amount - rounded.less_time_change_amount,
            profitability.customer_profit_amount - rounded.more_time_change_amount
        ) as highest_profit_amount
    from profitability
    inner join rounded
        on profitability.customer_id = rounded.customer_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                case when scenario_id = {{ all_activities_scenario() }} then 1 else 0 end asc,
                highest_profit_amount - lowest_profit_amount desc,
                scenario_id asc
        ) as influence_rank,
        (customer_profit_amount < 0 and highest_profit_amount >= 0) or (customer_profit_amount >= 0 and lowest_profit_amount < 0) as is_turned
    from varied
),

by_time as (
    select
        customer_id,
        min(lowest_profit_amount) as lowest_profit_amount,
        max(highest_profit_amount) as highest_profit_amount,
        max(case when influence_rank = 1 then scenario_id end) as most_influential_activity_id,
        sum(case when is_turned then 1 else 0 end) as turning_count,
        {{ sorted_texts('case when is_turned then scenario_id end') }} as turning_scenarios
    from ranked
    group by customer_id
),

compared as (
    select
        profitability.customer_id,
        profitability.is_unattributed,
        profitability.customer_profit_amount,
        profitability.equal_share_profit_amount,
        coalesce(by_time.lowest_profit_amount, profitability.customer_profit_amount) as lowest_profit_amount,
        coalesce(by_time.highest_profit_amount, profitability.customer_profit_amount) as highest_profit_amount,
        by_time.most_influential_activity_id,
        profitability.customer_profit_amount < 0 as is_loss,
        profitability.equal_share_profit_amount < 0 as is_loss_by_equal_share,
        (profitability.customer_profit_amount < 0) <> (profitability.equal_share_profit_amount < 0) as is_turned_by_equal_share,
        coalesce(by_time.turning_count, 0) as turning_count,
        by_time.turning_scenarios
    from profitability
    left join by_time
        on profitability.customer_id = by_time.customer_id
),

final as (
    select
        customer_id,
        is_unattributed,
        customer_profit_amount,
        equal_share_profit_amount,
        cast(lowest_profit_amount as decimal(18, 4)) as lowest_profit_amount,
        cast(highest_profit_amount as decimal(18, 4)) as highest_profit_amount,
        most_influential_activity_id,
        cast({{ var('time_tolerance') }} as double) as time_tolerance_ratio,
        is_loss,
        is_loss_by_equal_share,
        highest_profit_amount < 0 as is_loss_under_all_times,
        case when turning_count = 0 and not is_turned_by_equal_share then 'stable' else 'depends' end as stability,
        case
            when is_turned_by_equal_share and turning_count > 0 then 'equal_share, ' || turning_scenarios
            when is_turned_by_equal_share then 'equal_share'
            else turning_scenarios
        end as depends_on,
        (select calendar.as_of from calendar) as as_of
    from compared
)

select * from final
