"""What Parquet has typed already: kept as it is, told, or refused with its column; never changed without a word."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing_zone import Zone

MOMENT = dt.datetime(2024, 3, 1, 22, 30, 15)
MIDNIGHT = dt.datetime(2024, 3, 1)
# Required columns of the feeds that are tried, beside the one that is looked at.
OTHERS: dict[str, dict[str, Any]] = {
    "customers": {"customer_id": "C1"},
    "orders": {"order_id": "O1", "ordered_at": MIDNIGHT},
    "order_lines": {"order_line_id": "L1", "order_id": "O1", "quantity": 1, "unit_list_price": 1},
    "subscriptions": {"subscription_id": "S1", "customer_id": "C1", "started_on": dt.date(2024, 1, 1)},
    "opportunities": {"opportunity_id": "P1", "opened_on": dt.date(2024, 1, 1)},
}


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def deliver(zone: Zone, column: str, value: Any, kind: pa.DataType) -> None:
    """Write one row of a feed whose column, `feed.column`, has a value of an Arrow type."""
    feed, name = column.split(".")
    columns = {other: pa.array([content]) for other, content in OTHERS[feed].items()} | {name: pa.array([value], kind)}
    pq.write_table(pa.table(columns), zone.folder / f"{feed}.parquet")


@pytest.mark.parametrize(
    ("column", "value", "kind", "kept"),
    [
        ("customers.birth_date", MIDNIGHT, pa.timestamp("us"), MIDNIGHT.date()),
        ("customers.birth_date", MIDNIGHT, pa.timestamp("ns", "UTC"), MIDNIGHT.date()),
        ("customers.birth_date", MIDNIGHT.date(), pa.date64(), MIDNIGHT.date()),
        ("orders.ordered_at", MOMENT, pa.timestamp("s"), MOMENT),
        ("orders.ordered_at", MOMENT, pa.timestamp("ms", "America/Sao_Paulo"), MOMENT),
        ("orders.ordered_at", MIDNIGHT.date(), pa.date32(), MIDNIGHT),
        ("customers.is_deleted", 1, pa.int32(), True),
        ("customers.is_deleted", 0.0, pa.float64(), False),
        ("customers.is_deleted", Decimal(1), pa.decimal128(5, 0), True),
        ("order_lines.quantity", 3, pa.uint8(), 3),
        ("order_lines.quantity", 1.1, pa.float32(), Decimal("1.1")),
        ("order_lines.quantity", Decimal("1.25"), pa.decimal128(38, 20), Decimal("1.25")),
        ("opportunities.probability", 0.3, pa.float32(), 0.3),
        ("customers.customer_id", 2**53 + 1, pa.int64(), "9007199254740993"),
        ("customers.customer_id", Decimal(10**30 + 1), pa.decimal128(38, 0), str(10**30 + 1)),
        ("customers.customer_id", Decimal(7), pa.decimal128(20, 2), "7"),
        ("customers.customer_id", b"C1", pa.large_binary(), "C1"),
        ("customers.customer_id", "C1", pa.large_string(), "C1"),
        ("customers.customer_id", "C1", pa.dictionary(pa.int8(), pa.string()), "C1"),
        ("customers.x_weight", 1.1, pa.float32(), 1.1),
    ],
    ids=str,
)
def test_a_value_that_the_contract_can_hold_is_kept(
    zone: Zone, column: str, value: Any, kind: pa.DataType, kept: Any
) -> None:
    deliver(zone, column, value, kind)
    zone.land()
    assert zone.rows(column.split(".")[1]) == [(kept,)]


@pytest.mark.parametrize(
    ("column", "value", "kind", "reason"),
    [
        # A time of day is no part of a day: it is that of another day elsewhere.
        ("customers.birth_date", MOMENT, pa.timestamp("us"), "'2024-03-01 22:30:15' is not a date, left empty"),
        ("customers.birth_date", MOMENT, pa.timestamp("ns", "UTC"), "'2024-03-01 22:30:15+00' is not a date, left empty"),  # noqa: E501
        ("customers.birth_date", 19000, pa.int32(), "'19000' is not a date, left empty"),
        ("customers.birth_date", True, pa.bool_(), "'true' is not a date, left empty"),
        ("orders.ordered_at", 1709332215, pa.int64(), "'1709332215' is not a timestamp"),
        ("orders.ordered_at", dt.time(10), pa.time64("us"), "'10:00:00' is not a timestamp"),
        ("orders.ordered_at", True, pa.bool_(), "'true' is not a timestamp"),
        # Booleans are a closed list, and no numbers.
        ("customers.is_deleted", 2, pa.int32(), "'2' is not a boolean"),
        ("customers.is_deleted", -1, pa.int64(), "'-1' is not a boolean"),
        ("customers.is_deleted", 0.5, pa.float64(), "'0.5' is not a boolean"),
        ("customers.is_deleted", MIDNIGHT.date(), pa.date32(), "'2024-03-01' is not a boolean"),
        ("order_lines.quantity", True, pa.bool_(), "'true' is not a decimal(18,4)"),
        ("subscriptions.term_months", True, pa.bool_(), "'true' is not a bigint, left empty"),
        ("opportunities.probability", True, pa.bool_(), "'true' is not a double, left empty"),
        ("order_lines.quantity", float("inf"), pa.float64(), "'inf' is not a decimal(18,4)"),
        ("order_lines.quantity", Decimal("1.00001"), pa.decimal128(20, 5), "'1.00001' has more decimals than decimal(18,4) keeps"),  # noqa: E501
        ("order_lines.quantity", 2**64 - 1, pa.uint64(), "'18446744073709551615' is not a decimal(18,4)"),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_that_it_cannot_hold_is_refused_with_its_reason(
    zone: Zone, column: str, value: Any, kind: pa.DataType, reason: str
) -> None:
    deliver(zone, column, value, kind)
    zone.land()
    name = column.split(".")[1]
    assert zone.refused("column_name, reason") == [(name, f"{name}: {reason}")]


@pytest.mark.parametrize(
    ("column", "value", "kind", "said"),
    [
        # DuckDB reads 1.25 of 50 digits as 20971520.
        ("order_lines.quantity", Decimal("1.25"), pa.decimal256(50, 10), "column quantity is a decimal of 50 digits"),
        ("customers.x_rate", Decimal("1.25"), pa.decimal256(39, 2), "column x_rate is a decimal of 39 digits"),
        ("customers.tags", [{"a": Decimal(1)}], pa.list_(pa.struct([("a", pa.decimal256(45, 1))])), "column tags is a decimal of 45"),  # noqa: E501
        ("customers.city", b"\xff\xfe", pa.binary(), "column city holds bytes that are no UTF-8 text"),
        ("customers.customer_id", b"\xff", pa.binary(), "column customer_id holds bytes that are no UTF-8 text"),
        ("customers.customer_id", True, pa.bool_(), "column customer_id is BOOLEAN"),
        ("customers.customer_id", 7.5, pa.float64(), "of which 1 are no whole ones below 2^53"),
        ("customers.customer_id", Decimal("7.5"), pa.decimal128(20, 2), "of which 1 are no whole ones, so that"),
        ("order_lines.quantity", [1.0], pa.list_(pa.float64()), "column quantity is DOUBLE[]"),
    ],
    ids=str,
)  # fmt: skip
def test_a_column_that_cannot_be_read_as_it_is_refuses_the_file(
    zone: Zone, column: str, value: Any, kind: pa.DataType, said: str
) -> None:
    deliver(zone, column, value, kind)
    assert "xff" not in zone.fails(f"{column.partition('.')[0]}.parquet: ", said)


@pytest.mark.parametrize("second", ["city", "City", " city "])
def test_two_columns_of_one_name_refuse_the_file(zone: Zone, second: str) -> None:
    columns = [pa.array(["C1"]), pa.array(["A"]), pa.array(["B"])]
    pq.write_table(pa.Table.from_arrays(columns, ["customer_id", "city", second]), zone.folder / "customers.parquet")
    zone.fails("has more than one column city")


@pytest.mark.parametrize("name", ["ordered_at", "x_seen_at"])
def test_what_is_below_a_microsecond_is_left_off_and_said(
    zone: Zone, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = pa.array([1709332199999999999, 1709332215000000000]).cast(pa.timestamp("ns"))
    columns = {"order_id": pa.array(["O1", "O2"]), "ordered_at": pa.array([MOMENT, MOMENT]), name: moments}
    pq.write_table(pa.table(columns), zone.folder / "orders.parquet")
    zone.land()
    assert zone.rows(name) == [(dt.datetime(2024, 3, 1, 22, 29, 59, 999999),), (MOMENT,)]
    assert (
        f"column {name} has 1 moments with more than microseconds; what is below is left off" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("value", "kind", "is_told"),
    [(524288.1, pa.float32(), True), (16777217.0, pa.float64(), False), (123456.78, pa.float32(), False)],
)
def test_floating_point_that_cannot_hold_cents_is_said(
    zone: Zone, value: float, kind: pa.DataType, is_told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(zone, "order_lines.quantity", value, kind)
    zone.land()
    assert zone.rows("quantity") == [(Decimal(str(value)),)]
    told = "column quantity has 1 numbers that are too large for floating point to hold all decimals"
    assert (told in capsys.readouterr().out) == is_told


def test_texts_of_moments_are_held_to_the_same(zone: Zone, capsys: pytest.CaptureFixture[str]) -> None:
    texts = ("2024-03-01 23:59:59.9999999Z", "2024-03-01 10:00:00.1234560", "2024-03-01 10:00:00.5")
    zone.write(
        "orders.csv", "order_id,ordered_at\n" + "".join(f"O{place},{text}\n" for place, text in enumerate(texts))
    )
    zone.land()
    kept = [str(moment) for _, moment in zone.rows("order_id, ordered_at")]
    assert kept == ["2024-03-01 23:59:59.999999", "2024-03-01 10:00:00.123456", "2024-03-01 10:00:00.500000"]
    assert "column ordered_at has 1 moments with more than microseconds" in capsys.readouterr().out


@pytest.mark.parametrize("zone_of_moments", ["UTC", "America/Sao_Paulo", None])
def test_nanoseconds_that_duckdb_has_cut_off_before_are_said(
    zone: Zone, zone_of_moments: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = pa.array([1709332199999999999]).cast(pa.timestamp("ns", zone_of_moments))
    pq.write_table(
        pa.table({"order_id": ["O1"], "ordered_at": moments}),
        zone.folder / "orders.parquet",
        use_deprecated_int96_timestamps=zone_of_moments is None,
    )
    zone.land()
    assert zone.rows("ordered_at") == [(dt.datetime(2024, 3, 1, 22, 29, 59, 999999),)]
    said = "orders.parquet: column ordered_at is written in nanoseconds; what is below a microsecond is left off."
    assert said in capsys.readouterr().out


def test_a_nanosecond_after_midnight_is_a_time_of_day(zone: Zone) -> None:
    days = pa.array([1709251200000000001, 1709251200000000000]).cast(pa.timestamp("ns"))
    table = pa.table({"customer_id": ["C1", "C2"], "birth_date": days})
    pq.write_table(table, zone.folder / "customers.parquet")
    zone.land()
    assert zone.rows("customer_id, birth_date") == [("C1", None), ("C2", dt.date(2024, 3, 1))]


# None of these goes through the grammar: DuckDB's casts make 1 of true and a day of the year 24 of "24-3-5".
@pytest.mark.parametrize(
    ("feed", "column", "value", "kind"),
    [
        ("order_lines", "quantity", "true", "JSON"),
        ("order_lines", "unit_list_price", "4e-14", "JSON"),
        ("orders", "ordered_at", '"24-3-5"', "JSON"),
        ("customers", "customer_id", '"C1"', "JSON"),
        ("customers", "city", "C1", "VARIANT"),
    ],
)
def test_json_and_variants_refuse_the_file(zone: Zone, feed: str, column: str, value: str, kind: str) -> None:
    columns = {name: repr(content) for name, content in OTHERS[feed].items() if not isinstance(content, dt.datetime)}
    columns |= {name: f"timestamp '{content}'" for name, content in OTHERS[feed].items() if name == "ordered_at"}
    columns[column] = f"cast('{value}' as {kind})"
    zone.write_parquet(f"{feed}.parquet", "select " + ", ".join(f"{sql} as {name}" for name, sql in columns.items()))
    zone.fails(f"{feed}.parquet: column {column} is {kind}, of which no ")


@pytest.mark.parametrize("column", ["order_lines.unit_list_price", "order_lines.quantity", "customers.customer_id"])
def test_a_float_of_16_bits_is_no_amount(zone: Zone, column: str) -> None:
    deliver(zone, column, np.float16(19.99), pa.float16())
    zone.fails(f"column {column.split('.')[1]} is a float of 16 bits, which holds three digits")


def test_a_float_of_16_bits_is_a_probability(zone: Zone) -> None:
    deliver(zone, "opportunities.probability", np.float16(0.75), pa.float16())
    zone.land()
    assert zone.rows("probability") == [(0.75,)]
