"""Hostile and broken input at the landing: what the command says and ends with, and that nothing is landed."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from landing_zone import Zone

from profit.cli import main
from profit.paths import PROJECT_ROOT, Paths

OK, USAGE, REFUSED, BUSY = 0, 2, 3, 8
OWN_NAMES = "".join(f",x_{number}" for number in range(300))
CUSTOMERS = "customer_id,first_name\nC1,Ann\nC2,Bob\n"
Content = str | bytes | Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """One kind of input: files by name, and how landing them ends."""

    files: Mapping[str, Content]
    says: str
    code: int = REFUSED
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    # Rows that went to quarantine, where the delivery as a whole is landed.
    quarantined: int | None = None


def csv(text: str | bytes, says: str, **options: object) -> Case:
    return Case({"customers.csv": text}, says, **options)  # type: ignore[arg-type]


def header(columns: str, says: str) -> Case:
    return csv(f"customer_id,{columns}\nC1{',a' * (columns.count(',') + 1)}\n", says)


def own(values: list[str], says: str, code: int = REFUSED) -> Case:
    rows = "\n".join(f"C{number},{value}" for number, value in enumerate(values))
    return csv(f"customer_id,x_own\n{rows}\n", says, code=code)


def parquet(select: str, says: str, table: str = "customers", **options: object) -> Case:
    def write(path: Path) -> None:
        duckdb.execute(f"copy ({select}) to '{path}' (format parquet)")

    return Case({f"{table}.parquet": write}, says, **options)  # type: ignore[arg-type]


def row(table: str, columns: str, good: str, bad: str, says: str) -> Case:
    return Case({f"{table}.csv": f"{columns}\n{good}\n{bad}\n"}, says, code=OK, quarantined=1)


def link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            bound.bind(path.name)
        finally:
            os.chdir(here)


def bomb(path: Path) -> None:
    """One line of 64 MB in 64 kB."""
    with gzip.open(path, "wb") as stream:
        stream.write(b"customer_id\n")
        for _ in range(64):
            stream.write(b"C" * (1 << 20))


DATES = ("customers", "customer_id,birth_date", "C1,2000-02-29")
TIMES = ("orders", "order_id,ordered_at", "O1,2024-01-01 10:00:00")
NUMBERS = ("products", "product_id,unit_list_price", "P1,10.50")
WHOLE = ("subscriptions", "subscription_id,customer_id,started_on,term_months", "S1,C1,2024-01-01,12")
SHARES = ("opportunities", "opportunity_id,opened_on,probability", "P1,2024-01-01,0.5")
QUOTE = "is not closed"
PATTERN = "letters (a to z), digits and underscores only, 63 at most"

CASES = {
    # Names of columns
    "sql_in_a_column_name": header("\"x_b as x_c, (select content from read_text('/etc/hostname')) as x_l\"", PATTERN),
    "semicolon_in_a_column_name": header("x_a;drop", PATTERN),
    "space_in_a_column_name": header("x_my col", PATTERN),
    "umlaut_in_a_column_name": header("x_größe", PATTERN),
    "quote_in_a_column_name": header("x_it's", PATTERN),
    "double_quote_in_a_column_name": header('"x_""a"', PATTERN),
    "jinja_in_a_column_name": header("x_{{ env_var('HOME') }}", PATTERN),
    "html_in_a_column_name": header("<script>alert(1)</script>", PATTERN),
    "path_in_a_column_name": header("../../x_a", PATTERN),
    "formula_in_a_column_name": header("=cmd|'/c calc'!A1", PATTERN),
    "newline_in_a_column_name": csv('customer_id,"x_\na"\nC1,a\n', "odd number of quotes"),
    "control_character_in_a_column_name": header("x_\x1b[31m", "'x_\\x1b[31m'"),
    "text_direction_in_a_column_name": header("x_\u202egpj", "'x_\\u202egpj'"),
    "long_column_name": header("x_" + "a" * 62, PATTERN),
    "very_long_column_name": header("x_" + "a" * 200_000, "cannot be split (field larger than field limit"),
    "column_without_a_name": header(",city", "has no name for column 2"),
    "column_twice": header("city,CITY", "more than one column city"),
    "column_of_landing_itself": header("_landing_reason", "a name that landing uses itself"),
    "column_of_the_engine": header("filename", "a name that landing uses itself"),
    "too_many_columns": header(",".join(f"c{number}" for number in range(1001)), "has 1,002 columns"),
    "space_in_a_parquet_column_name": parquet("select 'C1' as customer_id, 1 as \"x_my col\"", PATTERN),
    # Names of systems, folders and files
    "sql_in_a_system": csv(CUSTOMERS, "cannot name a folder", arguments=("--source-system", "a'; drop table b")),
    "path_as_a_system": csv(CUSTOMERS, "cannot name a folder", arguments=("--source-system", "../../etc")),
    "long_system": csv(CUSTOMERS, "63 at most", arguments=("--source-system", "s" * 300)),
    "empty_system": csv(CUSTOMERS, "cannot name a folder", arguments=("--source-system", "")),
    "null_as_a_system": csv(CUSTOMERS, "not 'null'", arguments=("--source-system", "NULL")),
    "newline_in_a_system": csv(CUSTOMERS, "'a\\nb' cannot name", arguments=("--source-system", "a\nb")),
    "path_in_a_column_system": csv("customer_id,source_system\nC1,../../x\n", "'../../x' cannot name a folder"),
    "system_for_every_row": csv(
        "customer_id,source_system\n" + "".join(f"C{n},s{n}\n" for n in range(1001)), "names 1,001 source systems"
    ),
    "line_of_a_spreadsheet": csv("sep=;\n" + CUSTOMERS.replace(",", ";"), "begins with 'sep=;', which names no"),
    "title_above_the_header": csv("Customers of May\n\n" + CUSTOMERS, "begins with 'Customers of May', which names"),
    "comment_above_the_header": csv("# exported\n" + CUSTOMERS, "its first line has to be the names of the columns"),
    "no_header": csv(CUSTOMERS.partition("\n")[2], "begins with 'C1,Ann', which names no column of crm.customers"),
    "fields_end_with_carets": csv(CUSTOMERS.replace(",", "^"), "end with a comma, a semicolon, a tab or a stroke"),
    "dialect_of_another_name": Case({"customers.csv": CUSTOMERS, "_dialect.yaml": "time_zone: UTC"}, "is not read"),
    "comma_without_quotes": Case({"customers.csv": CUSTOMERS, "_dialect.yml": "\ndecimal: ,\n"}, "line 2: cannot"),
    "many_own_columns": csv("customer_id" + OWN_NAMES + "\nC1" + "," * 300 + "\n", "1 landed", code=OK),
    "json_named_csv": csv('[{"customer_id":"C1"}]\n', "which names no column"),
    "text_file_of_a_table": Case({"customers.csv": CUSTOMERS, "orders.txt": "order_id\n"}, "orders.txt: not CSV or"),
    "table_without_a_suffix": Case({"customers": CUSTOMERS}, "customers: not CSV or Parquet"),
    "notes_beside_a_table": Case({"customers.csv": CUSTOMERS, "README.txt": "x", "LICENCE": "x"}, "2 landed", code=OK),
    "carriage_return_within_a_line": csv("customer_id,city\nC1,a\rC2,b\nC3,c\r\n", "line 2 has a carriage return"),
    "jinja_in_a_folder": Case({"customers/source_system={{x}}/a.csv": CUSTOMERS}, "'{{x}}' cannot name a folder"),
    "unknown_folder": Case({"customers/region=eu/a.csv": CUSTOMERS}, "'region=eu' is not source_system"),
    "two_systems_in_a_path": Case(
        {"customers/source_system=a/source_system=b/a.csv": CUSTOMERS}, "two folders source_system="
    ),
    "control_character_in_a_file_name": Case({"customers/\x1b]0;x\x07.csv": CUSTOMERS}, "control characters"),
    "text_direction_in_a_file_name": Case({"customers/a\u202evsc.csv": CUSTOMERS}, "writing direction"),
    "file_name_that_is_not_utf8": Case({"customers/\udcff.csv": CUSTOMERS}, "is not UTF-8"),
    "brackets_in_a_file_name": Case({"customers/list[1].csv": CUSTOMERS}, "2 landed", code=OK),
    "wildcards_in_a_file_name": Case({"customers/*?.csv": CUSTOMERS, "customers/b?.csv": ""}, "b?.csv: has no header"),
    "quote_in_a_file_name": Case({"customers/o'brien.csv": CUSTOMERS}, "2 landed", code=OK),
    # Days of delivery
    "day_far_ahead": csv(CUSTOMERS, "9999-12-31 is not between", arguments=("--delivered-on", "9999-12-31")),
    "day_before_2000": csv(CUSTOMERS, "1999-12-31 is not between", arguments=("--delivered-on", "1999-12-31")),
    "no_day": csv(CUSTOMERS, "does not match the format", arguments=("--delivered-on", "soon"), code=USAGE),
    "folder_of_a_day_ahead": Case({"customers/delivered_on=2999-01-01/a.csv": CUSTOMERS}, "2999-01-01 is not between"),
    "folder_of_no_day": Case({"customers/delivered_on=2024-W18-3/a.csv": CUSTOMERS}, "'2024-W18-3' is not a day"),
    "column_of_a_day_ahead": csv("customer_id,delivered_on\nC1,9999-12-31\nC2,2024-01-01\n", "1 landed", code=OK,
                                 quarantined=1),
    "column_of_a_day_beyond_9999": csv("customer_id,delivered_on\nC1,12024-01-01\n", "", code=OK, quarantined=1),
    "column_of_a_day_before_christ": csv("customer_id,delivered_on\nC1,0044-03-15 (BC)\n", "", code=OK, quarantined=1),
    "column_of_an_infinite_day": csv("customer_id,delivered_on\nC1,infinity\n", "", code=OK, quarantined=1),
    # Values
    "underscore_in_a_number": row(*NUMBERS, "P2,1_000", "products"),
    "hexadecimal_number": row(*WHOLE, "S2,C1,2024-01-01,0x10", "subscriptions"),
    "infinite_number": row(*SHARES, "P2,2024-01-01,infinity", "opportunities"),
    "no_number": row(*SHARES, "P2,2024-01-01,-nan", "opportunities"),
    "too_large_a_number": row(*NUMBERS, "P2,1e300", "products"),
    "year_beyond_9999": row(*DATES, "C2,12024-01-01", "customers"),
    "infinite_day": row(*DATES, "C2,infinity", "customers"),
    "day_before_christ": row(*DATES, "C2,0044-03-15 (BC)", "customers"),
    "year_of_two_digits": row(*DATES, "C2,24-03-05", "customers"),
    "day_with_a_tail": row(*DATES, "C2,2024-03-05 or so", "customers"),
    "time_with_a_zone_name": row(*TIMES, "O2,2024-01-01 10:00:00 America/New_York", "orders"),
    "infinite_time": row(*TIMES, "O2,infinity", "orders"),
    "parquet_year_beyond_9999": parquet(
        "select * from (values ('C1', date '2000-01-01'), ('C2', date '12000-01-01')) as t(customer_id, birth_date)",
        "customers", code=OK, quarantined=1,
    ),
    "long_value": row("customers", "customer_id,city", "C1,Rome", f"C2,{'a' * 200_000}", "customers"),
    "null_byte_in_the_header": csv(b"customer_id\0\nC1\n", "is not text"),
    # Own columns
    "own_email": own(["ann@example.com"], "looks like an e-mail address in 1 rows, first in line 2"),
    "own_email_in_text": own(["call back", "write to ann@example.com please"], "an e-mail address"),
    "own_phone": own(["+49 621 123456", "+1 (555) 010-9999"], "a telephone number in 2 rows"),
    "own_phone_in_digits": own(["+4915112345678"], "a telephone number"),
    "own_national_phone": own(["(555) 010-9999"], "a telephone number"),
    "own_card": own(["4111 1111 1111 1111", "gold"], "the number of a payment card"),
    "own_card_in_digits": own(["5500005555555559", "4012888888881881"], "the number of a payment card in 2 rows"),
    "own_tax_number": own(["123-45-6789", "987-65-4321"], "a tax number"),
    "own_vat_number": own(["DE123456789"], "a tax number"),
    "own_ordinary_numbers": own(["1234567890123", "1234567890124", "2024-01-02", "A-1-2", "12,5"], "", code=OK),
    "own_list": parquet("select 'C1' as customer_id, ['a'] as x_tags", "x_tags is VARCHAR[], which not every engine"),
    "own_binary": parquet("select 'C1' as customer_id, 1::hugeint as x_n, {'a': 1} as x_s", "which not every engine"),
    "list_as_a_value": parquet("select ['C1'] as customer_id", "customer_id is VARCHAR[], of which no string"),
    # Rows and sizes
    "quote_that_swallows_the_rest": csv('customer_id,city\nC1,"Rome\n' + "C2,Oslo\n" * 50, f"line 2 that {QUOTE}"),
    "quote_that_swallows_many_lines": csv('customer_id,city\nC1,"Rome\n' + "C2,Oslo\n" * 200, "more than 100 lines"),
    "quotes_that_swallow_a_line": csv('customer_id,city\nC1,"Rome\nC2,Oslo\nC3,"Bern",\n', QUOTE),
    "quote_open_at_the_end": csv('customer_id,city\nC1,Rome\nC2,"Os', f"line 3 that {QUOTE} there and runs to the end"),
    "quote_closed_two_lines_on": csv('customer_id,city\nC1,"Rome\nC2"x,Oslo\nC3,Bern\n', "runs to line 3"),
    "long_line": csv(b"customer_id,city\nC1," + b"a" * 2_100_000 + b"\n", "more than 2,000,000 bytes, line 2"),
    "line_without_end": csv(b"customer_id\n" + b"C" * 3_000_000, "more than 2,000,000 bytes, line 2"),
    "gzip_bomb": Case({"customers.csv.gz": bomb}, "more than 2,000,000 bytes unpacked, line 2"),
    "unpacked_beyond_the_limit": Case(
        {"customers.csv.gz": gzip.compress(CUSTOMERS.encode() * 90)}, "more than 1,000 bytes unpacked",
        environment={"PROFIT_LIMIT_UNPACKED_BYTES": "1000"},
    ),
    "rows_beyond_the_limit": csv(CUSTOMERS * 9, "more than 9 lines", environment={"PROFIT_LIMIT_ROWS": "9"}),
    "parquet_rows_beyond_the_limit": parquet(
        "select 'C' || i as customer_id from range(11) as t(i)", "holds 11 rows", environment={"PROFIT_LIMIT_ROWS": "9"}
    ),
    "cell_beyond_the_limit": csv(CUSTOMERS, "", code=OK, quarantined=2, environment={"PROFIT_LIMIT_CELL_BYTES": "2"}),
    "limit_that_is_no_number": csv(CUSTOMERS, "PROFIT_LIMIT_ROWS is 'many'", code=USAGE,
                                   environment={"PROFIT_LIMIT_ROWS": "many"}),
    "one_column_in_two_kinds_of_line_ends": csv(b"customer_id,city\r\nC1,a\nC2,b\r\nC3\r\n", "line ends"),
    "utf16": csv("customer_id\nC1\n".encode("utf-16-le"), "is not text in UTF-8"),
    "cut_off_gzip": Case({"customers.csv.gz": gzip.compress(CUSTOMERS.encode() * 9, mtime=0)[:-12]}, "cannot be read"),
    "gzip_that_is_none": Case({"customers.csv.gz": CUSTOMERS}, "cannot be opened"),
    "empty_file": csv("", "no header line"),
    "damaged_parquet": Case({"customers.parquet": b"PAR1 nothing PAR1"}, "cannot be read"),
    "empty_parquet": Case({"customers.parquet": b""}, "cannot be read"),
    # What is no file
    "pipe": Case({"customers.csv": os.mkfifo}, "is a pipe, not a file"),
    "socket": Case({"customers.csv": bind}, "is a socket, not a file"),
    "link_to_a_device": Case({"customers.csv": device}, "outside of the delivered folder"),
    "link_to_nothing": Case({"customers.csv": link("nowhere.csv")}, "is a link to nothing"),
    "link_out_of_the_folder": Case({"customers.csv": link("/etc/hostname")}, "outside of the delivered folder"),
    "link_to_a_folder": Case({"customers": link("/etc")}, "is a link to a folder"),
    "link_in_a_circle": Case({"customers.csv": link("customers.csv")}, "customers.csv: "),
    "link_within_the_folder": Case({"a.customers.txt": CUSTOMERS, "customers.csv": link("a.customers.txt")}, "2 landed",
                                   code=OK),
    "spreadsheet": Case({"customers.xlsx": b"PK"}, "not CSV or Parquet"),
    "nothing": Case({}, "no table found"),
    # Settings
    "empty_landing": csv(CUSTOMERS, "PROFIT_LANDING is set and empty", code=USAGE, environment={"PROFIT_LANDING": ""}),
    "quote_in_a_path": csv(CUSTOMERS, "stands for something else", code=USAGE,
                           environment={"PROFIT_LANDING": "/srv/o'brien"}),
    "wildcard_in_a_path": csv(CUSTOMERS, "stands for something else", code=USAGE,
                              environment={"PROFIT_QUARANTINE": "/srv/a*"}),
    "home_of_nobody": csv(CUSTOMERS, "names no home folder", code=USAGE,
                          environment={"PROFIT_LANDING": "~nobody-of-that-name/landing"}),
    "long_name_in_a_path": csv(CUSTOMERS, "name is too long", environment={"PROFIT_LANDING": f"/srv/{'l' * 300}"}),
    "landing_that_is_a_file": csv(CUSTOMERS, "a file stands where a folder is needed",
                                  environment={"PROFIT_LANDING": str(PROJECT_ROOT / "README.md")}),
    "landing_below_a_file": csv(CUSTOMERS, "a file stands where a folder is needed",
                                environment={"PROFIT_LANDING": str(PROJECT_ROOT / "README.md/landing")}),
    "landing_that_cannot_be_written": csv(CUSTOMERS, "Nothing of this delivery was landed",
                                          environment={"PROFIT_LANDING": "/proc/landing"}),
    "quarantine_that_cannot_be_written": csv("customer_id,city\nC1\n", "Nothing of this delivery was landed",
                                             environment={"PROFIT_QUARANTINE": "/proc/quarantine"}),
    "quarantine_on_a_full_disk": csv("customer_id,city\nC1\n", "Nothing of this delivery was landed",
                                     environment={"PROFIT_QUARANTINE": "/dev/full/quarantine"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_hostile_or_broken_input_ends_with_its_code_and_message(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    zone = Zone(tmp_path)
    for file, content in case.files.items():
        path = zone.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            zone.write(file, content)
    for variable, value in {**zone.paths.as_environment(), **case.environment}.items():
        monkeypatch.setenv(variable, value)
    outcome = CliRunner().invoke(main, ["land", "files", "--from", str(zone.folder), *case.arguments])
    said = outcome.output
    traced = "".join(traceback.format_exception(outcome.exception)) if outcome.exception else ""
    assert outcome.exit_code == case.code, said + traced
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), traced
    assert "Traceback" not in said
    assert case.says in said, said
    assert all(character.isprintable() or character == "\n" for character in said)
    if case.code:
        assert not zone.paths.landing.exists()
        assert not zone.paths.quarantine.exists()
    if case.quarantined is not None:
        assert len(zone.refused()) == case.quarantined


def test_the_table_is_as_long_as_promised() -> None:
    assert len(CASES) >= 60


# --- own columns keep their type -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "is_accepted"),
    [
        ("7::int", "8::bigint", True),
        ("1.5::decimal(5, 2)", "2.5::decimal(9, 2)", True),
        ("'a'", "null::int", True),
        ("null::int", "'a'", True),
        ("1.5::float", "2.5::double", True),
        ("7::int", "'8'", False),
        ("'7'", "8::int", False),
        ("1.5::decimal(5, 2)", "1.5::decimal(5, 3)", False),
        ("date '2024-01-01'", "timestamp '2024-01-01'", False),
        ("true", "1::int", False),
    ],
)
def test_an_own_column_keeps_the_type_of_its_first_delivery(
    tmp_path: Path, first: str, second: str, is_accepted: bool
) -> None:
    zone = Zone(tmp_path)
    zone.write_parquet(
        "orders.parquet", f"select 'O1' as order_id, timestamp '2024-01-01' as ordered_at, {first} as x_a"
    )
    zone.land()
    zone.write_parquet(
        "orders.parquet", f"select 'O2' as order_id, timestamp '2024-01-01' as ordered_at, {second} as x_a"
    )
    if is_accepted:
        zone.land()
        assert len(zone.rows("x_a", "orders")) == 2
    else:
        zone.fails("own column x_a is", "since sales.orders was first delivered with it")


@pytest.mark.parametrize("kind", ["int", "double", "decimal(5, 2)", "date", "timestamp", "boolean", "varchar"])
def test_an_own_column_of_a_csv_file_that_is_empty_keeps_its_type(tmp_path: Path, kind: str) -> None:
    zone = Zone(tmp_path)
    value = {"date": "2024-01-01", "timestamp": "2024-01-01", "boolean": "true"}.get(kind, "7")
    select = f"select 'O1' as order_id, timestamp '2024-01-01' as ordered_at, cast('{value}' as {kind}) as x_a"
    zone.write_parquet("orders.parquet", select)
    zone.land()
    (zone.folder / "orders.parquet").unlink()
    zone.write("orders.csv", "order_id,ordered_at,x_a\nO2,2024-01-02,\nO3,2024-01-03,NULL\n")
    zone.land()
    described = duckdb.execute(
        f"select count(distinct duckdb_type) from parquet_schema('{zone.paths.landing}/sales/orders/*/*/*.parquet') "
        f"where name = 'x_a'"
    )
    assert described.fetchall() == [(1,)]
    assert [row for row in zone.rows("order_id, x_a", "orders") if row[1] is None] == [("O2", None), ("O3", None)]


def test_the_type_holds_between_the_files_of_one_delivery_too(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    for name, value in (("a", "1"), ("b", "'text'")):
        zone.write_parquet(f"customers/{name}.parquet", f"select '{name}' as customer_id, {value} as x_a")
    zone.fails("b.parquet: own column x_a is VARCHAR here, and BIGINT since")


# --- paths are literal, files private ------------------------------------------------------------------------------


def test_a_file_name_that_looks_like_a_pattern_means_itself(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    zone.write("customers/list[1].csv", "customer_id\nc1\n")
    zone.write("customers/list1.csv", "customer_id\nk1\nk2\n")
    zone.write_parquet("products/a.parquet", "select 'p1' as product_id")
    (zone.folder / "products/a.parquet").rename(zone.folder / "products/a*.parquet")
    zone.write_parquet("products/ab.parquet", "select 'p2' as product_id")
    zone.land()
    assert zone.rows("customer_id", "customers") == [("c1",), ("k1",), ("k2",)]
    assert zone.rows("product_id", "products") == [("p1",), ("p2",)]
    assert zone.refused() == [] if zone.paths.quarantine.exists() else True


def test_folders_above_the_landing_zone_stay_open(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    zone.paths = Paths.below(tmp_path / "company")
    zone.write("customers.csv", CUSTOMERS + "C3\n")
    before = os.umask(0o022)
    try:
        zone.land()
    finally:
        os.umask(before)
    assert (tmp_path / "company").stat().st_mode & 0o777 == 0o755
    assert zone.paths.quarantine.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_what_landing_writes_is_readable_by_its_owner_only(tmp_path: Path, umask: int) -> None:
    zone = Zone(tmp_path)
    zone.write("customers.csv", CUSTOMERS + "C3\n")
    before = os.umask(umask)
    try:
        zone.land()
    finally:
        os.umask(before)
    written = [*zone.paths.landing.rglob("*"), *zone.paths.quarantine.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in written if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in written if path.is_dir()} == {0o700}
    assert zone.paths.landing.stat().st_mode & 0o777 == 0o700


# --- withdrawing ---------------------------------------------------------------------------------------------------


def test_a_delivery_is_taken_back_kept_and_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = Zone(tmp_path)
    zone.write("products.csv", "product_id\nP1\n")
    zone.land()
    before = zone.snapshot()
    zone.write("customers.csv", CUSTOMERS + "C3\n")
    (delivery,) = {receipt.delivery for receipt in zone.land() if not receipt.is_repeat}
    for variable, value in zone.paths.as_environment().items():
        monkeypatch.setenv(variable, value)
    command = ["land", "withdraw", delivery, "--reason", "the wrong file"]
    assert CliRunner().invoke(main, command[:3]).exit_code == USAGE
    unknown = CliRunner().invoke(main, ["land", "withdraw", "0123", "--reason", "x"])
    assert (unknown.exit_code, "holds no delivery '0123'" in unknown.output) == (REFUSED, True)
    done = CliRunner().invoke(main, command)
    assert done.exit_code == OK, done.output
    assert "withdrawn: crm.customers from shop, delivered on 2024-05-06, 2 rows landed + 1 quarantined" in done.output
    aside = next((zone.paths.landing / "_withdrawn").iterdir())
    kept = {str(path): path.read_bytes() for path in aside.rglob("*") if path.is_file()}
    log = zone.paths.landing / "_withdrawals.jsonl"
    assert len(kept) == 4
    rest = {name: content for name, content in zone.snapshot().items() if name not in kept and name != str(log)}
    assert rest == before
    (entry,) = map(json.loads, log.read_text().splitlines())
    assert (entry["reason"], entry["delivery"], bool(entry["by"])) == ("the wrong file", delivery, True)
    assert entry["tables"][0]["rows_landed"] == 2
    assert duckdb.execute(f"from read_parquet('{aside}/crm/*/*/*/*.parquet')").fetchall()
    # It can be landed again, and taken back again.
    assert [receipt.is_repeat for receipt in zone.land()] == [False, True]
    assert CliRunner().invoke(main, command).exit_code == OK
    assert len(log.read_text().splitlines()) == 2


def test_a_file_that_no_landing_brought_can_be_taken_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = Zone(tmp_path)
    place = "crm/customers/source_system=shop/delivered_on=2024-05-06/9.parquet"
    (zone.paths.landing / place).parent.mkdir(parents=True)
    (zone.paths.landing / place).write_bytes(b"damaged")
    for variable, value in zone.paths.as_environment().items():
        monkeypatch.setenv(variable, value)
    for name in ("../../etc/passwd", f"/{place}", f"_receipts/{place}"):
        assert CliRunner().invoke(main, ["land", "withdraw", name, "--reason", "x"]).exit_code == REFUSED
    assert CliRunner().invoke(main, ["land", "withdraw", place, "--reason", "damaged"]).exit_code == OK
    assert not (zone.paths.landing / "crm").exists()


# --- what the session and the system cannot do ---------------------------------------------------------------------


def test_a_landing_zone_that_others_work_on_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from profit.landing.locking import changing_landing, reading_landing  # noqa: PLC0415

    zone = Zone(tmp_path)
    zone.write("customers.csv", CUSTOMERS)
    for variable, value in zone.paths.as_environment().items():
        monkeypatch.setenv(variable, value)
    for lock in (changing_landing, reading_landing):
        zone.paths.landing.mkdir(exist_ok=True)
        with lock(zone.paths):
            outcome = CliRunner().invoke(main, ["land", "files", "--from", str(zone.folder)])
        assert outcome.exit_code == BUSY
        assert "is at work on" in outcome.output
    with reading_landing(zone.paths), reading_landing(zone.paths):
        pass
    assert len(zone.land()) == 1


def test_a_session_without_utf8_says_so(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    zone.write("customers/é.csv", CUSTOMERS)
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    outcome = subprocess.run(
        [sys.executable, "-c", "from profit.cli import main; main()", "land", "files", "--from", str(zone.folder)],
        env={**os.environ, **zone.paths.as_environment(), **plain, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert outcome.returncode == REFUSED, outcome.stderr
    assert b"Traceback" not in outcome.stderr
    assert b"set LC_ALL=C.UTF-8" in outcome.stderr


def test_a_folder_that_refuses_to_go_does_not_hide_the_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = Zone(tmp_path)
    zone.write("customers.csv", "customer,city\nC1,Rome\n")

    def busy(path: object, **_: object) -> None:
        raise OSError(16, "Device or resource busy", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "rmdir", busy)
        with pytest.raises(Exception, match="lacks the required column customer_id"):
            zone.land()


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from profit.connectors.files import delivered  # noqa: PLC0415

    zone = Zone(tmp_path)
    path = zone.write("customers.csv", CUSTOMERS)
    checksum = delivered.file_checksum

    def grows(file: Path) -> str:
        found = checksum(file)
        path.write_text(CUSTOMERS + "C3,Cid\n")
        return found

    monkeypatch.setattr(delivered, "file_checksum", grows)
    zone.fails("changed while it was read")


def test_the_landing_zone_is_not_delivered_to_itself(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    zone.write("customers.csv", CUSTOMERS)
    zone.land()
    for folder in (zone.paths.landing, zone.paths.landing.parent, zone.paths.landing / "crm"):
        zone.folder = folder
        zone.fails("keep what is delivered apart")
