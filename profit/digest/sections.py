"""The parts of the digest: one query each over published tables, and how its columns are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

# How a column is shown.
MONEY, NUMBER, SHARE, TEXT, STATUS, BAR = "money", "number", "share", "text", "status", "bar"


@dataclass(frozen=True)
class Column:
    """A column of a table of the page.

    Attributes:
        title: Its head.
        kind: How its values are shown: money, number, share, text, status, or bar (a value drawn beside its number).
    """

    title: str
    kind: str = TEXT


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: Its head.
        question: What it answers, in a sentence.
        source: Tables that it reads.
        columns: Columns of its table.
        rows: Rows of its table.
        strong: Places of the rows that are sums.
    """

    title: str
    question: str
    source: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    strong: tuple[int, ...] = ()


Reader = Callable[[duckdb.DuckDBPyConnection, dt.date], Section | str]


def _simple(
    question: str, source: str, columns: Sequence[Column], query: str, otherwise: str, *, sums: bool = False
) -> Callable[[str], Reader]:
    """A part that is one query with $month; where `sums` the last column says which rows are sums and is not shown."""

    def of(title: str) -> Reader:
        def read(published: duckdb.DuckDBPyConnection, month: dt.date) -> Section | str:
            rows = published.execute(query, {"month": month} if "$month" in query else {}).fetchall()
            if not rows:
                return otherwise
            strong = tuple(place for place, row in enumerate(rows) if sums and row[-1])
            shown = tuple(tuple(row[: len(columns)]) for row in rows)
            return Section(title, question, source, tuple(columns), shown, strong)

        return read

    return of


