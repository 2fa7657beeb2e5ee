"""Pipeline: what was open on any day, what moved, and where opportunities get stuck."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from dashboards.common.charts import BLUE, COLOURS, SKY, bars, draw, months
from dashboards.common.filters import Filters, chosen, say_left_out
from dashboards.common.formats import label, money, number
from dashboards.common.published import needs, row, rows
from dashboards.common.tables import meaning_of, show_table
from profit.pipeline import OPEN_STATES

_NO_FEED = "No opportunity was delivered (feeds crm.opportunities and crm.opportunity_events)."
# The state of the day, with the article group that the opportunity is about.
_OPEN = f"""
    select states.*, opportunities.customer_id, opportunities.product_group
    from (
        select *, date_diff('day', stage_since, $day) as days_in_stage, expected_close_on < $day as is_overdue
        {OPEN_STATES}
    ) as states
    left join core.dim_opportunity as opportunities on states.opportunity_id = opportunities.opportunity_id
"""


def _show() -> None:
    if not needs("core.fct_opportunity_states", _NO_FEED):
        return
    picked = chosen()
    _snapshot(picked)
    left, right = st.columns(2)
    with left:
        _movements(picked)
    with right:
        _conversion(picked)
    st.subheader("Does what is promised come?")
    where, values = picked.where({"territory": "territory_id"})
    if needs("marts.pipeline_accuracy", _NO_FEED):
        say_left_out(picked, ["territory"], "marts.pipeline_accuracy")
        show_table(
            "accuracy",
            f"""
            select period_kind, period, territory_id, is_complete, due_count, due_amount, due_weighted_amount,
                due_won_amount, due_lost_amount, slipped_amount, won_amount, won_unpromised_amount, error_amount
            from marts.pipeline_accuracy where period between ?::date and ?::date and {where}
            order by period desc, period_kind, territory_id
            """,
            [picked.start, picked.end, *values],
            of="marts.pipeline_accuracy",
        )


def _snapshot(picked: Filters) -> None:
    span = row(
        "select min(valid_from) as first, max(known_from) as last, max(known_from) as known "
        "from core.fct_opportunity_states"
    )
    first, last = (span[name].date() for name in ("first", "last"))
    st.subheader("Open at the end of a day")
    day = st.date_input(
        "Day",
        value=last,
        min_value=first,
        max_value=max(first, last),
        key="day",
        bind="query-params",
        format="YYYY-MM-DD",
    )
    if not isinstance(day, dt.date):
        st.info("Choose a day.")
        return
    columns = {"territory": "territory_id", "sales_rep": "sales_rep_id", "product_group": "product_group"}
    where, values = picked.where(columns)
    # Filters are asked by position, the day by what it is: both in one query would be mixed.
    open_now = _OPEN.replace("$day", f"date '{day:%Y-%m-%d}'").replace("$known_by", f"date '{last:%Y-%m-%d}'")
    of = row(
        f"""
        select count(*) as opportunity_count, coalesce(sum(amount), 0) as amount,
            coalesce(sum(weighted_amount), 0) as weighted_amount,
            coalesce(sum(amount) filter (where is_overdue), 0) as overdue_amount
        from ({open_now}) where {where}
        """,
        values,
    )
    mart = "core.fct_opportunity_states"
    names = ("opportunity_count", "amount", "weighted_amount", "overdue_amount")
    for place, name in zip(st.columns(len(names)), names, strict=True):
        text = number(of[name]) if name == "opportunity_count" else money(of[name])
        place.metric(label(name), text, help=meaning_of(mart, name), border=True)
    stages = rows(
        f"select stage, sum(amount) as amount, sum(weighted_amount) as weighted_amount from ({open_now}) where {where} "
        "group by stage, stage_order order by stage_order",
        values,
    )
    left, right = st.columns([2, 3])
    with left:
        series = {
            "amount": (list(stages["amount"]), SKY),
            "weighted by probability": (list(stages["weighted_amount"]), BLUE),
        }
        draw(
            bars([label(stage) for stage in stages["stage"]], series, "reporting currency", is_stacked=False), "stages"
        )
    with right:
        show_table(
            "open",
            f"""
            select opportunity_id, customer_id, product_group, stage, amount, probability, weighted_amount,
                expected_close_on, is_overdue, days_in_stage, sales_rep_id, territory_id
            from ({open_now}) where {where} order by amount desc nulls last, opportunity_id
            """,
            values,
            of=mart,
            empty="Nothing was open on this day.",
        )


def _movements(picked: Filters) -> None:
    st.subheader("What moved")
    if not needs("marts.pipeline_movements", _NO_FEED):
        return
    columns = {"territory": "territory_id", "sales_rep": "sales_rep_id", "product_group": "product_group"}
    where, values = picked.where(columns)
    sql = f"""
        select strftime(period, '%Y-%m') as month, movement, sum(opportunity_count) as opportunity_count,
            sum(amount) as amount
        from marts.pipeline_movements where period between ?::date and ?::date and {where} group by all order by 1, 2
    """
    values = [picked.start, picked.end, *values]
    found = rows(sql, values)
    if not found.empty:
        shown = found[~found["movement"].isin(["opening", "closing"])]
        wide = shown.pivot_table(index="month", columns="movement", values="amount", aggfunc="sum").fillna(0)
        series = {
            label(name): (list(wide[name]), COLOURS[place % len(COLOURS)]) for place, name in enumerate(wide.columns)
        }
        draw(months(bars(list(wide.index), series, "reporting currency", is_stacked=True)), "moved")
    show_table("movements", sql, values, of="marts.pipeline_movements")


def _conversion(picked: Filters) -> None:
    st.subheader("From stage to stage")
    if not needs("marts.pipeline_conversion", _NO_FEED):
        return
    say_left_out(picked, ["territory"], "marts.pipeline_conversion")
    where, values = picked.where({"territory": "territory_id"})
    values = [picked.start, picked.end, *values]
    sql = f"""
        select stage, sum(entered_count) as entered_count, sum(reached_next_count) as reached_next_count,
            sum(won_count) as won_count, sum(lost_count) as lost_count, sum(still_there_count) as still_there_count,
            sum(reached_next_count) / nullif(sum(entered_count), 0) as reached_next_rate,
            sum(won_amount) as won_amount
        from marts.pipeline_conversion where month between ?::date and ?::date and {where}
        group by stage, stage_order order by stage_order
    """
    found = rows(sql, values)
    if not found.empty:
        series = {
            "entered": (list(found["entered_count"]), SKY),
            "reached the next": (list(found["reached_next_count"]), BLUE),
        }
        names = [label(stage) for stage in found["stage"]]
        draw(bars(names, series, "opportunities", is_stacked=False), "conversion")
    show_table("conversion", sql, values, of="marts.pipeline_conversion")


_show()
