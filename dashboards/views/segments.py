"""Segments: KPIs side by side, who moves, who stays."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboards.common.charts import draw, short
from dashboards.common.filters import Filters, chosen
from dashboards.common.formats import label
from dashboards.common.published import needs, rows
from dashboards.common.tables import meaning_of, show_table

_KPIS = """
    segment_name, customer_count, active_customer_count, new_customer_count, retention_rate, churn_rate, order_count,
    net_revenue_amount, contribution_margin_amount, cost_to_serve_amount, customer_profit_amount,
    customer_profit_rate, cac_amount, lifetime_value_amount, ltv_to_cac
"""


def _show() -> None:
    picked = chosen()
    if not needs("marts.segment_kpis", "Segments are made of customers with orders."):
        return
    _kpis(picked)
    left, right = st.columns(2)
    with left:
        _movements(picked)
    with right:
        _triangle(picked)


def _kpis(picked: Filters) -> None:
    where, values = picked.where({"segment": "segment_id"})
    st.subheader(f"Side by side, {picked.end[:7]}")
    show_table(
        "segments",
        f"select {_KPIS} from marts.segment_kpis where month = ?::date and {where} order by segment_order",
        [picked.end, *values],
        of="marts.segment_kpis",
    )
    of = st.selectbox(
        "By month",
        ["customer_profit_amount", "net_revenue_amount", "active_customer_count", "cost_to_serve_amount"],
        format_func=label,
        key="kpi",
        bind="query-params",
    )
    found = rows(
        f"""
        select strftime(month, '%Y-%m') as month, segment_name, {of} as value from marts.segment_kpis
        where month between ?::date and ?::date and {where} order by segment_order, month
        """,
        [picked.start, picked.end, *values],
    )
    grid = found.pivot_table(index="segment_name", columns="month", values="value", sort=False).sort_index(axis=1)
    draw(_heat(grid, "share" if of.endswith("rate") else "amount"), "segment_months", 60 + 34 * len(grid))
    st.caption(meaning_of("marts.segment_kpis", of) or "")


def _movements(picked: Filters) -> None:
    st.subheader("Who moved where")
    if not needs("marts.segment_movements", "It takes two months."):
        return
    where, values = picked.where({"segment": "from_segment_id"})
    found = rows(
        f"""
        select origin.segment_name as origin, target.segment_name as target, sum(moved.customer_count) as customer_count
        from marts.segment_movements as moved
        inner join reference.segments as origin on moved.from_segment_id = origin.segment_id
        inner join reference.segments as target on moved.to_segment_id = target.segment_id
        where moved.is_movement and moved.month between ?::date and ?::date and {where}
        group by origin.segment_name, origin.segment_order, target.segment_name, target.segment_order
        order by origin.segment_order, target.segment_order
        """,
        [picked.start, picked.end, *values],
    )
    if found.empty:
        st.info("Nobody changed segment in these months.")
        return
    grid = found.pivot_table(index="origin", columns="target", values="customer_count", sort=False)
    order = rows("select segment_name from reference.segments order by segment_order")["segment_name"]
    grid = grid[[name for name in order if name in grid.columns]]
    figure = _heat(grid, "count")
    figure.update_xaxes(title="to", tickangle=-40)
    figure.update_yaxes(title="from")
    draw(figure, "movements", 480)
    st.caption(
        "Movements of customers, month by month, added up over the months chosen.",
        help=meaning_of("marts.segment_movements", "customer_count"),
    )


def _triangle(picked: Filters) -> None:
    st.subheader("Who stays: retention by month of the first order")
    if not needs("marts.cohort_retention", "It is made of first orders."):
        return
    where, values = picked.where({"segment": "segment_id"})
    found = rows(
        f"""
        select strftime(first_order_month, '%Y-%m') as cohort, months_since_first_order as age,
            sum(active_customer_count) / sum(customer_count) as rate
        from marts.cohort_retention
        where first_order_month between ?::date and ?::date and {where} and not is_incomplete_month
        group by 1, 2 order by 1, 2
        """,
        [picked.start, picked.end, *values],
    )
    if found.empty:
        st.info("No first order falls into these months.")
        return
    grid = found.pivot_table(index="cohort", columns="age", values="rate")
    figure = _heat(grid, "share")
    figure.update_yaxes(title="first order", type="category")
    figure.update_xaxes(title="months since the first order", type="category", tickangle=0)
    draw(figure, "triangle", 480)
    st.caption(
        "Share of those won in a month who are active still.",
        help=meaning_of("marts.cohort_retention", "retention_rate"),
    )


def _heat(grid: pd.DataFrame, kind: str) -> go.Figure:
    """A grid with its numbers, in colours that need no telling apart of red and green."""
    text = [
        ["" if pd.isna(value) else f"{value:.0%}" if kind == "share" else short(value) for value in line]
        for line in grid.to_numpy()
    ]
    is_signed = kind == "amount" and bool((grid < 0).any(axis=None))
    figure = go.Figure(
        go.Heatmap(
            z=grid.to_numpy(),
            x=list(grid.columns),
            y=list(grid.index),
            text=text,
            texttemplate="%{text}",
            colorscale="PuOr" if is_signed else "Blues",
            zmid=0 if is_signed else None,
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate="%{y} · %{x}: %{z:,.4~f}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(type="category", showgrid=False)
    return figure


_show()
