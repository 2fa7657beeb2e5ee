"""Tries a scenario on a build: the SQL that the build planned with, run on other changes in memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from profit.errors import EXPECTED, ProfitError, explained
from profit.opening import open_build, unopened
from profit.paths import Paths
from profit.planning.changes import CHANGE_COLUMNS, Change, divides_cells, rows_of

SCENARIO_COLUMNS = ("scenario_id", "scenario_name", "base_scenario_id", "owner", "question", "valid_from", "valid_to")
# In the order in which they read each other; the cells of the base only where a change divides them.
_STEPS = (
    "int_planning__cells",
    "int_planning__volumes",
    "int_planning__resources",
    "int_planning__pool_flows",
    "int_planning__pool_rates",
    "int_planning__flows",
    "capacity_plan",
    "scenario_comparison",
)
_OF_THE_BASE = (
    "int_planning__customers",
    "int_planning__cell_shares",
    "int_planning__base_cells",
    "int_planning__activity_rates",
)
# What every cell of the base has, whatever changes divide it by.
_CELL_FILTERS = ("cohort_kind", "segment_id", "channel_id", "media_source")
_TYPES = {"change_value": "double", "valid_from": "date", "valid_to": "date"}
_DATABASE = re.compile(r'"?([^".]+)"?\."?reference"?\."?plan_changes"?')


@dataclass(frozen=True)
class Tried:
    """A scenario beside the base.

    Attributes:
        scenario_id: The scenario.
        name: Its name for people.
        question: What it is to answer.
        first_month, last_month: Months of the plan, yyyy-mm.
        lines: Line, kind, base, scenario, difference over the plan; reporting currency, memos in their own units.
        segments: Segment and its difference of customer margin, where there is one.
        pools: Pool, demand, supply and shortage in minutes, saved and moved to idle, where something changes.
        unreached: What is said of changes whose filters select nothing of the plan.
    """

    scenario_id: str
    name: str
    question: str
    first_month: str
    last_month: str
    lines: list[tuple[Any, ...]]
    segments: list[tuple[Any, ...]]
    pools: list[tuple[Any, ...]]
    unreached: list[str]


def try_named(paths: Paths, name: str) -> Tried:
    """Try a scenario of the rule files, as they are now.

    Args:
        paths: Where the build is.
        name: The scenario.

    Raises:
        ProfitError: There is no build or no such scenario, or its rules cannot be used.
    """
    scenarios = {str(row[0]): row for row in rows_of("plan_scenarios", SCENARIO_COLUMNS)}
    if name not in scenarios:
        raise ProfitError(f"There is no scenario {name!r} in plan_scenarios.csv; there are {', '.join(scenarios)}.")
    wanted = {name, scenarios[name][2]}
    kept = [row for key, row in scenarios.items() if key in wanted]
    changes = [row for row in rows_of("plan_changes", CHANGE_COLUMNS) if row[1] in wanted]
    return _tried(paths, name, kept, changes)


def try_changes(paths: Paths, changes: Sequence[Change]) -> Tried:
    """Try changes that no file has.

    Args:
        paths: Where the build is.
        changes: Of the scenario what_if.

    Raises:
        ProfitError: There is no build, or the changes cannot be used.
    """
    scenario = ["what_if", "What if", "base", "command line", "What if?", "1980-01-01", None]
    tried = _tried(paths, "what_if", [scenario], [change.row() for change in changes])
    for change in changes:
        # A row of a file may be of another year; who writes a month now means one of the plan.
        if change.valid_from[:7] > tried.last_month or (change.valid_to or "9999")[:7] < tried.first_month:
            raise ProfitError(
                f"Change {change.change_id} holds in no month of the plan, which goes from {tried.first_month} "
                f"to {tried.last_month}."
            )
    return tried


def _tried(paths: Paths, name: str, scenarios: list[Any], changes: list[Any]) -> Tried:
    code, relations, database = _recorded(paths)
    with duckdb.connect(":memory:") as memory:
        try:
            memory.execute(f'attach {_literal(str(paths.warehouse))} as "{database}" (read_only)')
        except EXPECTED as error:
            raise unopened(paths.warehouse, error, ProfitError) from error
        _table(memory, "plan_scenarios", SCENARIO_COLUMNS, scenarios)
        _table(memory, "plan_changes", CHANGE_COLUMNS, changes)
        replaced = {f'"{database}"."reference"."{seed}"': seed for seed in ("plan_scenarios", "plan_changes")}
        _refuse_faults(memory, _redirected(code["plan_faults"], replaced))
        is_divided = divides_cells(changes)
        if is_divided:
            _keep_others(memory, database, [row[0] for row in scenarios])
        for step in (*(_OF_THE_BASE if is_divided else ()), *_STEPS):
            replaced[relations[step]] = step
            without = {relation: table for relation, table in replaced.items() if table != step}
            try:
                memory.execute(f"create table {step} as {_redirected(code[step], without)}")
            except duckdb.Error as error:
                raise ProfitError(
                    f"The scenario {name} cannot be tried on {paths.warehouse}: {explained(error)}. "
                    f"If the project has changed since, run `profit build`."
                ) from error
        cells = "int_planning__base_cells" if is_divided else relations["int_planning__base_cells"]
        not_reaching = unreached(memory, cells, [row[0] for row in scenarios])
        return _read(memory, name, next(row for row in scenarios if row[0] == name), not_reaching)


def _recorded(paths: Paths) -> tuple[dict[str, str], dict[str, str], str]:
    with open_build(paths.warehouse, read_only=True) as build:
        try:
            rows = build.execute(
                """
                select name, relation, code from landing.plan_sql
                union all select 'plan_faults', '', code from landing.plan_faults
                """
            ).fetchall()
        except duckdb.CatalogException:
            rows = []
    names = {row[0] for row in rows}
    if not {*_STEPS, *_OF_THE_BASE, "plan_faults"} <= names:
        raise ProfitError(f"{paths.warehouse} has no plan to try scenarios on; run `profit build` first.")
    code = {row[0]: row[2] for row in rows}
    found = _DATABASE.search(code["int_planning__cells"])
    if not found:
        raise ProfitError(f"{paths.warehouse} has a plan that names no database; run `profit build` again.")
    return code, {row[0]: row[1] for row in rows}, found[1]


def _redirected(code: str, replaced: dict[str, str]) -> str:
    for relation, table in replaced.items():
        code = code.replace(relation, f'"memory"."main"."{table}"')
    return code


def _table(memory: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: list[Any]) -> None:
    typed = ", ".join(f"{column} {_TYPES.get(column, 'varchar')}" for column in columns)
    memory.execute(f"create table {name} ({typed})")
    for row in rows:
        try:
            memory.execute(f"insert into {name} values ({', '.join('?' * len(columns))})", list(row))
        except duckdb.Error as error:
            raise ProfitError(f"{name}.csv, {row[0]}: {explained(error)}. Mend the row.") from error


def _keep_others(memory: duckdb.DuckDBPyConnection, database: str, scenarios: Sequence[str]) -> None:
    """Let customers whom other scenarios name stand by themselves as they do in the build, so that the base is its."""
    columns = ", ".join(CHANGE_COLUMNS)
    memory.execute(
        f"""
        insert into plan_changes ({columns})
        select {columns} from "{database}".reference.plan_changes where not list_contains($tried, scenario_id)
        """,
        {"tried": list(scenarios)},
    )


def _refuse_faults(memory: duckdb.DuckDBPyConnection, code: str) -> None:
    faults = memory.execute(
        f"select case rule_file when 'plan_changes' then 'change ' else 'scenario ' end || rule_id, problem "
        f"from ({code}) where rule_file in ('plan_changes', 'plan_scenarios') order by 1, 2"
    ).fetchall()
    if faults:
        said = "\n  ".join(f"{rule}: {problem}" for rule, problem in faults)
        raise ProfitError(f"The scenario cannot be used:\n  {said}")


def unreached(memory: duckdb.DuckDBPyConnection, cells: str, scenarios: Sequence[str]) -> list[str]:
    """Say which changes of customers and orders select nothing: a name is known, and the plan has nobody of it.

    Args:
        memory: Where plan_changes is.
        cells: The cells of the base.
        scenarios: Whose changes are looked at.
    """
    reached = " and ".join(f"coalesce(changes.{column}, cells.{column}) = cells.{column}" for column in _CELL_FILTERS)
    rows = memory.execute(
        f"""
        select changes.change_id, changes.lever, {", ".join(f"changes.{column}" for column in _CELL_FILTERS)}
        from plan_changes as changes
        where list_contains($tried, changes.scenario_id)
            and changes.lever not in ('activity_time', 'capacity', 'resource_price', 'media_spend')
            and not exists (
                select 1 from {cells} as cells
                where {reached}
                    and (changes.lever <> 'new_customers' or cells.cohort_kind = 'new')
            )
        order by changes.change_id
        """,
        {"tried": list(scenarios)},
    ).fetchall()
    said = []
    for change, lever, *values in rows:
        named = ", ".join(f"{column} {value}" for column, value in zip(_CELL_FILTERS, values, strict=True) if value)
        whom = f"nobody of {named}" if named else "nobody whom it could concern"
        said.append(f"Change {change} ({lever}) changes nothing: the plan has {whom}.")
    return said


def _read(memory: duckdb.DuckDBPyConnection, name: str, scenario: Sequence[Any], not_reaching: list[str]) -> Tried:
    first, last = memory.execute(
        "select strftime(min(month), '%Y-%m'), strftime(max(month), '%Y-%m') from scenario_comparison"
    ).fetchall()[0]
    if first is None:
        raise ProfitError("There is no plan to change: the company has no month of orders that has ended.")
    lines = memory.execute(
        """
        select line, line_kind, sum(base_amount), sum(scenario_amount), sum(difference_amount)
        from scenario_comparison
        where scenario_id = $name and (segment_id = 'all' or line like 'customers_to_%')
        group by line, line_kind, line_order order by line_order
        """,
        {"name": name},
    ).fetchall()
    segments = memory.execute(
        """
        select segment_id, sum(difference_amount) as difference
        from scenario_comparison
        where scenario_id = $name and line = 'customer_margin' and segment_id <> 'all'
        group by segment_id having abs(sum(difference_amount)) >= 0.01 order by abs(sum(difference_amount)) desc, 1
        """,
        {"name": name},
    ).fetchall()
    pools = memory.execute(
        """
        select
            plan.pool_id, sum(plan.demand_minutes), sum(plan.supply_minutes), sum(plan.shortage_minutes),
            sum(plan.saved_amount), sum(plan.moved_to_idle_amount)
        from capacity_plan as plan
        inner join capacity_plan as base
            on base.scenario_id = 'base' and plan.pool_id = base.pool_id and plan.month = base.month
        where plan.scenario_id = $name
        group by plan.pool_id
        having abs(sum(coalesce(plan.demand_minutes, 0) - coalesce(base.demand_minutes, 0))) >= 0.01
            or abs(sum(plan.saved_amount)) >= 0.01 or abs(sum(plan.moved_to_idle_amount)) >= 0.01
        order by plan.pool_id
        """,
        {"name": name},
    ).fetchall()
    return Tried(name, str(scenario[1]), str(scenario[4]), first, last, lines, segments, pools, not_reaching)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
