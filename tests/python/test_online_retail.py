"""`land_online_retail` against the file itself; PROFIT_PUBLIC_DATA names the folder with online_retail/."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import public_data

from profit.connectors.online_retail import land_online_retail
from profit.errors import LandingError
from profit.landing.receipts import Receipt
from profit.paths import Paths

pytestmark = pytest.mark.public

COLUMNS = "InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country"

OWN_LABEL = ("DCGS0003", "DCGS0004", "DCGS0069", "DCGS0070", "DCGS0076", "DCGSSBOY", "DCGSSGIRL", "PADS")


class Shop:
    """A landed shop: one view a table, `original` the file, `refused` the quarantine."""

    def __init__(self, paths: Paths, folder: Path) -> None:
        self.paths = paths
        self.folder = folder
        self.receipts: list[Receipt] = land_online_retail(paths, folder)
        self.connection = duckdb.connect()
        for table in sorted(paths.landing.glob("[a-z]*/*")):
            self.connection.execute(f"create view {table.name} as from read_parquet('{table}/**/*.parquet')")
        self.connection.execute(f"create view original as from read_parquet('{folder}/online_retail.parquet')")
        if paths.quarantine.exists():
            self.connection.execute(f"create view refused as from read_parquet('{paths.quarantine}/**/*.parquet')")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(Paths.below(tmp_path_factory.mktemp("online_retail")), public_data() / "online_retail")
    yield shop
    shop.connection.close()


@pytest.fixture
def small_shop(tmp_path: Path) -> Iterator[Any]:
    """Makes a shop of a few rows: values in the order of the file's columns."""
    shops = []

    def make(*rows: str) -> Shop:
        folder = tmp_path / "delivery"
        folder.mkdir()
        values = ", ".join(f"({row})" for row in rows)
        types = (
            "InvoiceNo, StockCode, Description, Quantity::integer as Quantity, InvoiceDate::timestamp as InvoiceDate, "
            "UnitPrice::double as UnitPrice, CustomerID::integer as CustomerID, Country"
        )
        duckdb.execute(
            f"copy (select {types} from (values {values}) as rows ({COLUMNS})) "
            f"to '{folder}/online_retail.parquet' (format parquet)"
        )
        shops.append(Shop(Paths.below(tmp_path), folder))
        return shops[-1]

    yield make
    for made in shops:
        made.connection.close()


def test_every_line_is_sold_credited_or_refused(shop: Shop) -> None:
    landed = {receipt.feed: (receipt.rows_landed, receipt.rows_quarantined) for receipt in shop.receipts}
    assert landed == {
        "crm.customers": (4_372, 0),
        "crm.territories": (38, 0),
        "sales.order_lines": (530_511, 2_108),
        "sales.orders": (19_964, 0),
        "sales.products": (3_828, 0),
        "sales.returns": (9_290, 0),
    }
    assert shop.rows("select count(*) from original") == [(530_511 + 2_108 + 9_290,)]


def test_sold_less_credited_is_the_total_of_the_file(shop: Shop) -> None:
    ((total,),) = shop.rows("select sum(Quantity * UnitPrice::decimal(18, 4)) from original")
    ((sold,),) = shop.rows("select sum(quantity * unit_list_price)::decimal(18, 4) from order_lines")
    ((credited,),) = shop.rows("select sum(refund_amount) from returns")
    assert (sold, credited) == (Decimal("10666684.5440"), Decimal("918936.6100"))
    assert sold - credited == total == Decimal("9747747.9340")


def test_customers_keep_their_money(shop: Shop) -> None:
    # Per customer and month, those without a customer together.
    assert shop.rows("""
        with landed as (
            select customer_id, date_trunc('month', ordered_at) as month, quantity * unit_list_price as amount
            from order_lines inner join orders using (order_id)
            union all
            select customer_id, date_trunc('month', returned_at), -refund_amount from returns
        ),
        sides as (
            select customer_id, month, amount, 0 as original_amount from landed
            union all
            select CustomerID::varchar, date_trunc('month', InvoiceDate), 0, Quantity * UnitPrice::decimal(18, 4)
            from original
        )
        select count(*), count(*) filter (where landed <> stated) from (
            select sum(amount) as landed, sum(original_amount) as stated from sides group by customer_id, month
        )
    """) == [(13_688, 0)]


