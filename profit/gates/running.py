"""Has Great Expectations judge what was counted, keeps the results and writes Data Docs."""

from __future__ import annotations

import datetime as dt
import logging
import os
from collections.abc import Sequence
from pathlib import Path

# Must be set before the first import of Great Expectations, which would report its use over the network.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import duckdb
import great_expectations as gx
from great_expectations.exceptions.exceptions import GreatExpectationsError
from sqlalchemy.exc import SQLAlchemyError

from profit.gates import duckdb_source  # noqa: F401  # registers the data source
from profit.gates.expectations import ExpectRulesToHold
from profit.gates.report import STOP, Result, results_path, write_results
from profit.gates.rules import Counted
from profit.gates.site import write_site
from profit.gates.workspace import insert_rows
from profit.landing.quoting import quote_text
from profit.paths import Paths

# This module tells of every temporary folder it makes.
logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)

_COUNTED = "counted_rules"


def judge(
    gate: str, counted: Sequence[Counted], *, paths: Paths, folder: Path, checked_at: dt.datetime
) -> tuple[tuple[Result, ...], Path]:
    """Judge every rule, keep the results as data and as a site.

    Args:
        gate: landing or marts.
        counted: What was found, rules of one feed or table together.
        paths: Where results go.
        folder: Empty folder for the time of the run.
        checked_at: Start of the run, UTC.

    Returns:
        One result a rule, and the file that they are kept in.
    """
    broken = _broken(gate, counted, folder / "counted.duckdb", checked_at)
    results = tuple(
        _result(gate, entry, checked_at, is_success=place not in broken) for place, entry in enumerate(counted)
    )
    target = results_path(paths, gate, checked_at)
    write_results(results, target, folder)
    write_site(site_folder(paths, gate), gate, results)
    return results, target


def site_folder(paths: Paths, gate: str) -> Path:
    """Folder of a gate's Data Docs."""
    return paths.quality / "data_docs" / gate


def _broken(gate: str, counted: Sequence[Counted], database: Path, checked_at: dt.datetime) -> set[int]:
    """Places of the broken rules, one suite over all of them, an expectation a feed or table."""
    _write(database, counted)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_duckdb(
        gate, connection_string=f"duckdb:///{database}", kwargs={"connect_args": {"read_only": True}}
    )
    asset = source.add_table_asset(_COUNTED, table_name=_COUNTED)
    names = dict.fromkeys(entry.rule.feed for entry in counted)
    expectations = [
        ExpectRulesToHold(
            unexpected_rows_query=f"select * from {{batch}} where feed = {quote_text(name)}",
            description=f"{name} keeps its rules",
        )
        for name in names
    ]
    suite = context.suites.add(gx.ExpectationSuite(gate, expectations=expectations))
    batch = asset.add_batch_definition_whole_table(gate)
    definition = gx.ValidationDefinition(name=gate, data=batch, suite=suite)
    try:
        outcome = context.validation_definitions.add(definition).run(
            run_id=gx.RunIdentifier(run_name=f"{gate} gate", run_time=checked_at)
        )
    except (GreatExpectationsError, SQLAlchemyError) as error:
        raise RuntimeError(f"Great Expectations could not judge: {error}") from error
    finally:
        source.get_execution_engine().close()
    if len(outcome.results) != len(names) or any("broken" not in each.result for each in outcome.results):
        raise RuntimeError(f"Great Expectations judged {len(outcome.results)} of {len(names)} tables: {outcome}")
    return {place for each in outcome.results for place in each.result["broken"]}


def _write(database: Path, counted: Sequence[Counted]) -> None:
    rows = [
        (
            place,
            entry.rule.feed,
            entry.rule.severity if not entry.error else STOP,
            entry.rule.tolerated_share,
            entry.rows_checked,
            entry.rows_failed,
            entry.error,
        )
        for place, entry in enumerate(counted)
    ]
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            f"create table {_COUNTED} (place bigint, feed varchar, severity varchar, tolerated_share double, "
            f"rows_checked bigint, rows_failed bigint, error varchar)"
        )
        insert_rows(connection, _COUNTED, rows)


def _result(gate: str, counted: Counted, checked_at: dt.datetime, *, is_success: bool) -> Result:
    rule = counted.rule
    return Result(
        gate=gate,
        feed_or_table=rule.feed,
        rule=rule.rule,
        severity=STOP if counted.error else rule.severity,
        reason=f"The check itself failed: {counted.error}" if counted.error else rule.reason,
        is_success=is_success,
        rows_checked=counted.rows_checked,
        rows_failed=counted.rows_failed,
        sample_keys=counted.sample_keys,
        tested_by=counted.tested_by,
        checked_at=checked_at.isoformat(),
    )
