"""Opens the build file, and says in one message why it cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from profit.errors import EXPECTED, ProfitError, RunningError, explained, printable

_HOLDER = re.compile(r"Conflicting lock is held in (.*?)\. ?(?:See also|However|$)", re.DOTALL)
_NEWER = re.compile(r"newer version|version number", re.IGNORECASE)


def open_build(warehouse: Path, *, read_only: bool, kind: type[ProfitError] = ProfitError) -> duckdb.DuckDBPyConnection:
    """Open the build file.

    Args:
        warehouse: The file.
        read_only: Whether it stays as it is; it has to be there then.
        kind: Error of the caller, which decides the exit code.

    Raises:
        RunningError: Another program has it open.
        ProfitError: Of the kind: it is not there, is damaged, or cannot be read.
    """
    if read_only and not warehouse.exists():
        raise kind(f"There is no warehouse at {printable(warehouse)}; run `profit build` first.")
    try:
        return duckdb.connect(str(warehouse), read_only=read_only)
    except EXPECTED as error:
        raise unopened(warehouse, error, kind) from error


def open_published(published: Path) -> duckdb.DuckDBPyConnection:
    """Open what is published, to read it.

    Args:
        published: The file.

    Raises:
        ProfitError: Nothing is published there, or it cannot be read.
    """
    if not published.is_file():
        raise ProfitError(f"Nothing is published at {printable(published)}; `profit run` does it.")
    try:
        return duckdb.connect(str(published), read_only=True)
    except duckdb.Error as error:
        raise ProfitError(
            f"{printable(published)} cannot be read: {explained(error)}. `profit run` publishes it anew."
        ) from error


def unopened(warehouse: Path, error: BaseException, kind: type[ProfitError]) -> ProfitError:
    """Say why the build file could not be opened, and what to do.

    Args:
        warehouse: The file.
        error: What DuckDB or the system raised.
        kind: Error of the caller.
    """
    text = str(error)
    where = printable(warehouse)
    if "Could not set lock" in text or "onflicting lock" in text:
        holder = _HOLDER.search(text)
        who = f": {printable(holder[1])}" if holder else ""
        return RunningError(
            f"{where} is open in another program{who}. Close it there, or wait for it to end; what reads should read "
            f"the published file. What is published stays."
        )
    if warehouse.is_dir():
        return kind(f"{where} is a folder, and PROFIT_WAREHOUSE names a file; choose another name. Nothing was built.")
    if isinstance(error, duckdb.Error) and warehouse.is_file():
        if _NEWER.search(text):
            advice = "it was written by another version of DuckDB"
        elif "Permission" in text or "Read-only" in text or "No space" in text:
            return kind(f"{where} cannot be read: {explained(error)}. What is published stays.")
        else:
            advice = "it is damaged, or no file of DuckDB"
        return kind(
            f"{where} cannot be read: {advice} ({explained(error)}). Everything in it is built from the landing "
            f"zone: move it away, with {printable(warehouse.name)}.wal if that is there, and run `profit build`. What "
            f"is published stays."
        )
    return kind(f"{where} cannot be read: {explained(error)}. What is published stays.")
