"""How long the landing gate takes for a feed of ten million rows, and how much memory.

    python benchmarks/landing_gate.py [--rows 10000000] [--deliveries 10] [--folder DIR]

Makes a landing zone with order lines, their orders, customers and products, several deliveries each, runs the gate, and
compares it with a plain scan (count, minimum, maximum of every column) of the same files.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from profit.contract import Feed, read_contract
from profit.gates import check_landing, print_report
from profit.landing.receipts import partition
from profit.paths import Paths

_LINES_PER_ORDER = 4
_CUSTOMERS = 200_000
_PRODUCTS = 5_000
_KILOBYTES_PER_MEGABYTE = 1024

_ROWS = {
    "customers": "select 'c' || i as customer_id, 'person' as customer_kind from range({customers}) as t(i)",
    "products": "select 'p' || i as product_id, 'goods' as product_kind from range({products}) as t(i)",
    "orders": "select 'o' || i as order_id, 'c' || (i * 7 % {customers}) as customer_id, 'web' as channel, "
    "timestamp '{day}' - to_hours(i % 600) as ordered_at from range({first} // 4, {last} // 4) as t(i)",
    "order_lines": "select 'l' || i as order_line_id, 'o' || (i // 4) as order_id, 'p' || (i * 13 % {products}) "
    "as product_id, 1 + i % 3 as quantity, 5 + i % 500 as unit_list_price, i % 4 as discount_amount, 0.5 as tax_amount "
    "from range({first}, {last}) as t(i)",
}


def make_zone(landing: Path, rows: int, deliveries: int) -> None:
    """Write the landing zone.

    Args:
        landing: Folder to write to.
        rows: Order lines in all.
        deliveries: Monthly deliveries of orders and order lines.
    """
    contract = read_contract()
    with duckdb.connect() as connection:
        for number in range(deliveries):
            day = dt.date(2024 + number // 12, 1 + number % 12, 3)
            bounds = {"first": rows * number // deliveries, "last": rows * (number + 1) // deliveries}
            for name, select in _ROWS.items():
                if name in ("customers", "products") and number < deliveries - 1:
                    continue
                query = select.format(customers=_CUSTOMERS, products=_PRODUCTS, day=day, **bounds)
                _write(connection, landing, contract[name], query, day)


def _write(connection: duckdb.DuckDBPyConnection, landing: Path, feed: Feed, query: str, day: dt.date) -> None:
    delivered = {row[0] for row in connection.execute(f"describe ({query})").fetchall()}
    columns = ", ".join(
        f"cast({column.name if column.name in delivered else 'null'} as {column.data_type}) as {column.name}"
        for column in feed.columns.values()
    )
    folder = landing / partition(feed, "shop", day.isoformat())
    folder.mkdir(parents=True)
    target = folder / "0001-benchmark.parquet"
    connection.execute(f"copy (select {columns} from ({query})) to '{target}' (format parquet, compression zstd)")


def plain_scan(landing: Path) -> float:
    """Seconds that DuckDB takes for count, minimum and maximum of every column of the order lines."""
    started = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute(
            f"select count(*), min(columns(*)), max(columns(*)) "
            f"from read_parquet('{landing}/sales/order_lines/*/*/*.parquet', hive_partitioning = true)"
        ).fetchall()
    return time.perf_counter() - started


def main() -> None:
    """Make the landing zone, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="order lines in all")
    parser.add_argument("--deliveries", type=int, default=10, help="deliveries of orders and order lines")
    parser.add_argument("--folder", type=Path, help="where to work; by default a temporary folder")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.check:
        _measure(options.folder)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        make_zone(Path(name) / "landing", options.rows, options.deliveries)
        # In a process of its own, so that the peak is that of the gate alone.
        subprocess.run([sys.executable, __file__, "--check", "--folder", name], check=True)  # noqa: S603


def _measure(folder: Path) -> None:
    landing = folder / "landing"
    plain_scan(landing)  # once unmeasured, so that both find the files in the system's cache
    baseline = plain_scan(landing)
    started = time.perf_counter()
    report = check_landing(Paths.below(folder))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTES_PER_MEGABYTE
    print_report(report)
    rows = max(result.rows_checked for result in report.results)
    print(f"{rows:,} rows: {seconds:.1f} s, peak memory {peak:,.0f} MB")
    print(f"plain scan {baseline:.2f} s; the gate takes {seconds / baseline:.1f} times as long")


if __name__ == "__main__":
    main()
