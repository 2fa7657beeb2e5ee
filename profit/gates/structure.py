"""The light check before any expectation: folders, files, columns and types of the landing zone."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from profit.contract import Feed
from profit.deliveries import Deliveries, landed_files
from profit.landing.quoting import quote_path
from profit.landing.receipts import Receipt

ZONE = "landing zone"

KNOWN_PLACE = "every file lies in a folder of the contract"
PARTITIONED = "files lie in folders source_system=…/delivered_on=…"
READABLE = "every landed file is a readable Parquet file"
REQUIRED_COLUMNS = "every file has the required columns"
TYPED = "columns have the contract's Parquet types"
RECEIVED = "every landed file is there, with the rows of its receipt"
REQUIRED_FEED = "every required feed is delivered"

RULES = {
    KNOWN_PLACE: "No model reads a file that lies elsewhere: what it holds would be missing from every number.",
    PARTITIONED: "The folders say which system delivered and when; without them a file cannot be put in order.",
    READABLE: "A damaged file stops the build half-way, or is left out of it.",
    REQUIRED_COLUMNS: "Rows without a required value cannot be computed with.",
    TYPED: "A type that is not the contract's fails in the build, or changes values without a word.",
    RECEIVED: "Part of a delivery is missing: put the file back, or take it back by `profit land withdraw`.",
    REQUIRED_FEED: "There is no customer profitability without customers, products, orders and order lines.",
}
# The rest is about the files of one feed.
ZONE_RULES = (KNOWN_PLACE, REQUIRED_FEED)

_PARTS_IN_PATH = 5
_SYSTEM_FOLDER = re.compile(r"source_system=[A-Za-z0-9][A-Za-z0-9_.-]*")
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_DAY_FOLDER = re.compile(r"delivered_on=(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Finding:
    """Something wrong with the landing zone.

    Attributes:
        feed: Feed concerned, or the landing zone as a whole.
        rule: One of `RULES`.
        place: File or folder, relative to the landing zone.
        message: What was found there, and what to do.
    """

    feed: str
    rule: str
    place: str
    message: str


@dataclass(frozen=True)
class LandedFile:
    """A landed file.

    Attributes:
        feed: `<department>.<table>`.
        source_system: System that delivered it.
        delivered_on: Day of the delivery.
        path: The file.
        row_count: Rows in it.
        columns: DuckDB type by column.
    """

    feed: str
    source_system: str
    delivered_on: dt.date
    path: Path
    row_count: int
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Structure:
    """What lies in the landing zone.

    Attributes:
        files: Files by feed whose columns could be read.
        findings: Everything that is wrong, all at once.
        file_counts: Files looked at, by feed.
    """

    files: Mapping[str, list[LandedFile]]
    findings: tuple[Finding, ...]
    file_counts: Mapping[str, int]


def check_structure(
    landing: Path, contract: Mapping[str, Feed], elsewhere: Collection[str] = (), deliveries: Deliveries | None = None
) -> Structure:
    """Look at every file of the landing zone, whose values are read but not compared.

    Args:
        landing: The landing zone; what starts with `_` or `.` at its top belongs to the project itself.
        contract: Feeds by table name.
        elsewhere: Names of feeds whose rows lie in the warehouse already, so that no file is missed.
        deliveries: The files of this run and their receipts; None for the files that are there, receipts left aside.

    Returns:
        The files, and everything that is wrong; a feed with a finding should not be checked further.
    """
    feeds = {feed.name: feed for feed in contract.values()}
    files: dict[str, list[LandedFile]] = defaultdict(list)
    findings: list[Finding] = []
    counts: Counter[str] = Counter()
    with duckdb.connect() as connection:
        for path in landed_files(landing) if deliveries is None else [file.path for file in deliveries.files]:
            counts[".".join(path.relative_to(landing).parts[:2])] += 1
            checked = _check_file(connection, landing, path, feeds)
            if isinstance(checked, LandedFile):
                files[checked.feed].append(checked)
            else:
                findings.extend(checked)
        for of_feed in files.values():
            findings.extend(_find_damaged(connection, of_feed, landing))
    touched = {finding.feed for finding in findings} | set(files)
    missing = [
        name for name, feed in feeds.items() if feed.is_required and name not in touched and name not in elsewhere
    ]
    if deliveries is not None:
        findings.extend(_find_lost(deliveries, files, missing))
    findings.extend(
        Finding(
            name,
            REQUIRED_FEED,
            name,
            f"{name} is required and has no landed file; `profit land files --from DIR` lands a delivery, "
            "`profit land demo` a whole company.",
        )
        for name in missing
    )
    return Structure(files, tuple(dict.fromkeys(findings)), counts)


def _find_damaged(connection: duckdb.DuckDBPyConnection, files: Iterable[LandedFile], landing: Path) -> list[Finding]:
    """Read every value, as a file whose footer is sound may still have damaged pages."""
    try:
        _read_values(connection, files)
    except duckdb.Error:
        findings = []
        for file in files:
            try:
                _read_values(connection, [file])
            except duckdb.Error as error:
                findings.append(_unreadable(file.feed, str(file.path.relative_to(landing)), error))
        return findings
    return []


def _read_values(connection: duckdb.DuckDBPyConnection, files: Iterable[LandedFile]) -> None:
    paths = ", ".join(quote_path(file.path) for file in files)
    # A count or a minimum would be answered from the file's statistics.
    connection.execute(
        f"select bit_xor(hash(columns(*))) from read_parquet([{paths}], union_by_name = true)"
    ).fetchall()


def _find_lost(
    deliveries: Deliveries, files: Mapping[str, list[LandedFile]], missing: Collection[str]
) -> Iterator[Finding]:
    """Hold what is there against the receipts of what was landed."""
    for place, receipt in deliveries.lost:
        # Of a required feed without any file, that is what is said.
        if receipt.feed not in missing:
            yield Finding(receipt.feed, RECEIVED, place, f"is not there; its receipt says {receipt.rows_landed:,} rows")
    receipts: dict[Path, Receipt] = {file.path: file.receipt for file in deliveries.files if file.receipt}
    for of_feed in files.values():
        for file in of_feed:
            noted = receipts.get(file.path)
            if noted and noted.rows_landed != file.row_count:
                place = str(file.path.relative_to(deliveries.landing))
                message = f"has {file.row_count:,} rows; its receipt says {noted.rows_landed:,}"
                yield Finding(file.feed, RECEIVED, place, message)


def _check_file(
    connection: duckdb.DuckDBPyConnection, landing: Path, path: Path, feeds: Mapping[str, Feed]
) -> LandedFile | list[Finding]:
    place = path.relative_to(landing)
    name = ".".join(place.parts[:2])
    feed = feeds.get(name) if len(place.parts) > 2 else None  # noqa: PLR2004
    if feed is None:
        folder = "/".join(place.parts[:-1][:2]) or place.name
        return [Finding(ZONE, KNOWN_PLACE, folder, _misplaced(folder, feeds))]
    day = _delivered_on(place)
    if day is None:
        found = "/".join(place.parts[2:-1]) or "no folder"
        message = (
            f"found {found} where {name} expects source_system=<system>/delivered_on=<YYYY-MM-DD>; move the file, or "
            f"land it again with `profit land files`"
        )
        return [Finding(name, PARTITIONED, str(place), message)]
    if path.suffix != ".parquet":
        message = f"found a {path.suffix or 'nameless'} file; only .parquet is read: use `profit land files` for others"
        return [Finding(name, READABLE, str(place), message)]
    source = quote_path(path)
    try:
        described = connection.execute(f"describe select * from read_parquet({source}, hive_partitioning = false)")
        columns = {str(row[0]).lower(): str(row[1]) for row in described.fetchall()}
        ((rows,),) = connection.execute(f"select num_rows from parquet_file_metadata({source})").fetchall()
    except duckdb.Error as error:
        if not path.exists():
            return [Finding(name, RECEIVED, str(place), "was there when this run started, and is not any more")]
        return [_unreadable(name, str(place), error)]
    findings = list(_column_findings(feed, str(place), columns))
    system = place.parts[2].partition("=")[2]
    return findings or LandedFile(name, system, day, path, int(rows), columns)


def _misplaced(folder: str, feeds: Mapping[str, Feed]) -> str:
    department, _, table = folder.partition("/")
    near = [
        name for name, feed in feeds.items() if feed.table == table or (feed.department == department and not table)
    ]
    hint = f" Is it {near[0]}?" if len(near) == 1 else ""
    return (
        f"{folder} belongs to no table of the contract.{hint} Tables are folders <department>/<table>, as in "
        f"models/staging/*/_*__sources.yml; move the folder, or take it out of the landing zone"
    )


def _delivered_on(place: Path) -> dt.date | None:
    if len(place.parts) != _PARTS_IN_PATH or not _SYSTEM_FOLDER.fullmatch(place.parts[2]):
        return None
    day = _DAY_FOLDER.fullmatch(place.parts[3])
    try:
        return dt.date.fromisoformat(day.group(1)) if day else None
    except ValueError:
        return None


def _unreadable(feed: str, place: str, error: duckdb.Error) -> Finding:
    message = (
        f"is damaged or no Parquet file ({str(error).splitlines()[0][:160]}); take it back with `profit land withdraw "
        f"{place} --reason …` and land the delivery again"
    )
    return Finding(feed, READABLE, place, message)


def _column_findings(feed: Feed, place: str, columns: Mapping[str, str]) -> Iterator[Finding]:
    missing = [name for name in feed.required_columns if name not in columns]
    if missing:
        message = f"lacks {', '.join(missing)}; ask {feed.department} for the column and land the delivery again"
        yield Finding(feed.name, REQUIRED_COLUMNS, place, message)
    wrong = [
        f"{column.name} is {columns[column.name]}, not {column.native_type}"
        for column in feed.columns.values()
        if column.name in columns and not _holds(column.native_type, columns[column.name])
    ]
    if wrong:
        message = f"{'; '.join(wrong)}; land the delivery again, `profit land` types it against the contract"
        yield Finding(feed.name, TYPED, place, message)


def _holds(contract: str, landed: str) -> bool:
    """Whether every value of a landed type is one of the contract's, as those of a decimal that was narrower once."""
    if contract == landed:
        return True
    wide, narrow = _DECIMAL.fullmatch(contract), _DECIMAL.fullmatch(landed)
    if not wide or not narrow:
        return False
    (digits, scale), (landed_digits, landed_scale) = (tuple(map(int, found.groups())) for found in (wide, narrow))
    return landed_scale <= scale and landed_digits - landed_scale <= digits - scale