_WATERFALL = _simple(
    "What is left of the month's sales, and how was it in the month before and a year before?",
    "marts.profitability_reconciliation",
    [Column("Line"), Column("Month", MONEY), Column("Month before", MONEY), Column("Year before", MONEY)],
    """
    with months as (
        select
            line, line_order, line_kind,
            sum(customers_amount + unattributed_amount + below_the_line_amount) filter (where month = $month) as now,
            sum(customers_amount + unattributed_amount + below_the_line_amount)
                filter (where month = $month - interval 1 month) as before,
            sum(customers_amount + unattributed_amount + below_the_line_amount)
                filter (where month = $month - interval 1 year) as last_year
        from marts.profitability_reconciliation
        where line_kind in ('posted', 'subtotal')
        group by line, line_order, line_kind
    )
    select lines.label, months.now, months.before, months.last_year, months.line_kind = 'subtotal'
    from months
    inner join reference.waterfall_lines as lines on months.line = lines.line
    where months.line_kind = 'subtotal' or coalesce(months.now, 0) <> 0 or coalesce(months.before, 0) <> 0
    order by months.line_order
    """,
    "nothing was sold or posted",
    sums=True,
)
_BRIDGE = _simple(
    "Why did customers' profit move since the month before? The parts sum to the change.",
    "marts.profit_bridge",
    [Column("Part"), Column("Effect on profit", BAR)],
    """
    select replace(part, '_', ' '), amount, false
    from marts.profit_bridge
    where unit_kind = 'company' and period_kind = 'month' and basis = 'actual' and period = $month
    union all by name
    select 'change of customer profit' as part, sum(amount) as amount, true as is_sum
    from marts.profit_bridge
    where unit_kind = 'company' and period_kind = 'month' and basis = 'actual' and period = $month
    having count(*) > 0
    """,
    "there is no month before to compare with",
    sums=True,
)
_SCORECARD = _simple(
    "Are the agreed numbers on course?",
    "marts.scorecard",
    [
        Column("KPI"),
        Column("Owner"),
        Column("Actual", NUMBER),
        Column("Target", NUMBER),
        Column("Year before", NUMBER),
        Column("Attainment", SHARE),
        Column("Status", STATUS),
        Column("Trend"),
    ],
    """
    select kpi_name, owner, actual_value, target_value, last_year_value, attainment, status, trend
    from marts.scorecard
    where unit_kind = 'company' and period_kind = 'month' and period = $month
    order by kpi_id
    """,
    "no KPI has a value or a target in the month",
)
_ALERTS = _simple(
    "Who entered which state with this month?",
    "marts.kpi_alerts",
    [Column("KPI"), Column("Unit"), Column("Owner"), Column("Was", STATUS), Column("Is", STATUS), Column("Since")],
    """
    select
        kpi_name,
        case when unit_kind = 'company' then unit_id else replace(unit_kind, '_', ' ') || ' ' || unit_id end,
        owner, previous_status, status, previous_entered_on
    from marts.kpi_alerts
    where period_kind = 'month' and period = $month
    order by unit_kind <> 'company', kpi_id, unit_kind, unit_id
    limit 20
    """,
    "no KPI changed its state",
)
_REASONS = _simple(
    "Which units lie behind the company's KPIs that are off their target? The five largest of each.",
    "marts.scorecard_contributions",
    [
        Column("KPI"),
        Column("Unit"),
        Column("Value", NUMBER),
        Column("Compared", NUMBER),
        Column("Contribution", NUMBER),
    ],
    """
    select
        scorecard.kpi_name, replace(parts.child_kind, '_', ' ') || ' ' || parts.child_id, parts.child_value,
        parts.child_compared_value, parts.contribution_value
    from marts.scorecard_contributions as parts
    inner join marts.scorecard
        on parts.kpi_id = scorecard.kpi_id
        and parts.unit_kind = scorecard.unit_kind
        and parts.unit_id = scorecard.unit_id
        and parts.period_kind = scorecard.period_kind
        and parts.period = scorecard.period
    where parts.unit_kind = 'company'
        and parts.period_kind = 'month'
        and parts.period = $month
        and parts.compared_with = 'target'
        and parts.contribution_value * case when scorecard.direction = 'lower' then -1 else 1 end < 0
        and parts.difference_value * case when scorecard.direction = 'lower' then -1 else 1 end < 0
    qualify row_number() over (
        partition by parts.kpi_id order by abs(parts.contribution_value) desc, parts.child_kind, parts.child_id
    ) <= 5
    order by parts.kpi_id, abs(parts.contribution_value) desc, parts.child_kind, parts.child_id
    """,
    "no KPI of the company is off its target",
)
_CUSTOMERS = _simple(
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
_SEGMENTS = _simple(
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
_MEDIA = _simple(
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
_PIPELINE = _simple(
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
_PLAN = _simple(
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
_ACTIONS = _simple(
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
_QUALITY = _simple(
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
    limit 20
    """,
    "every record counts as it should",
)

# Titles, tables that have to be there, and readers, in the order of the page.
SECTIONS: list[tuple[str, tuple[str, ...], Reader]] = [
    (title, needed, make(title))
    for title, needed, make in (
        ("The month", ("marts.profitability_reconciliation", "reference.waterfall_lines"), _WATERFALL),
        ("Why profit moved", ("marts.profit_bridge",), _BRIDGE),
        ("Scorecard", ("marts.scorecard",), _SCORECARD),
        ("Alerts", ("marts.kpi_alerts",), _ALERTS),
        ("What lies behind", ("marts.scorecard", "marts.scorecard_contributions"), _REASONS),
        ("Customers", ("marts.customer_profitability_monthly",), _CUSTOMERS),
        ("Segments", ("marts.segment_kpis",), _SEGMENTS),
        ("Media", ("marts.media_source_performance", "marts.media_source_performance_monthly"), _MEDIA),
        ("Pipeline", ("marts.pipeline_movements",), _PIPELINE),
        ("Plan", ("marts.budget_forecast",), _PLAN),
        ("Next actions", ("marts.next_best_actions",), _ACTIONS),
        ("Data quality", ("marts.data_quality",), _QUALITY),
    )
]
