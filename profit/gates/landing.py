"""The gate in: the landing zone against the source contract."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import duckdb

from profit.contract import read_contract, read_source_relations
from profit.gates.landing_suites import feed_expectations, structure_expectations, zone_expectations
from profit.gates.report import GateReport, results_path, write_results
from profit.gates.running import Suite, run_suites, site_folder
from profit.gates.structure import ZONE, ZONE_RULES, Finding, Structure, check_structure
from profit.gates.workspace import FINDINGS, Workspace, prepare_workspace, settings, view_name
from profit.paths import Paths

GATE = "landing"


def run_landing_gate(paths: Paths) -> GateReport:
    """Check the landing zone; see `profit.gates.check_landing`."""
    checked_at = dt.datetime.now(dt.UTC)
    feeds = {feed.name: feed for feed in read_contract().values()}
    click.echo(f"Checking {paths.landing} against the source contract")
    structure = check_structure(paths.landing, read_contract(), read_source_relations())
    for finding in structure.findings:
        click.echo(f"  {finding.place}: {finding.message}")
    paths.quality.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="_gate_", dir=paths.quality) as name:
        folder = Path(name)
        # Half a feed would raise false alarms in those that refer to it.
        faulty = {finding.feed for finding in structure.findings}
        sound = {feed: files for feed, files in structure.files.items() if feed not in faulty}
        workspace = prepare_workspace(folder, feeds, sound)
        _add_findings(workspace.path, structure.findings)
        suites = list(_suites(workspace, structure))
        results = run_suites(
            GATE, suites, paths=paths, database=workspace.path, settings=settings(folder), checked_at=checked_at
        )
    target = results_path(paths, GATE, checked_at)
    write_results(tuple(results), target)
    return GateReport(GATE, tuple(results), target, site_folder(paths, GATE) / "index.html")


def _add_findings(workspace: Path, findings: Sequence[Finding]) -> None:
    with duckdb.connect(str(workspace)) as connection:
        connection.execute(f"create table {FINDINGS} (feed varchar, rule varchar, place varchar, message varchar)")
        if findings:
            connection.executemany(
                f"insert into {FINDINGS} values (?, ?, ?, ?)",
                [(finding.feed, finding.rule, finding.place, finding.message) for finding in findings],
            )


def _suites(workspace: Workspace, structure: Structure) -> Iterator[Suite]:
    counts = structure.file_counts
    yield Suite(ZONE, "main", FINDINGS, ("place",), list(zone_expectations(sum(counts.values()))))
    faulty = sorted({finding.feed for finding in structure.findings if finding.rule not in ZONE_RULES})
    for name in faulty:
        yield Suite(name, "main", FINDINGS, ("place",), list(structure_expectations(name, counts[name])))
    for name, feed in workspace.feeds.items():
        expectations = [*structure_expectations(name, counts[name]), *feed_expectations(feed, workspace)]
        yield Suite(name, "main", view_name(feed), ("source_system", *feed.key), expectations)
