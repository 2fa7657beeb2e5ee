"""One delivery: every table in it is typed against the contract, then all of it is landed, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import uuid
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import duckdb

from profit.contract import Feed
from profit.errors import EXPECTED, LandingError, explained, printable
from profit.landing.commits import INCOMING, begin, finish, settle, take_back
from profit.landing.extensions import check_personal, landed_types, types_to_land
from profit.landing.limits import Limits
from profit.landing.locking import changing_landing
from profit.landing.moving import move, planned
from profit.landing.names import check_columns, check_system
from profit.landing.prepared import (
    Prepared,
    copy_quarantined,
    copy_rows,
    days_of,
    emptied_values,
    refuse_repeats,
    refused_rows,
    rows_checksum,
)
from profit.landing.private import make_folder, to_disk
from profit.landing.quoting import quote_name, quote_text
from profit.landing.receipts import (
    LAST_OF_ITS_DAY,
    Receipt,
    find_receipt,
    partition,
)
from profit.landing.same_day import rows_said_otherwise
from profit.landing.typing import (
    DAY,
    LINE,
    REASON,
    extension_columns,
    typed_rows,
    unknown_columns,
)
from profit.paths import Paths

_DIGITS_IN_NAME = 12


class Delivery:
    """A delivery being prepared. Use as a context manager: what is not committed leaves no trace.

    It has the landing zone for itself; what a landing that was killed left there is taken back first.

    Args:
        paths: Where the landing zone and the quarantine are.
        connection: DuckDB connection in which the relations to land can be read.
        is_rehearsal: Whether nothing is going to be landed: nothing is written into the zones, and reasons to refuse a
            row do not say what it holds.
    """

    def __init__(self, paths: Paths, connection: duckdb.DuckDBPyConnection, *, is_rehearsal: bool = False) -> None:
        self._paths = paths
        self._connection = connection
        self._prepared: list[Prepared] = []
        self._repeated: list[Receipt] = []
        self._limits = Limits.from_environment()
        self._landed_types: dict[str, dict[str, str]] = {}
        self._is_rehearsal = is_rehearsal
        self._workspace = paths.landing / INCOMING / uuid.uuid4().hex
        self._lock = ExitStack()

    @property
    def workspace(self) -> Path:
        """Private folder for what is needed until the delivery is landed or has failed."""
        return self._workspace

    def __enter__(self) -> Delivery:
        try:
            if self._is_rehearsal:
                self._workspace = Path(self._lock.enter_context(TemporaryDirectory(prefix="profit-")))
            else:
                self._lock.enter_context(changing_landing(self._paths))
                settle(self._paths)
                make_folder(self._workspace)
            # Timestamps without an offset are UTC by contract.
            self._connection.execute("set TimeZone = 'UTC'")
            # DuckDB draws a bar for whatever takes two seconds, between the lines of the report.
            self._connection.execute("set enable_progress_bar = false")
            # What does not fit into memory is as personal as the rest; a generator may have chosen its place before.
            with suppress(duckdb.Error):
                self._connection.execute(f"set temp_directory = {quote_text(str(self._workspace / 'spill'))}")
        except BaseException as error:
            self.__exit__(type(error), error, None)
            if isinstance(error, EXPECTED):
                raise LandingError(f"{explained(error)}. Nothing of this delivery was landed.") from error
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nothing that cannot be cleared away hides why the delivery failed.
        for zone in () if self._is_rehearsal else (self._paths.landing, self._paths.quarantine):
            shutil.rmtree(zone / INCOMING / self._workspace.name, ignore_errors=True)
            with suppress(OSError):
                (zone / INCOMING).rmdir()
        with suppress(OSError):
            self._lock.close()

    def add(
        self,
        feed: Feed,
        relation: str,
        *,
        source_system: str,
        delivered_on: dt.date | None,
        origin: str,
        checksum: str | None = None,
        rejected: str | None = None,
    ) -> None:
        """Type one table of one system.

        Args:
            feed: Table of the contract that the rows are for.
            relation: SQL select of the rows, columns named as in the contract, in any type; an optional column `_line`
                holds the line number in the origin.
            source_system: System that delivers.
            delivered_on: Day of the delivery; None where the relation's own column `delivered_on` holds it, row by row.
            origin: File or generator, as messages and the quarantine name it.
            checksum: SHA-256 of the origin; by default that of the rows as they are written, refused ones included.
            rejected: SQL select of rows that are not in the relation because they could not be split into columns or
                belong to no day: `_line`, `column_name`, `reason`, `content`.

        Raises:
            LandingError: A required column is missing, a row has no day or one that is still to come, a name cannot
                stand in SQL or as a folder, or an own column cannot be read by the build or looks like personal data.
        """
        check_system(origin, source_system)
        delivered = {
            str(row[0]).lower(): str(row[1]) for row in self._connection.execute(f"describe ({relation})").fetchall()
        }
        check_columns(origin, [name for name in delivered if name != LINE])
        missing = [name for name in feed.required_columns if name not in delivered]
        if missing:
            columns = "columns" if len(missing) > 1 else "column"
            raise LandingError(
                f"{printable(origin)}: {feed.name} lacks the required {columns} {', '.join(missing)}. "
                f"Found: {printable(', '.join(name for name in delivered if name != LINE))}. "
                f"The contract is in models/staging/{feed.department}/. Nothing of this delivery was landed."
            )
        day = f"date '{delivered_on}'" if delivered_on else "try_cast(delivered_on as date)"
        # Looking at every landed file of a feed is worth it only where there is something to compare.
        landed = self._types(feed) if extension_columns(feed, delivered) else {}
        extensions = types_to_land(
            self._connection,
            feed,
            origin=origin,
            relation=relation,
            delivered=delivered,
            landed=landed,
            folder=self._paths.landing / feed.department / feed.table,
        )
        typed = typed_rows(
            feed,
            relation,
            delivered=delivered,
            extensions=extensions,
            day=day,
            longest_value=self._limits.cell_bytes,
            has_values=not self._is_rehearsal,
        )
        self._connection.execute(f"create or replace temp table _typed as {typed}")
        try:
            refuse_repeats(self._connection, self._prepared, feed, source_system)
            check_personal(self._connection, feed, origin=origin, relation="_typed", columns=list(extensions))
            days = days_of(self._connection, origin, delivered_on)
            for each_day in days:
                self._prepare_day(
                    feed=feed,
                    delivered=delivered,
                    extensions=extensions,
                    source_system=source_system,
                    day=each_day,
                    origin=origin,
                    checksum=checksum,
                    rejected=rejected if each_day == days[0] else None,
                )
            landed.update(extensions)
        finally:
            self._connection.execute("drop table if exists _typed")

    @property
    def prepared(self) -> list[Prepared]:
        """What is going to be landed, a table and day each."""
        return list(self._prepared)

    @property
    def repeated(self) -> list[Receipt]:
        """Receipts of what had been landed before."""
        return list(self._repeated)

    def add_repeat(self, receipt: Receipt, origin: str) -> None:
        """Note that a delivery had been landed before, so that the receipts of this one name it."""
        self._repeated.append(replace(receipt, is_repeat=True, origin=origin))

    def commit(self) -> list[Receipt]:
        """Move everything prepared into the landing zone and the quarantine; readers see all of it at once.

        Killed before its last step, the landing has not happened, and the next one clears away what it left.

        Returns:
            One receipt a table and day, repeated deliveries included.

        Raises:
            LandingError: A file cannot be moved; nothing was landed.
        """
        delivery = self._name()
        moves, change = planned(self._paths, self._workspace, self._prepared, delivery)
        if moves:
            to_disk(origin for origin, _ in moves)
            record = begin(self._paths, change, self._workspace)
            try:
                for origin, target in moves:
                    move(origin, target)
                to_disk({target.parent for _, target in moves})
                finish(self._paths, record)
            except BaseException:
                # Where that fails too, readers leave the files out, and the next landing removes them.
                with suppress(OSError):
                    take_back(self._paths, record, change)
                raise
        receipts = [replace(prepared.receipt, delivery=delivery) for prepared in self._prepared]
        self._prepared = []
        return [*receipts, *self._repeated]

    def _name(self) -> str:
        """Name of this delivery: the same tables give the same one."""
        digest = hashlib.sha256()
        for prepared in self._prepared:
            receipt = prepared.receipt
            digest.update(
                f"{receipt.feed} {receipt.source_system} {receipt.delivered_on} {receipt.checksum}\n".encode()
            )
        return digest.hexdigest()[:_DIGITS_IN_NAME]

    def _types(self, feed: Feed) -> dict[str, str]:
        """Types of the own columns of a feed, from the landing zone and from earlier tables of this delivery."""
        if feed.name not in self._landed_types:
            folder = self._paths.landing / feed.department / feed.table
            self._landed_types[feed.name] = landed_types(self._connection, folder)
        return self._landed_types[feed.name]

    def _prepare_day(
        self,
        *,
        feed: Feed,
        delivered: dict[str, str],
        extensions: dict[str, str],
        source_system: str,
        day: dt.date,
        origin: str,
        checksum: str | None,
        rejected: str | None,
    ) -> None:
        number = len(self._prepared)
        landed = self._workspace / f"{number}.parquet"
        quarantined = self._workspace / f"{number}.quarantine.parquet"
        unknown = unknown_columns(feed, delivered)
        kept = ", ".join(quote_name(name) for name in [*feed.columns, *extensions, *unknown])
        rows_landed = copy_rows(
            self._connection,
            f"select {kept} from _typed where {DAY} = date '{day}' and {REASON} is null order by {LINE}",
            landed,
        )
        refused = refused_rows(source_system, origin, day, rejected)
        emptied = emptied_values(source_system, origin, day)
        by_column, emptied_by_column = copy_quarantined(self._connection, refused, emptied, quarantined)
        checksum = checksum or rows_checksum(landed, quarantined)
        if earlier := self._find_repeat(feed, source_system, day, checksum):
            landed.unlink()
            quarantined.unlink(missing_ok=True)
            self.add_repeat(earlier, origin)
            return
        rows_refused = sum(by_column.values())
        receipt = Receipt(
            feed=feed.name,
            source_system=source_system,
            delivered_on=day.isoformat(),
            origin=origin,
            checksum=checksum,
            rows_read=rows_landed + rows_refused,
            rows_landed=rows_landed,
            rows_quarantined=rows_refused,
            unknown_columns=tuple(unknown),
            refused_by_column=by_column,
            emptied_by_column=emptied_by_column,
            rows_otherwise=0
            if checksum.startswith(LAST_OF_ITS_DAY)
            else rows_said_otherwise(
                self._connection, self._paths, feed, landed, partition(feed, source_system, day.isoformat())
            ),
        )
        self._prepared.append(Prepared(receipt, feed, landed, quarantined if quarantined.exists() else None))

    def _find_repeat(self, feed: Feed, source_system: str, day: dt.date, checksum: str) -> Receipt | None:
        """Find the receipt of the same rows, landed by an earlier delivery or prepared in this one."""
        for prepared in self._prepared:
            receipt = prepared.receipt
            if (prepared.feed, receipt.source_system, receipt.delivered_on, receipt.checksum) == (
                feed,
                source_system,
                day.isoformat(),
                checksum,
            ):
                return receipt
        return find_receipt(self._paths, feed, source_system, day, checksum)