def test_lines_without_a_customer_are_landed_without_one(shop: Shop) -> None:
    ((stated,),) = shop.rows("select count(*) from original where CustomerID is null")
    ((lines,),) = shop.rows(
        "select count(*) from order_lines semi join orders using (order_id) anti join (from orders "
        "where customer_id is not null) as known using (order_id)"
    )
    ((credits,),) = shop.rows("select count(*) from returns where customer_id is null")
    assert lines + credits + 2_108 == stated == 135_080
    assert shop.rows("select count(*) from orders where customer_id not in (select customer_id from customers)") == [
        (0,)
    ]


def test_cancellations_are_returns(shop: Shop) -> None:
    ((stated,),) = shop.rows("select count(*) from original where InvoiceNo like 'C%'")
    assert shop.rows("select count(*) from returns where return_id like 'C%'") == [(stated,)] == [(9_288,)]


def test_no_line_takes_back_more_than_it_sold(shop: Shop) -> None:
    assert shop.rows("select count(*), count(order_id), count(order_line_id) from returns") == [(9_290, 7_104, 7_104)]
    assert shop.rows("""
        select count(*)
        from (
            select order_line_id, sum(quantity) as taken, sum(refund_amount) as refunded, min(returned_at) as first_at
            from returns where order_line_id is not null group by all
        )
        inner join order_lines using (order_line_id)
        inner join orders using (order_id)
        where taken > quantity or refunded > quantity * unit_list_price or first_at < ordered_at
    """) == [(0,)]
    assert shop.rows("""
        select count(*)
        from returns
        inner join orders using (order_id)
        inner join order_lines on returns.order_line_id = order_lines.order_line_id
        where returns.customer_id <> orders.customer_id or returns.product_id <> order_lines.product_id
            or returns.order_id <> order_lines.order_id
    """) == [(0,)]


def test_exact_duplicates_are_kept_and_marked(shop: Shop) -> None:
    ((stated,),) = shop.rows("select count(*) - count(distinct original) from original")
    ((marked,),) = shop.rows("""
        select count(*)
        from (from (select x_is_exact_duplicate from order_lines union all select x_is_exact_duplicate from returns))
        where x_is_exact_duplicate
    """)
    assert marked == stated == 5_268


def test_fees_are_told_from_articles(shop: Shop) -> None:
    assert shop.rows("select product_kind, count(*) from products group by all order by all") == [
        ("fee", 10),
        ("goods", 3_813),
        ("service", 5),
    ]
    assert shop.rows("""
        select product_id from products
        where product_kind = 'goods' and not regexp_matches(product_id, '^[0-9]{5}')
        order by all
    """) == [(code,) for code in OWN_LABEL]
    postage = "upper(StockCode) in ('POST', 'DOT', 'C2')"
    assert shop.rows("""
        select sum(amount)::decimal(18, 4) from (
            select product_id, quantity * unit_list_price as amount from order_lines
            union all
            select product_id, -refund_amount from returns
        )
        semi join (from products where product_group = 'postage') as fees using (product_id)
    """) == shop.rows(f"select sum(Quantity * UnitPrice::decimal(18, 4))::decimal(18, 4) from original where {postage}")


def test_movements_of_stock_are_refused_with_their_reason(shop: Shop) -> None:
    assert shop.rows("select distinct source_system, file_name, column_name, reason from refused") == [
        (
            "shop",
            "online_retail/sales/order_lines.shop.sql",
            "line_kind",
            "no sale: nobody buys and nothing is charged on the whole invoice; a movement of stock",
        )
    ]
    ((content,),) = shop.rows("select content from refused where content like '%536589%'")
    assert '"product_id":"21777"' in content
    assert '"quantity":10.0000' in content


def test_articles_have_the_name_they_are_sold_under(shop: Shop) -> None:
    # '85123a' and '85123A' are one article; notes such as 'wrongly coded 20713' are no names.
    assert shop.rows("select product_name from products where product_id in ('85123A', '20713') order by all") == [
        ("JUMBO BAG OWLS",),
        ("WHITE HANGING HEART T-LIGHT HOLDER",),
    ]
    assert shop.rows("select count(*) from products where product_name is null") == [(0,)]


def test_countries(shop: Shop) -> None:
    assert shop.rows("select territory_id from territories where country_code is null order by all") == [
        ("Channel Islands",),
        ("European Community",),
        ("Unspecified",),
    ]
    assert shop.rows("select count(*) from customers where territory_id is null") == [(0,)]
    assert shop.rows("""
        select count(*) from (
            select customer_id from orders where customer_id is not null
            group by customer_id having count(distinct territory_id) > 1
        )
    """) == [(8,)]


