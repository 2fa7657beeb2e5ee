"""Errors that a user can mend: each says what was found, where, and what to do."""

from __future__ import annotations

import csv
import errno
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

# What the system and the libraries raise over input, paths and disks; anything else is a fault of the project.
EXPECTED = (
    OSError,
    UnicodeError,
    ValueError,
    EOFError,
    MemoryError,
    OverflowError,
    RuntimeError,
    csv.Error,
    zlib.error,
    duckdb.Error,
)

_ADVICE = {
    errno.ENOSPC: "the disk is full; free space or choose another folder",
    errno.EDQUOT: "the quota of the disk is used up; free space or choose another folder",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.EACCES: "permission is missing; have its owner grant it, or choose another place",
    errno.EPERM: "permission is missing; have its owner grant it, or choose another place",
    errno.ENOTDIR: "a file stands where a folder is needed; move it away",
    errno.EEXIST: "a file stands where a folder is needed; move it away",
    errno.EISDIR: "a folder stands where a file is needed; move it away",
    errno.ENOENT: "it is not there, or was removed meanwhile",
    errno.EBUSY: "it is in use, as a mount point is",
    errno.ENAMETOOLONG: "the name is too long for the file system; shorten it",
    errno.ELOOP: "its links go round in a circle",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine",
    errno.EIO: "the disk could not be read or written; have it checked",
}
_NO_UTF8 = "a name or a value is no text in the encoding of this session; set LC_ALL=C.UTF-8 or PYTHONUTF8=1"


class ProfitError(Exception):
    """Base of all expected failures; the command line prints its text and exits with `exit_code`."""

    exit_code = 1


class SettingError(ProfitError):
    """A setting of the environment that cannot be used; nothing was done."""

    exit_code = 2


class LandingError(ProfitError):
    """A delivery that cannot be landed; nothing of it was."""

    exit_code = 3


class BuildError(ProfitError):
    """`dbt build` did not finish; the warehouse holds what was built before the failure."""

    exit_code = 4


class LandingGateError(ProfitError):
    """What was landed did not pass its gate; nothing was built."""

    exit_code = 5


class MartsGateError(ProfitError):
    """What was built did not pass its gate; nothing was published."""

    exit_code = 6


class PublishError(ProfitError):
    """The published file could not be made; the last good one is in place."""

    exit_code = 7


class RunningError(ProfitError):
    """Another run is at work on the same warehouse, or another command on the same landing zone."""

    exit_code = 8


def printable(text: object, longest: int = 300) -> str:
    """Make a text from outside fit for a terminal: control and direction characters escaped, cut where it is long."""
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape", "backslashreplace").decode("ascii")
        for character in str(text)
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def explained(error: BaseException) -> str:
    """Say in one line what the system or a library raised, where, and what to do."""
    if isinstance(error, UnicodeError):
        return _NO_UTF8
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return "there is not enough memory; deliver smaller files or free memory"
    if isinstance(error, OSError) and error.errno is not None:
        where = f"{printable(error.filename)}: " if error.filename is not None else ""
        return where + _ADVICE.get(error.errno, printable(error.strerror))
    lines = str(error).splitlines()
    said = printable(lines[0]) if lines else type(error).__name__
    # DuckDB hands on the words of the system.
    advice = "; free space or choose another folder" if "No space left" in said else ""
    return said + advice


@contextmanager
def expected(kind: type[ProfitError], otherwise: str) -> Iterator[None]:
    """Turn what the system and the libraries raise inside into one message.

    Args:
        kind: Error to raise instead; it decides the exit code.
        otherwise: What the failure leaves behind, as the last sentence of the message.

    Raises:
        ProfitError: Of that kind. What is one already passes as it is.
    """
    try:
        yield
    except ProfitError:
        raise
    except EXPECTED as error:
        raise kind(f"{explained(error)}. {otherwise}") from error
