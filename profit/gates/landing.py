"""The gate in: the landing zone against the source contract."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import duckdb

from profit.contract import read_contract, read_source_relations
from profit.gates.landing_suites import feed_rules, structure_rules, zone_rules
from profit.gates.report import GateReport
from profit.gates.rules import Counted, count_rules
from profit.gates.running import judge, site_folder
from profit.gates.structure import ZONE_RULES, Finding, Structure, check_structure
from profit.gates.workspace import FINDINGS, Workspace, insert_rows, prepare_workspace, settings, view_name
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
        counted = _count(workspace, structure, folder)
        results, target = judge(GATE, counted, paths=paths, folder=folder, checked_at=checked_at)
    return GateReport(GATE, results, target, site_folder(paths, GATE) / "index.html")


def _add_findings(workspace: Path, findings: Sequence[Finding]) -> None:
    with duckdb.connect(str(workspace)) as connection:
        connection.execute(f"create table {FINDINGS} (feed varchar, rule varchar, place varchar, message varchar)")
        rows = [(finding.feed, finding.rule, finding.place, finding.message) for finding in findings]
        insert_rows(connection, FINDINGS, rows)


def _count(workspace: Workspace, structure: Structure, folder: Path) -> list[Counted]:
    counts = structure.file_counts
    with duckdb.connect(str(workspace.path), read_only=True, config=settings(folder)) as connection:
        counted = count_rules(connection, FINDINGS, zone_rules(sum(counts.values())))
        faulty = sorted({finding.feed for finding in structure.findings if finding.rule not in ZONE_RULES})
        for name in faulty:
            counted += count_rules(connection, FINDINGS, structure_rules(name, counts[name]))
        for place, (name, feed) in enumerate(workspace.feeds.items(), start=1):
            rules = [*structure_rules(name, counts[name]), *feed_rules(feed, workspace)]
            counted += count_rules(connection, view_name(feed), rules)
            if place * 4 // len(workspace.feeds) > (place - 1) * 4 // len(workspace.feeds):
                click.echo(f"  {place} of {len(workspace.feeds)} tables checked")
    return counted
