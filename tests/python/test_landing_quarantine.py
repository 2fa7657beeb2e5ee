"""`land_files`: the rows that go to quarantine, with line, column and reason, while the others are landed."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing_zone import Zone

from profit.landing.receipts import Receipt


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def test_quarantine_names_system_file_line_column_and_reason(zone: Zone) -> None:
    path = zone.write(
        "order_lines.csv",
        "order_line_id,order_id,quantity,unit_list_price,discount_amount\n"
        'L1,O1,1,"1,000.0.0",0\n'
        "L2,O1,2,10.00,x\n"
        "L3,O1,,10.00,0\n"
        ",O1,2,10.00,0\n"
        "L5,O1,2,10.00,0\n"
        " L5 ,O1,3,10.00,0\n"
        "L6,O1,3,10.00,0\n",
    )
    (receipt,) = zone.land()
    assert (receipt.rows_read, receipt.rows_landed, receipt.rows_quarantined) == (7, 2, 5)
    assert receipt.refused_by_column == {
        "order_line_id": 2,
        "discount_amount": 1,
        "quantity": 1,
        "unit_list_price": 1,
    }
    assert zone.refused("source_system, file_name, line_number, column_name, reason") == [
        ("shop", str(path), 2, "unit_list_price", "unit_list_price: '1,000.0.0' is not a decimal(26,12)"),
        ("shop", str(path), 3, "discount_amount", "discount_amount: 'x' is not a decimal(18,4)"),
        ("shop", str(path), 4, "quantity", "quantity: required value is missing"),
        ("shop", str(path), 5, "order_line_id", "order_line_id: key is missing"),
        ("shop", str(path), 7, "order_line_id", "repeats the key (order_line_id) of line 6"),
    ]
    contents = [content for (content,) in zone.refused("content")]
    assert any('"unit_list_price":"1,000.0.0"' in content for content in contents)
    assert zone.rows("order_line_id, quantity") == [("L5", 2), ("L6", 3)]


def deliver_one_bad_value(zone: Zone, table: str, header: str, good: str, bad: str) -> Receipt:
    """Two rows, the second one with `bad` in its last column."""
    first, *middle, _ = good.split(",")
    zone.write(f"{table}.csv", "\n".join([header, good, ",".join([f"{first}b", *middle, bad]), ""]))
    (receipt,) = zone.land()
    ((line, column, reason),) = zone.refused()
    assert (line, column) == (3, header.rsplit(",", 1)[-1])
    assert f"'{bad}' " in reason
    return receipt


@pytest.mark.parametrize(
    ("table", "header", "good", "bad"),
    [
        ("orders", "order_id,channel,ordered_at", "O1,web,2024-01-01 10:00", "epoch"),
        ("orders", "order_id,channel,ordered_at", "O1,web,2024-01-01 10:00:00", "yesterday"),
        # Empty, they would say that the row counts.
        ("customers", "customer_id,is_deleted", "C1,true", "perhaps"),
        # Money.
        ("opportunities", "opportunity_id,opened_on,amount", "P1,2024-01-01,0.5", "many"),
        ("products", "product_id,unit_list_price", "P1,9.99", "cheap"),
    ],
)
def test_rows_are_refused_for_what_they_cannot_do_without(
    zone: Zone, table: str, header: str, good: str, bad: str
) -> None:
    receipt = deliver_one_bad_value(zone, table, header, good, bad)
    assert (receipt.rows_landed, receipt.rows_quarantined, receipt.emptied_by_column) == (1, 1, {})


@pytest.mark.parametrize(
    ("table", "header", "good", "bad"),
    [
        ("subscriptions", "subscription_id,customer_id,started_on,term_months", "S1,C1,2024-01-01,12", "12.5"),
        ("opportunities", "opportunity_id,opened_on,probability", "P1,2024-01-01,0.5", "1e999"),
        ("opportunities", "opportunity_id,opened_on,probability", "P1,2024-01-01,0.5", "inf"),
        ("customers", "customer_id,birth_date", "C1,9999-12-31", "2024-02-30"),
        ("customers", "customer_id,birth_date", "C1,2024-02-29", "infinity"),
        ("orders", "order_id,ordered_at,has_special_packaging", "O1,2024-01-01 10:00,yes", "sometimes"),
        ("surveys", "survey_answer_id,answered_on,score", "S1,2024-01-01,9", "ten"),
        ("surveys", "survey_answer_id,answered_on,score", "S1,2024-01-01,9.5", "9.123456"),
    ],
)
def test_an_optional_value_is_left_empty_and_its_row_lives(
    zone: Zone, table: str, header: str, good: str, bad: str
) -> None:
    receipt = deliver_one_bad_value(zone, table, header, good, bad)
    column = header.rsplit(",", 1)[-1]
    assert (receipt.rows_landed, receipt.rows_quarantined, receipt.emptied_by_column) == (2, 0, {column: 1})
    assert [value is None for (value,) in zone.rows(column)] == [False, True]
    assert zone.refused("reason")[0][0].endswith(", left empty")


def test_parquet_values_are_left_empty_by_row_number(zone: Zone) -> None:
    zone.write_parquet(
        "opportunities.parquet",
        "select 'P' || i as opportunity_id, date '2024-01-01' as opened_on, "
        "case i when 2 then 'nan'::double when 4 then 'inf'::double else .5 end as probability, "
        "case i when 1 then 'inf'::double else 2 end as x_score "
        "from range(1, 6) as r(i)",
    )
    (receipt,) = zone.land()
    assert (receipt.rows_read, receipt.rows_landed) == (5, 5)
    assert zone.refused("line_number, column_name") == [(1, "x_score"), (2, "probability"), (4, "probability")]
    assert zone.rows("probability, x_score") == [(0.5, 2), (0.5, 2), (0.5, None), (None, 2), (None, 2)]


def test_parquet_values_that_would_change_their_value_are_kept_apart(zone: Zone) -> None:
    zone.write_parquet(
        "subscriptions.parquet",
        "select i as subscription_id, 'C1' as customer_id, "
        "case i when 2 then 'infinity'::date else date '2024-01-01' end as started_on, i / 2.0 as term_months "
        "from range(1, 5) as r(i)",
    )
    (receipt,) = zone.land()
    assert zone.refused("line_number, column_name") == [(1, "term_months"), (2, "started_on"), (3, "term_months")]
    assert (receipt.rows_landed, receipt.rows_quarantined) == (3, 1)


def test_lines_that_cannot_be_split_are_quarantined_with_their_physical_line(zone: Zone) -> None:
    zone.write(
        "customers.csv",
        b"customer_id,first_name,birth_date\n"  # 1
        b"C1,Ann\n"  # 2: a column is missing
        b'C2,"Two\nlines",2000-01-01\n'  # 3 and 4
        b"C3,Cid,soon\n"  # 5: no date, left empty
        b"\n"  # 6
        b"C4,Dan,2000-01-01,too,many\n"  # 7
        b'"C\n5",Eve\n'  # 8 and 9: a column is missing
        b"C6,Fay,never\n"  # 10: no date
        b"C7,G\xc3\xbc,2000-01-01,x\n"  # 11: a column too many
        b"\n\n"  # 12 and 13
        b"C8,Hal,later\n"  # 14: no date
        b"C9,Ida,2000-01-01\n"  # 15
        b'C10,"Jo"e,2000-01-01\n',  # 16: text behind a quote
    )
    (receipt,) = zone.land()
    assert (receipt.rows_read, receipt.rows_landed, receipt.rows_quarantined) == (10, 5, 5)
    assert receipt.emptied_by_column == {"birth_date": 3}
    split = "the line cannot be split into columns: "
    assert zone.refused() == [
        (2, "(whole line)", split + "missing columns"),
        (5, "birth_date", "birth_date: 'soon' is not a date, left empty"),
        (7, "(whole line)", split + "too many columns"),
        (8, "(whole line)", split + "missing columns"),
        (10, "birth_date", "birth_date: 'never' is not a date, left empty"),
        (11, "(whole line)", split + "too many columns"),
        (14, "birth_date", "birth_date: 'later' is not a date, left empty"),
        (16, "(whole line)", split + "unquoted value"),
    ]
    assert zone.refused("line_number, content")[0] == (2, "C1,Ann")
    assert zone.rows("customer_id, first_name") == [
        ("C2", "Two\nlines"), ("C3", "Cid"), ("C6", "Fay"), ("C8", "Hal"), ("C9", "Ida")
    ]  # fmt: skip


def test_a_file_that_is_not_utf8_throughout_is_refused_whole(zone: Zone) -> None:
    """Row by row, a Latin-1 file would lose exactly the people whose names have an accent."""
    zone.write("customers.csv", b"customer_id,first_name\nC1,Ann\nC2,Zo\xeb\nC3,Cid\n")
    zone.fails("customers.csv: is not UTF-8 text, first in line 3; save it as CSV UTF-8, or state what it is")


def test_line_numbers_hold_in_a_file_that_is_read_in_parallel(zone: Zone) -> None:
    lines = ["order_line_id,order_id,quantity,unit_list_price,x_text"]
    expected = []
    for number in range(400_000):
        if number % 7919 == 0:
            lines.append("too,few")
            expected.append(len(lines))
        elif number % 6007 == 0:
            lines.append(f"L{number},O1,many,1,plain")
            expected.append(len(lines))
        elif number % 5003 == 0:
            lines.extend([f'L{number},O1,1,1,"broken', 'text"'])
        else:
            lines.append(f"L{number},O1,1,1,plain")
    zone.write("order_lines.csv", "\n".join(lines))
    (receipt,) = zone.land()
    assert receipt.rows_quarantined == len(expected)
    assert [line for (line,) in zone.refused("line_number")] == expected


def test_only_rejected_lines_still_add_up(zone: Zone) -> None:
    zone.write("customers.csv", "customer_id,delivered_on,source_system\nC1\nC2\n")
    (receipt,) = zone.land()
    assert (receipt.rows_read, receipt.rows_landed, receipt.rows_quarantined) == (2, 0, 2)
    assert (receipt.source_system, receipt.delivered_on) == ("shop", "2024-05-06")


def test_header_alone_is_a_delivery_of_no_rows(zone: Zone) -> None:
    zone.write("customers.csv", "customer_id,city")
    (receipt,) = zone.land()
    assert (receipt.rows_read, receipt.rows_landed) == (0, 0)
    assert zone.rows("customer_id") == []


def test_key_repeated_in_another_file_of_the_delivery_is_refused(zone: Zone) -> None:
    first = zone.write("customers/1.csv", "customer_id,city\nC1,Rome\nC2,\n")
    zone.write("customers/2.csv", "customer_id,city\nC3,Oslo\n C1,Bern\n")
    assert [(receipt.rows_landed, receipt.rows_quarantined) for receipt in zone.land()] == [(2, 0), (1, 1)]
    assert zone.refused() == [(3, "customer_id", f"repeats the key (customer_id) of a row in {first}")]


def test_contract_column_named_reason_is_data(zone: Zone) -> None:
    zone.write(
        "returns.csv",
        "return_id,quantity,refund_amount,returned_at,reason\nR1,1,5,2024-01-01,broken\nR2,1,,2024-01-01,\n",
    )
    (receipt,) = zone.land()
    assert receipt.rows_landed == 1
    assert zone.rows("return_id, reason") == [("R1", "broken")]
    assert zone.refused() == [(3, "refund_amount", "refund_amount: required value is missing")]
