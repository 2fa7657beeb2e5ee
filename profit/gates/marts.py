"""The gate out: core and marts, before they are published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import duckdb

from profit.contract import read_contract
from profit.engines import readable_by_duckdb
from profit.errors import MartsGateError
from profit.gates.folders import gate_folder, opened
from profit.gates.loaded import loaded_rules
from profit.gates.marts_suites import (
    CONSTRAINT,
    KEEPS_ITS_RULES,
    NOT_NULL,
    SCHEMAS,
    UNIQUE,
    Promise,
    Table,
    calendar_rules,
    promises,
    published_tables,
)
from profit.gates.money_rules import money_rules, personal_data_rule
from profit.gates.personal import count_personal, published_names
from profit.gates.report import STOP, GateReport
from profit.gates.rules import SAMPLES, Counted, Rule, count_rules
from profit.gates.running import judge, site_folder
from profit.gates.site import begin_site
from profit.gates.tested import PassedTest, read_tests
from profit.landing.quoting import quote_name
from profit.opening import open_build
from profit.paths import Paths

GATE = "marts"


def run_marts_gate(paths: Paths) -> GateReport:
    """Check core and marts; see `profit.gates.check_marts`."""
    checked_at = dt.datetime.now(dt.UTC)
    click.echo(f"Checking core and marts of {paths.warehouse}")
    expected = published_tables()
    tests = read_tests(paths)
    if not tests:
        click.echo("  No results of dbt's tests belong to this warehouse, as it is now: the gate looks at every row.")
    if not paths.warehouse.is_dir():
        open_build(paths.warehouse, read_only=True, kind=MartsGateError).close()
    with gate_folder(paths) as folder:
        begin_site(site_folder(paths, GATE), GATE, checked_at)
        file = readable_by_duckdb(paths.warehouse, folder)
        # Names are compared with those of staging, which are views over the landed files.
        readable = [paths.landing, *([] if file == paths.warehouse else [paths.warehouse])]
        counted = _count(file, expected, tests, folder, readable, is_enforced=file == paths.warehouse)
        results, target = judge(GATE, counted, paths=paths, folder=folder, checked_at=checked_at)
    return GateReport(GATE, results, target, site_folder(paths, GATE) / "index.html")


def _count(
    file: Path,
    expected: Sequence[Table],
    tests: Sequence[PassedTest],
    folder: Path,
    readable: Sequence[Path],
    *,
    is_enforced: bool,
) -> list[Counted]:
    """What is found of every rule; what the build has proved is not looked at again."""
    proofs = _proofs(tests)
    with opened(file, folder, readable, read_only=True) as connection:
        built = _built_columns(connection)
        counted = count_rules(connection, "information_schema.columns", [_personal_data(), *loaded_rules()])
        counted += count_personal(connection)
        for place, table in enumerate(expected, start=1):
            columns = built.get((table.schema, table.name))
            if columns is None:
                counted.append(_missing_table(table))
                continue
            counted += _count_table(connection, table, columns, proofs, is_enforced=is_enforced)
            if place * 4 // len(expected) > (place - 1) * 4 // len(expected):
                click.echo(f"  {place} of {len(expected)} tables checked")
    return counted


def _count_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Mapping[str, bool],
    proofs: Mapping[tuple[str, str, tuple[str, ...]], str],
    *,
    is_enforced: bool,
) -> list[Counted]:
    relation = f"{quote_name(table.schema)}.{quote_name(table.name)}"
    ((rows,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    proved, open_rules = [], []
    for promise in promises(table):
        proof = _proof(table, promise, columns, proofs, is_enforced=is_enforced)
        if proof:
            proved.append(Counted(promise.rule, int(rows), 0, tested_by=proof))
        else:
            open_rules.append(promise.rule)
    rules = [*open_rules, *calendar_rules(table), *money_rules(table.full_name)]
    return [_documented(table, columns), *proved, *count_rules(connection, relation, rules)]


def _proofs(tests: Sequence[PassedTest]) -> dict[tuple[str, str, tuple[str, ...]], str]:
    """Tests by table, kind and columns, whose order does not matter."""
    kinds = {"unique_combination": UNIQUE}
    return {
        (test.table, kinds.get(test.kind, test.kind), tuple(sorted(test.columns))): test.unique_id for test in tests
    }


def _proof(
    table: Table,
    promise: Promise,
    columns: Mapping[str, bool],
    proofs: Mapping[tuple[str, str, tuple[str, ...]], str],
    *,
    is_enforced: bool,
) -> str:
    """What has proved a promise: a constraint that the table has, or a test that it passed; empty where nothing has."""
    kind = promise.test
    if kind in (CONSTRAINT, NOT_NULL, KEEPS_ITS_RULES) and promise.rule.rule.endswith(" is filled"):
        if not columns.get(promise.columns[0], True):
            return "constraint of the table"
        if kind == CONSTRAINT:
            # Where the engine enforces constraints, the table's rules leave them to it.
            kind = "" if is_enforced else KEEPS_ITS_RULES
    names = () if kind == KEEPS_ITS_RULES else tuple(sorted(promise.columns))
    unique_id = proofs.get((table.name, kind, names), "")
    return unique_id and f"dbt: {unique_id}"


def _documented(table: Table, columns: Mapping[str, bool]) -> Counted:
    missing = tuple(column for column in table.columns if column not in columns)
    rule = Rule(
        table.full_name, "the documented columns are there", STOP, "Other people's queries rely on their names."
    )
    return Counted(rule, len(table.columns), len(missing), missing[:SAMPLES])


def _built_columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, bool]]:
    """By schema and table: its columns, and whether each may be empty."""
    built: dict[tuple[str, str], dict[str, bool]] = {}
    for schema, table, column, is_nullable in connection.execute(
        "select schema_name, table_name, column_name, is_nullable from duckdb_columns() where not internal"
    ).fetchall():
        built.setdefault((schema, table), {})[column] = is_nullable
    return built


def _personal_data() -> Rule:
    feeds = [feed for feed in read_contract().values() if any(column.is_personal for column in feed.columns.values())]
    personal = {column.name for feed in feeds for column in feed.columns.values() if column.is_personal}
    return personal_data_rule(feeds, sorted(personal), published_names())


def _missing_table(table: Table) -> Counted:
    reason = f"The project promises it in {' and '.join(SCHEMAS)}; run `profit build` and see which model failed."
    return Counted(Rule(table.full_name, "the table was built", STOP, reason), 0, 1, (table.full_name,))
