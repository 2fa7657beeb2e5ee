"""How values may be written: what is read keeps every digit, what is not read is refused, in CSV and in Parquet."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_zone import Zone

from profit.contract import Feed, read_contract
from profit.landing.grammar import FALSE, MISSING, TRUE

LINES = "order_line_id,order_id,quantity,unit_list_price,discount_amount\n"


def decimals(places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value="-1e13", max_value="1e13", allow_nan=False, allow_infinity=False, places=places)


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


@pytest.mark.parametrize(
    ("price", "kept"),
    [
        ("10.50", "10.5"),
        ("0.00040000", "0.0004"),
        ("1.5e-3", "0.0015"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("0.0000125", "0.0000125"),
        ("0.000000000001", "0.000000000001"),
        ("1234567.123456789012", "1234567.123456789012"),
    ],
)
def test_a_number_that_fits_is_kept_to_the_last_digit(zone: Zone, price: str, kept: str) -> None:
    zone.write("order_lines.csv", f"{LINES}L1,O1,1,{price},\n")
    zone.land()
    assert zone.rows("unit_list_price") == [(Decimal(kept),)]


@pytest.mark.parametrize("price", ["0.0000000000004", "10.1234567890123", "4e-13", "1e-400", "1.00000000000000000001"])
def test_a_number_with_more_decimals_than_are_kept_is_refused(zone: Zone, price: str) -> None:
    zone.write("order_lines.csv", f"{LINES}L1,O1,1000000,{price},\nL2,O1,1,1,\nL3,O1,1,1,0.00004\n")
    zone.land()
    assert zone.refused() == [
        (2, "unit_list_price", f"unit_list_price: '{price}' has more decimals than decimal(26,12) keeps"),
        (4, "discount_amount", "discount_amount: '0.00004' has more decimals than decimal(18,4) keeps"),
    ]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("cast(0.0000000000004 as decimal(38, 20))", None),
        ("cast(10.5 as decimal(38, 10))", Decimal("10.5")),
        ("cast(0.0000000000004 as double)", None),
        ("cast(0.0000125 as double)", Decimal("0.0000125")),
        # Noise beyond its fifteen digits is no decimal of a double.
        ("cast(0.1 as double) + cast(0.2 as double)", Decimal("0.3")),
        ("cast(1234567.1 as double) + cast(0.2 as double)", Decimal("1234567.3")),
        ("cast(12345678.1234 as double)", Decimal("12345678.1234")),
        ("cast(0.1 as float)", Decimal("0.1")),
        ("cast(16777216 as float)", Decimal(16777216)),
        # A float above 1,000 has more digits than seven, and its cents among them.
        ("cast(123456.78 as float)", Decimal("123456.78")),
        ("cast(-12345.678 as float)", Decimal("-12345.678")),
        ("cast(1000.1234 as float)", Decimal("1000.1234")),
        ("cast(1000.1 as float) + cast(0.2 as float)", Decimal("1000.3")),
    ],
)
def test_parquet_numbers_are_held_to_the_same(zone: Zone, value: str, kept: Decimal | None) -> None:
    zone.write_parquet(
        "order_lines.parquet",
        f"select 'L1' as order_line_id, 'O1' as order_id, 1 as quantity, {value} as unit_list_price",
    )
    zone.land()
    assert zone.rows("unit_list_price") == ([] if kept is None else [(kept,)])


@pytest.mark.parametrize("rate", ["0.0000612345", "0.000041", "0.000039999200016", "25000.5", "0.000000000001"])
@pytest.mark.parametrize("kind", ["csv", "double", "decimal(30, 20)"])
def test_the_rate_of_a_weak_currency_is_kept_to_the_last_digit(zone: Zone, rate: str, kind: str) -> None:
    columns = "from_currency_code,to_currency_code,rate_on,exchange_rate"
    if kind == "csv":
        zone.write("exchange_rates.csv", f"{columns}\nIDR,USD,2024-01-01,{rate}\n")
    else:
        zone.write_parquet(
            "exchange_rates.parquet",
            f"select * from (values ('IDR', 'USD', date '2024-01-01', {rate}::{kind})) t({columns})",
        )
    zone.land()
    assert zone.rows("exchange_rate") == [(Decimal(rate),)]


FILLED = {"date": "date '2024-01-01'", "timestamp": "timestamp '2024-01-01'", "string": "'A'"}


def scales(feed: Feed) -> dict[str, int]:
    """Decimals that each number of a feed keeps."""
    kept = {name: column.data_type.partition(",")[2].rstrip(")") for name, column in feed.columns.items()}
    return {name: int(scale) for name, scale in kept.items() if scale}


def test_every_number_of_every_feed_keeps_its_decimals_and_refuses_more(zone: Zone) -> None:
    """Two rows a number: one with as many decimals as are kept, one with one more."""
    expected = []
    for feed in read_contract().values():
        rows = []
        for number, (column, scale) in enumerate(scales(feed).items()):
            assert scale >= (12 if column.startswith("unit_") or column.endswith("_rate") else 4)
            for decimals in (scale, scale + 1):
                value = f"'0.{'0' * (decimals - 1)}1'"
                filled = {name: FILLED.get(feed.columns[name].data_type, "'1'") for name in feed.required_columns}
                filled |= {name: f"date '2024-01-01' + {2 * number + decimals - scale}" for name in feed.key}
                filled |= {name: "null" for name in scales(feed) if name not in filled} | {column: value}
                rows.append("select " + ", ".join(f"{filled[name]} as {name}" for name in sorted(filled)))
            expected.append(column)
        for suffix, cast in (("csv", "varchar"), ("parquet", "double")):
            if rows:
                path = zone.write(f"{feed.table}/source_system={suffix}/1.{suffix}", b"")
                typed = ", ".join(f"cast({name} as {cast}) as {name}" for name in scales(feed))
                duckdb.execute(
                    f"copy (select * replace ({typed}) from ({' union all '.join(rows)})) to '{path}' (format {suffix})"
                )
    zone.land()
    assert zone.refused("column_name") == sorted((column,) for column in expected * 2)


@settings(max_examples=5)
@given(st.lists(decimals(places=8) | decimals(places=4), min_size=50, max_size=500))
def test_every_number_is_kept_or_refused(tmp_path_factory: pytest.TempPathFactory, numbers: list[Decimal]) -> None:
    zone = Zone(tmp_path_factory.mktemp("zone"))
    rows = "".join(f"R{place},L1,2024-01-01,1,{number:f}\n" for place, number in enumerate(numbers))
    zone.write("returns.csv", f"return_id,order_line_id,returned_at,quantity,refund_amount\n{rows}")
    zone.land()
    kept = sorted(number for number in numbers if number == round(number, 4))
    assert sorted(amount for (amount,) in zone.rows("refund_amount")) == kept


def test_a_line_whose_product_no_amount_holds_goes_to_quarantine_with_its_key(zone: Zone) -> None:
    """A barcode in the place of the quantity would stop the build, hours later and without a row."""
    zone.write("order_lines.csv", f"{LINES}L1,O1,4006381333931,49.99,\nL2,O1,2,49.99,\n")
    zone.land()
    assert zone.refused() == [
        (2, "unit_list_price", "unit_list_price: times quantity is an amount of more than 14 digits")
    ]
    assert zone.rows("order_line_id") == [("L2",)]


def test_texts_that_stand_for_nothing_are_missing_in_every_type(zone: Zone) -> None:
    header = "customer_id,first_name,birth_date"
    zone.write("customers.csv", "\n".join([header, *(f"C{i},{text},{text}" for i, text in enumerate(MISSING)), ""]))
    zone.write("order_lines.csv", LINES + "".join(f"L{i},O1,1,1,{text}\n" for i, text in enumerate(MISSING)))
    zone.land()
    assert set(zone.rows("first_name, birth_date", "customers")) == {(None, None)}
    assert set(zone.rows("discount_amount", "order_lines")) == {(None,)}
    assert not zone.paths.quarantine.exists()


def test_they_are_missing_in_own_columns_too(zone: Zone) -> None:
    zone.write("customers.csv", "customer_id,x_tier\nC1,NULL\nC2,\\N\nC3,N/A\nC4,\nC5,nan\nC6,Null\n")
    zone.land()
    assert zone.rows("x_tier") == [("Null",), *[(None,)] * 5]


def test_a_person_may_be_called_null(zone: Zone) -> None:
    zone.write("customers.csv", "customer_id,last_name\nC1,Null\nC2,null\nNULL,Smith\n")
    zone.land()
    assert zone.rows("customer_id, last_name") == [("C1", "Null"), ("C2", "null")]
    assert zone.refused() == [(4, "customer_id", "customer_id: key is missing")]


def test_booleans_are_a_closed_list(zone: Zone) -> None:
    words = [*TRUE, *FALSE, "TRUE", "No", "on", "2", "oui"]
    zone.write(
        "orders.csv",
        "order_id,ordered_at,is_deleted\n" + "".join(f"O{i},2024-01-01,{w}\n" for i, w in enumerate(words)),
    )
    zone.land()
    assert sorted(zone.rows("is_deleted")) == [(False,)] * (len(FALSE) + 1) + [(True,)] * (len(TRUE) + 1)
    assert [reason for (reason,) in zone.refused("reason")] == [
        f"is_deleted: '{word}' is not a boolean" for word in ("2", "on", "oui")
    ]


def test_a_header_that_is_repeated_inside_a_file_is_no_row(zone: Zone) -> None:
    zone.write("customers.csv", "customer_id,first_name\nC1,Ada\ncustomer_id,first_name\nC2,Bo\n")
    zone.land()
    assert zone.rows("customer_id") == [("C1",), ("C2",)]
    assert zone.refused() == [(3, "customer_id", "repeats the header of the file")]


@pytest.mark.parametrize("kind", ["double", "float", "decimal(18, 2)"])
def test_numbers_in_a_text_column_give_their_digits(zone: Zone, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    zone.write_parquet("customers.parquet", f"select unnest([1001, null, 7])::{kind} as customer_id")
    zone.land()
    assert zone.rows("customer_id") == [("1001",), ("7",)]
    assert "customer_id is text, and was delivered as numbers; their digits were taken" in capsys.readouterr().out


@pytest.mark.parametrize(
    "value",
    [
        "8676220978733875968::double",
        "4.5::double",
        "'nan'::double",
        "4.5::decimal(18, 2)",
        "16777217::float",
        "4.5::float",
    ],
)
def test_numbers_whose_digits_are_not_certain_refuse_the_file(zone: Zone, value: str) -> None:
    zone.write_parquet("customers.parquet", f"select unnest([{value}, 7]) as customer_id")
    zone.fails("column customer_id is text", "1 are no whole ones", "Deliver it as text")


TEXTS = [
    (feed.table, name)
    for feed in read_contract().values()
    for name, c in feed.columns.items()
    if c.data_type == "string"
]


@pytest.mark.parametrize(("table", "column"), TEXTS, ids=str)
@pytest.mark.parametrize("value", ["true", "{'a': 1}", "[1]"])
def test_what_is_no_text_refuses_the_file_for_every_text_column(
    zone: Zone, table: str, column: str, value: str
) -> None:
    feed = read_contract()[table]
    others = [f"cast('1' as varchar) as {name}" for name in feed.required_columns if name != column]
    zone.write_parquet(f"{table}.parquet", f"select {', '.join([f'{value} as {column}', *others])}")
    zone.fails(f"column {column} is ")


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize(
    ("offset", "hour"), [("+05:30", 8), ("+0530", 8), ("-0500", 19), ("-05", 19), ("Z", 14), ("+00:00", 14)]
)
@pytest.mark.parametrize("time", ["2024-03-05 14:00", "2024-03-05 14:00:00", "2024-03-05T14:00:00.000"])
def test_an_offset_counts_however_it_stands_behind_the_time(
    zone: Zone, time: str, offset: str, hour: int, blank: str
) -> None:
    zone.write("orders.csv", f"order_id,ordered_at\nO1,{time}{blank}{offset}\n")
    zone.land()
    assert zone.rows("ordered_at") == [(dt.datetime(2024, 3, 5, hour, 30 if "30" in offset else 0),)]


# By type: what is read, and what is not.
WRITTEN = {
    "date": (
        ["2024-03-05", "2024/3/5", "1823-03-05"],
        ["05-03-24", "2024-03-05 noon", "1-2-3", "2024-03-05 (BC)", "20240305"],
    ),
    "timestamp": (
        ["2024-03-05T10:00:00+02:00", "2024-03-05 10:00", "2024-03-05T10:00:00.5Z", "2024-03-05 10:00:00 +0200"],
        ["2024-03-05 10:00 Europe/Berlin", "24-03-05 10:00", "2024-03-05 25:00", "2024-03-05 10:00 CET"],
    ),
    "bigint": (["12", "-3"], ["12.5", "12.0", "1e3", "1_000"]),
    "boolean": (["yes", "F", "1"], ["on", "2"]),
    "double": (["0.5", "1e-3"], ["inf", "1e999", "0x10"]),
}


def test_every_value_of_every_feed_is_held_to_the_grammar_of_its_type(zone: Zone) -> None:
    """A row a value, all others of it missing: what is not read is named for its column, the rest is there.

    Without what has to be there, and what says whether it counts, a row is refused; without the rest it is landed.
    """
    refused, rows_landed = [], 0
    for number, feed in enumerate(read_contract().values()):
        names = [name for name, column in feed.columns.items() if column.is_required or column.data_type in WRITTEN]
        rows: list[dict[str, str]] = []
        for column in map(feed.columns.__getitem__, names):
            read, not_read = WRITTEN.get(column.data_type, ([], []))
            for value, is_read in [*((value, True) for value in read), *((value, False) for value in not_read)]:
                plain = {"date": "2024-01-01", "timestamp": "2024-01-01 10:00", "string": f"K{len(rows)}"}
                filled = {name: plain.get(feed.columns[name].data_type, "1") for name in feed.required_columns}
                rows.append({**dict.fromkeys(names, ""), **filled, column.name: value})
                refused += [] if is_read else [column.name]
                is_needed = column.is_required or column.name in ("is_deleted", "is_closing", *feed.key)
                rows_landed += is_read or not is_needed
        if rows:
            # Every type is in feeds of both.
            suffix = ("csv", "parquet")[number % 2]
            path = zone.write(f"{feed.table}.{suffix}", b"")
            texts = ["(" + ", ".join(f"'{row[name]}'" for name in names) + ")" for row in rows]
            table = f"(values {', '.join(texts)}) as t({', '.join(names)})"
            duckdb.execute(f"copy (select * from {table}) to '{path}' (format {suffix})")
    zone.land()
    assert zone.refused("column_name") == sorted((column,) for column in refused)
    assert sum(len(zone.rows("1", table)) for table in read_contract()) == rows_landed


def test_no_offset_is_more_than_14_hours(zone: Zone) -> None:
    zone.write("orders.csv", "order_id,ordered_at\nO1,2024-03-05 14:30+14:00\nO2,2024-03-05 14:30+14:30\n")
    zone.land()
    assert zone.rows("order_id, ordered_at") == [("O1", dt.datetime(2024, 3, 5, 0, 30))]
