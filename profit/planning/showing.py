"""Plans and scenarios as text for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from profit.errors import ProfitError
from profit.explaining.periods import fiscal_start
from profit.paths import Paths
from profit.planning.trying import Tried
from profit.reading import open_warehouse

# Quarters are those of the fiscal year, which is named by the calendar year in which it ends.
PERIODS = {
    "year": "'plan'",
    "quarter": "strftime(month + to_months({after}), '%Y-Q') || quarter(month + to_months({after}))",
    "month": "strftime(month, '%Y-%m')",
}
_TWO_YEARS = 24
_METHODS = ("activity_based", "continuity_based", "delivered_budget", "rolling")


@dataclass(frozen=True)
class Plan:
    """The plan of a scenario on one page.

    Attributes:
        scenario_id: The scenario.
        by: What the columns are: year (a column a method), quarter or month (the activity-based plan by period).
        columns: Names of the columns.
        lines: Line, kind, and an amount a column in the reporting currency; None where there is none.
        notes: What the plan rests on, and what it cannot say.
    """

    scenario_id: str
    by: str
    columns: list[str]
    lines: list[tuple[str, str, list[Any]]]
    notes: list[str]


def read_plan(paths: Paths, scenario_id: str = "base", by: str = "year") -> Plan:
    """Read the plan of a scenario from the marts.

    Args:
        paths: Where the build is.
        scenario_id: The scenario.
        by: A key of PERIODS.

    Raises:
        ProfitError: There is no build, no plan, or no such scenario.
    """
    with open_warehouse(paths) as warehouse:
        known = [
            row[0] for row in warehouse.execute("select distinct scenario_id from marts.budget_forecast").fetchall()
        ]
        if not known:
            raise ProfitError("There is no plan: the company has no month of orders that has ended.")
        if scenario_id not in known:
            raise ProfitError(
                f"There is no scenario {scenario_id!r} in this build; there are {', '.join(sorted(known))}."
            )
        period = PERIODS[by].format(after=(13 - fiscal_start(warehouse)) % 12)
        rows = warehouse.execute(
            f"""
            select line, line_order, line_kind, method, {period} as period, sum(amount)
            from marts.budget_forecast
            where scenario_id = $scenario and method in {_METHODS}
                and (
                    method = 'rolling'
                    or month in (select month from marts.budget_forecast where method = 'activity_based')
                )
            group by all order by line_order, period
            """,
            {"scenario": scenario_id},
        ).fetchall()
        notes = _notes(warehouse, scenario_id)
    if by == "year":
        keys: list[tuple[str, str]] = [(method, "plan") for method in _METHODS if any(row[3] == method for row in rows)]
        columns = [method.replace("_", " ") for method, _ in keys]
    else:
        keys = [("activity_based", period) for period in sorted({row[4] for row in rows if row[3] == "activity_based"})]
        columns = [period for _, period in keys]
    amounts = {(row[0], row[3], row[4]): row[5] for row in rows}
    order = {row[0]: (row[1], row[2]) for row in rows}
    lines = [
        (line, order[line][1], [amounts.get((line, method, period)) for method, period in keys])
        for line in sorted(order, key=lambda name: order[name][0])
    ]
    return Plan(scenario_id, by, columns, lines, notes)


def _notes(warehouse: Any, scenario_id: str) -> list[str]:
    notes = []
    months, history = warehouse.execute(
        """
        select
            count(distinct month) filter (where method = 'activity_based' and scenario_id = $scenario),
            count(distinct month) filter (where method = 'actual')
        from marts.budget_forecast
        """,
        {"scenario": scenario_id},
    ).fetchall()[0]
    notes.append(f"{months} months planned from {history} that are known.")
    first, last, is_of_the_plan = warehouse.execute(
        """
        select
            strftime(min(month) filter (where method = 'rolling'), '%Y-%m'),
            strftime(max(month) filter (where method = 'rolling'), '%Y-%m'),
            min(month) filter (where method = 'rolling') is not distinct from
            min(month) filter (where method = 'activity_based')
            and max(month) filter (where method = 'rolling') is not distinct from
            max(month) filter (where method = 'activity_based')
        from marts.budget_forecast
        where scenario_id = $scenario
        """,
        {"scenario": scenario_id},
    ).fetchall()[0]
    if first and not is_of_the_plan:
        notes.append(
            f"Rolling is the fiscal year from {first} to {last}: what is known of it, and the plan for the rest."
        )
    if history < _TWO_YEARS:
        notes.append("No seasonality: it takes two years of history.")
    if history <= _TWO_YEARS / 2:
        notes.append("No back-test: it takes more than a year of history.")
    if not warehouse.execute("select count(*) from marts.capacity_plan").fetchall()[0][0]:
        notes.append("No cost by activity: no ledger or no cost rules.")
    chosen = warehouse.execute(
        "select distinct chosen_method from marts.forecast_accuracy where segment_id = 'all' and line = 'net_revenue'"
    ).fetchall()
    if chosen and chosen[0][0]:
        notes.append(f"Best at net revenue so far: {chosen[0][0]}; rolling goes by line (marts.forecast_accuracy).")
    short = warehouse.execute(
        """
        select pool_id, sum(shortage_minutes), sum(shortage_amount)
        from marts.capacity_plan
        where scenario_id = $scenario
        group by pool_id having sum(shortage_minutes) > 0 order by 3 desc limit 3
        """,
        {"scenario": scenario_id},
    ).fetchall()
    notes.extend(
        f"Short: {pool}, {minutes:,.0f} minutes; whole steps for it cost {amount:,.2f}."
        for pool, minutes, amount in short
    )
    return notes


def plan_text(plan: Plan) -> str:
    """The plan as a table for people.

    Args:
        plan: What to show.
    """
    table = [["line", *plan.columns]]
    for line, kind, amounts in plan.lines:
        if any(amounts) or kind == "subtotal":
            table.append([("= " if kind == "subtotal" else "  ") + line.replace("_", " "), *map(_money, amounts)])
    head = f"Plan of scenario {plan.scenario_id}" + ("" if plan.by == "year" else f", activity-based, by {plan.by}")
    return "\n".join([head, "", *_aligned(table), "", *plan.notes])


def plan_json(plan: Plan) -> str:
    """The plan as JSON, amounts as numbers.

    Args:
        plan: What to show.
    """
    lines = [
        {"line": line, "kind": kind, "amounts": dict(zip(plan.columns, amounts, strict=True))}
        for line, kind, amounts in plan.lines
    ]
    content = {"scenario_id": plan.scenario_id, "by": plan.by, "lines": lines, "notes": plan.notes}
    return json.dumps(content, indent=2, default=float)


def tried_text(tried: Tried) -> str:
    """A scenario beside the base, as tables for people.

    Args:
        tried: What to show.
    """
    lines = [["line", "base", "scenario", "difference"]]
    for line, kind, *amounts in tried.lines:
        if any(amounts) or kind == "subtotal":
            lines.append([("= " if kind == "subtotal" else "  ") + line.replace("_", " "), *map(_money, amounts)])
    texts = [
        f"{tried.name} ({tried.scenario_id}), {tried.first_month} to {tried.last_month}",
        tried.question,
        *tried.unreached,
        "",
    ]
    texts += _aligned(lines)
    if tried.segments:
        segments = [["segment", "customer margin"], *([segment, _money(amount)] for segment, amount in tried.segments)]
        texts += ["", *_aligned(segments)]
    if tried.pools:
        head = ["pool", "demand min", "supply min", "short min", "saved", "moved to idle"]
        texts += ["", *_aligned([head, *([pool, *map(_money, rest)] for pool, *rest in tried.pools)])]
    return "\n".join(texts)


def tried_json(tried: Tried) -> str:
    """A scenario beside the base, as JSON.

    Args:
        tried: What to show.
    """
    line_names = ("line", "kind", "base_amount", "scenario_amount", "difference_amount")
    pool_names = (
        "pool_id",
        "demand_minutes",
        "supply_minutes",
        "shortage_minutes",
        "saved_amount",
        "moved_to_idle_amount",
    )
    content = {
        "scenario_id": tried.scenario_id,
        "name": tried.name,
        "question": tried.question,
        "unreached": tried.unreached,
        "first_month": tried.first_month,
        "last_month": tried.last_month,
        "lines": [dict(zip(line_names, line, strict=True)) for line in tried.lines],
        "segments": [
            {"segment_id": segment, "customer_margin_difference_amount": amount} for segment, amount in tried.segments
        ],
        "pools": [dict(zip(pool_names, pool, strict=True)) for pool in tried.pools],
    }
    return json.dumps(content, indent=2, ensure_ascii=False, default=float)


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in table
    ]


def _money(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,.2f}" if isinstance(value, Decimal | float | int) else str(value)
