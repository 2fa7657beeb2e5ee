"""What a delivery has prepared of one table and day: the files of it, and what they are made of."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from profit.contract import Feed
from profit.errors import LandingError, printable
from profit.landing.private import make_private
from profit.landing.quoting import quote_path, quote_text
from profit.landing.receipts import Receipt, file_checksum
from profit.landing.typing import COLUMN, CONTENT, DAY, EMPTIED, LINE, REASON, contract_content, key_text, repeat_reason

# Clocks and time zones differ.
_DAYS_OF_GRACE = 1
_MOST_SYSTEMS_AND_DAYS = 5000


@dataclass(frozen=True)
class Prepared:
    """One table of one system and day, not landed yet.

    Attributes:
        receipt: What is said of it, but for the name of the delivery.
        feed: Table of the contract.
        landed: File of its rows.
        quarantined: File of the rows that are refused, and of those that were landed without a value; None where there
            are none.
    """

    receipt: Receipt
    feed: Feed
    landed: Path
    quarantined: Path | None


def days_of(connection: duckdb.DuckDBPyConnection, origin: str, delivered_on: dt.date | None) -> list[dt.date]:
    """Days of delivery of the typed rows.

    Args:
        connection: Where the table `_typed` is.
        origin: File or generator, for messages.
        delivered_on: Day of all of them; None where each row has its own.

    Raises:
        LandingError: A row has no day, or one that is still to come, or there are more days than a delivery has.
    """
    last = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=_DAYS_OF_GRACE)
    day = f"cast({quote_text(str(delivered_on))} as date)" if delivered_on else DAY
    found = f"(select distinct {day} as day from _typed)" if not delivered_on else f"(select {day} as day)"
    # A year that Python does not know would stop it before the message.
    ((unknown, late),) = connection.execute(
        f"select count(*) filter (where day is null or day < date '0001-01-01'), min(cast(day as varchar)) filter "
        f"(where day > date '{last}') from {found}"
    ).fetchall()
    if unknown:
        raise LandingError(
            f"{printable(origin)}: some rows have no delivered_on that is a date; fill it, or leave the column "
            f"out. Nothing of this delivery was landed."
        )
    if late:
        raise LandingError(
            f"{printable(origin)}: the day of delivery {late} is still to come, and its rows would win over every "
            f"later version; deliver with the right day. Nothing of this delivery was landed."
        )
    if delivered_on:
        return [delivered_on]
    days = [row[0] for row in connection.execute(f"select day from {found} order by 1").fetchall()]
    if len(days) > _MOST_SYSTEMS_AND_DAYS:
        raise LandingError(
            f"{printable(origin)}: has {len(days):,} days of delivery, more than {_MOST_SYSTEMS_AND_DAYS:,}; "
            f"delivered_on is the day on which rows were handed over, not one of theirs. Nothing of this delivery "
            f"was landed."
        )
    return days


def copy_rows(connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> int:
    """Write rows into a file that only its owner can read, and give their number."""
    copied = connection.execute(
        f"copy ({select}) to {quote_text(str(target))} (format parquet, compression zstd)"
    ).fetchall()
    make_private(target)
    return int(copied[0][0])


def refused_rows(source_system: str, origin: str, day: dt.date, rejected: str | None) -> str:
    """Make the SQL of the refused rows of a day, as the quarantine keeps them.

    Args:
        source_system: System that delivers.
        origin: File or generator.
        day: Day of the delivery.
        rejected: SQL of rows that could not be typed at all, if any.
    """
    head = f"select {quote_text(source_system)} as source_system, {quote_text(origin)} as file_name"
    line = f"cast({LINE} as bigint) as line_number"
    refused = (
        f"{head}, {line}, {COLUMN} as column_name, {REASON} as reason, cast({CONTENT} as varchar) as content "
        f"from _typed where {REASON} is not null and {DAY} = date '{day}'"
    )
    if rejected:
        refused += f" union all {head}, {line}, column_name, reason, content from ({rejected})"
    return refused


def emptied_values(source_system: str, origin: str, day: dt.date) -> str:
    """Make the SQL of the values of a day that were left empty, in the shape of `refused_rows`.

    Args:
        source_system: System that delivers.
        origin: File or generator.
        day: Day of the delivery.
    """
    return (
        f"select {quote_text(source_system)} as source_system, {quote_text(origin)} as file_name, line_number, "
        f"emptied.column_name, emptied.reason, content from (select cast({LINE} as bigint) as line_number, "
        f"unnest({EMPTIED}) as emptied, cast({CONTENT} as varchar) as content from _typed "
        f"where {REASON} is null and {EMPTIED} is not null and {DAY} = date '{day}')"
    )


def copy_quarantined(
    connection: duckdb.DuckDBPyConnection, refused: str, emptied: str, target: Path
) -> tuple[dict[str, int], dict[str, int]]:
    """Write what is refused into a file, if anything is, and count it by column, most frequent first.

    Args:
        connection: Where the table `_typed` is.
        refused: SQL of the refused rows.
        emptied: SQL of the values that were left empty.
        target: File to write.

    Returns:
        Rows refused by column, and values left empty by column.
    """
    by_column, emptied_by_column = (
        dict(
            connection.execute(f"select column_name, count(*) from ({rows}) group by all order by 2 desc, 1").fetchall()
        )
        for rows in (refused, emptied)
    )
    if by_column or emptied_by_column:
        copy_rows(connection, f"select * from ({refused} union all {emptied}) order by line_number", target)
    return by_column, emptied_by_column


def refuse_repeats(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Prepared], feed: Feed, source_system: str
) -> None:
    """Refuse the typed rows whose key an earlier file of the delivery has for the same day.

    Args:
        connection: Where the table `_typed` is.
        tables: What the delivery has prepared.
        feed: Table of the contract.
        source_system: System that delivers.
    """
    for prepared in tables:
        receipt = prepared.receipt
        if prepared.feed != feed or receipt.source_system != source_system:
            continue
        same_key = " and ".join(
            f"{mine} = {theirs}"
            for mine, theirs in zip(key_text(feed, "_typed"), key_text(feed, "earlier"), strict=True)
        )
        connection.execute(
            f"update _typed set {REASON} = {repeat_reason(feed, quote_text('a row in ' + receipt.origin))}, "
            f"{COLUMN} = {quote_text(', '.join(feed.key))}, {CONTENT} = {contract_content(feed)} "
            f"where {REASON} is null and {DAY} = date '{receipt.delivered_on}' and exists ("
            f"select 1 from read_parquet({quote_path(prepared.landed)}) as earlier where {same_key})"
        )


def rows_checksum(landed: Path, quarantined: Path) -> str:
    """Make the checksum of one table and day; refused rows count, or a delivery that differs in them would vanish."""
    if not quarantined.exists():
        return file_checksum(landed)
    return hashlib.sha256(f"{file_checksum(landed)}{file_checksum(quarantined)}".encode()).hexdigest()
