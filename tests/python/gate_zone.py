"""A small landing zone for the tests of the gates: clean, with four deliveries a feed, and ways to spoil it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb

from profit.contract import read_contract
from profit.gates import GateReport, Result
from profit.landing.delivery import Delivery
from profit.landing.receipts import partition
from profit.paths import Paths

FEEDS = read_contract()
DAYS = [dt.date(2024, month, 3) for month in (2, 3, 4, 5)]
LAST = DAYS[-1]
ROWS = 40

# One row each for `i` from `first` on; `day` is that of the delivery.
CLEAN = {
    "customers": "'c' || i as customer_id, 'person' as customer_kind, case when i % 10 = 1 then 'c0' end "
    "as parent_customer_id, date '1980-05-06' as birth_date",
    "products": "'p' || i as product_id, 'goods' as product_kind, 10 as unit_list_price",
    "orders": "'o' || i as order_id, 'c' || i as customer_id, timestamp '{day} 10:00' - interval 5 day as ordered_at, "
    "'USD' as currency_code",
    "order_lines": "'l' || i as order_line_id, 'o' || i as order_id, 'p' || i as product_id, 2 as quantity, "
    "10 + i % 3 as unit_list_price, 1 as discount_amount",
    "returns": "'r' || i as return_id, 'o' || i as order_id, 'p' || i as product_id, 1 as quantity, "
    "10 as refund_amount, timestamp '{day} 10:00' as returned_at",
    "payments": "'y' || i as payment_id, 'o' || i as order_id, date '{day}' as paid_on, 20 + i % 3 as amount",
    "shipments": "'s' || i as shipment_id, 'outbound' as direction, 'o' || i as order_id, date '{day}' as shipped_on",
    "campaigns": "'k' || i as campaign_id, 'internet' as media_source",
    "touches": "'t' || i as touch_id, 'k' || i as campaign_id, 'c' || i as customer_id, 'mail' as touch_kind, "
    "timestamp '{day} 10:00' as touched_at",
    "tickets": "'q' || i as ticket_id, 'c' || i as customer_id, timestamp '{day} 10:00' as opened_at",
    "exchange_rates": "'EUR' as from_currency_code, 'USD' as to_currency_code, date '2024-01-01' + i::int as rate_on, "
    "1.1 as exchange_rate",
    "ledger_accounts": "'a' || i as account_id, 'expense' as account_type",
    "ledger_entries": "'e' || i as ledger_entry_id, 'j' || (i // 2) as journal_id, 'a' || i as account_id, "
    "date '{day}' as posted_on, case when i % 2 = 0 then 5 else -5 end as amount, 'USD' as currency_code",
}


def clean_rows(table: str, day: dt.date) -> str:
    first = DAYS.index(day) * ROWS
    return f"select {CLEAN[table].format(day=day)} from range({first}, {first + ROWS}) as t(i)"


def write_file(
    paths: Paths, table: str, query: str, *, day: dt.date = LAST, system: str = "shop", name: str = "9"
) -> Path:
    """Write rows as they are, as a tool other than `profit land` might: nothing is refused."""
    feed = FEEDS[table]
    with duckdb.connect() as connection:
        delivered = {row[0] for row in connection.execute(f"describe ({query})").fetchall()}
        columns = ", ".join(
            f"cast({column.name if column.name in delivered else 'null'} as {column.data_type}) as {column.name}"
            for column in feed.columns.values()
        )
        folder = paths.landing / partition(feed, system, day.isoformat())
        folder.mkdir(parents=True, exist_ok=True)
        connection.execute(f"copy (select {columns} from ({query})) to '{folder}/{name}.parquet' (format parquet)")
    return folder / f"{name}.parquet"


def land_clean(folder: Path) -> Paths:
    """Land every feed of `CLEAN` on every one of `DAYS`."""
    paths = Paths.below(folder)
    with duckdb.connect() as connection, Delivery(paths, connection) as delivery:
        for table in CLEAN:
            for day in DAYS:
                delivery.add(
                    FEEDS[table],
                    clean_rows(table, day),
                    source_system="shop",
                    delivered_on=day,
                    origin=f"{table} {day}",
                )
        delivery.commit()
    assert not paths.quarantine.exists()
    return paths


def copied(clean: Paths, folder: Path) -> Paths:
    shutil.copytree(clean.landing, folder / "landing")
    return Paths.below(folder)


def one(report: GateReport, feed: str, rule: str, severity: str) -> Result:
    found = [
        result
        for result in report.results
        if (result.feed_or_table, result.severity) == (feed, severity) and result.rule == rule
    ]
    assert len(found) == 1, [result.rule for result in report.results if result.feed_or_table == feed]
    return found[0]
