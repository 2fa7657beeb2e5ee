"""Everything about one customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboards.common.charts import BLUE, COLOURS, ORANGE, bars, draw, height_of, lines, months, waterfall
from dashboards.common.formats import label, money, percent
from dashboards.common.published import has, row, rows
from dashboards.common.tables import meaning_of, show_table
from dashboards.common.waterfalls import MEASURES

_PERIODS = {"All months": "", "Last 12 months": "last_12m_", "Year to date": "ytd_"}
_MART = "marts.customer_profitability"


def show_customer(customer: str) -> None:
    """Show one customer.

    Args:
        customer: An ID that is valid, or was.
    """
    current = row("select customer_id from core.customer_ids where given_customer_id = ?", [customer])["customer_id"]
    now = current or customer
    of = row(f"select * from {_MART} where customer_id = ?", [now])
    if of["customer_id"] is None:
        st.warning(f"No customer has the ID {customer}, and none had it.")
        return
    if now != customer:
        st.info(f"{customer} is part of {now} today: its records were merged.")
    st.subheader(f"Customer {now}")
    words = ("customer_kind", "industry", "size_class", "country_code", "territory_id", "sales_rep_id", "segment_id")
    st.caption(" · ".join(f"{label(name)}: {of[name]}" for name in words if of.get(name)))
    shown: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("net_revenue_amount", money),
        ("customer_margin_amount", money),
        ("customer_profit_amount", money),
        ("last_12m_customer_profit_amount", money),
        ("order_count", lambda value: f"{value:,}"),
    )
    for place, (name, text) in zip(st.columns(len(shown)), shown, strict=True):
        place.metric(label(name), text(of[name]), help=meaning_of(_MART, name), border=True)
    tabs: dict[str, Callable[[str], None]] = {
        "Waterfall": lambda _: _waterfall(of),
        "By month": _months,
        "Cost to serve": _costs,
        "Cash flows": _cash_flows,
        "Lifetime value": _value,
        "Segment path": _path,
        "Pipeline": _pipeline,
        "Next actions": _actions,
    }
    # One of them at a time asks its queries.
    tab = st.segmented_control(
        "About the customer", list(tabs), key="about", bind="query-params", default="Waterfall", required=True
    )
    tabs[str(tab)](now)


def _waterfall(of: dict[str, object]) -> None:
    period = st.radio("Period", list(_PERIODS), key="of_period", bind="query-params", horizontal=True)
    known = rows("select line, label, line_kind, effect from reference.waterfall_lines order by line_order")
    known = known[known["line"].isin(list(MEASURES))]
    values = [float(str(of[_PERIODS[period] + MEASURES[line]] or 0)) for line in known["line"]]
    effects = [
        value * effect if kind == "posted" else value
        for value, effect, kind in zip(values, known["effect"], known["line_kind"], strict=True)
    ]
    figure = waterfall(list(known["label"]), list(known["line_kind"]), effects)
    draw(figure, "of_customer", height_of(figure))


def _months(customer: str) -> None:
    sql = """
        select strftime(month, '%Y-%m') as month, net_revenue_amount, customer_margin_amount, customer_profit_amount,
            order_count
        from marts.customer_profitability_monthly where customer_id = ? order by 1
    """
    found = rows(sql, [customer])
    if not found.empty:
        series = {
            "net_revenue_amount": ("Net revenue", ORANGE, "dot"),
            "customer_margin_amount": ("Customer margin", BLUE, "solid"),
        }
        draw(months(lines(found, "month", series, "reporting currency")), "customer_months")
    show_table("customer_months", sql, [customer], of="marts.customer_profitability_monthly")


def _costs(customer: str) -> None:
    sql = """
        select costs.activity_id, any_value(activities.activity_name) as activity_name, costs.waterfall_line,
            sum(costs.practical_minutes) as practical_minutes, sum(costs.cost_amount) as cost_amount
        from core.fct_activity_costs as costs
        left join core.dim_activity as activities on costs.activity_id = activities.activity_id
        where costs.customer_id = ?
        group by costs.activity_id, costs.waterfall_line
        order by cost_amount desc, activity_id
    """
    st.markdown("**By activity, all months.** Choose a row to see which ledger accounts it comes from.")
    picked = show_table(
        "activities", sql, [customer], of="core.fct_activity_costs", is_choice=True, empty="No activity served it."
    )
    activity = picked["activity_id"] if picked else None
    span = row("select min(month) as first, max(month) as last from marts.customer_cost_provenance")
    if span["first"] is None:
        return
    st.markdown(
        f"**From the ledger, {span['first']:%Y-%m} to {span['last']:%Y-%m}**"
        + (f", activity {activity}" if activity else ", all cost")
        + ": account, pools on the way, activity."
    )
    show_table(
        "provenance",
        """
        select waterfall_line, activity_id, ledger_account_id, first_pool_id, next_pool_id, last_pool_id,
            sum(cost_amount) as cost_amount
        from marts.customer_cost_provenance where customer_id = ? and (? is null or activity_id = ?)
        group by all
        order by cost_amount desc, waterfall_line, activity_id, ledger_account_id, first_pool_id, next_pool_id
        """,
        [customer, activity, activity],
        of="marts.customer_cost_provenance",
        empty="No cost of these months was traced to it.",
    )


def _cash_flows(customer: str) -> None:
    sql = """
        select strftime(month, '%Y-%m') as month, cash_flow_kind, sum(amount) as amount
        from core.fct_cash_flows where customer_id = ? group by all order by 1, 2
    """
    found = rows(sql, [customer])
    if not found.empty:
        wide = found.pivot_table(index="month", columns="cash_flow_kind", values="amount", aggfunc="sum").fillna(0)
        series = {
            label(kind): (list(wide[kind]), COLOURS[place % len(COLOURS)]) for place, kind in enumerate(wide.columns)
        }
        draw(months(bars(list(wide.index), series, "reporting currency", is_stacked=True)), "cash_flows", 400)
    show_table("cash_flows", sql, [customer], of="core.fct_cash_flows")


def _value(customer: str) -> None:
    mart = "marts.customer_lifetime_value"
    of = row(f"select * from {mart} where customer_id = ?", [customer])
    if of["customer_id"] is None:
        st.info("No value is computed for it.")
        return
    shown: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("lifetime_value_amount", money),
        ("historic_value_amount", money),
        ("expected_value_amount", money),
        ("probability_alive", percent),
        ("acquisition_cost_amount", money),
    )
    for place, (name, text) in zip(st.columns(len(shown)), shown, strict=True):
        place.metric(label(name), text(of[name]), help=meaning_of(mart, name), border=True)
    if of["expected_low_amount"] is None:
        st.caption(f"Without an interval. Model: {of['model'] or of['fallback_reason'] or 'none'}.")
        return
    low, middle, high = (of[f"expected_{name}_amount"] for name in ("low", "value", "high"))
    figure = go.Figure(
        go.Scatter(
            x=[middle],
            y=["expected"],
            mode="markers",
            marker={"size": 14, "color": BLUE},
            error_x={"type": "data", "symmetric": False, "array": [high - middle], "arrayminus": [middle - low]},
            hovertemplate="%{x:,.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(title="expected value with its interval, reporting currency", tickformat="~s")
    draw(figure, "value", 160)
    st.caption(
        f"Within {of['horizon_months']} months, discounted at {percent(of['yearly_discount_rate'])} a year: between "
        f"{money(low)} and {money(high)}. Models: {of['model']}, {of['spend_model'] or 'no model of spend'}."
    )


def _path(customer: str) -> None:
    show_table(
        "path",
        """
        select month, segment_id, previous_segment_id, status, profit_tier, loyalty_level, rfm_code,
            net_revenue_12m_amount, customer_profit_12m_amount
        from marts.customer_segments where customer_id = ? order by month desc
        """,
        [customer],
        of="marts.customer_segments",
        empty="It has no segment yet: it has not ordered.",
    )


def _pipeline(customer: str) -> None:
    if not has("marts.pipeline_snapshot"):
        st.info("The published file holds no `marts.pipeline_snapshot`.")
        return
    show_table(
        "opportunities",
        """
        select opportunity_id, product_group, stage, amount, probability, weighted_amount, expected_close_on,
            is_overdue, days_in_stage, current_sales_rep_id
        from marts.pipeline_snapshot where customer_id = ? and is_latest order by amount desc
        """,
        [customer],
        of="marts.pipeline_snapshot",
        empty="It has no open opportunity.",
    )


def _actions(customer: str) -> None:
    show_table(
        "actions",
        """
        select customer_rank, action_label, action_target, reason, expected_margin_amount, action_owner, rule_id
        from marts.next_best_actions where customer_id = ? order by customer_rank
        """,
        [customer],
        of="marts.next_best_actions",
        empty="No rule proposes anything for it.",
    )
