"""Plan: forecast against budget and actual, scenarios side by side, capacity, initiatives."""

from __future__ import annotations

import streamlit as st

from dashboards.common.charts import COLOURS, bars, draw, lines, months
from dashboards.common.formats import label
from dashboards.common.published import needs, rows
from dashboards.common.tables import show_table
from dashboards.common.what_if import show_sliders

_FORECAST = "marts.budget_forecast"
_SCENARIOS = "marts.scenario_comparison"
_DASHES = ("solid", "dash", "dot", "dashdot")
_NEEDS = "The plan is made from months of actuals; `profit run` of this version makes it."


def _show() -> None:
    _forecast()
    _scenarios()
    show_sliders()
    _initiatives()
    _capacity()


def _line(table: str, key: str) -> str:
    found = rows(
        f"select shown.line, coalesce(any_value(named.label), shown.line) as name from {table} as shown "
        "left join reference.waterfall_lines as named on shown.line = named.line "
        "group by shown.line order by any_value(shown.line_order), 1"
    )
    names = dict(zip(found["line"], found["name"], strict=True))
    options = list(names)
    usual = options.index("operating_result") if "operating_result" in options else 0
    picked = st.selectbox(
        "Line", options, index=usual, format_func=lambda one: names[one], key=key, bind="query-params"
    )
    return str(picked)


def _forecast() -> None:
    st.subheader("Forecast, budget and actual")
    if not needs(_FORECAST, _NEEDS):
        return
    line = _line(_FORECAST, "plan_line")
    sql = f"""
        select strftime(month, '%Y-%m') as month, method, amount, low_amount, high_amount, forecast_method, is_past
        from {_FORECAST} where scenario_id = 'base' and line = ? order by 1, 2
    """
    found = rows(sql, [line])
    methods = list(dict.fromkeys(found["method"]))
    shown = st.multiselect(
        "Methods", methods, default=methods[:4], key="methods", format_func=label, bind="query-params"
    )
    wide = found.pivot_table(index="month", columns="method", values="amount").reset_index()
    series = {
        method: (label(method), COLOURS[place % len(COLOURS)], _DASHES[place % len(_DASHES)])
        for place, method in enumerate(methods)
        if method in shown
    }
    draw(months(lines(wide, "month", series, "reporting currency")), "forecast", 380)
    show_table("forecast", sql, [line], of=_FORECAST)


def _scenarios() -> None:
    st.subheader("Scenarios side by side")
    if not needs(_SCENARIOS, "It needs scenarios (seeds plan_scenarios and plan_changes)."):
        return
    st.caption(
        "The changes of a scenario are governed (seed plan_changes); other values are tried below, and nothing of that "
        "is published."
    )
    line = _line(_SCENARIOS, "scenario_line")
    sql = f"""
        select scenario_id, sum(base_amount) as base_amount, sum(scenario_amount) as scenario_amount,
            sum(difference_amount) as difference_amount
        from {_SCENARIOS} where segment_id = 'all' and line = ? group by 1 order by difference_amount desc, 1
    """
    found = rows(sql, [line])
    series = {
        "without the changes": (list(found["base_amount"]), COLOURS[4]),
        "with them": (list(found["scenario_amount"]), COLOURS[0]),
    }
    draw(
        bars([label(one) for one in found["scenario_id"]], series, "reporting currency", is_stacked=False), "scenarios"
    )
    show_table("scenarios", sql, [line], of=_SCENARIOS)


def _initiatives() -> None:
    st.subheader("Initiatives: promised and come of it")
    if not needs("marts.initiatives", "It needs initiatives (seed plan_initiatives)."):
        return
    show_table(
        "initiatives",
        """
        select initiative_name, status, owner, start_month, review_on, cost_amount, effect_amount,
            net_present_value_amount, payback_months, promised_to_date_amount, actual_effect_amount, saved_amount,
            moved_to_idle_amount, scenario_id
        from marts.initiatives order by net_present_value_amount desc, initiative_id
        """,
        of="marts.initiatives",
    )


def _capacity() -> None:
    st.subheader("Capacity: where it will be short")
    if not needs("marts.capacity_plan", "It needs the ledger and cost rules (feed finance.ledger_entries)."):
        return
    show_table(
        "capacity_plan",
        """
        select month, pool_id, resource_kind, demand_minutes, supply_minutes, shortage_minutes, spare_minutes,
            needed_steps, releasable_steps, shortage_amount, releasable_amount
        from marts.capacity_plan where scenario_id = 'base'
        order by shortage_minutes desc nulls last, month, pool_id
        """,
        of="marts.capacity_plan",
    )


_show()
