"""Scorecard: objectives, KPIs, units side by side, and why a KPI is off."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboards.common.charts import GREEN, RED, draw, short
from dashboards.common.choices import show_customers
from dashboards.common.filters import Filters, chosen, say_left_out
from dashboards.common.formats import label
from dashboards.common.published import has, needs, row, rows
from dashboards.common.tables import meaning_of, show_table

_MART = "marts.scorecard"
_KINDS = {"month": "Month", "quarter": "Fiscal quarter", "year": "Fiscal year", "year_to_date": "Fiscal year to date"}
_AGAINST = {"Target": "target", "Period before": "previous", "Last year": "last_year"}
_NEEDS = "It needs KPIs (seed kpis); `profit run` of this version makes it."
_BARS = 40
# Kinds of units by which customers' money is published, and the columns; first what is looked at first.
_OF_CUSTOMERS = {
    "territory": "money.territory_id",
    "region": "territories.region",
    "industry": "customers.industry",
    "product_group": "money.product_group",
    "segment": "customers.segment_id",
    "sales_rep": "money.sales_rep_id",
    "media_source": "acquired.media_source",
}
# Filters that are kinds of units.
_UNITS = ("territory", "industry", "segment", "sales_rep", "product_group", "channel")


def _show() -> None:
    if not needs(_MART, _NEEDS):
        return
    picked = chosen()
    left, middle, right = st.columns(3)
    kinds = list(rows(f"select distinct period_kind from {_MART} order by 1")["period_kind"])
    kind = left.selectbox(
        "Periods", kinds, format_func=lambda name: _KINDS.get(name, name), key="periods", bind="query-params"
    )
    known = rows(
        f"select period_name, period, bool_and(is_complete) as is_complete from {_MART} where period_kind = ? "
        "group by 1, 2 order by 2 desc",
        [kind],
    )
    names = list(known["period_name"])
    done = [name for name, is_complete in zip(names, known["is_complete"], strict=True) if is_complete]
    usual = names.index(done[0]) if done else 0
    period = middle.selectbox("Period", names, index=usual, key="score_period", bind="query-params")
    if period not in done:
        st.warning(f"{period} is not complete: it has not ended, or not all of it is delivered.")
    units = list(rows(f"select distinct unit_kind from {_MART} order by unit_kind <> 'company', 1")["unit_kind"])
    unit_kind = right.selectbox("Units", units, format_func=label, key="units", bind="query-params")
    _objectives(kind, period)
    _side_by_side(kind, period, unit_kind, picked)
    _why(kind, period)


def _objectives(kind: str, period: str) -> None:
    st.subheader("Objectives of the company")
    if not has("marts.scorecard_objectives"):
        return
    show_table(
        "objectives",
        """
        select objective_name, parent_objective_id, score, weight, scored_kpi_count, kpi_count
        from marts.scorecard_objectives
        where unit_kind = 'company' and period_kind = ? and period_name = ?
        order by parent_objective_id is not null, parent_objective_id, objective_id
        """,
        [kind, period],
        of="marts.scorecard_objectives",
        empty="No objective has a KPI with a score in this period.",
    )


def _side_by_side(kind: str, period: str, unit_kind: str, picked: Filters) -> None:
    st.subheader("KPIs" if unit_kind == "company" else f"KPIs by {label(unit_kind).lower()}")
    say_left_out(picked, [unit_kind], f"{_MART} of the units {label(unit_kind).lower()}")
    members = picked.members(unit_kind) if unit_kind in _UNITS else []
    where = "and unit_id in (select unnest(?::varchar[]))" if members else ""
    found = show_table(
        "scorecard",
        f"""
        select kpi_name, unit_id, status, actual_value, target_value, attainment, score, trend, previous_value,
            last_year_value, rank_among_siblings, unit, owner, kpi_id
        from {_MART}
        where period_kind = ? and period_name = ? and unit_kind = ? {where}
        order by kpi_id, rank_among_siblings nulls last, unit_id
        """,
        [kind, period, unit_kind, *([members] if members else [])],
        of=_MART,
        is_choice=True,
        empty="No unit of this kind has the KPI in this period.",
    )
    st.caption("Choose a row to see why: what the units below contribute.")
    if found and (found["kpi_id"], found["unit_id"]) != st.session_state.get("_score_row"):
        st.session_state["_score_row"] = (found["kpi_id"], found["unit_id"])
        _go(found["kpi_id"], [] if unit_kind == "company" else [(unit_kind, found["unit_id"])])


def _why(kind: str, period: str) -> None:
    st.subheader("Why: what the units below contribute")
    if not needs("marts.scorecard_contributions", _NEEDS):
        return
    kpis = rows(f"select distinct kpi_id, kpi_name, direction from {_MART} order by 2")
    good = dict(zip(kpis["kpi_id"], (1 if one == "higher" else -1 for one in kpis["direction"]), strict=True))
    names = dict(zip(kpis["kpi_id"], kpis["kpi_name"], strict=True))
    if "_next_kpi" in st.session_state:
        st.session_state["kpi"] = st.session_state.pop("_next_kpi")
        st.session_state["down"] = st.session_state.pop("_next_down")
    left, middle, right = st.columns([2, 1, 1])
    kpi = left.selectbox("KPI", list(names), format_func=lambda one: names[one], key="kpi", bind="query-params")
    against = _AGAINST[middle.selectbox("Against", list(_AGAINST), key="against", bind="query-params")]
    down = right.text_input(
        "Unit",
        key="down",
        bind="query-params",
        placeholder="the company",
        help="kind:member, further ones after |; empty for the company",
    )
    path = [tuple(part.split(":", 1)) for part in down.split("|") if ":" in part]
    unit_kind = "/".join(one for one, _ in path) or "company"
    unit_id = " / ".join(member for _, member in path) or "company"
    values = [kpi, kind, period, against, unit_kind, unit_id]
    where = "kpi_id = ? and period_kind = ? and period_name = ? and compared_with = ? and unit_kind = ? and unit_id = ?"
    table = f"from marts.scorecard_contributions where {where}"
    kinds = sorted(rows(f"select distinct child_kind {table}", values)["child_kind"], key=_place)
    st.markdown(f"**{names[kpi]}**, {period}: {' → '.join(['company', *(member for _, member in path)])}")
    if path and st.button("Up", icon=":material/arrow_upward:"):
        _go(kpi, path[:-1])
    if path:
        _customers(path, kind, period, against)
    if not kinds:
        st.info("Nothing to compare with here, or nothing below: the lowest level of the path.")
        return
    child = st.segmented_control(
        "Units below", kinds, format_func=label, default=kinds[0], required=True, key="below", bind="query-params"
    )
    child = child if child in kinds else kinds[0]
    found = rows(
        f"select child_id, contribution_value {table} and child_kind = ? order by 2, 1 limit {_BARS}",
        [*values, child],
    )
    figure = go.Figure(
        go.Bar(
            x=found["contribution_value"],
            y=found["child_id"],
            customdata=[_named([*path, (child, one)]) for one in found["child_id"]],
            orientation="h",
            marker_color=[GREEN if value * good[kpi] >= 0 else RED for value in found["contribution_value"]],
            text=[short(value) for value in found["contribution_value"]],
            hovertemplate="%{y}: %{x:,.4~f}<extra></extra>",
        )
    )
    figure.update_yaxes(type="category")
    figure.update_xaxes(title="contribution to the difference, in the unit of the KPI")
    draw(figure, f"contributions_{down}_{child}", 120 + 26 * len(found), chooses="down")
    line = show_table(
        "contributions",
        f"""
        select child_id, contribution_value, child_value, child_compared_value, rate_effect_value, mix_effect_value
        {table} and child_kind = ? order by abs(contribution_value) desc, child_id
        """,
        [*values, child],
        of="marts.scorecard_contributions",
        is_choice=True,
    )
    st.caption(
        "Click a bar or choose a row to go down. They add up to the difference of the unit; red is the side that is "
        "worse.",
        help=meaning_of("marts.scorecard_contributions", "contribution_value"),
    )
    if line and (down, line["child_id"]) != st.session_state.get("_line_row"):
        st.session_state["_line_row"] = (down, line["child_id"])
        _go(kpi, [*path, (child, line["child_id"])])


def _customers(path: list[Any], kind: str, period: str, against: str) -> None:
    """The customers of a unit, by how much their profit has changed."""
    unknown = [label(one).lower() for one, _ in path if one not in _OF_CUSTOMERS]
    if unknown or not (has("marts.customer_product_group_profitability") and has("marts.customer_acquisition")):
        st.info(f"Customers are not published by {' and '.join(unknown) or 'unit'}.")
        return
    span = row(
        f"""
        select starts_on, ends_on, case when ? then 12 else date_diff('month', starts_on, ends_on) + 1 end as months
        from {_MART} where period_kind = ? and period_name = ? limit 1
        """,
        [against == "last_year" or kind.startswith("year"), kind, period],
    )
    now = "money.month between ?::date and ?::date"
    before = (
        f"money.month between ?::date - interval {span['months']} month and ?::date - interval {span['months']} month"
    )
    where = " and ".join(f"coalesce({_OF_CUSTOMERS[one]}, '(none)') = ?" for one, _ in path)
    days = [str(span["starts_on"])[:10], str(span["ends_on"])[:10]]
    show_customers(
        "unit_customers",
        f"""
        select money.customer_id,
            sum(case when {now} then money.net_revenue_amount else 0 end) as net_revenue_amount,
            sum(case when {before} then money.net_revenue_amount else 0 end) as net_revenue_before_amount,
            sum(case when {now} then money.customer_profit_amount else 0 end) as customer_profit_amount,
            sum(case when {before} then money.customer_profit_amount else 0 end) as customer_profit_before_amount
        from marts.customer_product_group_profitability as money
        left join marts.customer_profitability as customers on money.customer_id = customers.customer_id
        left join marts.customer_acquisition as acquired on money.customer_id = acquired.customer_id
        left join core.dim_territory as territories on money.territory_id = territories.territory_id
        where ({now} or {before}) and {where}
        group by money.customer_id
        order by abs(sum(money.customer_profit_amount * case when {now} then 1 else -1 end)) desc, money.customer_id
        """,
        [*days * 6, *(member for _, member in path), *days],
        of="marts.customer_product_group_profitability",
        empty="No customer of the unit had sales or cost in either period.",
    )


def _place(kind: str) -> tuple[int, str]:
    """Kinds of units in the order of the governed paths."""
    listed = list(_OF_CUSTOMERS)
    return (listed.index(kind) if kind in listed else len(listed), kind)


def _named(path: list[Any]) -> str:
    return "|".join(f"{one}:{member}" for one, member in path)


def _go(kpi: str, path: list[Any]) -> None:
    st.session_state["_next_kpi"] = kpi
    st.session_state["_next_down"] = _named(path)
    st.rerun()


_show()
