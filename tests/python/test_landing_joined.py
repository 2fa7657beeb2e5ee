"""What becomes of a CSV file when it is put together, packed or ended otherwise than the format says."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path

import pytest
from landing_zone import DAY, Zone

PRODUCTS = "product_id,product_name\n"
LINES = "order_line_id,order_id,quantity,unit_list_price,discount_amount\n"
TOO_MANY = "the line cannot be split into columns: too many columns"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_comma_that_splits_a_value_is_not_passed_over(zone: Zone, end: str) -> None:
    # DuckDB drops empty fields behind the last column: 1,5 became a price of 1 and a discount of 5.
    rows = ["L1,O1,1,2.50,", "L2,O1,1,1,5,", 'L3,O1,1,"3,000",', "L4,O1,1,2,,", "L5,O1,1,2.50,1"]
    zone.write("order_lines.csv", (LINES + "\n".join(rows) + "\n").replace("\n", end))
    (receipt,) = zone.land()
    assert (receipt.rows_read, receipt.rows_landed) == (5, 3)
    assert zone.rows("order_line_id, unit_list_price") == [
        ("L1", Decimal("2.5")),
        ("L3", Decimal(3000)),
        ("L5", Decimal("2.5")),
    ]
    assert zone.refused() == [(3, "(whole line)", TOO_MANY), (5, "(whole line)", TOO_MANY)]
    assert zone.refused("content")[0] == ("L2,O1,1,1,5,",)


def test_a_value_over_lines_may_hold_what_ends_a_field(zone: Zone) -> None:
    zone.write(
        "customers.csv",
        'customer_id,first_name,city\nC1,"a,\nb,\nc",\n\nC2,"a,\nb",Rome,\nC3,5" pipe,\n"C4","x ""y"", z",""\nC5,a,b\n',
    )
    zone.land()
    assert [key for (key,) in zone.rows("customer_id")] == ["C1", "C3", "C4", "C5"]
    assert zone.refused() == [(6, "(whole line)", TOO_MANY)]


@pytest.mark.parametrize("rows", [1, 3, 1500])
def test_a_file_whose_lines_all_end_with_a_comma_is_refused_whole(zone: Zone, rows: int) -> None:
    more = "" if rows < 1000 else "last,Oslo\n"
    zone.write("products.csv", PRODUCTS + "".join(f"P{row},Rome,\n" for row in range(rows)) + more)
    zone.fails("products.csv: ends its lines with ',', first in line 2, and so has more fields than its header")


def test_a_mark_before_the_second_of_two_joined_files_is_part_of_no_key(zone: Zone) -> None:
    zone.write("products.csv", f"\ufeff{PRODUCTS}P1,Lamp\n\ufeff{PRODUCTS}P2,Chair\n\ufeffP3,Table\n")
    zone.land()
    assert zone.rows("product_id") == [("P1",), ("P2",)]
    first, second = zone.refused()
    assert first[:2] == (3, "product_id")
    assert first[2].startswith("repeats the header of the file")
    assert second == (5, "product_id", "product_id: begins with a byte order mark, as where files were put together")


def test_a_mark_in_a_key_of_parquet_is_refused_as_well(zone: Zone) -> None:
    zone.write_parquet("products.parquet", "select unnest([chr(65279) || 'P1', 'P2']) as product_id")
    zone.land()
    assert zone.rows("product_id") == [("P2",)]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_second_header_in_another_order_refuses_the_file(zone: Zone, mark: str) -> None:
    zone.write("products.csv", f"{PRODUCTS}P1,Lamp\n{mark}Product_Name,product_id\nChair,P2\n")
    zone.fails("products.csv: has a second header, 'product_name,product_id', whose columns are in another order")


def test_a_row_that_says_what_columns_are_called_is_no_header(zone: Zone) -> None:
    zone.write("products.csv", f"{PRODUCTS}product_name,Lamp\nP1,product_id\n")
    zone.land()
    assert zone.rows("product_id") == [("P1",), ("product_name",)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(PRODUCTS.encode()), "is packed by gzip; call it .csv.gz"),
        (b"\x28\xb5\x2f\xfd rest", "is packed by zstd"),
        (b"PK\x03\x04 rest", "is a zip archive or a spreadsheet"),
        (b"PAR1 rest", "is Parquet; call it .parquet"),
    ],
)
def test_what_is_no_text_is_said_to_be_what_it_is(zone: Zone, content: bytes, said: str) -> None:
    zone.write("products.csv", content)
    assert "encoding" not in zone.fails(f"products.csv: {said}")


@pytest.mark.parametrize("missing", ["", "NULL", r"\N", "N/A", "nan"])
def test_a_missing_system_or_day_is_written_as_any_missing_value(zone: Zone, missing: str) -> None:
    header = "product_id,source_system,delivered_on\n"
    zone.write("products.csv", f"{header}P1,{missing},{missing}\nP2,mine,2024/3/5\n")
    assert {(receipt.source_system, receipt.delivered_on) for receipt in zone.land()} == {
        ("shop", DAY.isoformat()),
        ("mine", dt.date(2024, 3, 5).isoformat()),
    }
