"""The gate out: core and marts, before they are published."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import duckdb

from profit.contract import read_contract
from profit.engines import readable_by_duckdb
from profit.errors import ProfitError
from profit.gates.marts_suites import SCHEMAS, Table, published_tables, table_expectations
from profit.gates.money_rules import WAREHOUSE, money_expectations, personal_data_expectation
from profit.gates.report import STOP, GateReport, Result, results_path, write_results
from profit.gates.running import Suite, run_suites, site_folder
from profit.gates.workspace import settings
from profit.paths import Paths

GATE = "marts"


def run_marts_gate(paths: Paths) -> GateReport:
    """Check core and marts; see `profit.gates.check_marts`."""
    checked_at = dt.datetime.now(dt.UTC)
    click.echo(f"Checking core and marts of {paths.warehouse}")
    expected = published_tables()
    paths.quality.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="_gate_", dir=paths.quality) as folder:
        warehouse = readable_by_duckdb(paths.warehouse, Path(folder))
        built = _built_tables(warehouse)
        missing = [table for table in expected if (table.schema, table.name) not in built]
        suites = list(_suites([table for table in expected if table not in missing]))
        results = run_suites(
            GATE,
            suites,
            paths=paths,
            database=warehouse,
            settings=settings(Path(folder)),
            checked_at=checked_at,
        )
    results.extend(_missing_table(table, checked_at) for table in missing)
    target = results_path(paths, GATE, checked_at)
    write_results(tuple(results), target)
    return GateReport(GATE, tuple(results), target, site_folder(paths, GATE) / "index.html")


def _built_tables(warehouse: Path) -> set[tuple[str, str]]:
    if not warehouse.exists():
        raise ProfitError(f"There is no warehouse at {warehouse}; run `profit build` first.")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            found = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
    except duckdb.Error as error:
        raise ProfitError(
            f"{warehouse} cannot be read: a build is writing it, or it is damaged (then delete it and run "
            f"`profit build`): {error}"
        ) from error
    return {(str(schema), str(name)) for schema, name in found}


def _suites(tables: list[Table]) -> Iterator[Suite]:
    feeds = [feed for feed in read_contract().values() if any(column.is_personal for column in feed.columns.values())]
    personal = {column.name for feed in feeds for column in feed.columns.values() if column.is_personal}
    yield Suite(
        WAREHOUSE,
        "information_schema",
        "columns",
        ("column_name",),
        [personal_data_expectation(feeds, sorted(personal))],
    )
    for table in tables:
        expectations = [*table_expectations(table), *money_expectations(table.full_name)]
        key = table.keys[0] if table.keys else tuple(table.columns)[:1]
        yield Suite(table.full_name, table.schema, table.name, key, expectations)


def _missing_table(table: Table, checked_at: dt.datetime) -> Result:
    return Result(
        gate=GATE,
        feed_or_table=table.full_name,
        rule="the table was built",
        severity=STOP,
        reason=f"The project promises it in {' and '.join(SCHEMAS)}; run `profit build` and see which model failed.",
        is_success=False,
        rows_checked=0,
        rows_failed=1,
        sample_keys=(table.full_name,),
        checked_at=checked_at.isoformat(),
    )
