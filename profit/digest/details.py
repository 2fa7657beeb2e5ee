"""Parts of the digest about customers, media, sales to come, plans, actions and the data."""

from __future__ import annotations

from profit.digest.section import BAR, MONEY, NUMBER, SHARE, Column, part

CUSTOMERS = part(
    "Who brought most in the month, and who took most away?",
    "marts.customer_profitability_monthly",
    [
        Column("Customer"),
        Column("Segment"),
        Column("Orders", NUMBER),
        Column("Net revenue", MONEY),
        Column("Contribution margin", MONEY),
        Column("Cost to serve", MONEY),
        Column("Customer profit", BAR),
    ],
    """
    with ranked as (
        select
            *,
            row_number() over (order by customer_profit_amount desc, customer_id) as best,
            row_number() over (order by customer_profit_amount, customer_id) as worst
        from marts.customer_profitability_monthly
        where month = $month and not is_unattributed
    )
    select
        customer_id, replace(segment_id, '_', ' '), order_count, net_revenue_amount, contribution_margin_amount,
        cost_to_serve_amount, customer_profit_amount
    from ranked
    where best <= 5 or worst <= 5
    order by best
    """,
    "no customer has a transaction",
)
SEGMENTS = part(
    "How did each segment do?",
    "marts.segment_kpis",
    [
        Column("Segment"),
        Column("Customers", NUMBER),
        Column("New", NUMBER),
        Column("Moved in", NUMBER),
        Column("Moved out", NUMBER),
        Column("Churned", NUMBER),
        Column("Net revenue", MONEY),
        Column("Customer profit", BAR),
        Column("Profit rate", SHARE),
    ],
    """
    select
        segment_name, customer_count, new_customer_count, moved_in_customer_count, moved_out_customer_count,
        churned_count, net_revenue_amount, customer_profit_amount, customer_profit_rate
    from marts.segment_kpis
    where month = $month and (customer_count > 0 or net_revenue_amount <> 0)
    order by segment_order
    """,
    "there is no segment of the month",
)
MEDIA = part(
    "What did each media source cost in the month, and whom did it win?",
    "marts.media_source_performance_monthly",
    [
        Column("Media source"),
        Column("Acquisition cost", MONEY),
        Column("New customers", NUMBER),
        Column("CAC", MONEY),
        Column("CAC of all time", MONEY),
        Column("Lifetime value to CAC", NUMBER),
    ],
    """
    select
        total.media_source_name, monthly.acquisition_cost_amount, monthly.new_customer_count, monthly.cac_amount,
        total.cac_amount, total.ltv_to_cac
    from marts.media_source_performance_monthly as monthly
    inner join marts.media_source_performance as total on monthly.media_source = total.media_source
    where monthly.month = $month and (monthly.acquisition_cost_amount <> 0 or monthly.new_customer_count > 0)
    order by monthly.acquisition_cost_amount desc, monthly.media_source
    """,
    "nothing was spent on acquisition and nobody was won",
)
PIPELINE = part(
    "What moved among the sales that may come?",
    "marts.pipeline_movements",
    [Column("Movement"), Column("Opportunities", NUMBER), Column("Amount", BAR)],
    """
    select replace(movement, '_', ' '), sum(opportunity_count), sum(amount), movement in ('opening', 'closing')
    from marts.pipeline_movements
    where period = $month
    group by movement
    order by
        list_position(
            [
                'opening', 'new', 'reopened', 'transferred_in', 'transferred_out', 'raised', 'lowered', 'won', 'lost',
                'closing'
            ],
            movement
        )
    """,
    "there was no opportunity",
    sums=True,
)
PLAN = part(
    "How does the plan see the operating result of this month and the next six, by each method?",
    "marts.budget_forecast",
    [Column("Month"), Column("Method"), Column("Net revenue", MONEY), Column("Operating result", BAR)],
    """
    select
        strftime(month, '%Y-%m'), replace(method, '_', ' '), sum(amount) filter (where line = 'net_revenue'),
        sum(amount) filter (where line = 'operating_result')
    from marts.budget_forecast
    where scenario_id = 'base' and month between $month and $month + interval 6 month
    group by month, method
    order by month, method
    """,
    "nothing is planned for these months",
)
ACTIONS = part(
    "What to do next, by what it is expected to bring within twelve months?",
    "marts.next_best_actions",
    [
        Column("Action"),
        Column("Owner"),
        Column("Open", NUMBER),
        Column("Expected margin of all", MONEY),
        Column("First for"),
        Column("Expected there", MONEY),
        Column("Why"),
    ],
    """
    select
        any_value(action_label), any_value(action_owner), count(*), sum(expected_margin_amount),
        arg_min(coalesce(customer_id, 'lead ' || lead_id), overall_rank), arg_min(expected_margin_amount, overall_rank),
        arg_min(reason, overall_rank)
    from marts.next_best_actions
    group by rule_id
    order by sum(expected_margin_amount) desc, rule_id
    """,
    "no rule found anything above its minimum",
)
QUALITY = part(
    "Which records count less than they should, or say what cannot be, of this month or of no month?",
    "marts.data_quality",
    [
        Column("Rule"),
        Column("Feed"),
        Column("Records", NUMBER),
        Column("At stake", MONEY),
        Column("Currency"),
        Column("What becomes of them"),
    ],
    """
    select
        replace(rule, '_', ' '), feed, sum(record_count), sum(abs(original_amount)), coalesce(currency_code, ''),
        any_value(consequence)
    from marts.data_quality
    where month = $month or month is null
    group by rule, feed, currency_code
    order by sum(abs(original_amount)) desc nulls last, rule, feed, currency_code
    """,
    "every record counts as it should",
)
