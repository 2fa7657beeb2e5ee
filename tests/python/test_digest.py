"""The month on one page: its numbers are those of the marts, and the same file gives the same page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import Company

from profit.cli import main
from profit.copying import fill
from profit.digest.sections import SECTIONS


class _Tables(HTMLParser):
    """Cells of every table by the id of its part."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: dict[str, list[list[str]]] = {}
        self._part = ""
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._part = dict(attrs)["id"] or ""
            self.parts[self._part] = []
        elif tag == "tr":
            self.parts[self._part].append([])
        elif tag in {"td", "th"}:
            self.parts[self._part][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.parts[self._part][-1][-1] += data


@pytest.fixture(scope="module")
def published(demo: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a publish of the demo company gives."""
    file = tmp_path_factory.mktemp("digest") / "published.duckdb"
    fill(file, demo.paths, checked_results="none", run_id="a run", is_partial=False, otherwise="")
    return file


def digest(published: Path, target: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        main, ["digest", "--to", str(target), *arguments], env={"PROFIT_PUBLISHED": str(published)}
    )
    return result.exit_code, result.output


def amount(cell: str) -> int:
    return int(cell.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def test_the_page_is_that_of_the_file_and_needs_nothing_else(published: Path, tmp_path: Path) -> None:
    pages = [tmp_path / "one.html", tmp_path / "two.html"]
    for page in pages:
        code, said = digest(published, page)
        assert code == 0, said
    assert pages[0].read_bytes() == pages[1].read_bytes()
    page = pages[0].read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|src=|https?://|@import|url\(", page)
    assert "@" not in re.sub(r"@(media|page)", "", page)
    parts = _Tables(page).parts
    assert {title.lower().replace(" ", "-") for title, _, _ in SECTIONS} <= parts.keys()
    assert all(len(rows) > 1 for part, rows in parts.items() if part != "not-known")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.html", "two.html"]


def test_its_numbers_are_those_of_the_marts(demo: Company, published: Path, tmp_path: Path) -> None:
    month = demo.value("select max(month) from marts.segment_kpis where is_complete_month")
    assert digest(published, tmp_path / "page.html", "--month", f"{month:%Y-%m}")[0] == 0
    parts = _Tables((tmp_path / "page.html").read_text(encoding="utf-8")).parts
    lines = {row[0]: row[1:] for row in parts["the-month"][1:]}
    for label, column in (("Net revenue", "net_revenue_amount"), ("Customer profit", "customer_profit_amount")):
        sums = demo.query(
            f"select sum({column}) from marts.customer_profitability_monthly "
            f"where month in (date '{month}', date '{month}' - interval 1 month) group by month order by month desc"
        )
        assert [amount(cell) for cell in lines[label][:2]] == [
            pytest.approx(float(value), abs=0.51) for (value,) in sums
        ]
    *moved, total = parts["why-profit-moved"][1:]
    profit = [amount(cell) for cell in lines["Customer profit"][:2]]
    assert amount(total[1]) == pytest.approx(profit[0] - profit[1], abs=1)
    assert sum(amount(row[1]) for row in moved) == pytest.approx(amount(total[1]), abs=len(moved))


@pytest.mark.parametrize(
    ("month", "said"),
    [("1999-01", "There is nothing of 1999-01: the months are"), ("soon", "does not match the format")],
)
def test_a_month_that_is_not_there_is_refused(published: Path, tmp_path: Path, month: str, said: str) -> None:
    code, output = digest(published, tmp_path / "page.html", "--month", month)
    assert code != 0
    assert said in output
    assert not list(tmp_path.iterdir())


def test_without_a_published_file_there_is_no_digest(tmp_path: Path) -> None:
    code, said = digest(tmp_path / "none.duckdb", tmp_path / "page.html")
    assert code == 1
    assert "Nothing is published" in said
