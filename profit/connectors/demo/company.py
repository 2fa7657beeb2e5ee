"""The whole company: every stage in its order, then its deliveries and the truth."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb

from profit.connectors.demo.accounts import build_accounts
from profit.connectors.demo.campaigns import build_campaigns
from profit.connectors.demo.catalogue import build_catalogue
from profit.connectors.demo.contacts import build_contacts
from profit.connectors.demo.deliveries import add_deliveries, make_dirt
from profit.connectors.demo.field import build_field
from profit.connectors.demo.marketing import build_marketing
from profit.connectors.demo.people import draw_people
from profit.connectors.demo.rates import build_rates
from profit.connectors.demo.records import build_records
from profit.connectors.demo.sales import build_sales
from profit.connectors.demo.scale import Scale, connect
from profit.connectors.demo.service import build_service
from profit.connectors.demo.touches import build_touches
from profit.connectors.demo.truth import write_truth
from profit.contract import read_contract
from profit.landing.delivery import Delivery
from profit.landing.receipts import Receipt
from profit.paths import Paths


class _Progress:
    """A line on stderr for each stage, with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, what: str) -> None:
        print(f"  demo {time.monotonic() - self._started:5.1f} s  {what}", file=sys.stderr, flush=True)


def generate_and_land(paths: Paths, scale: Scale) -> list[Receipt]:
    """Generate the company, land every delivery of it, and write the truth beside the landing zone.

    Args:
        paths: Where the landing zone and the quarantine are.
        scale: Size and seed.

    Returns:
        One receipt a table, system and day.
    """
    say = _Progress()
    connection = connect(scale)
    try:
        _generate(connection, paths, scale, say)
        with Delivery(paths, connection) as delivery:
            for department in dict.fromkeys(feed.department for feed in read_contract().values()):
                say(f"deliveries of {department}")
                add_deliveries(connection, delivery, department)
            say("landing")
            receipts = delivery.commit()
        say(f"done: {len(receipts)} deliveries")
        return receipts
    finally:
        connection.close()


def _generate(connection: duckdb.DuckDBPyConnection, paths: Paths, scale: Scale, say: _Progress) -> None:
    say(f"{scale.customers:,} customers and their records")
    build_rates(connection, scale)
    catalogue = build_catalogue(connection, scale)
    people = draw_people(scale)
    build_field(connection, scale, people)
    records = build_records(connection, scale, people)
    say(f"sales of {scale.months} months")
    campaigns = build_campaigns(connection, scale)
    sales = build_sales(connection, scale, people=people, records=records, catalogue=catalogue, campaigns=campaigns)
    say(f"marketing, service and field sales around {len(sales.orders.line_order):,} order lines")
    leads = build_marketing(connection, scale, people=people, records=records, campaigns=campaigns, sales=sales)
    build_touches(connection, scale, people=people, records=records, campaigns=campaigns, sales=sales, leads=leads)
    build_service(connection, scale, people, records, sales)
    build_contacts(connection, scale, people=people, records=records, campaigns=campaigns, sales=sales, leads=leads)
    say("ledger and plans")
    build_accounts(connection, scale)
    for topic in ("cancelled", "postings", "overheads", "ledger", "plans", "closing"):
        connection.execute(Path(__file__).with_name(f"{topic}.sql").read_text(encoding="utf-8"))
    write_truth(connection, people, sales.orders, paths)
    make_dirt(connection)
