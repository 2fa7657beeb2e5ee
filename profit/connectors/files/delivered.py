"""One delivered file on its way into a delivery: its rows, by system and day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from profit.connectors.files.csv_header import check_names, unreadable
from profit.connectors.files.csv_rows import read_csv
from profit.connectors.files.dialect import written_plainly
from profit.connectors.files.layout import TableFile
from profit.connectors.files.parquet_schema import column_names
from profit.connectors.files.stated import Stated
from profit.landing.delivery import Delivery
from profit.landing.grammar import as_text
from profit.landing.limits import Limits
from profit.landing.quoting import quote_name, quote_path, quote_text
from profit.landing.receipts import Receipt, file_checksum, find_receipts
from profit.landing.typing import LINE
from profit.paths import Paths
from profit.time_zone import business_day

# A delivery before it is a slip of the keyboard, or a file that says nothing about its day.
EARLIEST = dt.date(2000, 1, 1)
# Clocks and time zones differ.
_DAYS_OF_GRACE = 1
_MOST_SYSTEMS = 1000
_PARQUET_ROWS = "_parquet_rows"


def last_day() -> dt.date:
    """The last day on which something can be delivered."""
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=_DAYS_OF_GRACE)


class DeliveredFile:
    """One file on its way into a delivery.

    Args:
        paths: Where the landing zone is.
        connection: That of the delivery.
        table: The file.
        limits: What a file may be.
        stated: What is known of how it is written.
    """

    def __init__(
        self,
        paths: Paths,
        connection: duckdb.DuckDBPyConnection,
        table: TableFile,
        limits: Limits,
        stated: Stated,
    ) -> None:
        self._paths = paths
        self._connection = connection
        self._table = table
        self._limits = limits
        self._stated = stated
        self._state = _state(table.path)
        self._checksum = file_checksum(table.path)

    def add_to(self, delivery: Delivery, default_system: str, default_day: dt.date | None) -> None:
        """Add the rows of each system that the file names, and its unreadable lines to one of them."""
        table = self._table
        rows, rejected = self._read_parquet() if table.is_parquet else self._read_csv(delivery.workspace)
        columns = self._connection.execute(f"describe ({rows})").fetchall()
        names = {str(name) for name, *_ in columns}
        has_systems = table.source_system is None and "source_system" in names
        has_days = table.delivered_on is None and "delivered_on" in names
        given_day = table.delivered_on or default_day
        day = given_day or business_day()
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
        if _state(table.path) != self._state:
            raise unreadable(table.path, "changed while it was read; deliver it once it is complete")

    def _landed_before(self, system: str, day: dt.date | None) -> list[Receipt]:
        return find_receipts(self._paths, self._table.feed, system, day, self._checksum)

    def _read_csv(self, workspace: Path) -> tuple[str, str | None]:
        return read_csv(self._connection, self._table, self._limits, self._stated, workspace)

    def _read_parquet(self) -> tuple[str, None]:
        located = quote_path(self._table.path)
        # Older writers do not mark texts as such.
        reader = f"read_parquet({located}, hive_partitioning = false, binary_as_string = true)"
        ((rows, unpacked),) = self._connection.execute(
            f"select max(num_rows), (select sum(total_uncompressed_size) from parquet_metadata({located})) "
            f"from parquet_file_metadata({located})"
        ).fetchall()
        if rows > self._limits.rows or (unpacked or 0) > self._limits.unpacked_bytes:
            raise unreadable(
                self._table.path,
                f"holds {rows:,} rows and {unpacked or 0:,} bytes unpacked, more than the {self._limits.rows:,} rows "
                f"or {self._limits.unpacked_bytes:,} bytes of a file; deliver it in parts, or raise PROFIT_LIMIT_ROWS "
                f"or PROFIT_LIMIT_UNPACKED_BYTES",
            )
        described = self._connection.execute(f"describe (select * from {reader})").fetchall()
        check_names(self._table.path, column_names(self._connection, self._table))
        columns = ", ".join(
            f"{self._native(name, kind)} as {quote_name(name.strip().lower())}" for name, kind, *_ in described
        )
        numbered = reader.replace(", hive_partitioning", ", file_row_number = true, hive_partitioning")
        rows = f"select {columns}, file_row_number + 1 as {LINE} from {numbered}"
        texts = [name.strip().lower() for name, kind, *_ in described if kind == "VARCHAR"]
        # Numbers and days that are texts are written in as many ways as in a CSV file.
        self._connection.execute(f"create or replace temp view {_PARQUET_ROWS} as {rows}")
        written = written_plainly(self._connection, self._table, texts, _PARQUET_ROWS, self._stated)
        if not written:
            return rows, None
        plain = ", ".join(f"{value} as {quote_name(name)}" for name, value in written.items())
        return f"select * replace ({plain}) from {_PARQUET_ROWS}", None

    def _native(self, name: str, kind: str) -> str:
        """SQL of a Parquet column; a moment that bears no offset is turned into UTC where its zone is stated."""
        column, zone = self._table.feed.columns.get(name.strip().lower()), self._stated.time_zone
        if zone is None or column is None or column.data_type != "timestamp":
            return quote_name(name)
        if kind == "DATE" or (kind.startswith("TIMESTAMP") and not kind.endswith("TIME ZONE")):
            return f"timezone('UTC', timezone('{zone}', cast({quote_name(name)} as timestamp)))"
        return quote_name(name)

    def _with_days(self, rows: str, rejected: str | None, default: dt.date) -> tuple[str, str]:
        """Give rows without a day the default, and put rows whose day cannot be one among the rejected lines."""
        text = _filled("delivered_on")
        # A time behind the day is left off, as databases write days with one.
        day = f"try_cast(regexp_extract({text}, '^([0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}})([ T].*)?$', 1) as date)"
        is_day = f"coalesce({day} between date '{EARLIEST}' and date '{last_day()}', false)"
        refused = (
            f"select {LINE}, 'delivered_on' as column_name, 'delivered_on: ''' || left({text}, 60) || "
            f"case when {day} is null then ''' is not a date' "
            f"else ''' is not between {EARLIEST} and today' end as reason, "
            f"cast(to_json(delivered) as varchar) as content "
            f"from ({rows}) as delivered where {text} is not null and not {is_day}"
        )
        dated = (
            f"select * replace (coalesce({day}, date '{default}') as delivered_on) "
            f"from ({rows}) where {text} is null or {is_day}"
        )
        return dated, f"{rejected} union all {refused}" if rejected else refused

    def _by_system(self, rows: str, has_systems: bool, default: str) -> list[tuple[str, str]]:
        if not has_systems:
            return [(default, rows)]
        named = f"coalesce({_filled('source_system')}, {quote_text(default)})"
        systems = self._connection.execute(f"select distinct {named} from ({rows}) order by 1").fetchall()
        if len(systems) > _MOST_SYSTEMS:
            raise unreadable(
                self._table.path,
                f"names {len(systems):,} source systems, more than {_MOST_SYSTEMS:,}; source_system is the system that "
                f"delivers, such as web_shop",
            )
        relations = [(str(name), f"select * from ({rows}) where {named} = {quote_text(name)}") for (name,) in systems]
        return relations or [(default, rows)]

    def _has_rows(self, rows: str, blank: str | None = None) -> bool:
        condition = f"{_filled(blank)} is null" if blank else "true"
        return bool(self._connection.execute(f"select 1 from ({rows}) where {condition} limit 1").fetchall())


def _filled(name: str) -> str:
    """SQL of a system or a day that a row names, null where it is missing, as in every other column."""
    return as_text(f"trim(cast({quote_name(name)} as varchar))")


def _state(path: Path) -> tuple[int, int, int]:
    """What changes when somebody writes into a file, or puts another in its place."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
