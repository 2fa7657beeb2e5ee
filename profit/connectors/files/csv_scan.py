"""A CSV file read without DuckDB: how many lines and records it has, and whether it keeps the limits."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from profit.connectors.files.csv_header import Header, open_binary, unreadable
from profit.landing.limits import Limits

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Records:
    """The records of a CSV file, as Python's parser finds them; the header is record 1.

    Attributes:
        count: Records that are no blank lines, the header included.
        blanks: Records that are blank lines.
        shifts: By record, how many more lines than records there are from it on.
    """

    count: int
    blanks: list[int]
    shifts: dict[int, int]


def count_lines(path: Path, limits: Limits) -> int:
    """Count the lines of a file and hold them against the limits, a block at a time.

    Args:
        path: CSV file, packed or not.
        limits: What a file may be.

    Returns:
        Physical lines, the header included.

    Raises:
        LandingError: A line, or the whole of the unpacked file, is larger than allowed.
    """
    lines = unpacked = since_break = 0
    with open_binary(path) as stream:
        while block := stream.read(_BLOCK):
            unpacked += len(block)
            if unpacked > limits.unpacked_bytes:
                raise unreadable(
                    path,
                    f"holds more than {limits.unpacked_bytes:,} bytes{_unpacked(path)}, the limit of a file; deliver "
                    f"it in parts, or raise PROFIT_LIMIT_UNPACKED_BYTES",
                )
            first = block.find(b"\n")
            if first < 0:
                since_break += len(block)
                longest, at = since_break, lines + 1
            else:
                longest, at = since_break + first, lines + 1
                # A line within the block cannot be longer than the block.
                if limits.line_bytes < len(block):
                    number, length = _longest(block[first + 1 :])
                    if length > longest:
                        longest, at = length, lines + 2 + number
                lines += block.count(b"\n")
                since_break = len(block) - block.rfind(b"\n") - 1
            if longest > limits.line_bytes:
                raise unreadable(
                    path,
                    f"has a line of more than {limits.line_bytes:,} bytes{_unpacked(path)}, line {at:,}, the limit of "
                    f"a line; check its line ends, or raise PROFIT_LIMIT_LINE_BYTES",
                )
            if lines > limits.rows + 1:
                raise unreadable(
                    path,
                    f"has more than {limits.rows:,} lines, the limit of a file; deliver it in parts, or raise "
                    f"PROFIT_LIMIT_ROWS",
                )
    return lines + (since_break > 0)


def read_records(path: Path, header: Header, limits: Limits, faulty: Collection[int]) -> Records:
    """Split a file into records by Python's own parser.

    Args:
        path: CSV file whose lines keep the limits.
        header: Its header.
        limits: What a file may be.
        faulty: Records that DuckDB could not split.

    Raises:
        LandingError: A record runs over more lines than allowed or to the end of the file, as after a quote that is not
            closed, and rows would be lost in it.
    """
    blanks: list[int] = []
    shifts: dict[int, int] = {}
    record = shift = count = 0
    with (
        _fields_of_any_length(),
        io.TextIOWrapper(open_binary(path), encoding="utf-8-sig", errors="replace", newline="") as text,
    ):
        lines = _Lines(path, text, limits)
        reader = csv.reader(lines, delimiter=header.delimiter, skipinitialspace=True, strict=True)
        while True:
            record += 1
            first = lines.number + 1
            lines.first = first
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                # The parser goes on after the line at which it gave up.
                if "end of data" in str(error):
                    raise unreadable(path, _open_quote(first, "to the end of the file")) from None
                if lines.number > first and record in faulty:
                    raise unreadable(path, _open_quote(first, f"to line {lines.number:,}")) from None
                row = [""]
            if row or len(header.names) == 1:
                count += 1
            else:
                blanks.append(record)
            if lines.number - record != shift:
                shift = lines.number - record
                shifts[record + 1] = shift
    return Records(count, blanks, shifts)


class _Lines:
    """Lines of a text, counted; refuses a record that takes too many."""

    def __init__(self, path: Path, text: io.TextIOWrapper, limits: Limits) -> None:
        self._path = path
        self._text = text
        self._limit = limits.record_lines
        self.number = 0
        self.first = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.number += 1
        if self.number - self.first >= self._limit:
            raise unreadable(self._path, _open_quote(self.first, f"over more than {self._limit:,} lines"))
        return line


def _open_quote(line: int, how_far: str) -> str:
    return (
        f"has a quote in line {line:,} that is not closed there and runs {how_far}; the rows in between would be lost. "
        f"Close it, or double it where it is part of the value (PROFIT_LIMIT_RECORD_LINES says over how many lines a "
        f"value may run)"
    )


def _unpacked(path: Path) -> str:
    return " unpacked" if path.name.lower().endswith(".gz") else ""


def _longest(block: bytes) -> tuple[int, int]:
    """Number and length of the longest whole line of a block."""
    lengths = [len(line) for line in block.split(b"\n")[:-1]]
    longest = max(lengths, default=0)
    return (lengths.index(longest), longest) if lengths else (0, 0)


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    """Have Python's parser take any value; how long one may be is checked by itself."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
