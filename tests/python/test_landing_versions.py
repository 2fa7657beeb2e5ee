"""Repeated and later deliveries: what was landed stays, and the same file changes nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from landing_zone import DAY, Zone

from profit.contract import read_contract
from profit.landing.delivery import Delivery

CUSTOMERS = "customer_id,first_name\nC1,Ann\nC2,Bob\n"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def test_same_file_again_changes_nothing(zone: Zone) -> None:
    zone.write("customers.csv", CUSTOMERS + "C1,Again\n")
    (first,) = zone.land()
    before = zone.snapshot()
    (second,) = zone.land()
    assert second.is_repeat
    assert not first.is_repeat
    assert (second.rows_read, second.rows_landed, second.rows_quarantined) == (3, 2, 1)
    assert zone.snapshot() == before


def test_same_file_on_an_explicit_other_day_is_another_delivery(zone: Zone) -> None:
    zone.write("customers.csv", CUSTOMERS)
    zone.land()
    (second,) = zone.land(delivered_on=dt.date(2024, 6, 1))
    assert not second.is_repeat
    assert len(zone.rows("customer_id")) == 4


def test_same_file_without_a_day_is_known_from_any_day(zone: Zone) -> None:
    zone.write("customers.csv", CUSTOMERS)
    zone.land(delivered_on=dt.date(2020, 1, 1))
    before = zone.snapshot()
    (second,) = zone.land(delivered_on=None)
    assert (second.is_repeat, second.delivered_on) == (True, "2020-01-01")
    assert zone.snapshot() == before


def test_same_rows_in_two_files_of_one_delivery_are_landed_once(zone: Zone) -> None:
    zone.write("customers/1.csv", CUSTOMERS)
    zone.write("customers/2.csv", CUSTOMERS)
    assert sorted(receipt.is_repeat for receipt in zone.land()) == [False, True]
    assert zone.rows("customer_id") == [("C1",), ("C2",)]


def test_day_is_today_where_nobody_names_one(zone: Zone) -> None:
    zone.write("customers.csv", CUSTOMERS)
    (receipt,) = zone.land(delivered_on=None)
    assert abs(dt.date.fromisoformat(receipt.delivered_on) - dt.datetime.now(dt.UTC).date()) <= dt.timedelta(days=1)


def test_later_delivery_is_added_beside_the_older_one(zone: Zone) -> None:
    zone.write("customers.csv", CUSTOMERS)
    (first,) = zone.land()
    before = zone.snapshot()
    zone.write("customers.csv", "customer_id,first_name\nC1,Anna\n")
    (second,) = zone.land()
    folder = zone.paths.landing / "crm/customers/source_system=shop/delivered_on=2024-05-06"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"0001-{first.checksum[:12]}.parquet",
        f"0002-{second.checksum[:12]}.parquet",
    ]
    assert before.items() <= zone.snapshot().items()


def test_another_version_on_the_same_day_is_told(zone: Zone) -> None:
    """Neither order of landing decides which of the two counts, so that nobody relies on coming last."""
    zone.write("customers.csv", CUSTOMERS)
    (first,) = zone.land()
    zone.write("customers.csv", "customer_id,first_name\nC1,Anna\nC2,Bob\nC3,Cid\n")
    (second,) = zone.land()
    zone.write("customers.csv", "customer_id,first_name\nC1,Annette\n")
    (third,) = zone.land()
    (other_day,) = zone.land(delivered_on=dt.date(2024, 6, 1))
    assert [receipt.rows_otherwise for receipt in (first, second, third, other_day)] == [0, 1, 1, 0]


def test_generated_rows_that_differ_only_in_refused_ones_are_not_taken_for_a_repeat(zone: Zone) -> None:
    feed = read_contract()["customers"]
    for bad in (1, 2):
        rows = f"select case when i > 0 then 'C1' end as customer_id from range({bad} + 1) as r(i)"
        with duckdb.connect() as connection, Delivery(zone.paths, connection) as delivery:
            delivery.add(feed, rows, source_system="shop", delivered_on=DAY, origin="generated")
            (receipt,) = delivery.commit()
        assert not receipt.is_repeat
