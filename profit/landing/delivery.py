"""One delivery: every table in it is typed against the contract, then all of it is landed, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import duckdb

from profit.contract import Feed
from profit.errors import LandingError
from profit.landing.receipts import (
    Receipt,
    file_checksum,
    file_name,
    find_receipt,
    landing_number,
    partition,
    receipt_path,
)
from profit.landing.typing import (
    COLUMN,
    CONTENT,
    DAY,
    LINE,
    REASON,
    contract_content,
    extension_columns,
    key_text,
    quote_name,
    quote_text,
    repeat_reason,
    typed_rows,
    unknown_columns,
)
from profit.paths import Paths

_SYSTEM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class _Prepared:
    receipt: Receipt
    feed: Feed
    landed: Path
    quarantined: Path | None


class Delivery:
    """A delivery being prepared. Use as a context manager: what is not committed leaves no trace.

    Args:
        paths: Where the landing zone and the quarantine are.
        connection: DuckDB connection in which the relations to land can be read.
    """

    def __init__(self, paths: Paths, connection: duckdb.DuckDBPyConnection) -> None:
        self._paths = paths
        self._connection = connection
        self._prepared: list[_Prepared] = []
        self._repeated: list[Receipt] = []
        self._workspace = paths.landing / "_incoming" / uuid.uuid4().hex

    def __enter__(self) -> Delivery:
        self._workspace.mkdir(parents=True)
        # Timestamps without an offset are UTC by contract.
        self._connection.execute("set TimeZone = 'UTC'")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._workspace, ignore_errors=True)
        for folder in (self._workspace.parent, self._paths.landing):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

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
            LandingError: A required column is missing, a row has no day, or the system's name cannot be a folder.
        """
        if not _SYSTEM_NAME.fullmatch(source_system):
            raise LandingError(
                f"{origin}: source system {source_system!r} cannot name a folder; use letters, digits, '_', '-', '.'."
            )
        delivered = {
            str(row[0]).lower(): str(row[1]) for row in self._connection.execute(f"describe ({relation})").fetchall()
        }
        missing = [name for name in feed.required_columns if name not in delivered]
        if missing:
            columns = "columns" if len(missing) > 1 else "column"
            raise LandingError(
                f"{origin}: {feed.name} lacks the required {columns} {', '.join(missing)}. "
                f"Found: {', '.join(name for name in delivered if name != LINE)}. "
                f"The contract is in models/staging/{feed.department}/. Nothing of this delivery was landed."
            )
        day = f"date '{delivered_on}'" if delivered_on else "try_cast(delivered_on as date)"
        self._connection.execute(f"create or replace temp table _typed as {typed_rows(feed, relation, delivered, day)}")
        try:
            self._refuse_repeats_across_files(feed, source_system)
            days = self._days(origin, delivered_on)
            for each_day in days:
                self._prepare_day(
                    feed=feed,
                    delivered=delivered,
                    source_system=source_system,
                    day=each_day,
                    origin=origin,
                    checksum=checksum,
                    rejected=rejected if each_day == days[0] else None,
                )
        finally:
            self._connection.execute("drop table _typed")

    def add_repeat(self, receipt: Receipt, origin: str) -> None:
        """Note that a delivery had been landed before, so that the receipts of this one name it."""
        self._repeated.append(replace(receipt, is_repeat=True, origin=origin))

    def commit(self) -> list[Receipt]:
        """Move everything prepared into the landing zone and the quarantine.

        Each table's receipt is written last: a run that is killed before leaves files that the next one writes again
        under the same name.

        Returns:
            One receipt a table and day, repeated deliveries included.
        """
        days = {prepared.receipt.delivered_on for prepared in self._prepared}
        numbers = {day: landing_number(self._paths, day) for day in days}
        for prepared in self._prepared:
            receipt = prepared.receipt
            folder = partition(prepared.feed, receipt.source_system, receipt.delivered_on)
            name = file_name(self._paths.landing / folder, numbers[receipt.delivered_on], receipt.checksum)
            if prepared.quarantined:
                _move(prepared.quarantined, self._paths.quarantine / folder / f"{name}.parquet")
            _move(prepared.landed, self._paths.landing / folder / f"{name}.parquet")
            written = self._workspace / "receipt.json"
            written.write_text(receipt.to_json(), encoding="utf-8")
            _move(written, receipt_path(self._paths, folder, name))
        receipts = [prepared.receipt for prepared in self._prepared]
        self._prepared = []
        return [*receipts, *self._repeated]

    def _days(self, origin: str, delivered_on: dt.date | None) -> list[dt.date]:
        if delivered_on:
            return [delivered_on]
        days = [row[0] for row in self._connection.execute(f"select distinct {DAY} from _typed order by 1").fetchall()]
        if None in days:
            raise LandingError(
                f"{origin}: some rows have no delivered_on that is a date; fill it, or leave the column out."
            )
        return days

    def _prepare_day(
        self,
        *,
        feed: Feed,
        delivered: dict[str, str],
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
        kept = ", ".join(quote_name(name) for name in [*feed.columns, *extension_columns(delivered), *unknown])
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
                f"select 1 from read_parquet({quote_text(str(prepared.landed))}) as earlier where {same_key})"
            )

    def _copy(self, select: str, target: Path) -> int:
        copied = self._connection.execute(
            f"copy ({select}) to {quote_text(str(target))} (format parquet, compression zstd)"
        ).fetchall()
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
    """Move a file into place, atomically also where the two lie on different file systems."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if origin.stat().st_dev != target.parent.stat().st_dev:
        origin = Path(shutil.copyfile(origin, target.with_suffix(".partial")))
    os.replace(origin, target)
