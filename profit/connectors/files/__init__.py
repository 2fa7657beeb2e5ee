"""Tables that already have the shape of the contract, as CSV or Parquet files in a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from profit.connectors.files.csv_header import unreadable
from profit.connectors.files.delivered import EARLIEST, DeliveredFile, last_day
from profit.connectors.files.layout import TableFile, find_tables, ignored_files
from profit.connectors.files.parquet_schema import no_text_in
from profit.connectors.files.stated import FOUND, Stated, stated_for
from profit.errors import LandingError, expected, printable
from profit.landing.delivery import Delivery
from profit.landing.full import PARTS, Full, withdraw_gone
from profit.landing.limits import Limits
from profit.landing.names import check_system
from profit.landing.receipts import Receipt
from profit.landing.rehearsal import Refusal, refusals
from profit.paths import Paths

_NOTHING_LANDED = "Nothing of this delivery was landed."

__all__ = ["Full", "Rehearsed", "Stated", "ignored_files", "land_files", "rehearse_files"]


def land_files(
    paths: Paths,
    folder: Path,
    source_system: str = "files",
    delivered_on: dt.date | None = None,
    stated: Stated = FOUND,
    *,
    full: Full = PARTS,
) -> list[Receipt]:
    """Land every table of a folder as one delivery: all of it, or nothing where any file is at fault.

    Args:
        paths: Where the landing zone and the quarantine are.
        folder: Folder of CSV and Parquet files, laid out as this folder's README.md says.
        source_system: System that delivers, where neither a file's path nor its column `source_system` says it.
        delivered_on: Day of the delivery, where neither a file's path nor its column `delivered_on` says it; by default
            today in the company's time zone, and then a file that was landed on any day before changes nothing.
        stated: How the files are written, where it is not to be found; `_dialect.yml` beside them says more.
        full: What is delivered in full, so that rows that are not there any more are withdrawn.

    Returns:
        One receipt a file, source system and day.

    Raises:
        LandingError: A file cannot be read, is no table of the contract, lacks a required column, or holds what the
            build could not read.
        RunningError: Another landing, or a run that reads, is at work.
    """
    with _deliver(paths, source_system, delivered_on, is_rehearsal=False) as (connection, delivery):
        stated = stated.checked("--csv-…, --time-zone")
        for table in _tables(paths, folder):
            said = (source_system, delivered_on, stated_for(folder, table.path, stated))
            _add(paths, connection, delivery, table, said)
        withdraw_gone(paths, connection, delivery, full)
        return delivery.commit()


@dataclass(frozen=True)
class Rehearsed:
    """What a landing would come to.

    Attributes:
        receipts: What would be landed.
        refusals: Which rows would be refused.
        failures: Why the whole delivery would be refused; empty where it would not.
    """

    receipts: list[Receipt]
    refusals: list[Refusal]
    failures: list[str]


def rehearse_files(
    paths: Paths,
    folder: Path,
    source_system: str = "files",
    delivered_on: dt.date | None = None,
    stated: Stated = FOUND,
    *,
    full: Full = PARTS,
) -> Rehearsed:
    """Do all that landing does with the files of a folder, but land, quarantine or write nothing.

    The arguments are those of `land_files`. A file that would stop the landing does not keep the others from being
    looked at.

    Raises:
        LandingError: The folder holds no table, or what is said of it cannot be.
    """
    failures: list[str] = []
    with _deliver(paths, source_system, delivered_on, is_rehearsal=True) as (connection, delivery):
        stated = stated.checked("--csv-…, --time-zone")
        for table in _tables(paths, folder):
            try:
                said = (source_system, delivered_on, stated_for(folder, table.path, stated))
                _add(paths, connection, delivery, table, said)
            except LandingError as error:
                failures.append(str(error))
        try:
            if not failures:
                withdraw_gone(paths, connection, delivery, full)
        except LandingError as error:
            failures.append(str(error))
        receipts = [*(each.receipt for each in delivery.prepared), *delivery.repeated]
        return Rehearsed(receipts, refusals(connection, delivery.prepared), failures)


@contextmanager
def _deliver(
    paths: Paths, source_system: str, delivered_on: dt.date | None, *, is_rehearsal: bool
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Delivery]]:
    if delivered_on:
        _check_day("--delivered-on", delivered_on)
    with expected(LandingError, _NOTHING_LANDED):
        check_system("--source-system", source_system)
        with duckdb.connect() as connection, Delivery(paths, connection, is_rehearsal=is_rehearsal) as delivery:
            yield connection, delivery


def _tables(paths: Paths, folder: Path) -> list[TableFile]:
    _check_apart(paths, folder)
    tables = find_tables(folder)
    for table in tables:
        if table.delivered_on:
            _check_day(str(table.path), table.delivered_on)
    return tables


def _add(
    paths: Paths,
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    table: TableFile,
    said: tuple[str, dt.date | None, Stated],
) -> None:
    """Add a file to a delivery, with the system and the day that it does not name itself, and how it is written."""
    source_system, delivered_on, stated = said
    try:
        DeliveredFile(paths, connection, table, Limits.from_environment(), stated).add_to(
            delivery, source_system, delivered_on
        )
    except duckdb.Error as error:
        # What fails in the landing zone, or for want of memory, is not the file's fault.
        if isinstance(error, duckdb.OutOfMemoryException) or str(paths.landing) in str(error):
            raise
        if table.is_parquet and (column := no_text_in(connection, table.path, error)):
            what = f"column {printable(column, 100)} holds bytes that are no UTF-8 text; deliver text, or leave it out"
            raise unreadable(table.path, what) from error
        raise unreadable(table.path, f"cannot be read ({printable(str(error).splitlines()[0])})") from error


def _check_apart(paths: Paths, folder: Path) -> None:
    """Check that the landing zone and what is delivered do not hold each other."""
    delivered = folder.resolve()
    for zone in (paths.landing, paths.quarantine):
        if delivered == zone or delivered in zone.parents or zone in delivered.parents:
            raise LandingError(
                f"{printable(folder)}: holds {zone}, or lies in it; keep what is delivered apart from it. "
                f"{_NOTHING_LANDED}"
            )


def _check_day(origin: str, day: dt.date) -> None:
    """Check that a day can be one of a delivery: a later one would win over every version that is still to come."""
    if not EARLIEST <= day <= last_day():
        raise LandingError(
            f"{printable(origin)}: the day of delivery {day} is not between {EARLIEST} and today; deliver with the "
            f"right day. {_NOTHING_LANDED}"
        )
