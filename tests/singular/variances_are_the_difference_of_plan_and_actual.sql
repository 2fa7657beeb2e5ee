-- Proves that plan, actual and the parts between them hold together: the parts of an account are actual less plan in their effect on the result, the
-- flexible budget is the plan and the sales-volume variances, and all accounts of a month are what the ledger says. Returns what differs.

with

variance as (
    select
        *,
        case when is_income then 1 else -1 end as effect
    from {{ ref('budget_variance') }}
),

accounts as (
    select
        month,
        account_id,
        department,
        min(effect) as effect,
        min(static_amount) as static_amount,
        min(flexible_amount) as flexible_amount,
        min(actual_amount) as actual_amount,
        sum(case when is_memo then 0 else amount end) as variance_amount,
        sum(case when part in ('quantity', 'mix', 'market_size', 'market_share') then amount else 0 end) as sales_volume_amount
    from variance
    group by
        month,
        account_id,
        department
),

posted as (
    select
        entries.month,
        sum(entries.amount) as amount
    from {{ ref('fct_ledger_entries') }} as entries
    inner join {{ ref('dim_ledger_account') }} as chart
        on entries.ledger_account_id = chart.ledger_account_id
    where
        entries.waterfall_line <> 'closing_entries'
        and (chart.account_type in ('revenue', 'expense') or chart.waterfall_line <> 'none')
    group by entries.month
),

months as (
    select
        month,
        sum(effect * actual_amount) as result
    from accounts
    group by month
),

final as (
    select
        month,
        account_id,
        department,
        'parts' as what,
        variance_amount - effect * (actual_amount - static_amount) as difference
    from accounts

    union all

    select
        month,
        account_id,
        department,
        'flexible' as what,
        sales_volume_amount - effect * (flexible_amount - static_amount) as difference
    from accounts

    union all

    select
        months.month,
        'all' as account_id,
        'all' as department,
        'ledger' as what,
        months.result + coalesce(posted.amount, 0) as difference
    from months
    left join posted
        on months.month = posted.month
)

select * from final
where difference <> 0
