"""The scorecard of a unit: objectives, their KPIs, and why those off target are off."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

import click
import duckdb

from profit.errors import ProfitError
from profit.paths import Paths
from profit.reading import open_warehouse

FORMATS = ("text", "json")
_MOST_REASONS = 3
_DEPTH = 3

_KPIS = """
    select kpi_id, kpi_name, objective_id, owner, unit, direction, actual_value, target_value, previous_value,
        last_year_value, attainment, score, status, trend, rank_among_siblings, is_complete
    from marts.scorecard where unit_kind = ? and unit_id = ? and period_name = ?
"""
_OBJECTIVES = """
    select objective_id, objective_name, parent_objective_id, weight, score
    from marts.scorecard_objectives where unit_kind = ? and unit_id = ? and period_name = ?
    order by weight desc, objective_id
"""
# The worst first: what lowers a KPI of which more is better, and what raises one of which less is better.
_REASONS = """
    select child_id, contribution_value, rate_effect_value, mix_effect_value
    from marts.scorecard_contributions
    where kpi_id = ? and unit_kind = ? and unit_id = ? and period_name = ? and compared_with = ? and child_kind = ?
        and contribution_value * ? < 0
    order by contribution_value * ?, child_id limit ?
"""


@dataclass(frozen=True)
class Reason:
    """A unit below and what it contributes to the difference.

    Attributes:
        unit_kind: Kind of the unit below.
        unit_id: The unit below.
        contribution: Part of the difference, in the unit of the KPI.
        rate_effect: Of a ratio, what its own rate contributes.
        mix_effect: Of a ratio, what its weight contributes.
        below: The largest reasons below the first of them.
    """

    unit_kind: str
    unit_id: str
    contribution: Decimal
    rate_effect: Decimal | None
    mix_effect: Decimal | None
    below: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class Kpi:
    """A KPI of the unit in the period; values in its unit of measure, attainment and score as fractions.

    Attributes:
        values: Columns of marts.scorecard by name.
        compared_with: What the reasons hold it against: target, or previous where there is no target.
        reasons: The units below that contribute most to the wrong side; none where the KPI is on it by nothing.
    """

    values: dict[str, Any]
    compared_with: str
    reasons: list[Reason]


@dataclass(frozen=True)
class Scorecard:
    """The objectives and KPIs of a unit in a period.

    Attributes:
        unit_kind: Kind of the unit.
        unit_id: The unit.
        period: Name of the period.
        is_complete: Whether the period has ended and is delivered.
        objectives: Rows of marts.scorecard_objectives by column, heaviest first.
        kpis: KPIs by objective.
    """

    unit_kind: str
    unit_id: str
    period: str
    is_complete: bool
    objectives: list[dict[str, Any]]
    kpis: list[Kpi]


def read_scorecard(paths: Paths, unit: str = "company", period: str | None = None) -> Scorecard:
    """Look at the scorecard of a unit.

    Args:
        paths: Where the warehouse is.
        unit: `company`, a unit as marts.scorecard has it, with its kind before a / where it is in doubt
            (territory/crm:T11), or the name of a territory.
        period: A month (2025-07), a fiscal quarter (2025-Q3) or year (2025), or `to 2025-07` for a year to date; the
            last complete quarter where it is None, else the last complete month.

    Raises:
        ProfitError: There is no warehouse, no such unit or period, or the scorecard is empty.
    """
    with open_warehouse(paths) as warehouse:
        try:
            kind, unit_id = _unit(warehouse, unit)
            name = _period(warehouse, period)
            kpis = _rows(warehouse, _KPIS, [kind, unit_id, name])
            objectives = _rows(warehouse, _OBJECTIVES, [kind, unit_id, name])
            drill = _paths(warehouse)
            explained = [_explained(warehouse, kpi, (kind, unit_id, name), drill) for kpi in kpis]
        except duckdb.CatalogException as error:
            raise ProfitError(f"The warehouse is not complete; run `profit build` again. {error}") from error
    if not kpis:
        raise ProfitError(f"There is no KPI of {unit} in {name}.")
    return Scorecard(kind, unit_id, name, all(kpi["is_complete"] for kpi in kpis), objectives, explained)


def _unit(warehouse: duckdb.DuckDBPyConnection, asked: str) -> tuple[str, str]:
    found = warehouse.execute(
        "select distinct unit_kind, unit_id from marts.scorecard "
        "where unit_id = $asked or unit_kind || '/' || unit_id = $asked or (unit_kind = 'territory' and unit_id in "
        "(select territory_id from core.dim_territory where lower(territory_name) = lower($asked))) order by all",
        {"asked": asked},
    ).fetchall()
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{kind}/{unit_id}" for kind, unit_id in found)
        raise ProfitError(f"'{asked}' is the name of several units: write one of {names}.")
    kinds = warehouse.execute("select distinct unit_kind from marts.scorecard order by all").fetchall()
    if not kinds:
        raise ProfitError("marts.scorecard is empty: no order was delivered. Land some and run `profit build`.")
    known = ", ".join(kind for (kind,) in kinds)
    raise ProfitError(f"There is no unit '{asked}' in marts.scorecard; write company, or one of {known}.")


def _period(warehouse: duckdb.DuckDBPyConnection, asked: str | None) -> str:
    known = warehouse.execute(
        "select period_name, period_kind from marts.scorecard where unit_kind = 'company' group by 1, 2 "
        "order by bool_or(is_complete) desc, any_value(period_kind) = 'quarter' desc, "
        "any_value(period_kind) = 'month' desc, max(ends_on) desc"
    ).fetchall()
    if asked is None:
        return str(known[0][0])
    wanted = asked.strip().upper().removeprefix("FY").replace("TO ", "to ")
    if wanted in {name for name, _ in known}:
        return wanted
    months = sorted(name for name, kind in known if kind == "month")
    span = f"{months[0]} to {months[-1]}" if months else "no month"
    raise ProfitError(f"There is no period '{asked}'; write 2025-07, 2025-Q3, 2025 or 'to 2025-07'. Known: {span}.")


def _paths(warehouse: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """The governed drill paths, each a list of kinds, in the order of their file."""
    rows = warehouse.execute("select drill_path, unit_kind from reference.drill_paths order by rowid")
    paths: dict[str, list[str]] = {}
    for path, kind in rows.fetchall():
        paths.setdefault(path, []).append(kind)
    return list(paths.values())


def _explained(
    warehouse: duckdb.DuckDBPyConnection, kpi: dict[str, Any], place: tuple[str, str, str], drill: list[list[str]]
) -> Kpi:
    compared_with = "previous" if kpi["target_value"] is None else "target"
    kinds = _kinds_below(place[0], drill)
    sign = 1 if kpi["direction"] == "higher" else -1
    held_against = kpi["previous_value"] if kpi["target_value"] is None else kpi["target_value"]
    is_off = None not in (kpi["actual_value"], held_against) and (kpi["actual_value"] - held_against) * sign < 0
    search = _Search(warehouse, kpi["kpi_id"], place[2], compared_with, sign)
    return Kpi(kpi, compared_with, search.reasons(place[0], place[1], kinds) if kinds and is_off else [])


def _kinds_below(kind: str, drill: list[list[str]]) -> list[str]:
    """The kinds of units that a unit is taken apart by, level by level."""
    if kind == "company":
        return drill[0] if drill else []
    return next((path[1:] for path in drill if path[0] == kind and len(path) > 1), [])


@dataclass(frozen=True)
class _Search:
    warehouse: duckdb.DuckDBPyConnection
    kpi: str
    period: str
    compared_with: str
    sign: int

    def reasons(self, kind: str, unit_id: str, kinds: list[str]) -> list[Reason]:
        """The worst units below a unit, and those below the first of them.

        Args:
            kind: Kind of the unit.
            unit_id: The unit.
            kinds: Kinds below it, level by level.
        """
        place = [self.kpi, kind, unit_id, self.period, self.compared_with, kinds[0], self.sign, self.sign]
        reasons: list[Reason] = []
        for child, contribution, rate, mix in self.warehouse.execute(_REASONS, [*place, _MOST_REASONS]).fetchall():
            below: list[Reason] = []
            if not reasons and kinds[1:]:
                down = (kinds[0], child) if kind == "company" else (f"{kind}/{kinds[0]}", f"{unit_id} / {child}")
                below = self.reasons(down[0], down[1], kinds[1:])
            reasons.append(Reason(kinds[0], child, contribution, rate, mix, below))
        return reasons


def _rows(warehouse: duckdb.DuckDBPyConnection, sql: str, values: list[str]) -> list[dict[str, Any]]:
    found = warehouse.execute(sql, values)
    columns = [column[0] for column in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def print_scorecard(scorecard: Scorecard, kind: str = "text") -> None:
    """Print the scorecard.

    Args:
        scorecard: What to print.
        kind: One of FORMATS.
    """
    if kind == "json":
        click.echo(json.dumps(asdict(scorecard), indent=2, ensure_ascii=False, default=float))
        return
    state = "" if scorecard.is_complete else ", not complete"
    click.echo(
        f"{scorecard.unit_kind} {scorecard.unit_id}, {scorecard.period}{state}\n".replace("company company", "company")
    )
    head = ("", "actual", "target", "reached", "before", "score", "status", "trend")
    table = [head, *_lines(scorecard, None, 0)]
    widths = [max(len(row[column]) for row in table if len(row) > 1) for column in range(len(head))]
    for row in table:
        if len(row) == 1:
            click.echo(row[0])
            continue
        cells = [row[0].ljust(widths[0]), *(row[column].rjust(widths[column]) for column in range(1, 6))]
        click.echo("  ".join([*cells, row[6].ljust(widths[6]), row[7]]).rstrip())


def _lines(scorecard: Scorecard, parent: str | None, depth: int) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for objective in (row for row in scorecard.objectives if row["parent_objective_id"] == parent):
        name = f"{'  ' * depth}{objective['objective_name']}"
        lines.append((name, "", "", "", "", _share(objective["score"]), "", ""))
        for kpi in scorecard.kpis:
            if kpi.values["objective_id"] == objective["objective_id"]:
                lines.extend(_kpi_lines(kpi, depth + 1))
        lines.extend(_lines(scorecard, objective["objective_id"], depth + 1))
    return lines


def _kpi_lines(kpi: Kpi, depth: int) -> list[tuple[str, ...]]:
    values = kpi.values
    unit = values["unit"]
    line = (
        f"{'  ' * depth}{values['kpi_name']}",
        *(_number(values[name], unit) for name in ("actual_value", "target_value")),
        _share(values["attainment"]),
        _number(values["previous_value"], unit),
        _share(values["score"]),
        values["status"],
        values["trend"] or "",
    )
    against = "" if kpi.compared_with == "target" else " since the period before"
    return [line, *_reason_lines(kpi.reasons, unit, against, depth + 1)]


def _reason_lines(reasons: list[Reason], unit: str, against: str, depth: int) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for reason in reasons:
        effects = ""
        if reason.rate_effect is not None and reason.mix_effect:
            effects = f" (rate {_signed(reason.rate_effect, unit)}, mix {_signed(reason.mix_effect, unit)})"
        kind = reason.unit_kind.replace("_", " ")
        what = f"{kind} {reason.unit_id}: {_signed(reason.contribution, unit)}{against}{effects}"
        lines.append((f"{'  ' * depth}- {what}",))
        lines.extend(_reason_lines(reason.below, unit, against, depth + 1))
    return lines


def _number(value: Decimal | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:.2%}" if unit == "fraction" else f"{value:,.2f}"


def _signed(value: Decimal, unit: str) -> str:
    return f"{value * 100:+.2f} points" if unit == "fraction" else f"{value:+,.2f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
