"""Makes Data Docs a site that opens anywhere: no file from the network, and a start page that says what is wrong."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path

from profit.gates.report import STOP, WARN, Result

# Great Expectations builds its start page with scripts from the network, without which it stays empty.
_FROM_NETWORK = re.compile(
    r'<link[^>]*href="https?://[^>]*>|<script[^>]*src="https?://[^>]*>.*?</script>|<script>.*?</script>'
    r'|<img[^>]*src="https?://[^>]*>|<(?:footer|cite)\b.*?</(?:footer|cite)>|<input[^>]*type="radio"[^>]*>',
    re.DOTALL | re.IGNORECASE,
)

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 24px; color: #1c2733; }
h1 { font-size: 26px; } h2, h3, h4, h5 { margin: 22px 0 8px; } a { color: #14599c; }
table { border-collapse: collapse; margin: 6px 0 18px; width: 100%; }
td, th { border-bottom: 1px solid #d9dfe5; padding: 5px 10px; text-align: left; vertical-align: top; }
th { background: #f2f5f8; } td.number, th.number { text-align: right; }
.fa-check-circle::before { content: "✓"; color: #1c7c3c; font-weight: bold; }
.fa-times::before { content: "✗"; color: #b3261e; font-weight: bold; }
.fa-exclamation-triangle::before { content: "!"; color: #b26a00; font-weight: bold; }
.stop { color: #b3261e; font-weight: bold; } .warn { color: #b26a00; font-weight: bold; } .passed { color: #1c7c3c; }
.card:has(.btn-group) { display: none; }
.row > .col-lg-2 { border-bottom: 1px solid #d9dfe5; } .btn-group, .modal, [data-toggle="collapse"] { display: none; }
ol.breadcrumb { list-style: none; padding: 0; } nav { height: auto !important; }
@media (prefers-color-scheme: dark) {
  body { background: #14191f; color: #dfe6ec; } th { background: #202830; } a { color: #8ab8e8; }
}
"""
_HEAD = f'<head><meta charset="utf-8"><style>{_STYLE}</style>'


def finish_site(site: Path, gate: str, results: Sequence[Result]) -> None:
    """Take everything from the network out of the rendered pages, and write the start page.

    Args:
        site: Folder of the rendered Data Docs.
        gate: landing or marts.
        results: What the gate found.
    """
    for page in site.rglob("*.html"):
        content = _FROM_NETWORK.sub("", page.read_text(encoding="utf-8"))
        page.write_text(content.replace("</head>", f"<style>{_STYLE}</style></head>", 1), encoding="utf-8")
    (site / "index.html").write_text(_start_page(site, gate, results), encoding="utf-8")


def _start_page(site: Path, gate: str, results: Sequence[Result]) -> str:
    broken = sorted((result for result in results if not result.is_success), key=lambda result: result.severity)
    stops = sum(result.severity == STOP for result in broken)
    verdict = '<span class="stop">stopped</span>' if stops else '<span class="passed">passed</span>'
    checked_at = results[0].checked_at[:19].replace("T", " ") if results else ""
    parts = [
        f"<!doctype html><html lang='en'>{_HEAD}<title>Gate {gate}</title></head><body>",
        f"<h1>Gate {gate}: {verdict}</h1>",
        f"<p>{len(results):,} rules checked at {checked_at} UTC: {stops:,} stop, {len(broken) - stops:,} warn.</p>",
    ]
    if broken:
        parts.append(
            _table("What is wrong", "Severity|Feed or table|Rule|#Rows failed|Sample keys|Why", _broken_rows(broken))
        )
    parts.append(_table("What was checked", "Feed or table|#Rules|#Stop|#Warn|Pages", _suite_rows(site, results)))
    return "\n".join([*parts, "</body></html>"])


def _broken_rows(broken: Sequence[Result]) -> list[list[str]]:
    """Cells of the table of broken rules, as HTML."""
    return [
        [
            f'<span class="{result.severity}">{result.severity}</span>',
            html.escape(result.feed_or_table),
            html.escape(result.rule),
            f"{result.rows_failed:,}",
            "<br>".join(html.escape(key) for key in result.sample_keys),
            html.escape(result.reason),
        ]
        for result in broken
    ]


def _suite_rows(site: Path, results: Sequence[Result]) -> list[list[str]]:
    pages = {page.stem.partition("-")[2]: page for page in sorted(site.glob("validations/**/*.html"))}
    rows = []
    for name in dict.fromkeys(result.feed_or_table for result in results):
        of_suite = [result for result in results if result.feed_or_table == name]
        failed = [result.severity for result in of_suite if not result.is_success]
        expected = site / "expectations" / f"{name.replace('.', '/')}.html"
        links = [("results", pages.get(name)), ("expectations", expected if expected.exists() else None)]
        rows.append(
            [
                html.escape(name),
                f"{len(of_suite):,}",
                f"{failed.count(STOP):,}",
                f"{failed.count(WARN):,}",
                " · ".join(f'<a href="{html.escape(str(p.relative_to(site)))}">{text}</a>' for text, p in links if p),
            ]
        )
    return rows


def _table(title: str, header: str, rows: Sequence[Sequence[str]]) -> str:
    names = header.split("|")
    classes = [' class="number"' if name.startswith("#") else "" for name in names]
    head = "".join(f"<th{kind}>{name.lstrip('#')}</th>" for kind, name in zip(classes, names, strict=True))
    body = "\n".join(
        f"<tr>{''.join(f'<td{kind}>{cell}</td>' for kind, cell in zip(classes, row, strict=True))}</tr>" for row in rows
    )
    return f"<h2>{title}</h2>\n<table><tr>{head}</tr>\n{body}</table>"
