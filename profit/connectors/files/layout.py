"""Which files of a delivered folder are tables, and of which feed, system and day, as their paths say."""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass
from pathlib import Path

from profit.connectors.files.entries import Entries, list_entries
from profit.contract import Feed, read_contract
from profit.errors import LandingError, printable
from profit.landing.names import check_system, fault_of_file_name

_SUFFIXES = (".csv", ".csv.gz", ".parquet")
# Files that somebody meant as data: left aside in silence they would be missed.
_DATA_SUFFIXES = (
    *(".xlsx", ".xls", ".xlsm", ".ods", ".tsv", ".tab", ".avro", ".orc", ".feather", ".arrow", ".jsonl", ".ndjson"),
    *(".dbf", ".pq", ".zip", ".bz2", ".xz", ".zst", ".7z", ".gz", ".duckdb", ".sqlite"),
)
# As often settings as data: data only where a table of the contract is named.
_MAYBE_DATA_SUFFIXES = (".json", ".xml", ".dat", ".txt", ".text", ".asc", ".prn", "")
_LAYOUTS = (
    "<department>/<table>.csv, <department>/<table>/*.csv, <table>.csv, <table>/*.csv, <department>__<table>.csv or "
    "<department>.<table>.csv (.csv, .csv.gz or .parquet; folders source_system=<system> and delivered_on=<day> "
    "in between)"
)
_NOTHING_LANDED = "Nothing of this delivery was landed."


@dataclass(frozen=True)
class TableFile:
    """One file to land.

    Attributes:
        path: The file.
        feed: Table of the contract that it is for.
        source_system: System that the path names, if it does.
        delivered_on: Day that the path names, if it does.
        copy: The same in UTF-8, where the file is written otherwise.
    """

    path: Path
    feed: Feed
    source_system: str | None
    delivered_on: dt.date | None
    copy: Path | None = None

    @property
    def readable(self) -> Path:
        """Where the text is in UTF-8."""
        return self.copy or self.path

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet, otherwise CSV."""
        return self.path.name.lower().endswith(".parquet")


def find_tables(folder: Path) -> list[TableFile]:
    """Find every table in a folder, in the order of their paths.

    Args:
        folder: Folder of one delivery.

    Raises:
        LandingError: There is no such folder, no table in it, or a file that is data but not in a known place or form.
    """
    entries = _entries(folder)
    for path, what in entries.strange.items():
        if _is_visible(folder, path) and not (path.suffix and _is_ignored(folder, path)):
            raise LandingError(
                f"{printable(path)}: {what}; deliver a copy of the file, or move it away. {_NOTHING_LANDED}"
            )
    tables = [
        _table(folder, path) for path in entries.files if _is_visible(folder, path) and not _is_ignored(folder, path)
    ]
    if not tables:
        raise LandingError(f"{printable(folder)}: no table found. Expected {_LAYOUTS}.")
    return tables


def ignored_files(folder: Path) -> list[Path]:
    """List the files of a folder that are no data, such as notes and hidden files; they are not landed.

    Args:
        folder: Folder of one delivery.

    Raises:
        LandingError: There is no such folder.
    """
    entries = _entries(folder)
    listed = [path for path in entries.files if not _is_visible(folder, path) or _is_ignored(folder, path)]
    return sorted([*listed, *entries.strange])


def _entries(folder: Path) -> Entries:
    if not folder.is_dir():
        what = "is a file; name the folder that it lies in" if folder.exists() else "there is no such folder"
        raise LandingError(f"{printable(folder)}: {what}. Expected a folder with {_LAYOUTS}.")
    return list_entries(folder)


def _is_visible(folder: Path, path: Path) -> bool:
    return not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), path.suffix.lower())


def _is_ignored(folder: Path, path: Path) -> bool:
    suffix = _suffix(path)
    if suffix in _MAYBE_DATA_SUFFIXES:
        return not any(name in read_contract() for name in _names(folder, path))
    return suffix not in _SUFFIXES and suffix not in _DATA_SUFFIXES


def _names(folder: Path, path: Path) -> list[str]:
    """The path as names, without the `key=value` folders and the suffix; `department.table` counts as two."""
    *folders, file = path.relative_to(folder).parts
    suffix = _suffix(path)
    names = [name.lower() for name in folders if "=" not in name]
    stem = file[: len(file) - len(suffix)].lower()
    department, separator, table = stem.replace("__", ".", 1).partition(".")
    if separator and department in _departments():
        return [*names, department, table]
    return [*names, stem]


def _departments() -> set[str]:
    return {feed.department for feed in read_contract().values()}


def _table(folder: Path, path: Path) -> TableFile:
    if fault := fault_of_file_name(str(path.relative_to(folder))):
        raise LandingError(f"{printable(path)}: {fault}. {_NOTHING_LANDED}")
    if _suffix(path) not in _SUFFIXES:
        raise LandingError(
            f"{printable(path)}: not CSV or Parquet; save the table as .csv, .csv.gz or .parquet. {_NOTHING_LANDED}"
        )
    values = _values(folder, path)
    return TableFile(path, _feed(path, _names(folder, path)), values.get("source_system"), _day(path, values))


def _feed(path: Path, names: list[str]) -> Feed:
    contract = read_contract()
    department = names[0] if names[0] in _departments() else None
    table, *rest = names[1:] if department else names
    if len(rest) > 1:
        raise LandingError(
            f"{printable(path)}: lies too deep to tell its table. Expected {_LAYOUTS}. {_NOTHING_LANDED}"
        )
    feed = contract.get(table)
    if feed is None:
        alike = difflib.get_close_matches(table, contract, n=1)
        hint = f" Did you mean {alike[0]}?" if alike else ""
        known = ", ".join(sorted(contract))
        raise LandingError(
            f"{printable(path)}: the contract has no table '{printable(table, 80)}'.{hint} Known tables: {known}. "
            f"{_NOTHING_LANDED}"
        )
    if department and feed.department != department:
        raise LandingError(
            f"{printable(path)}: table {table} belongs to department {feed.department}, not {department}; "
            f"move the file. {_NOTHING_LANDED}"
        )
    return feed


def _values(folder: Path, path: Path) -> dict[str, str]:
    values = {}
    for part in path.relative_to(folder).parts[:-1]:
        key, separator, value = part.partition("=")
        if not separator:
            continue
        if key not in {"source_system", "delivered_on"}:
            raise LandingError(
                f"{printable(path)}: folder '{printable(part)}' is not source_system=<system> or delivered_on=<day>. "
                f"{_NOTHING_LANDED}"
            )
        if key in values:
            raise LandingError(f"{printable(path)}: has two folders {key}=…; leave one. {_NOTHING_LANDED}")
        values[key] = value
    if "source_system" in values:
        check_system(path, values["source_system"])
    return values


def _day(path: Path, values: dict[str, str]) -> dt.date | None:
    if "delivered_on" not in values:
        return None
    try:
        # Python also reads 20240501 and 2024-W18-3.
        return dt.datetime.strptime(values["delivered_on"], "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        raise LandingError(
            f"{printable(path)}: '{printable(values['delivered_on'])}' is not a day; write delivered_on=YYYY-MM-DD. "
            f"{_NOTHING_LANDED}"
        ) from error
