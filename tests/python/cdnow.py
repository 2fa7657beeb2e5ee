"""CDNOW as the papers read it: purchases of a day are one, times in weeks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from profit.value.statistics import PurchaseStatistics, SpendStatistics

CALIBRATION_ENDS_ON = dt.date(1997, 9, 30)

_HISTORIES = """
    create or replace table histories as
    with days as (
        select orders.customer_id, cast(orders.ordered_at as date) as day, sum(lines.unit_list_price) as amount
        from read_parquet('{landing}/sales/orders/**/*.parquet') as orders
        inner join read_parquet('{landing}/sales/order_lines/**/*.parquet') as lines using (order_id)
        group by all
    ),
    known as (select * from days where day <= date '{until}'),
    later as (
        select customer_id, count(*) as actual_count, sum(amount) as actual_amount
        from days where day > date '{until}' group by customer_id
    ),
    counted as (
        select
            customer_id,
            cast(count(*) - 1 as double) as purchase_count,
            (max(day) - min(day)) / 7e0 as recency,
            (date '{until}' - min(day)) / 7e0 as age,
            cast(sum(amount) - arg_min(amount, day) as double) / nullif(count(*) - 1, 0) as average_amount
        from known group by customer_id
    )
    select counted.*, coalesce(actual_count, 0) as actual_count, coalesce(actual_amount, 0) as actual_amount
    from counted left join later using (customer_id)
"""


def read_histories(connection: duckdb.DuckDBPyConnection, landing: Path, until: dt.date = CALIBRATION_ENDS_ON) -> None:
    """Make the table `histories`, a row a customer: the statistics up to a day, and what came after it.

    Args:
        connection: Where to make it.
        landing: Landing zone with CDNOW.
        until: Last day that is known.
    """
    connection.execute(_HISTORIES.format(landing=landing, until=until))


def purchase_statistics(connection: duckdb.DuckDBPyConnection) -> PurchaseStatistics:
    """Compressed purchase statistics of the table `histories`."""
    columns = "purchase_count, recency, age, count(*) as customer_count"
    found = connection.execute(f"select {columns} from histories group by all order by all").fetchnumpy()
    return PurchaseStatistics.of(*found.values())


def spend_statistics(connection: duckdb.DuckDBPyConnection) -> SpendStatistics:
    """Compressed spend statistics of the table `histories`."""
    columns = "purchase_count, average_amount, count(*) as customer_count"
    found = connection.execute(
        f"select {columns} from histories where average_amount > 0 group by all order by all"
    ).fetchnumpy()
    return SpendStatistics.of(*found.values())
