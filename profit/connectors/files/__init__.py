"""Tables that already have the shape of the contract, as CSV or Parquet files in a folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from profit.connectors.files.csv_header import check_names, unreadable
from profit.connectors.files.csv_rows import read_csv
from profit.connectors.files.layout import TableFile, find_tables, ignored_files
from profit.landing.delivery import Delivery
from profit.landing.receipts import Receipt, file_checksum, find_receipts
from profit.landing.typing import LINE, quote_name, quote_text
from profit.paths import Paths

__all__ = ["ignored_files", "land_files"]


def land_files(
    paths: Paths, folder: Path, source_system: str = "files", delivered_on: dt.date | None = None
) -> list[Receipt]:
    """Land every table of a folder as one delivery: all of it, or nothing where any file is at fault.

    Args:
        paths: Where the landing zone and the quarantine are.
        folder: Folder of CSV and Parquet files, laid out as this folder's README.md says.
        source_system: System that delivers, where neither a file's path nor its column `source_system` says it.
        delivered_on: Day of the delivery, where neither a file's path nor its column `delivered_on` says it; by default
            today in UTC, and then a file that was landed on any day before changes nothing.

    Returns:
        One receipt a file, source system and day.

    Raises:
        LandingError: A file cannot be read, is no table of the contract, or lacks a required column.
    """
    tables = find_tables(folder)
    with duckdb.connect() as connection, Delivery(paths, connection) as delivery:
        for table in tables:
            try:
                _File(paths, connection, table).add_to(delivery, source_system, delivered_on)
            except duckdb.Error as error:
                raise unreadable(table.path, f"cannot be read ({str(error).splitlines()[0]})") from error
        return delivery.commit()


class _File:
    """One file on its way into a delivery."""

    def __init__(self, paths: Paths, connection: duckdb.DuckDBPyConnection, table: TableFile) -> None:
        self._paths = paths
        self._connection = connection
        self._table = table
        self._checksum = file_checksum(table.path)

    def add_to(self, delivery: Delivery, default_system: str, default_day: dt.date | None) -> None:
        """Add the rows of each system that the file names, and its unreadable lines to one of them."""
        table = self._table
        rows, rejected = self._read_parquet() if table.is_parquet else read_csv(self._connection, table)
        columns = self._connection.execute(f"describe ({rows})").fetchall()
        names = {str(name) for name, *_ in columns}
        has_systems = table.source_system is None and "source_system" in names
        has_days = table.delivered_on is None and "delivered_on" in names
        given_day = table.delivered_on or default_day
        day = given_day or dt.datetime.now(dt.UTC).date()
        # Only a day that the file or the caller gives tells two deliveries of the same file apart.
        has_own_days = has_days and (default_day is not None or not self._has_rows(rows, "delivered_on"))
        if has_days:
            rows, rejected = self._with_days(rows, rejected, day)
            has_days = self._has_rows(rows)
        for system, relation in self._by_system(rows, has_systems, table.source_system or default_system):
            # Days in the file are compared by the delivery, one by one.
            known = [] if has_own_days else self._landed_before(system, given_day)
            for receipt in known:
                delivery.add_repeat(receipt, str(table.path))
            if not known:
                delivery.add(
                    table.feed,
                    relation,
                    source_system=system,
                    delivered_on=None if has_days else day,
                    origin=str(table.path),
                    checksum=self._checksum,
                    rejected=rejected,
                )
            rejected = None

    def _landed_before(self, system: str, day: dt.date | None) -> list[Receipt]:
        return find_receipts(self._paths, self._table.feed, system, day, self._checksum)

    def _read_parquet(self) -> tuple[str, None]:
        located = quote_text(str(self._table.path))
        reader = f"read_parquet({located}, file_row_number = true, hive_partitioning = false)"
        described = self._connection.execute(f"describe (select * exclude (file_row_number) from {reader})").fetchall()
        delivered = [str(name) for name, *_ in described]
        check_names(self._table.path, [name.strip().lower() for name in delivered])
        columns = ", ".join(f"{quote_name(name)} as {quote_name(name.strip().lower())}" for name in delivered)
        return f"select {columns}, file_row_number + 1 as {LINE} from {reader}", None

    def _with_days(self, rows: str, rejected: str | None, default: dt.date) -> tuple[str, str]:
        """Give rows without a day the default, and put rows whose day is no date among the rejected lines."""
        text = "nullif(trim(cast(delivered_on as varchar)), '')"
        refused = (
            f"select {LINE}, 'delivered_on' as column_name, "
            f"'delivered_on: ''' || left({text}, 60) || ''' is not a date' as reason, "
            f"cast(to_json(delivered) as varchar) as content "
            f"from ({rows}) as delivered where {text} is not null and try_cast({text} as date) is null"
        )
        dated = (
            f"select * replace (coalesce(try_cast({text} as date), date '{default}') as delivered_on) "
            f"from ({rows}) where {text} is null or try_cast({text} as date) is not null"
        )
        return dated, f"{rejected} union all {refused}" if rejected else refused

    def _by_system(self, rows: str, has_systems: bool, default: str) -> list[tuple[str, str]]:
        if not has_systems:
            return [(default, rows)]
        named = f"coalesce(nullif(trim(cast(source_system as varchar)), ''), {quote_text(default)})"
        systems = self._connection.execute(f"select distinct {named} from ({rows}) order by 1").fetchall()
        relations = [(str(name), f"select * from ({rows}) where {named} = {quote_text(name)}") for (name,) in systems]
        return relations or [(default, rows)]

    def _has_rows(self, rows: str, blank: str | None = None) -> bool:
        condition = f"nullif(trim(cast({blank} as varchar)), '') is null" if blank else "true"
        return bool(self._connection.execute(f"select 1 from ({rows}) where {condition} limit 1").fetchall())
