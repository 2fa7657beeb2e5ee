"""Two thousand mutated files at the landing: every row is accounted for, and what is landed can be built."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
import yaml
from landing_zone import Zone

from profit.connectors.files import land_files
from profit.errors import LandingError, ProfitError
from profit.landing.receipts import Receipt
from profit.paths import PROJECT_ROOT

FILES = 2000
# Files land in one zone after another, so that the types of own columns meet those of earlier files.
PER_ZONE = 100
DAY = dt.date(2024, 5, 6)

# Small files need no plan but those without which DuckDB's own joins as of a line fail.
NEEDED_PLANS = (
    "expression_rewriter", "filter_pushdown", "join_order", "statistics_propagation", "empty_result_pullup",
    "build_side_probe_side", "unused_columns", "column_lifetime",
)  # fmt: skip

TABLES = {
    "customers": ("customer_id,first_name,birth_date,x_score", "C{n},Ann {n},1980-05-{day:02d},{n}"),
    "orders": ("order_id,customer_id,ordered_at,x_note", 'O{n},C{n},2024-01-{day:02d}T10:00:00Z,"note, {n}"'),
    "product_costs": ("product_id,valid_from,unit_cost_amount,x_a", "P{n},2024-01-{day:02d},{n}.25,a"),
    "surveys": ("survey_answer_id,customer_id,answered_on,score", "S{n},C{n},2024-02-{day:02d},{n}"),
}
VALUES = (
    "", " ", "\u00a0", "0", "-1", "1e9", "1e400", "1_000", "0x1F", "1,5", "NaN", "inf", "-infinity", "true", "null",
    "NULL", "2024-02-30", "9999-12-31", "12024-01-01", "0000-00-00", "2024-1-1", "24-01-01",
    "2024-01-01 10:00 Europe/Berlin", "'; drop table customers; --", "{{ 7 * 7 }}", "{% raw %}", "=1+1",
    "../../etc/passwd", "<b>", "\u202egpj.exe", "\u0000", "\u0663", "💥", "a" * 5000, '""', "\t", "\\", "$$",
    "99999999999999999999", "0.00001", "-0", "2024-01-01T24:00:00",
)  # fmt: skip
NAMES = (
    "x_a b", "x_größe", 'x_"', "x_'", "x_;", "x_{{a}}", "x_-", "X_SCORE", "x_", "x_" + "a" * 70, "filename", "_line",
    "", "delivered_on", "source_system", "delivery_id", "is_deleted", "select", "Shoe Size", "x_a\u202e", "x_\n",
    "birth_date",
)  # fmt: skip
TYPES = (
    "1::tinyint", "1::ubigint", "1::hugeint", "1.5::float", "'nan'::double", "1.5::decimal(38, 10)",
    "1.5::decimal(4, 1)", "'a'", "date '2024-01-01'", "date '12000-01-01'", "'infinity'::date",
    "timestamp '2024-01-01'", "timestamptz '2024-01-01'", "timestamp_ns '2024-01-01'", "time '10:00'",
    "interval 1 day", "true", "['a']", "{'a': 1}", "map {'a': 1}", "'a'::blob", "uuid()", "null",
    "'a'::enum('a', 'b')", "[1, 2]::int[2]", "1::bit", "''", "repeat('a', 200000)",
)  # fmt: skip


# --- mutations -----------------------------------------------------------------------------------------------------


def rows_of(table: str, draw: random.Random) -> list[list[str]]:
    header, line = TABLES[table]
    start = draw.randrange(10**6)
    lines = [header, *(line.format(n=start + i, day=1 + i) for i in range(draw.randrange(1, 7)))]
    return list(csv.reader(lines))


def text_of(rows: list[list[str]], **form: Any) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n", **form).writerows(rows)
    return written.getvalue().encode()


def cells(rows: list[list[str]], draw: random.Random) -> bytes:
    for _ in range(draw.randrange(1, 4)):
        row = draw.choice(rows[1:])
        row[draw.randrange(len(row))] = draw.choice(VALUES)
    if draw.random() < 0.2:
        draw.choice(rows[1:]).append("more")
    return text_of(rows)


def headers(rows: list[list[str]], draw: random.Random) -> bytes:
    place = draw.randrange(len(rows[0]))
    change = draw.randrange(4)
    if change == 0:
        rows[0][place] = draw.choice(NAMES)
    elif change == 1:
        rows = [[*row, draw.choice(VALUES) if number else draw.choice(NAMES)] for number, row in enumerate(rows)]
    elif change == 2:
        del rows[0][place]
    else:
        draw.shuffle(rows[0])
    return text_of(rows)


def damaged(rows: list[list[str]], draw: random.Random) -> bytes:
    content = bytearray(text_of(rows, quoting=draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])))
    for _ in range(draw.randrange(1, 4)):
        place = draw.randrange(len(content) + 1)
        change = draw.randrange(4)
        if change == 0:
            content[place:place] = draw.choice(
                [b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b"\xff", b",", b";", b"\xef\xbb\xbf"]
            )
        elif change == 1:
            del content[place : place + draw.randrange(1, 9)]
        elif change == 2:
            content[place : place + 1] = bytes([draw.randrange(256)])
        else:
            content = content[: max(place, 1)]
    return bytes(content)


def typed(table: str, draw: random.Random) -> Callable[[Path], None]:
    columns = TABLES[table][0].split(",")
    chosen = {column: draw.choice(TYPES) for column in draw.sample(columns, draw.randrange(1, 3))}
    values = ", ".join(
        f"{chosen.get(column, repr(f'2024-01-0{number + 1}'))} as {column}" for number, column in enumerate(columns)
    )
    extra = f", {draw.choice(TYPES)} as x_{draw.choice('abc')}2" if draw.random() < 0.5 else ""
    key = f"'{draw.randrange(10**9)}-' || i as {columns[0]}"
    select = f"select * replace ({key}) from (select {values}{extra}, i from range({draw.randrange(4)}) as t(i))"
    if columns[0] in chosen:
        select = f"select {values}{extra} from range({draw.randrange(4)}) as t(i)"
    return lambda path: duckdb.execute(f"copy ({select}) to '{path}' (format parquet)") and None


def named(table: str, draw: random.Random) -> tuple[str, dict[str, str]]:
    """A path that a mutated name leads to, and the system that is given."""
    odd = draw.choice(
        ["a b", "list[1]", "*", "?", "o'b", "{{x}}", "-", "..x", "é", "\u202e", "a\tb", "x" * 200, "$HOME", "%41"]
    )
    day = draw.choice(VALUES).replace("\0", "")[:100]
    places = [f"{table}/{odd}.csv", f"{odd}/{table}.csv", f"{table}{odd}.csv", f"{table}.CSV", f"{table}.csv.gz"]
    place = draw.choice(
        [*places, *(f"{table}/{name}/a.csv" for name in (f"source_system={odd}", f"delivered_on={day}"))]
    )
    return place, {"source_system": draw.choice(["shop", odd, "a/b", "null", ""])}


# --- what must hold ------------------------------------------------------------------------------------------------


class Builder:
    """The views of the build over a landing zone, by the text of the macro that makes them."""

    def __init__(self) -> None:
        macros = "".join(path.read_text("utf-8") for path in sorted((PROJECT_ROOT / "macros/landing").glob("*.sql")))
        (view,) = re.findall(r"set view_sql -%}(.*?){%- endset", macros, re.DOTALL)
        environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701
        environment.globals.update({"return": lambda value: value, "modules": SimpleNamespace(re=re)})
        environment.globals["var"] = lambda name: {} if name == "source_relations" else ""
        found: dict[str, Any] = {}
        environment.globals["adapter"] = SimpleNamespace(
            dispatch=lambda name: found.get(f"duckdb__{name}") or found[f"default__{name}"],
            quote=lambda name: f'"{name}"',
        )
        module: Any = environment.from_string(macros).module
        found.update(vars(module))
        self._files = module.landed_files
        self._view = environment.from_string(macros + view)
        self._sources = {
            table["name"]: (source["name"], {column["name"]: SimpleNamespace(**column) for column in table["columns"]})
            for path in (PROJECT_ROOT / "models/staging").glob("*/_*__sources.yml")
            for source in yaml.safe_load(path.read_text("utf-8"))["sources"]
            for table in source["tables"]
        }

    def read(self, connection: duckdb.DuckDBPyConnection, zone: Zone, table: str) -> int:
        """Read every value of a feed as the build does; return its rows."""
        department, columns = self._sources[table]
        landing, feed = zone.paths.landing, f"{department}/{table}"
        places = sorted(str(file.relative_to(landing)) for file in (landing / feed).glob("*/*/*.parquet"))
        if not places:
            return 0
        origin = self._files(str(landing), feed, places).strip()
        delivered = [row[0].lower() for row in connection.execute(f"describe select * from {origin}").fetchall()]
        source = SimpleNamespace(source_name=department, name=table, columns=columns)
        sql = self._view.render(
            target="read_back", feed=source, name=f"{department}.{table}", delivered=delivered, origin=origin
        )
        connection.execute(sql)
        rows, _ = connection.execute("select count(*), bit_xor(hash(read_back)) from read_back").fetchone()  # type: ignore[misc]
        return int(rows)


def kinds(draw: random.Random) -> Iterator[str]:
    while True:
        yield from draw.sample(["cells"] * 3 + ["headers"] * 2 + ["damaged"] * 3 + ["typed"] * 2 + ["named"] * 2, 12)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One database without threads for all files; nobody pulls the plug."""
    database = duckdb.connect(config={"threads": 1})
    found = database.execute("select name from duckdb_optimizers()").fetchall()
    left_out = ",".join(name for (name,) in found if name not in NEEDED_PLANS)
    database.execute(f"set global disabled_optimizers = '{left_out}'")
    monkeypatch.setattr(duckdb, "connect", lambda *_, **__: database.cursor())
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.mark.usefixtures("_quick")
def test_mutated_files_lose_no_row_and_land_nothing_that_cannot_be_built(tmp_path: Path) -> None:
    draw = random.Random(13)  # noqa: S311
    builder = Builder()
    endings = {"landed": 0, "refused": 0}
    kind = kinds(draw)
    for number in range(FILES // PER_ZONE):
        (tmp_path / str(number)).mkdir()
        zone = Zone(tmp_path / str(number))
        receipts: list[Receipt] = []
        for _ in range(PER_ZONE):
            table = draw.choice(list(TABLES))
            landed = land_mutated(zone, table, next(kind), draw)
            endings["refused" if landed is None else "landed"] += 1
            receipts.extend(landed or [])
        compare(zone, receipts, builder)
    # Both ways are taken often: a fuzz that is always refused at the header shows little.
    assert min(endings.values()) > FILES / 5, endings


def land_mutated(zone: Zone, table: str, kind: str, draw: random.Random) -> list[Receipt] | None:
    """Land one mutated file; None where it was refused."""
    for path in sorted(zone.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    name, options, content = f"{table}.csv", {"source_system": "shop"}, b""
    rows = rows_of(table, draw)
    count = len(rows) - 1
    if kind == "typed":
        name = f"{table}.parquet"
        typed(table, draw)(zone.folder / name)
    else:
        if kind == "named":
            name, options = named(table, draw)
        content = {"cells": cells, "headers": headers, "damaged": damaged}.get(kind, lambda rows, _: text_of(rows))(
            rows, draw
        )
        zone.write(name, content)
    refused = None
    try:
        receipts = land_files(zone.paths, zone.folder, delivered_on=DAY, **options)
    except ProfitError as error:
        refused = error
    if refused:
        assert type(refused) is LandingError, refused
        assert str(refused).isprintable(), refused
        assert "landed" in str(refused) or "Expected" in str(refused), refused
        return None
    new = [receipt for receipt in receipts if not receipt.is_repeat]
    read = sum(receipt.rows_read for receipt in receipts)
    if kind in {"cells", "headers"}:
        assert read == count, content
    elif kind == "damaged":
        text = io.StringIO(content.decode("utf-8-sig", "replace"), newline="")
        assert read == sum(bool(row) for row in csv.reader(text, skipinitialspace=True)) - 1, content
    return new


def compare(zone: Zone, receipts: list[Receipt], builder: Builder) -> None:
    """What lies in the zone is what the receipts say, and the build can read it."""
    assert all(receipt.rows_landed + receipt.rows_quarantined == receipt.rows_read for receipt in receipts)
    with duckdb.connect() as connection:
        for table in {receipt.feed.partition(".")[2] for receipt in receipts}:
            of_table = [receipt for receipt in receipts if receipt.feed.endswith(f".{table}")]
            assert builder.read(connection, zone, table) == sum(receipt.rows_landed for receipt in of_table)
        refused = 0
        if any(zone.paths.quarantine.rglob("*.parquet")):
            ((refused,),) = connection.execute(
                f"select count(*) from read_parquet('{zone.paths.quarantine}/*/*/*/*/*.parquet')"
            ).fetchall()
    assert refused == sum(r.rows_quarantined + sum(r.emptied_by_column.values()) for r in receipts)
    assert not (zone.paths.landing / "_incoming").exists()
    assert not (zone.paths.landing / "_pending").exists()