def test_landing_again_changes_nothing(shop: Shop) -> None:
    before = {path: path.stat().st_mtime_ns for path in shop.paths.landing.rglob("*.*")}
    again = land_online_retail(shop.paths, shop.folder)
    assert all(receipt.is_repeat for receipt in again)
    assert len(again) == len(shop.receipts)
    assert {path: path.stat().st_mtime_ns for path in shop.paths.landing.rglob("*.*")} == before


def test_missing_file_is_named_and_nothing_lands(tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    with pytest.raises(LandingError, match=r"missing online_retail\.parquet\. The folder must hold"):
        land_online_retail(paths, tmp_path)
    assert not paths.landing.exists()


def test_credits_go_to_the_newest_line_that_can_take_them(small_shop: Any) -> None:
    at = "'2011-03-{:02d} 10:00'"
    sold = "'536{:03d}', '20713', 'JUMBO BAG OWLS', {}, {}, 2.5, {}, 'France'"
    credited = "'C536{:03d}', '20713', 'JUMBO BAG OWLS', {}, {}, 2.5, {}, 'France'"
    shop = small_shop(
        sold.format(1, 10, at.format(1), 7),
        sold.format(2, 4, at.format(2), 7),
        sold.format(3, 12, at.format(9), 7),
        sold.format(4, 50, at.format(2), 8),
        # The newest line before it that sold at least as many.
        credited.format(5, -3, at.format(3), 7),
        # Line 2 has one left, so the rest of this one has no line: it stays without an order.
        credited.format(6, -2, at.format(4), 7),
        # More than line 2 sold, so the older line.
        credited.format(7, -6, at.format(5), 7),
        # More than any line sold; and nobody's.
        credited.format(8, -40, at.format(6), 7),
        credited.format(9, -1, at.format(6), "null"),
    )
    assert shop.rows("select return_id, order_id, order_line_id from returns order by all") == [
        ("C536005-0001", "536002", "536002-0001"),
        ("C536006-0001", None, None),
        ("C536007-0001", "536001", "536001-0001"),
        ("C536008-0001", None, None),
        ("C536009-0001", None, None),
    ]


def test_lines_do_not_depend_on_the_order_of_the_file(small_shop: Any, tmp_path: Path) -> None:
    rows = [
        f"'536001', '{code}', 'BAG', {quantity}, '2011-07-01 10:00', 1.5, 7, 'France'"
        for code, quantity in (("20713", 1), ("20713", 1), ("20713a", 2), ("22086", 3))
    ]
    shop = small_shop(*rows)
    assert shop.rows("select order_line_id, product_id, x_is_exact_duplicate from order_lines order by all") == [
        ("536001-0001", "20713", False),
        ("536001-0002", "20713", True),
        ("536001-0003", "20713A", False),
        ("536001-0004", "22086", False),
    ]
    # Summer time in London.
    assert shop.rows("select ordered_at from orders") == [(dt.datetime(2011, 7, 1, 9),)]
    again = Paths.below(tmp_path / "again")
    other = tmp_path / "other"
    other.mkdir()
    duckdb.execute(
        f"copy (from '{shop.folder}/online_retail.parquet' order by StockCode desc) "
        f"to '{other}/online_retail.parquet' (format parquet)"
    )
    turned = {receipt.feed: receipt.checksum for receipt in land_online_retail(again, other)}
    assert turned == {receipt.feed: receipt.checksum for receipt in shop.receipts}


def test_a_country_that_is_not_listed_is_a_territory_without_a_code(small_shop: Any) -> None:
    shop = small_shop("'536001', '20713', 'BAG', 1, '2011-07-01 10:00', 1.5, 7, 'Atlantis'")
    named = "select territory_name, region, country_code from territories where territory_id = 'Atlantis'"
    assert shop.rows(named) == [("Atlantis", None, None)]
    assert shop.rows("select country_code, territory_id from customers") == [(None, "Atlantis")]


def test_a_refund_with_more_decimals_than_are_kept_is_refused_and_a_price_is_kept(small_shop: Any) -> None:
    shop = small_shop(
        "'536365', '85123A', 'HOLDER', 6, '2010-12-01 08:26:00', 2.55125, 17850, 'France'",
        "'C536366', '85123A', 'HOLDER', -1, '2010-12-01 08:28:00', 2.55125, 17850, 'France'",
    )
    assert shop.rows("select unit_list_price from order_lines") == [(Decimal("2.55125"),)]
    assert [
        (receipt.rows_landed, receipt.rows_quarantined) for receipt in shop.receipts if receipt.feed == "sales.returns"
    ] == [(0, 1)]
