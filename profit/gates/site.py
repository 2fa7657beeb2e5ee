"""Data Docs: a site that opens anywhere, without any file from the network; its start page says what is wrong."""

from __future__ import annotations

import datetime as dt
import html
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from profit.gates.report import STOP, Result

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 24px; color: #1c2733; }
h1 { font-size: 26px; } h2 { margin: 22px 0 8px; } a { color: #14599c; }
table { border-collapse: collapse; margin: 6px 0 18px; width: 100%; }
td, th { border-bottom: 1px solid #d9dfe5; padding: 5px 10px; text-align: left; vertical-align: top; }
th { background: #f2f5f8; } td.number, th.number { text-align: right; }
.stop { color: #b3261e; font-weight: bold; } .warn { color: #b26a00; font-weight: bold; } .passed { color: #1c7c3c; }
@media (prefers-color-scheme: dark) {
  body { background: #14191f; color: #dfe6ec; } th { background: #202830; } a { color: #8ab8e8; }
}
"""
_HEAD = f'<head><meta charset="utf-8"><style>{_STYLE}</style>'


def begin_site(site: Path, gate: str, checked_at: dt.datetime) -> None:
    """Say on the start page that the gate is at work: what it said of an earlier run is no verdict on this one.

    Args:
        site: Folder of the site; what was in it goes.
        gate: landing or marts.
        checked_at: Start of the gate's run, UTC.
    """
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    verdict = '<span class="stop">has not ended</span>'
    said = (
        f"<p>Started at {checked_at:%Y-%m-%d %H:%M:%S} UTC. It is at work, or was stopped, and has passed nothing: "
        f"run <code>profit check {gate}</code> again.</p>"
    )
    (site / "index.html").write_text(_document(f"Gate {gate}", [f"<h1>Gate {gate}: {verdict}</h1>", said]), "utf-8")


def write_site(site: Path, gate: str, results: Sequence[Result]) -> None:
    """Write the start page, and for every feed or table a page with all its rules.

    Args:
        site: Folder of the site; what was in it goes.
        gate: landing or marts.
        results: What the gate found, those of one feed or table together.
    """
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    by_name: dict[str, list[Result]] = {}
    for result in results:
        by_name.setdefault(result.feed_or_table, []).append(result)
    for name, of_name in by_name.items():
        (site / _page(name)).write_text(_rules_page(gate, name, of_name), encoding="utf-8")
    (site / "index.html").write_text(_start_page(gate, by_name, results), encoding="utf-8")


def _page(name: str) -> str:
    return f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}.html"


def _start_page(gate: str, by_name: dict[str, list[Result]], results: Sequence[Result]) -> str:
    broken = sorted((result for result in results if not result.is_success), key=lambda result: result.severity)
    stops = sum(result.severity == STOP for result in broken)
    verdict = '<span class="stop">stopped</span>' if stops else '<span class="passed">passed</span>'
    checked_at = results[0].checked_at[:19].replace("T", " ") if results else ""
    parts = [
        f"<h1>Gate {gate}: {verdict}</h1>",
        f"<p>{len(results):,} rules checked at {checked_at} UTC: {stops:,} stop, {len(broken) - stops:,} warn.</p>",
    ]
    if broken:
        header = "Severity|Feed or table|Rule|#Rows failed|Sample keys|Why"
        parts.append(_table("What is wrong", header, [_broken_cells(result) for result in broken]))
    rows = [
        [
            f'<a href="{_page(name)}">{html.escape(name)}</a>',
            f"{len(of_name):,}",
            f"{sum(not result.is_success and result.severity == STOP for result in of_name):,}",
            f"{sum(not result.is_success and result.severity != STOP for result in of_name):,}",
        ]
        for name, of_name in by_name.items()
    ]
    parts.append(_table("What was checked", "Feed or table|#Rules|#Stop|#Warn", rows))
    return _document(f"Gate {gate}", parts)


def _rules_page(gate: str, name: str, results: Sequence[Result]) -> str:
    rows = [
        [
            f'<span class="{result.severity}">{result.severity}</span>'
            if not result.is_success
            else '<span class="passed">holds</span>',
            html.escape(result.rule),
            result.severity,
            f"{result.rows_checked:,}",
            f"{result.rows_failed:,}",
            "<br>".join(html.escape(key) for key in result.sample_keys),
            html.escape(result.tested_by),
            html.escape(result.reason),
        ]
        for result in results
    ]
    header = "Result|Rule|Severity|#Rows checked|#Rows failed|Sample keys|Tested by|Why"
    parts = [
        f'<p><a href="index.html">Gate {gate}</a></p>',
        f"<h1>{html.escape(name)}</h1>",
        _table("Rules", header, rows),
    ]
    return _document(name, parts)


def _document(title: str, parts: Sequence[str]) -> str:
    head = f"<!doctype html><html lang='en'>{_HEAD}<title>{html.escape(title)}</title></head><body>"
    return "\n".join([head, *parts, "</body></html>"])


def _broken_cells(result: Result) -> list[str]:
    """Cells of the table of broken rules, as HTML."""
    return [
        f'<span class="{result.severity}">{result.severity}</span>',
        html.escape(result.feed_or_table),
        html.escape(result.rule),
        f"{result.rows_failed:,}",
        "<br>".join(html.escape(key) for key in result.sample_keys),
        html.escape(result.reason),
    ]


def _table(title: str, header: str, rows: Sequence[Sequence[str]]) -> str:
    names = header.split("|")
    classes = [' class="number"' if name.startswith("#") else "" for name in names]
    head = "".join(f"<th{kind}>{name.lstrip('#')}</th>" for kind, name in zip(classes, names, strict=True))
    body = "\n".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for kind, cell in zip(classes, row, strict=True))}</tr>" for row in rows
    )
    return f"<h2>{title}</h2>\n<table><tr>{head}</tr>\n{body}</table>"
