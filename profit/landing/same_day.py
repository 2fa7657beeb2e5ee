"""Rows that two deliveries of one day hold with different values: told when the second one is landed."""

from __future__ import annotations

from pathlib import Path

import duckdb

from profit.contract import TECHNICAL_COLUMNS, Feed
from profit.landing.commits import uncommitted_files
from profit.landing.quoting import quote_name, quote_path
from profit.landing.typing import key_text
from profit.paths import Paths


def rows_said_otherwise(
    connection: duckdb.DuckDBPyConnection, paths: Paths, feed: Feed, landed: Path, folder: Path
) -> int:
    """Count the rows of a delivery that lie in the landing zone for the same day with other values.

    Content decides which of the two counts, never the order of landing, so whoever meant a correction has to know.

    Args:
        connection: Any connection.
        paths: Where the landing zone is.
        feed: Table of the contract.
        landed: File with the rows that are to be landed.
        folder: Where the day and the system of the delivery lie, relative to the landing zone.
    """
    uncommitted = uncommitted_files(paths.landing)
    earlier = [path for path in sorted((paths.landing / folder).glob("*.parquet")) if path not in uncommitted]
    if not earlier:
        return 0
    listed = ", ".join(map(quote_path, earlier))
    columns = [quote_name(name) for name in feed.columns if name not in TECHNICAL_COLUMNS]
    same_key = " and ".join(
        f"{mine} = {theirs}" for mine, theirs in zip(key_text(feed, "fresh"), key_text(feed, "held"), strict=True)
    )
    differs = " or ".join(f"fresh.{name} is distinct from held.{name}" for name in columns)
    key = ", ".join(f"fresh.{quote_name(name)}" for name in feed.key)
    ((rows,),) = connection.execute(
        f"select count(*) from (select distinct {key} from read_parquet({quote_path(landed)}) as fresh "
        f"inner join read_parquet([{listed}], union_by_name = true, hive_partitioning = false) as held on {same_key} "
        f"where {differs})"
    ).fetchall()
    return int(rows)
