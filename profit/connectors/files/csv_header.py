"""The header line of a CSV file, read by itself so that its faults can be told apart from those of the rows."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from profit.connectors.files.layout import TableFile
from profit.errors import LandingError, explained, printable
from profit.landing.names import check_columns
from profit.landing.typing import PREFIX, RESERVED

STATE_ENCODING = "save it as CSV UTF-8, or state what it is, such as `--csv-encoding windows-1252` (latin-1, utf-16)"
_DELIMITERS = ",;\t|"
_LONGEST_HEADER = 1 << 20
# What opening and reading a damaged or truncated file raises.
READ_ERRORS = (OSError, EOFError, zlib.error)


@dataclass(frozen=True)
class Header:
    """The columns of a CSV file, lower case, the character that separates them, and the encoding of the file."""

    names: tuple[str, ...]
    delimiter: str
    encoding: str


def read_header(table: TableFile, encoding: str, delimiter: str | None = None) -> Header:
    """Read the header line.

    Args:
        table: The file.
        encoding: How it is encoded where it was delivered.
        delimiter: Character that ends a field, where it is stated.

    Raises:
        LandingError: There is none, it is not UTF-8 text, or it does not give every column a name of its own.
    """
    path = table.path
    try:
        with open_binary(table.readable) as stream:
            line = stream.readline(_LONGEST_HEADER)
    except READ_ERRORS as error:
        raise unreadable(path, f"cannot be opened ({explained(error)})") from error
    if len(line) >= _LONGEST_HEADER:
        raise unreadable(path, f"has a header line of more than {_LONGEST_HEADER:,} bytes; check its line ends")
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise unreadable(path, f"is not UTF-8 text; {STATE_ENCODING}") from error
    if "\0" in text:
        raise unreadable(path, f"is not text in UTF-8; {STATE_ENCODING}")
    if "\r" in text:
        raise unreadable(path, "ends its lines with a bare carriage return; save it with line feeds")
    if not text.strip():
        raise unreadable(path, "has no header line with the names of the columns")
    if text.count('"') % 2:
        raise unreadable(path, "has a header line with an odd number of quotes")
    delimiter = delimiter or max(_DELIMITERS, key=_unquoted(text).count)
    try:
        fields = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise unreadable(path, f"has a header line that cannot be split ({printable(error)})") from error
    names = [name.strip().lower() for name in fields]
    if not any(name in table.feed.columns for name in names):
        raise unreadable(
            path,
            f"begins with '{printable(text, 60)}', which names no column of {table.feed.name}; its first line has to "
            f"be the names of the columns, and fields end with a comma, a semicolon, a tab or a stroke",
        )
    check_names(path, names)
    return Header(tuple(names), delimiter, encoding)


def check_names(path: Path, names: Sequence[str]) -> None:
    """Check that every column has a name, that it has it alone, and that landing does not need it itself.

    Raises:
        LandingError: That is not so.
    """
    if "" in names:
        raise unreadable(path, f"has no name for column {names.index('') + 1} in its header")
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise unreadable(path, f"has more than one column {printable(', '.join(repeated))}")
    reserved = [name for name in names if name in RESERVED or name.startswith(PREFIX)]
    if reserved:
        raise unreadable(path, f"has a column {', '.join(reserved)}, a name that landing uses itself; rename it")
    check_columns(path, names)


def unreadable(path: Path, what: str) -> LandingError:
    """Make the error for a file that cannot be read."""
    return LandingError(f"{printable(path)}: {what}. Nothing of this delivery was landed.")


def open_binary(path: Path) -> BinaryIO:
    """Open a file, decompressed where it is compressed."""
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _unquoted(text: str) -> str:
    return "".join(text.split('"')[::2])
