"""How numbers and days of a file are written: found where the file says it, asked for where it does not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_zone import DAY, Zone

from profit.connectors.files import Stated, land_files

HEADER = "order_line_id;order_id;quantity;unit_list_price\n"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def prices(zone: Zone, *texts: str) -> list[Decimal]:
    zone.write("order_lines.csv", HEADER + "".join(f"L{place};O1;1;{text}\n" for place, text in enumerate(texts)))
    zone.land()
    return [price for _, price in sorted(zone.rows("order_line_id, unit_list_price"))]


def test_decimals_after_a_comma_are_found_and_said(zone: Zone, capsys: pytest.CaptureFixture[str]) -> None:
    found = prices(zone, "1.299,90", "199,90", "1.299", "7", "-1.234.567,5")
    assert found == [Decimal(text) for text in ("1299.90", "199.90", "1299", "7", "-1234567.5")]
    assert (
        "order_lines.csv: UTF-8, fields end with ';', decimals follow a comma, a point stands between thousands\n"
        in capsys.readouterr().out
    )


def test_thousands_between_commas_are_found_where_decimals_follow_a_point(
    zone: Zone, capsys: pytest.CaptureFixture[str]
) -> None:
    found = prices(zone, "1,299.90", "199.90", "1,299", "-1,234,567.5", "1,29,9")
    assert found == [Decimal(text) for text in ("1299.90", "199.90", "1299", "-1234567.5")]
    assert "decimals follow a point, a comma stands between thousands\n" in capsys.readouterr().out
    assert "'1,29,9 where decimals follow a point' is not a decimal" in zone.refused("reason")[0][0]


def test_decimals_after_a_point_are_found(zone: Zone) -> None:
    assert prices(zone, "1299.90", "1.299", "0.125", "7") == [
        Decimal(text) for text in ("1299.90", "1.299", "0.125", "7")
    ]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (("1 299,50", "0,5", "-12 345 678"), ("1299.50", "0.5", "-12345678")),
        (("1\u00a0299,50", "1\u202f299"), ("1299.50", "1299")),
        (("1'299.50", "1\u2019299"), ("1299.50", "1299")),
        (("1 299", "7"), ("1299", "7")),
        # After a blank between thousands the mark is that of decimals.
        (("1 299.125", "1.299"), ("1299.125", "1.299")),
        (("1.299.000", "7"), ("1299000", "7")),
        (("1.299.000", "1.299"), ("1299000", "1299")),
        (("1,299,000", "1,299"), ("1299000", "1299")),
    ],
)
def test_whatever_stands_between_thousands_is_found(
    zone: Zone, texts: tuple[str, ...], values: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert prices(zone, *texts) == [Decimal(value) for value in values]
    assert "between thousands" in capsys.readouterr().out


def test_blanks_elsewhere_make_no_number(zone: Zone) -> None:
    texts = ("12 34", "1 2345", "1  234", "1 234 5", "1 299.500,5", "1e3 000", "5-", "(5)", "5%", "€ 5")
    assert prices(zone, *texts, "1 299,5", "7") == [Decimal("1299.5"), 7]
    assert len(zone.refused()) == len(texts)


def test_the_day_of_delivery_is_written_as_the_other_days_are(zone: Zone) -> None:
    zone.write("customers.csv", "customer_id,birth_date,delivered_on\nC1,31.12.1980,01.03.2024\n")
    (receipt,) = zone.land(delivered_on=None)
    assert (receipt.delivered_on, receipt.rows_landed) == ("2024-03-01", 1)


@pytest.mark.parametrize("texts", [("1.299",), ("1,299", "7"), ("1.299", "12,5", "12.5")])
def test_numbers_that_can_be_read_in_two_ways_refuse_the_file(zone: Zone, texts: tuple[str, ...]) -> None:
    zone.write("order_lines.csv", HEADER + "".join(f"L{place};O1;1;{text}\n" for place, text in enumerate(texts)))
    zone.fails("can be read in two ways, such as", texts[0], "--csv-decimal")


@pytest.mark.parametrize(("mark", "price"), [(",", 1299), (".", Decimal("1.299"))])
def test_what_is_stated_is_taken(zone: Zone, mark: str, price: Decimal) -> None:
    zone.write("order_lines.csv", f"{HEADER}L1;O1;1;1.299\n")
    land_files(zone.paths, zone.folder, "shop", DAY, Stated(decimal=mark))
    assert zone.rows("unit_list_price") == [(price,)]


def test_a_number_written_otherwise_than_its_file_is_refused_with_its_row(zone: Zone) -> None:
    zone.write("order_lines.csv", f"{HEADER}L1;O1;1;12,5\nL2;O1;1;12.50\nL3;O1;1;7\n")
    land_files(zone.paths, zone.folder, "shop", DAY, Stated(decimal=","))
    assert zone.rows("order_line_id") == [("L1",), ("L3",)]
    assert zone.refused("line_number, reason") == [
        (3, "unit_list_price: '12.50 where decimals follow a comma' is not a decimal(26,12)")
    ]


@settings(max_examples=10)
@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), min_size=5, max_size=40))
def test_a_german_export_and_an_english_one_are_the_same_numbers(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[Decimal]
) -> None:
    english = prices(Zone(tmp_path_factory.mktemp("english")), *(f"{number:f}" for number in numbers))
    german = prices(
        Zone(tmp_path_factory.mktemp("german")),
        *(f"{number:,.2f}".translate(str.maketrans(",.", ".,")) for number in numbers),
    )
    assert english == german == [numbers[place] for place in sorted(range(len(numbers)), key=lambda place: f"L{place}")]


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (("05.03.2024", "28.02.2023"), [(2024, 3, 5), (2023, 2, 28)]),
        (("05/03/2024", "28/02/2023"), [(2024, 3, 5), (2023, 2, 28)]),
        (("05/03/2024", "02/28/2023"), [(2024, 5, 3), (2023, 2, 28)]),
        (("5-3-2024", "2024-03-06", "28-2-2023"), [(2024, 3, 5), (2024, 3, 6), (2023, 2, 28)]),
    ],
)
def test_the_order_of_days_is_found(zone: Zone, texts: tuple[str, ...], days: list[tuple[int, int, int]]) -> None:
    zone.write("customers.csv", "customer_id,birth_date\n" + "".join(f"C{i},{text}\n" for i, text in enumerate(texts)))
    zone.land()
    assert [day for _, day in zone.rows("customer_id, birth_date")] == [dt.date(*day) for day in days]


def test_times_keep_theirs_behind_a_day_that_comes_first(zone: Zone) -> None:
    zone.write(
        "orders.csv", "order_id,ordered_at\nO1,28.02.2024 23:30\nO2,05.03.2024 10:00:01\nO3,2024-03-06T01:00:00+02:00\n"
    )
    zone.land()
    assert [str(moment) for (moment,) in zone.rows("ordered_at")] == [
        "2024-02-28 23:30:00",
        "2024-03-05 10:00:01",
        "2024-03-05 23:00:00",
    ]


@pytest.mark.parametrize("texts", [("05/03/2024",), ("28/02/2023", "02/28/2023")])
def test_days_that_can_be_read_in_two_ways_refuse_the_file(zone: Zone, texts: tuple[str, ...]) -> None:
    zone.write("customers.csv", "customer_id,birth_date\n" + "".join(f"C{i},{text}\n" for i, text in enumerate(texts)))
    zone.fails("days such as 05/03/2024", "--csv-days")


def test_a_day_that_is_none_is_refused_as_it_was_written(zone: Zone) -> None:
    zone.write("orders.csv", "order_id,ordered_at\nO1,31.12.2024 10:00\nO2,30.02.2024\nO3,29.02.2024 24:00\n")
    zone.land()
    assert zone.rows("order_id") == [("O1",), ("O3",)]
    assert zone.refused() == [(3, "ordered_at", "ordered_at: '30.02.2024' is not a timestamp")]


def test_the_order_of_days_can_be_stated(zone: Zone) -> None:
    zone.write("customers.csv", "customer_id,birth_date\nC1,05/03/2024\n")
    land_files(zone.paths, zone.folder, "shop", DAY, Stated(days="mdy"))
    assert zone.rows("birth_date") == [(dt.date(2024, 5, 3),)]


def as_texts(zone: Zone, *rows: tuple[str, str]) -> None:
    """A Parquet file whose days and amounts are texts, as of a database that knows no other type."""
    values = ", ".join(f"('P{place}', '{day}', '{amount}')" for place, (day, amount) in enumerate(rows))
    zone.write_parquet("payments.parquet", f"select * from (values {values}) as t(payment_id, paid_on, amount)")


def test_texts_of_parquet_are_read_as_those_of_a_csv_file(zone: Zone, capsys: pytest.CaptureFixture[str]) -> None:
    """1.299 is a thousand times as much where 0,5 stands beside it."""
    as_texts(zone, ("31/12/2023", "1.299"), ("05/03/2024", "0,5"))
    zone.land()
    assert zone.rows("paid_on, amount") == [
        (dt.date(2023, 12, 31), Decimal(1299)),
        (dt.date(2024, 3, 5), Decimal("0.5")),
    ]
    said = "payments.parquet: decimals follow a comma, a point stands between thousands, days are written day first\n"
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "what", "option"),
    [
        (("2024-03-05", "1.299"), "numbers that can be read in two ways", "--csv-decimal"),
        (("05/03/2024", "7"), "1 days such as", "--csv-days"),
    ],
)
def test_texts_of_parquet_that_can_be_read_in_two_ways_refuse_the_file(
    zone: Zone, row: tuple[str, str], what: str, option: str
) -> None:
    as_texts(zone, row)
    zone.fails(f"payments.parquet: has {what}", option)


def test_numbers_of_parquet_are_what_they_are(zone: Zone, capsys: pytest.CaptureFixture[str]) -> None:
    zone.write_parquet("payments.parquet", "select 'P1' as payment_id, date '2024-03-05' as paid_on, 1.299 as amount")
    zone.land()
    assert zone.rows("amount") == [(Decimal("1.299"),)]
    assert "decimals follow" not in capsys.readouterr().out
