"""Labelled sets of customer records, and how they are landed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from profit.contract import read_contract
from profit.landing.delivery import Delivery
from profit.paths import Paths

_DAY = dt.date(2025, 2, 1)
_OTHER_FEEDS = {
    "products": "select 'P' as product_id",
    "orders": "select 'O' as order_id, timestamp '2025-01-01 00:00:00' as ordered_at",
    "order_lines": (
        "select 'L' as order_line_id, 'O' as order_id, 'P' as product_id, 1 as quantity, 1 as unit_list_price"
    ),
}


@dataclass(frozen=True)
class LabelledSet:
    """A set of records of which it is known who is one customer.

    Attributes:
        records: SQL of the records as crm.customers has them, and `cluster`, which is no column of it; `{data}` is the
            folder of the sets, `{landing}` the landing zone.
        connector: Connector that lands them; of those that have none the records are landed as one delivery.
    """

    records: str
    connector: str | None = None


_BORN = "try_cast(try_strptime({}, ['%Y%m%d', '%Y-%m-%d']) as date)"
SETS = {
    "people_cases": LabelledSet(
        "select case_id || '-' || record as customer_id, "
        "* exclude (case_id, kind_of_case, situation, expected, record), case_id as cluster "
        "from read_csv('{data}/people_cases.csv', all_varchar = true)"
    ),
    "historical_dev": LabelledSet(
        f"select unique_id as customer_id, first_name, surname as last_name, {_BORN.format('dob')} as birth_date, "
        "birth_place as city, postcode_fake as postal_code, 'GB' as country_code, cluster "
        "from read_parquet('{data}/historical_dev.parquet')"
    ),
    "sites_dev": LabelledSet(
        "select unique_id as customer_id, 'organisation' as customer_kind, trim(name) as organisation_name, "
        "trim(address) as address_line, zip as postal_code, 'Chicago' as city, 'US' as country_code, phone, cluster "
        "from read_csv('{data}/sites_dev.csv', all_varchar = true)"
    ),
    "febrl3": LabelledSet(
        "select trim(rec_id) as customer_id, trim(given_name) as first_name, trim(surname) as last_name, "
        "trim(concat_ws(' ', trim(street_number), trim(address_1))) as address_line, trim(suburb) as city, "
        f"trim(postcode) as postal_code, trim(state) as region, {_BORN.format('trim(date_of_birth)')} as birth_date, "
        "trim(soc_sec_id) as tax_number, 'AU' as country_code, split_part(trim(rec_id), '-', 2) as cluster "
        "from read_csv('{data}/febrl3.csv', all_varchar = true)"
    ),
    "fake_1000": LabelledSet(
        f"select unique_id as customer_id, first_name, surname as last_name, {_BORN.format('dob')} as birth_date, "
        "city, email, 'GB' as country_code, cluster from read_csv('{data}/fake_1000.csv', all_varchar = true)"
    ),
    # Its two sources name an account by the same number.
    "adventureworks": LabelledSet(
        "select source_system || ':' || customer_id as record_id, customer_id as cluster "
        "from read_parquet('{landing}/crm/customers/*/*/*.parquet', hive_partitioning = true)",
        connector="adventureworks",
    ),
}


def land(paths: Paths, records: str) -> None:
    """Land the records as one delivery of one system, and one row of each other feed that has to be there."""
    records = f"select * exclude (record_id) from ({records})"
    with duckdb.connect() as connection, Delivery(paths, connection) as delivery:
        contract = read_contract()
        for table, select in {"customers": f"select * exclude (cluster) from ({records})", **_OTHER_FEEDS}.items():
            connection.execute(f"create or replace view delivered as {select}")
            delivery.add(
                contract[table], "from delivered", source_system="register", delivered_on=_DAY, origin="benchmark"
            )
        delivery.commit()
