"""A landed demo company with a view of each feed, for the tests of its contents."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from profit.connectors.demo import land_demo
from profit.connectors.demo.truth import truth_folder
from profit.contract import Feed, read_contract
from profit.paths import Paths

CUSTOMERS, MONTHS, SEED = 400, 8, 11


def paths_in(folder: Path) -> Paths:
    return Paths.below(folder)


def files_in(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Demo:
    """A landed company: for each feed a view of all versions, `<table>_versions`, and one of the newest, `<table>`."""

    def __init__(self, folder: Path, customers: int, months: int, seed: int) -> None:
        self.paths = paths_in(folder)
        self.receipts = land_demo(self.paths, customers, months, seed)
        self.connection = duckdb.connect()
        for feed in read_contract().values():
            self._read(feed)
        for path in truth_folder(self.paths).glob("*.parquet"):
            self.connection.execute(f"create view truth_{path.stem} as from '{path}'")
        self.connection.execute(
            f"create view refused as from read_parquet('{self.paths.quarantine}/**/*.parquet', union_by_name = true)"
        )
        self.connection.execute("""
            create view rates as select * from exchange_rates where to_currency_code = 'USD';
            create macro rate_of(currency, day) as case when coalesce(currency, 'USD') = 'USD' then 1 else (
                select arg_max(exchange_rate, rate_on) from rates where from_currency_code = currency and rate_on <= day
            ) end;
            create macro in_usd(amount, currency, day) as
                round(cast(amount as decimal(28, 4)) * cast(rate_of(currency, day) as decimal(18, 8)), 2);
            create macro cost_of(product, day) as (
                select {'cost': arg_max(unit_cost_amount, valid_from), 'currency': arg_max(currency_code, valid_from)}
                from product_costs where product_id = product and valid_from <= day
            );
        """)

    def _read(self, feed: Feed) -> None:
        files = self.paths.landing / feed.department / feed.table
        key = ", ".join(["source_system", *feed.key])
        self.connection.execute(f"""
            create view {feed.table}_versions as
            select * from read_parquet('{files}/*/*/*.parquet', hive_partitioning = true);
            create view {feed.table} as
            select * from {feed.table}_versions
            qualify row_number() over (partition by {key} order by delivered_on desc) = 1
                and not coalesce(is_deleted, false)
        """)

    def one(self, sql: str) -> tuple:
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return row

    def count(self, rows: str) -> int:
        return int(self.one(f"select count(*) from {rows}")[0])
