"""What a gate found: kept as data, and shown on the terminal."""

from __future__ import annotations

import datetime as dt
import json
import os
import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import duckdb

from profit.landing.quoting import quote_text
from profit.paths import Paths

STOP = "stop"
WARN = "warn"

_COLUMNS = {
    "gate": "varchar",
    "feed_or_table": "varchar",
    "rule": "varchar",
    "severity": "varchar",
    "reason": "varchar",
    "is_success": "boolean",
    "rows_checked": "bigint",
    "rows_failed": "bigint",
    "sample_keys": "varchar[]",
    "tested_by": "varchar",
    "checked_at": "timestamp",
}
_SHOWN_KEYS = 3
_RULE_WIDTH = 64
_KEYS_WIDTH = 150


@dataclass(frozen=True)
class Result:
    """One rule, checked.

    Attributes:
        gate: landing or marts.
        feed_or_table: Feed of the contract, or table of the warehouse.
        rule: What has to hold, in words.
        severity: stop (the run must not go on where the rule is broken) or warn.
        reason: Why the rule has this severity, and what to do.
        is_success: Whether it holds.
        rows_checked: Rows, or files, that it was checked on.
        rows_failed: Those that break it.
        sample_keys: A few of them, by key.
        tested_by: Who looked at the rows: the gate, a test of dbt, or a constraint of the table.
        checked_at: Start of the gate's run, ISO 8601, UTC.
    """

    gate: str
    feed_or_table: str
    rule: str
    severity: str
    reason: str
    is_success: bool
    rows_checked: int
    rows_failed: int
    sample_keys: tuple[str, ...]
    tested_by: str
    checked_at: str


@dataclass(frozen=True)
class GateReport:
    """Everything that one run of a gate checked.

    Attributes:
        gate: landing or marts.
        results: One entry a rule, those of one feed or table together.
        results_file: Parquet file in which the results are kept.
        data_docs: Start page of the static site.
    """

    gate: str
    results: tuple[Result, ...]
    results_file: Path
    data_docs: Path

    @property
    def stops(self) -> tuple[Result, ...]:
        """Broken rules that the run must not pass."""
        return tuple(result for result in self.results if not result.is_success and result.severity == STOP)

    @property
    def warnings(self) -> tuple[Result, ...]:
        """Broken rules that people should look at."""
        return tuple(result for result in self.results if not result.is_success and result.severity == WARN)

    @property
    def is_passed(self) -> bool:
        """Whether the run may go on."""
        return not self.stops


def results_path(paths: Paths, gate: str, checked_at: dt.datetime) -> Path:
    """File in which a run's results are kept: `<quality>/gate/<gate>/<time, UTC>.parquet`."""
    return paths.quality / "gate" / gate / f"{checked_at:%Y%m%dT%H%M%S%f}Z.parquet"


def write_results(results: tuple[Result, ...], target: Path, workspace: Path) -> None:
    """Keep results as a Parquet file, one row a rule.

    Args:
        results: What was checked.
        target: File to write; it appears whole or not at all.
        workspace: Folder for the time of the gate, on the same file system.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    rows, partial = workspace / "results.json", workspace / "results.parquet"
    rows.write_text("\n".join(json.dumps(asdict(result)) for result in results), encoding="utf-8")
    types = ", ".join(f"{quote_text(name)}: {quote_text(kind)}" for name, kind in _COLUMNS.items())
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * from read_json({quote_text(str(rows))}, format = 'newline_delimited', "
            f"columns = {{{types}}})) to {quote_text(str(partial))} (format parquet)"
        )
    os.replace(partial, target)


def print_report(report: GateReport) -> None:
    """Print the broken rules as a short table, those that stop first, and one line of counts.

    Args:
        report: What a gate found.
    """
    broken = [*report.stops, *report.warnings]
    if broken:
        feeds = max(len(result.feed_or_table) for result in broken)
        counts = max(len("rows failed"), *(len(f"{result.rows_failed:,}") for result in broken))
        rules = min(_RULE_WIDTH, max(len(result.rule) for result in broken))
        click.echo(f"{'':4}  {'feed or table':<{feeds}}  {'rule':<{rules}}  {'rows failed':>{counts}}  sample keys")
        for result in broken:
            rule = textwrap.shorten(result.rule, rules, placeholder=" …")
            keys = ", ".join(result.sample_keys[:_SHOWN_KEYS])
            click.echo(
                f"{result.severity:4}  {result.feed_or_table:<{feeds}}  {rule:<{rules}}  "
                f"{result.rows_failed:>{counts},}  {_shortened(keys)}".rstrip()
            )
        for result in report.stops:
            click.echo(f"\n{result.feed_or_table}: {result.rule}\n  {result.reason}")
            for key in result.sample_keys:
                click.echo(f"  - {key}")
        click.echo("")
    verdict = "passed" if report.is_passed else "stopped"
    click.echo(
        f"Gate {report.gate} {verdict}: {len(report.results):,} rules checked, {len(report.stops):,} stop, "
        f"{len(report.warnings):,} warn. All results: {report.results_file}; Data Docs: {report.data_docs}"
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _KEYS_WIDTH else f"{text[: _KEYS_WIDTH - 1]}…"
