"""One delivery: every table in it is typed against the contract, then all of it is landed, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import duckdb

from profit.contract import Feed
from profit.errors import EXPECTED, LandingError, explained, printable
from profit.landing.commits import INCOMING, LANDING, Change, begin, finish, settle, take_back
from profit.landing.extensions import check_personal, landed_types, types_to_land
from profit.landing.limits import Limits
from profit.landing.locking import changing_landing
from profit.landing.names import check_columns, check_system
from profit.landing.private import copy_private, make_folder, make_private, make_zone, to_disk, write_private
from profit.landing.quoting import quote_name, quote_path, quote_text
from profit.landing.receipts import (
    Receipt,
    file_checksum,
    file_name,
    find_receipt,
    landing_number,
    partition,
    receipt_path,
)
from profit.landing.same_day import rows_said_otherwise
from profit.landing.typing import (
    COLUMN,
    CONTENT,
    DAY,
    LINE,
    REASON,
    contract_content,
    extension_columns,
    key_text,
    repeat_reason,
    typed_rows,
    unknown_columns,
)
from profit.paths import Paths

# Clocks and time zones differ.
_DAYS_OF_GRACE = 1
_DIGITS_IN_NAME = 12
_MOST_SYSTEMS_AND_DAYS = 5000


@dataclass(frozen=True)
class _Prepared:
    receipt: Receipt
    feed: Feed
    landed: Path
    quarantined: Path | None


class Delivery:
    """A delivery being prepared. Use as a context manager: what is not committed leaves no trace.

    It has the landing zone for itself; what a landing that was killed left there is taken back first.

    Args:
        paths: Where the landing zone and the quarantine are.
        connection: DuckDB connection in which the relations to land can be read.
    """

    def __init__(self, paths: Paths, connection: duckdb.DuckDBPyConnection) -> None:
        self._paths = paths
        self._connection = connection
        self._prepared: list[_Prepared] = []
        self._repeated: list[Receipt] = []
        self._limits = Limits.from_environment()
        self._landed_types: dict[str, dict[str, str]] = {}
        self._workspace = paths.landing / INCOMING / uuid.uuid4().hex
        self._lock = ExitStack()

    @property
    def workspace(self) -> Path:
        """Private folder for what is needed until the delivery is landed or has failed."""
        return self._workspace

    def __enter__(self) -> Delivery:
        try:
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
        for zone in (self._paths.landing, self._paths.quarantine):
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
            self._connection, feed, origin=origin, relation=relation, delivered=delivered, landed=landed
        )
        typed = typed_rows(
            feed,
            relation,
            delivered=delivered,
            extensions=extensions,
            day=day,
            longest_value=self._limits.cell_bytes,
        )
        self._connection.execute(f"create or replace temp table _typed as {typed}")
        try:
            self._refuse_repeats_across_files(feed, source_system)
            check_personal(self._connection, feed, origin=origin, relation="_typed", columns=list(extensions))
            days = self._days(origin, delivered_on)
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
        moves, change = self._planned(delivery)
        if moves:
            to_disk(origin for origin, _ in moves)
            record = begin(self._paths, change, self._workspace)
            try:
                for origin, target in moves:
                    _move(origin, target)
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

    def _planned(self, delivery: str) -> tuple[list[tuple[Path, Path]], Change]:
        """What is moved where, receipts last, and the record of it."""
        landing, quarantine = self._paths.landing, self._paths.quarantine
        days = {prepared.receipt.delivered_on for prepared in self._prepared}
        numbers = {day: landing_number(self._paths, day) for day in days}
        refused: list[tuple[Path, Path]] = []
        landed: list[tuple[Path, Path]] = []
        receipts: list[tuple[Path, Path]] = []
        for number, prepared in enumerate(self._prepared):
            receipt = replace(prepared.receipt, delivery=delivery)
            folder = partition(prepared.feed, receipt.source_system, receipt.delivered_on)
            name = file_name(numbers[receipt.delivered_on], receipt.checksum)
            if prepared.quarantined:
                origin = self._beside_quarantine(prepared.quarantined)
                refused.append((origin, quarantine / folder / f"{name}.parquet"))
            landed.append((prepared.landed, landing / folder / f"{name}.parquet"))
            written = self._workspace / f"{number}.json"
            write_private(written, receipt.to_json())
            receipts.append((written, receipt_path(self._paths, folder, name)))
        change = Change(
            delivery=delivery,
            kind=LANDING,
            files=tuple(str(target.relative_to(landing)) for _, target in landed),
            receipts=tuple(str(target.relative_to(landing)) for _, target in receipts),
            quarantined=tuple(str(target.relative_to(quarantine)) for _, target in refused),
            quarantine=os.path.relpath(quarantine, landing),
            note={},
        )
        return [*refused, *landed, *receipts], change

    def _beside_quarantine(self, path: Path) -> Path:
        """Bring a file onto the file system of the quarantine, so that it can be moved into place in one step."""
        folder = self._paths.quarantine / INCOMING / self._workspace.name
        make_zone(self._paths.quarantine)
        if path.stat().st_dev == self._paths.quarantine.stat().st_dev:
            return path
        make_folder(folder)
        return copy_private(path, folder / f"{path.name}.partial")

    def _types(self, feed: Feed) -> dict[str, str]:
        """Types of the own columns of a feed, from the landing zone and from earlier tables of this delivery."""
        if feed.name not in self._landed_types:
            folder = self._paths.landing / feed.department / feed.table
            self._landed_types[feed.name] = landed_types(self._connection, folder)
        return self._landed_types[feed.name]

    def _days(self, origin: str, delivered_on: dt.date | None) -> list[dt.date]:
        last = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=_DAYS_OF_GRACE)
        day = f"cast({quote_text(str(delivered_on))} as date)" if delivered_on else DAY
        found = f"(select distinct {day} as day from _typed)" if not delivered_on else f"(select {day} as day)"
        # A year that Python does not know would stop it before the message.
        ((unknown, late),) = self._connection.execute(
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
        days = [row[0] for row in self._connection.execute(f"select day from {found} order by 1").fetchall()]
        if len(days) > _MOST_SYSTEMS_AND_DAYS:
            raise LandingError(
                f"{printable(origin)}: has {len(days):,} days of delivery, more than {_MOST_SYSTEMS_AND_DAYS:,}; "
                f"delivered_on is the day on which rows were handed over, not one of theirs. Nothing of this delivery "
                f"was landed."
            )
        return days

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
        rows_landed = self._copy(
            f"select {kept} from _typed where {DAY} = date '{day}' and {REASON} is null order by {LINE}", landed
        )
        refused = self._refused(source_system, origin, day, rejected)
        by_column = self._connection.execute(
            f"select column_name, count(*) from ({refused}) group by all order by 2 desc, 1"
        ).fetchall()
        if by_column:
            self._copy(f"select * from ({refused}) order by line_number", quarantined)
        checksum = checksum or _rows_checksum(landed, quarantined)
        if earlier := self._find_repeat(feed, source_system, day, checksum):
            landed.unlink()
            quarantined.unlink(missing_ok=True)
            self.add_repeat(earlier, origin)
            return
        rows_refused = sum(count for _, count in by_column)
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
            refused_by_column=dict(by_column),
            rows_otherwise=rows_said_otherwise(
                self._connection, self._paths, feed, landed, partition(feed, source_system, day.isoformat())
            ),
        )
        self._prepared.append(_Prepared(receipt, feed, landed, quarantined if by_column else None))

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

    def _refuse_repeats_across_files(self, feed: Feed, source_system: str) -> None:
        """Refuse the rows whose key an earlier file of this delivery has for the same day."""
        for prepared in self._prepared:
            receipt = prepared.receipt
            if prepared.feed != feed or receipt.source_system != source_system:
                continue
            same_key = " and ".join(
                f"{mine} = {theirs}"
                for mine, theirs in zip(key_text(feed, "_typed"), key_text(feed, "earlier"), strict=True)
            )
            self._connection.execute(
                f"update _typed set {REASON} = {repeat_reason(feed, quote_text('a row in ' + receipt.origin))}, "
                f"{COLUMN} = {quote_text(', '.join(feed.key))}, {CONTENT} = {contract_content(feed)} "
                f"where {REASON} is null and {DAY} = date '{receipt.delivered_on}' and exists ("
                f"select 1 from read_parquet({quote_path(prepared.landed)}) as earlier where {same_key})"
            )

    def _copy(self, select: str, target: Path) -> int:
        copied = self._connection.execute(
            f"copy ({select}) to {quote_text(str(target))} (format parquet, compression zstd)"
        ).fetchall()
        make_private(target)
        return int(copied[0][0])

    @staticmethod
    def _refused(source_system: str, origin: str, day: dt.date, rejected: str | None) -> str:
        head = f"select {quote_text(source_system)} as source_system, {quote_text(origin)} as file_name"
        line = f"cast({LINE} as bigint) as line_number"
        refused = (
            f"{head}, {line}, {COLUMN} as column_name, {REASON} as reason, cast({CONTENT} as varchar) as content "
            f"from _typed where {REASON} is not null and {DAY} = date '{day}'"
        )
        if rejected:
            refused += f" union all {head}, {line}, column_name, reason, content from ({rejected})"
        return refused


def _rows_checksum(landed: Path, quarantined: Path) -> str:
    """Make the checksum of one table and day; refused rows count, or a delivery that differs in them would vanish."""
    if not quarantined.exists():
        return file_checksum(landed)
    return hashlib.sha256(f"{file_checksum(landed)}{file_checksum(quarantined)}".encode()).hexdigest()


def _move(origin: Path, target: Path) -> None:
    """Move a file into place on the same file system, in one step."""
    make_folder(target.parent)
    os.replace(origin, target)
