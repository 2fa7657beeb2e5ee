"""`land_files`: which files are landed, as what, and when a delivery is refused as a whole."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import duckdb
import pytest
from landing_zone import Zone

from profit.connectors.files import ignored_files, land_files
from profit.contract import read_contract
from profit.errors import LandingError

CUSTOMERS = "customer_id,first_name\nC1,Ann\nC2,Bob\n"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


# --- layouts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "crm/customers.csv",
        "crm/customers/part-1.csv",
        "customers.csv",
        "customers/2024.csv",
        "crm__customers.csv",
        "crm.customers.csv",
        "CRM/Customers.CSV",
    ],
)
def test_every_layout_is_recognised(zone: Zone, name: str) -> None:
    zone.write(name, CUSTOMERS)
    (receipt,) = zone.land()
    assert (receipt.feed, receipt.source_system, receipt.delivered_on) == ("crm.customers", "shop", "2024-05-06")
    assert receipt.rows_landed == 2
    folder = zone.paths.landing / "crm/customers/source_system=shop/delivered_on=2024-05-06"
    assert [path.name for path in folder.iterdir()] == [f"0001-{receipt.checksum[:12]}.parquet"]


def test_path_names_system_and_day_above_options_and_columns(zone: Zone) -> None:
    zone.write(
        "crm/customers/source_system=till/delivered_on=2024-01-31/a.csv",
        "customer_id,source_system,delivered_on\nC1,web,2023-01-01\n",
    )
    (receipt,) = zone.land()
    assert (receipt.source_system, receipt.delivered_on) == ("till", "2024-01-31")


def test_gzip_and_parquet_are_read(zone: Zone) -> None:
    zone.write("customers/a.csv.gz", gzip.compress(CUSTOMERS.encode()))
    zone.write_parquet(
        "orders.parquet", "select 'O1' as Order_ID, timestamp '2024-01-01 10:00' as ordered_at, 7 as x_n"
    )
    assert [(receipt.feed, receipt.rows_landed) for receipt in zone.land()] == [
        ("crm.customers", 2),
        ("sales.orders", 1),
    ]
    assert zone.rows("order_id, ordered_at, x_n", "orders") == [("O1", dt.datetime(2024, 1, 1, 10), 7)]


def test_other_files_are_ignored_and_listed(zone: Zone) -> None:
    zone.write("customers.csv", CUSTOMERS)
    for name in ("README.md", "notes.txt", ".hidden.csv", "_truth/customers.csv", "crm/customers.sql", "manifest.json"):
        zone.write(name, "whatever")
    assert len(zone.land()) == 1
    assert [str(path.relative_to(zone.folder)) for path in ignored_files(zone.folder)] == [
        ".hidden.csv",
        "README.md",
        "_truth/customers.csv",
        "crm/customers.sql",
        "manifest.json",
        "notes.txt",
    ]


# --- what is refused as a whole ------------------------------------------------------------------------------------


def test_fatal_error_in_one_file_lands_nothing_of_the_others(zone: Zone) -> None:
    zone.write("customers.csv", CUSTOMERS)
    zone.land()
    zone.write("customers.csv", CUSTOMERS + "C3,Cid\n")
    zone.write("orders.csv", "order_id,channel\nO1,web\n")
    zone.fails("orders.csv", "lacks the required column ordered_at", "Found: order_id, channel")


def test_unknown_table_lists_the_known_ones_and_the_nearest(zone: Zone) -> None:
    zone.write("crm/custmers.csv", CUSTOMERS)
    zone.fails("custmers.csv", "no table 'custmers'", "Did you mean customers?", "customers, exchange_rates")


def test_table_under_the_wrong_department_is_refused(zone: Zone) -> None:
    zone.write("sales/customers.csv", CUSTOMERS)
    zone.fails("customers belongs to department crm, not sales")


@pytest.mark.parametrize("name", ["customers.xlsx", "crm/customers.json", "customers/part.tsv", "budget.ods"])
def test_tables_in_other_formats_are_refused(zone: Zone, name: str) -> None:
    zone.write(name, "x")
    zone.fails(name, "not CSV or Parquet")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("crm/customers/a/b.csv", "too deep"),
        ("crm/customers/region=eu/b.csv", "'region=eu'"),
        ("customers/delivered_on=June/b.csv", "'June' is not a day"),
        ("customers/source_system=web shop/b.csv", "'web shop' cannot name a folder"),
    ],
)
def test_paths_that_say_nothing_clear_are_refused(zone: Zone, name: str, text: str) -> None:
    zone.write(name, CUSTOMERS)
    zone.fails(text)


def test_folder_without_tables_says_what_was_expected(zone: Zone) -> None:
    zone.fails("no table found", "<department>/<table>.csv")
    zone.write("README.md", "x")
    zone.fails("no table found")
    with pytest.raises(LandingError, match="there is no such folder"):
        land_files(zone.paths, zone.folder / "nowhere")
    with pytest.raises(LandingError, match="is a file"):
        land_files(zone.paths, zone.folder / "README.md")


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("customers.parquet", b"PAR1 this is no parquet PAR1", "cannot be read"),
        ("customers.parquet", b"", "cannot be read"),
        ("customers.csv", b"", "no header line"),
        ("customers.csv", b"\n\nC1\n", "no header line"),
        ("customers.csv", b"\x89PNG\r\n\x1a\n\x00\x00\xff", "not UTF-8"),
        ("customers.csv", b"a\x00b\n", "is not text in UTF-8"),
        ("customers.csv", "customer_id\nC1\n".encode("utf-16-le"), "is not text in UTF-8"),
        ("customers.csv", b"customer_id,First_Name, first_name\nC1,a,b\n", "more than one column first_name"),
        ("customers.csv", b"customer_id,,city\nC1,a,b\n", "no name for column 2"),
        ("customers.csv", b"customer_id,_line\nC1,a\n", "landing uses itself"),
        ("customers.csv", b'customer_id,"first\nname"\nC1,a\n', "odd number of quotes"),
        ("customers.csv", b"customer_id,city\rC1,a\r", "bare carriage return"),
        ("customers.csv.gz", b"customer_id\nC1\n", "cannot be opened"),
        ("customers.csv.gz", gzip.compress(CUSTOMERS.encode() * 9, mtime=0)[:-12], "customers.csv.gz"),
        ("customers.csv", b"customer_id,city\r\nC1,a\nC2,b\r\nC3\r\n", "line ends"),
    ],
)
def test_unreadable_files_are_named(zone: Zone, name: str, content: bytes, text: str) -> None:
    zone.write(name, content)
    zone.fails(name, text)


# --- values that are kept ------------------------------------------------------------------------------------------


def test_byte_order_mark_crlf_semicolon_quotes_and_names(zone: Zone) -> None:
    zone.write(
        "customers.csv",
        "\ufeffCustomer_ID ; First_Name;organisation_name;birth_date\r\n"
        'C1;Zoë;"Müller; Söhne, ""Wien""";9999-12-31\r\n'
        "C2;李;;\r\n",
    )
    (receipt,) = zone.land()
    assert receipt.rows_quarantined == 0
    assert zone.rows("customer_id, first_name, organisation_name, birth_date") == [
        ("C1", "Zoë", 'Müller; Söhne, "Wien"', dt.date(9999, 12, 31)),
        ("C2", "李", None, None),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_in_the_header(zone: Zone, delimiter: str) -> None:
    zone.write("customers.csv", CUSTOMERS.replace(",", delimiter))
    zone.land()
    assert zone.rows("customer_id, first_name") == [("C1", "Ann"), ("C2", "Bob")]


def test_timestamps_with_offset_become_utc(zone: Zone) -> None:
    zone.write(
        "orders.csv",
        "order_id,ordered_at\nO1,2024-03-01T12:00:00+02:00\nO2,2024-03-01 12:00:00\nO3,2024-03-01\n"
        "O4,2024-03-01T12:00Z\nO5,2024-03-01 12:00+02:00\n",
    )
    zone.land()
    assert zone.rows("order_id, ordered_at") == [
        ("O1", dt.datetime(2024, 3, 1, 10)),
        ("O2", dt.datetime(2024, 3, 1, 12)),
        ("O3", dt.datetime(2024, 3, 1)),
        ("O4", dt.datetime(2024, 3, 1, 12)),
        ("O5", dt.datetime(2024, 3, 1, 10)),
    ]


def test_landed_file_has_the_contract_types_the_extensions_and_the_unknown_columns(zone: Zone) -> None:
    zone.write("customers.csv", "customer_id,x_score,shoe_size\nC1,7,42\n")
    (receipt,) = zone.land()
    assert receipt.unknown_columns == ("shoe_size",)
    assert zone.rows("customer_id, x_score, shoe_size") == [("C1", "7", "42")]
    (landed,) = zone.paths.landing.glob("crm/**/*.parquet")
    described = duckdb.execute(
        f"describe (select * from read_parquet('{landed}', hive_partitioning = false))"
    ).fetchall()
    types = {name: kind for name, kind, *_ in described}
    assert list(types) == [*read_contract()["customers"].columns, "x_score", "shoe_size"]
    assert (types["birth_date"], types["is_deleted"], types["city"]) == ("DATE", "BOOLEAN", "VARCHAR")


# --- systems and days in columns -----------------------------------------------------------------------------------


def test_file_may_hold_several_systems_and_days(zone: Zone) -> None:
    zone.write(
        "customers.csv",
        "customer_id,source_system,delivered_on\n"
        "C1,web,2024-01-01\nC1,till,2024-01-01\nC1,web,2024-02-01\nC2,,\nC3,web,someday\nC4\nC5,web,2024-01-01\n",
    )
    receipts = zone.land()
    assert [(r.source_system, r.delivered_on, r.rows_landed, r.rows_quarantined) for r in receipts] == [
        ("shop", "2024-05-06", 1, 2),
        ("till", "2024-01-01", 1, 0),
        ("web", "2024-01-01", 2, 0),
        ("web", "2024-02-01", 1, 0),
    ]
    assert zone.refused("line_number, column_name") == [(6, "delivered_on"), (7, "(whole line)")]
    before = zone.snapshot()
    again = zone.land()
    assert [receipt.is_repeat for receipt in again] == [True] * 4
    assert zone.snapshot() == before


def test_parquet_may_hold_systems_and_days(zone: Zone) -> None:
    zone.write_parquet(
        "customers.parquet",
        "select 'C' || i as customer_id, 's' || i % 2 as source_system, date '2024-01-01' + i::int as delivered_on "
        "from range(4) as r(i)",
    )
    assert sorted((r.source_system, r.delivered_on) for r in zone.land()) == [
        ("s0", "2024-01-01"),
        ("s0", "2024-01-03"),
        ("s1", "2024-01-02"),
        ("s1", "2024-01-04"),
    ]
