"""The gate in: the landing zone against the source contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import duckdb

from profit.contract import read_contract, read_source_relations
from profit.deliveries import Deliveries
from profit.gates.calendar import fact_rules, read_calendar
from profit.gates.folders import gate_folder, opened
from profit.gates.landing_suites import feed_rules, structure_rules, zone_rules
from profit.gates.refused import add_shares, emptied_rules, refused_rules
from profit.gates.report import GateReport
from profit.gates.rules import Counted, Rule, count_rules
from profit.gates.running import judge, site_folder
from profit.gates.site import begin_site
from profit.gates.structure import RECEIVED, ZONE_RULES, Finding, Structure, check_structure
from profit.gates.workspace import (
    FINDINGS,
    Workspace,
    insert_rows,
    prepare_workspace,
    view_name,
)
from profit.landing.receipts import refused_shares
from profit.paths import Paths

GATE = "landing"


def run_landing_gate(paths: Paths, deliveries: Deliveries, variables: Mapping[str, Any]) -> GateReport:
    """Check the landing zone; see `profit.gates.check_landing`."""
    checked_at = dt.datetime.now(dt.UTC)
    feeds = {feed.name: feed for feed in read_contract().values()}
    click.echo(f"Checking {paths.landing} against the source contract")
    structure = check_structure(paths.landing, read_contract(), read_source_relations(variables), deliveries)
    for finding in structure.findings:
        click.echo(f"  {finding.place}: {finding.message}")
    calendar = read_calendar(variables)
    with gate_folder(paths) as folder:
        begin_site(site_folder(paths, GATE), GATE, checked_at)
        # Half a feed would raise false alarms in those that refer to it.
        faulty = _faulty(structure)
        sound = {feed: files for feed, files in structure.files.items() if feed not in faulty}
        workspace = prepare_workspace(folder, feeds, sound, paths.landing)
        shares = refused_shares(paths)
        with duckdb.connect(str(workspace.path)) as connection:
            _add_findings(connection, structure.findings)
            add_shares(connection, shares)
        further = {
            name: [*refused_rules(name, feeds), *emptied_rules(name)]
            for name in dict.fromkeys(share.feed for share in shares)
        }
        for name, feed in workspace.feeds.items():
            further[name] = [*further.get(name, ()), *fact_rules(feed, calendar)]
        counted = _count(workspace, structure, folder, paths.landing, further)
        results, target = judge(GATE, counted, paths=paths, folder=folder, checked_at=checked_at)
    return GateReport(GATE, results, target, site_folder(paths, GATE) / "index.html")


def _faulty(structure: Structure) -> set[str]:
    """Feeds whose files cannot all be read; of one that merely lacks a file, the others can."""
    return {finding.feed for finding in structure.findings if finding.rule not in (*ZONE_RULES, RECEIVED)}


def _lost(structure: Structure) -> set[str]:
    return {finding.feed for finding in structure.findings if finding.rule == RECEIVED}


def _add_findings(connection: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> None:
    connection.execute(f"create table {FINDINGS} (feed varchar, rule varchar, place varchar, message varchar)")
    rows = [(finding.feed, finding.rule, finding.place, finding.message) for finding in findings]
    insert_rows(connection, FINDINGS, rows)


def _count(
    workspace: Workspace, structure: Structure, folder: Path, landing: Path, further: Mapping[str, Sequence[Rule]]
) -> list[Counted]:
    counts = structure.file_counts
    with opened(workspace.path, folder, [landing], read_only=True) as connection:
        counted = count_rules(connection, FINDINGS, zone_rules(sum(counts.values())))
        without_rows = {*_faulty(structure), *_lost(structure), *further} - workspace.feeds.keys()
        for name in sorted(without_rows):
            rules = [*structure_rules(name, counts[name]), *further.get(name, ())]
            counted += count_rules(connection, FINDINGS, rules)
        for place, (name, feed) in enumerate(workspace.feeds.items(), start=1):
            rules = [*structure_rules(name, counts[name]), *further.get(name, ()), *feed_rules(feed, workspace)]
            counted += count_rules(connection, view_name(feed), rules)
            if place * 4 // len(workspace.feeds) > (place - 1) * 4 // len(workspace.feeds):
                click.echo(f"  {place} of {len(workspace.feeds)} tables checked")
    return counted
