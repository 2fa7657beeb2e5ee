"""Exports of a published file: types, descriptions and days survive in every format, or it is said what does not."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest
from click.testing import CliRunner

from profit.cli import main
from profit.exporting.tables import SCHEMAS
from profit.leftovers import export_folder_name, own_folder

_NAMES = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
_FORMULAS = ["=1+1", "+49 30", "-5", "@sum(A1)", "\tx"]


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "published.duckdb"
    with duckdb.connect(str(file)) as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            """
            create table manifest as select 'run-1' as run_id, timestamp '2026-01-02 03:04:05' as published_at;
            create table marts.sales (
                sale_id bigint, customer_id varchar, sold_on date, seen_at timestamp, is_good boolean,
                net_amount decimal(28,4), rate decimal(28,19), share double
            );
            comment on table marts.sales is 'Grain: a sale. It''s one.';
            comment on column marts.sales.net_amount is 'Money, "net".';
            insert into marts.sales values
                (1, 'Ann', '2025-03-31', '2025-03-31 23:59:59', true, -12.3400, 0.1234567890123456789, 0.5),
                (2, null, '1899-12-31', null, false, 123456789012345678901234.5678, null, 'nan'),
                (3, '', null, null, null, null, null, null);
            create view marts.good_sales as select * from marts.sales where is_good or sale_id > 1;
            create table core.sales as select 1 as one;
            create table marts.empty (nothing integer);
            """
        )
        connection.executemany(
            "insert into marts.sales (sale_id, customer_id) values (?, ?)",
            [[number, text] for number, text in enumerate(_FORMULAS, 10)],
        )
    monkeypatch.setenv("PROFIT_PUBLISHED", str(file))
    return file


def export(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["export", *map(str, arguments)])
    return result.exit_code, result.output


def sheet(file: Path, number: int = 1) -> dict[str, tuple[str, str]]:
    """Cells of a sheet: kind and text of each."""
    with zipfile.ZipFile(file) as book:
        content = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
        assert not [name for name in book.namelist() if "calcChain" in name]
    cells = {}
    for cell in content.iterfind(".//s:c", _NAMES):
        assert cell.find("s:f", _NAMES) is None
        text = cell.find(".//s:t", _NAMES)
        value = cell.find("s:v", _NAMES)
        found = text if text is not None else value
        cells[cell.attrib["r"]] = (cell.attrib.get("t", "n"), (found.text or "") if found is not None else "")
    return cells


def test_parquet_gives_every_table_back_with_types_and_descriptions(published: Path, tmp_path: Path) -> None:
    code, said = export("--to", tmp_path / "out")
    assert code == 0, said
    with duckdb.connect(str(published), read_only=True) as connection:
        for schema, name in connection.execute(
            "select schema_name, table_name from duckdb_tables() union all "
            "select schema_name, view_name from duckdb_views() where not internal"
        ).fetchall():
            file = tmp_path / "out" / schema / f"{name}.parquet"
            assert connection.execute(f"describe from '{file}'").fetchall() == (
                connection.execute(f"describe from {schema}.{name}").fetchall()
            )
            assert connection.execute(
                f"select count(*) from (from {schema}.{name} except all from '{file}')"
            ).fetchone() == (0,)
        metadata = dict(
            connection.execute(
                f"select decode(key), decode(value) from parquet_kv_metadata('{tmp_path}/out/marts/sales.parquet')"
            ).fetchall()
        )
    assert metadata["description"] == "Grain: a sale. It's one."
    assert json.loads(metadata["column_descriptions"])["net_amount"] == 'Money, "net".'
    described = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    (sales,) = [table for table in described["resources"] if table["name"] == "marts.sales"]
    assert described["run_id"] == "run-1"
    assert (sales["path"], sales["row_count"]) == ("marts/sales.parquet", 8)
    assert {field["name"]: field["type"] for field in sales["schema"]["fields"]} == {
        "sale_id": "integer",
        "customer_id": "string",
        "sold_on": "date",
        "seen_at": "datetime",
        "is_good": "boolean",
        "net_amount": "number",
        "rate": "number",
        "share": "number",
    }


def test_csv_is_plain_and_no_text_is_a_formula(published: Path, tmp_path: Path) -> None:
    assert export("--to", tmp_path / "out", "--format", "csv", "--table", "marts.sales")[0] == 0
    lines = (tmp_path / "out" / "marts" / "sales.csv").read_text().splitlines()
    assert lines[1] == "1,Ann,2025-03-31,2025-03-31T23:59:59.000000Z,true,-12.3400,0.1234567890123456789,0.5"
    # No value and an empty text are told apart.
    assert lines[2].startswith("2,,1899-12-31,,false,123456789012345678901234.5678,")
    assert lines[3].startswith('3,"",')
    assert [line.split(",")[1].strip('"') for line in lines[4:]] == [f"'{text}" for text in _FORMULAS]


def test_a_workbook_holds_numbers_and_days_and_says_what_it_cannot(published: Path, tmp_path: Path) -> None:
    code, said = export("--to", tmp_path / "out", "--format", "xlsx", "--table", "marts.sales")
    assert code == 0
    assert "marts.sales: 4 numbers or days that a workbook cannot hold are texts" in said
    cells = sheet(tmp_path / "out" / "marts" / "sales.xlsx")
    assert cells["A2"] == ("n", "1")
    assert cells["B2"] == ("inlineStr", "Ann")
    # Day 45,747 after the end of 1899 is 2025-03-31.
    assert cells["C2"] == ("n", "45747")
    assert cells["E2"] == ("b", "1")
    assert cells["F2"] == ("n", "-12.34")
    assert cells["G2"] == ("inlineStr", "0.1234567890123456789")
    assert cells["C3"] == ("inlineStr", "1899-12-31")
    assert cells["F3"] == ("inlineStr", "123456789012345678901234.5678")
    assert cells["H3"] == ("inlineStr", "nan")
    assert [cells[f"B{row}"] for row in range(5, 10)] == [("inlineStr", text) for text in _FORMULAS]
    assert ("inlineStr", 'Money, "net".') in sheet(tmp_path / "out" / "marts" / "sales.xlsx", 2).values()


@pytest.mark.parametrize("name", ["sales", "good_sales"])
@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_a_large_table_goes_on_in_further_files(published: Path, tmp_path: Path, kind: str, name: str) -> None:
    code, said = export("--to", tmp_path / "out", "--format", kind, "--table", f"marts.{name}", "--rows-per-part", 3)
    assert code == 0, said
    parts = sorted((tmp_path / "out" / "marts").iterdir())
    assert [part.name for part in parts] == [f"{name}.part-{number:03d}.{kind}" for number in (1, 2, 3)]
    if kind != "xlsx":
        reader = "read_csv" if kind == "csv" else "read_parquet"
        found = duckdb.sql(f"select sale_id from {reader}('{tmp_path}/out/marts/*.{kind}') order by filename, sale_id")
        numbers = [number for (number,) in found.fetchall()]
        assert numbers == [1, 2, 3, *range(10, 15)]
    else:
        assert [sum(1 for place in sheet(part) if re.fullmatch("A[0-9]+", place)) - 1 for part in parts] == [3, 3, 2]


def test_an_export_replaces_an_export_and_nothing_else(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert export("--to", folder, "--table", "marts.sales")[0] == 0
    assert export("--to", folder, "--table", "marts.empty", "--format", "csv")[0] == 0
    assert [str(file.relative_to(folder)) for file in sorted(folder.rglob("*.*"))] == [
        "datapackage.json",
        "marts/empty.csv",
    ]
    other = tmp_path / "mine"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    code, said = export("--to", other)
    assert code == 1
    assert "was not written by an export" in said
    assert [file.name for file in other.iterdir()] == ["notes.txt"]
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_what_a_killed_export_left_is_cleared_away_and_one_at_work_is_not(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    left = tmp_path / export_folder_name(folder)
    left.mkdir()
    with own_folder(tmp_path / export_folder_name(folder)) as working:
        assert export("--to", folder, "--table", "marts.sales")[0] == 0
        assert not left.exists()
        assert working.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--table", "sales"], "stands in several schemas: core.sales and marts.sales"),
        (["--table", "marts.slaes"], "Did you mean marts.sales"),
        (["--table", "nothing_like_it_at_all"], "without --table exports all"),
    ],
)
def test_what_cannot_be_exported_is_said(published: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    code, output = export("--to", tmp_path / "out", *arguments)
    assert code == 1
    assert said in output
    assert not (tmp_path / "out").exists()


def test_a_text_longer_than_a_cell_is_refused_with_its_place(published: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(published)) as connection:
        connection.execute("insert into marts.sales (sale_id, customer_id) values (99, repeat('x', 40000))")
    code, said = export("--to", tmp_path / "out", "--format", "xlsx", "--table", "marts.sales")
    assert code == 1
    assert "marts.sales.customer_id has a text of 40,000 characters" in said
    assert not (tmp_path / "out").exists()


def test_without_a_published_file_nothing_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFIT_PUBLISHED", str(tmp_path / "none.duckdb"))
    code, said = export("--to", tmp_path / "out")
    assert code == 1
    assert "Nothing is published" in said
