"""Overview: the waterfall, the trend, who makes the profit, and whether the ledger agrees."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards.common.charts import BLUE, ORANGE, draw, height_of, lines, months
from dashboards.common.filters import Filters, chosen
from dashboards.common.formats import label, money, percent
from dashboards.common.parts import show_alerts, show_bridge, show_reconciliation, show_whale_curve
from dashboards.common.published import needs, rows
from dashboards.common.tables import meaning_of, show_table
from dashboards.common.waterfalls import MEASURES, Source, figure_of, lines_of, source, table_of

_HEADLINES = ("net_revenue", "contribution_margin", "customer_profit", "operating_result")
_TREND = """
    with months as (
        select month, sum(amount) as amount from ({relation}) where line = ? group by month
    )

    select
        strftime(months.month, '%Y-%m') as month, months.amount, before.amount as last_year_amount
    from months
    left join months as before on before.month = (months.month - interval 1 year)::date
    where months.month between ?::date and ?::date
    order by months.month
"""


def _show() -> None:
    picked = chosen()
    if not needs("marts.profitability_reconciliation", "It needs sales (feeds sales.orders and sales.order_lines)."):
        return
    of = source(picked)
    if of.left_out:
        names = " and ".join(label(name).lower() for name in of.left_out)
        st.warning(f"`{of.table}` cannot be asked by {names}: that filter is not applied here.")
    found = lines_of(of, picked.start, picked.end)
    if found.empty:
        st.info("No month of this selection has sales or cost.")
        return
    _show_headlines(of, found, picked)
    left, right = st.columns([3, 2])
    with left:
        st.subheader("From gross sales to what is left")
        figure = figure_of(found)
        draw(figure, "waterfall", height_of(figure), chooses="line")
        if of.table != "marts.profitability_reconciliation":
            st.caption("For a part of the company the lines end at customer profit: what is below it is nobody's.")
    with right:
        _show_trend(of, found, picked)
    if st.toggle("The lines as a table", key="lines", bind="query-params"):
        show_table("waterfall", *table_of(of, picked.start, picked.end), of=of.table)
    left, right = st.columns(2)
    with left:
        show_whale_curve(picked)
    with right:
        show_reconciliation(picked)
    left, right = st.columns(2)
    with left:
        show_bridge(picked)
    with right:
        show_alerts()


def _show_headlines(of: Source, found: pd.DataFrame, picked: Filters) -> None:
    before = _year_before(of, picked)
    amounts = dict(zip(found["line"], found["amount"], strict=True))
    names = dict(zip(found["line"], found["label"], strict=True))
    revenue = amounts.get("net_revenue")
    for place, line in zip(st.columns(len(_HEADLINES)), _HEADLINES, strict=True):
        if line not in amounts:
            with place.container(border=True):
                st.metric("Operating result", "—", help="Known for the company as a whole only.")
                st.caption("for the whole company only")
            continue
        earlier = before.get(line)
        change = (amounts[line] - earlier) / abs(earlier) if earlier else None
        share = f"{percent(amounts[line] / revenue)} of net revenue" if revenue and line != "net_revenue" else ""
        with place.container(border=True):
            st.metric(
                names[line],
                money(amounts[line]),
                delta=f"{change:+.1%} on last year" if change is not None else "no last year",
                delta_color="normal" if change is not None else "off",
                delta_arrow="auto" if change is not None else "off",
                help=meaning_of("marts.customer_profitability", MEASURES.get(line, line)) or "Reporting currency.",
            )
            st.caption(share or f"{picked.start[:7]} to {picked.end[:7]}")


def _year_before(of: Source, picked: Filters) -> dict[str, float]:
    """Lines of the same months a year before; none of them where the data does not reach that far."""
    sql = f"select min(month) <= (?::date - interval 1 year)::date as is_known from ({of.sql})"
    known = rows(sql, [picked.start, *of.values])
    if not bool(known["is_known"].fillna(False)[0]):
        return {}
    span = [f"{int(day[:4]) - 1}{day[4:]}" for day in (picked.start, picked.end)]
    found = lines_of(of, *span)
    return dict(zip(found["line"], found["amount"], strict=True))


def _show_trend(of: Source, found: pd.DataFrame, picked: Filters) -> None:
    st.subheader("By month, against last year")
    names = dict(zip(found["label"], found["line"], strict=True))
    options = list(names)
    usual = "Customer profit" if "Customer profit" in options else options[0]
    if st.session_state.get("line") not in (None, *options):
        del st.session_state["line"]
    # Nothing chosen is the usual one, so that a click on the waterfall can choose.
    line = st.selectbox("Line", options, index=None, key="line", bind="query-params", placeholder=usual) or usual
    trend = rows(_TREND.format(relation=of.sql), [*of.values, names[line], picked.start, picked.end])
    series = {"amount": ("these months", BLUE, "solid")}
    if trend["last_year_amount"].notna().any():
        series["last_year_amount"] = ("a year before", ORANGE, "dash")
    draw(months(lines(trend, "month", series, "reporting currency")), "trend", 350)


_show()
