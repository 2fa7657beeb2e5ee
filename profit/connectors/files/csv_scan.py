"""A CSV file read without DuckDB: how many lines and records it has, and whether it keeps the limits."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from profit.connectors.files.csv_header import STATE_ENCODING, Header, open_binary, unreadable
from profit.connectors.files.layout import TableFile
from profit.landing.limits import Limits

_BLOCK = 1 << 20
_BLANK = (b"", b"\r")
_QUOTED = re.compile(rb'"[^"]*"')


@dataclass(frozen=True)
class Records:
    """The records of a CSV file, as its quotes tell them apart; the header is record 1.

    Attributes:
        count: Records that are no blank lines, the header included.
        blanks: Records that are blank lines.
        shifts: By record, how many more lines than records there are from it on.
    """

    count: int
    blanks: list[int]
    shifts: dict[int, int]


def count_lines(table: TableFile, limits: Limits) -> int:
    """Count the lines of a file and hold them against the limits, a block at a time.

    Args:
        table: CSV file, packed or not.
        limits: What a file may be.

    Returns:
        Physical lines, the header included.

    Raises:
        LandingError: A line, or the whole of the unpacked file, is larger than allowed, or the file is not UTF-8
            throughout: half of it would be landed.
    """
    lines = unpacked = since_break = 0
    path = table.path
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_binary(table.readable) as stream:
        while block := stream.read(_BLOCK):
            unpacked += len(block)
            if unpacked > limits.unpacked_bytes:
                raise unreadable(
                    path,
                    f"holds more than {limits.unpacked_bytes:,} bytes{_unpacked(path)}, the limit of a file; deliver "
                    f"it in parts, or raise PROFIT_LIMIT_UNPACKED_BYTES",
                )
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                line = lines + 1 + block.count(b"\n", 0, error.start)
                what = f"is not UTF-8 text, first in line {line:,}; {STATE_ENCODING}"
                raise unreadable(path, what) from error
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


def mixed_ends(table: TableFile) -> str | None:
    """Say which line is the first that does not end as the header does; None where all do.

    Args:
        table: CSV file whose lines keep the limits.
    """
    first = None
    with open_binary(table.readable) as stream:
        for number, line in enumerate(stream, start=1):
            text = line.removesuffix(b"\n")
            end = "nothing" if text == line else "CR LF" if text.endswith(b"\r") else "LF"
            first = first or end
            if b"\r" in text.removesuffix(b"\r"):
                return f"mixes line ends: line {number:,} has a carriage return within"
            if end not in {first, "nothing"}:
                return f"mixes line ends: line 1 ends with {first}, line {number:,} with {end}"
    return None


def read_records(table: TableFile, header: Header, limits: Limits, malformed: Collection[int]) -> Records:
    """Find the records of a file by its quotes alone, a block of lines at a time.

    A line with an even number of quotes is a record by itself, or the middle of one; a line with an odd number opens a
    record where a value begins with the quote that is left over, and closes an open one.

    Args:
        table: CSV file whose lines keep the limits.
        header: Its header.
        limits: What a file may be.
        malformed: Records in which DuckDB found text behind a closing quote.

    Raises:
        LandingError: A record runs over more lines than allowed or to the end of the file, as after a quote that is not
            closed, and rows would be lost in it.
    """
    found = _Found(table.path, limits, malformed, skips_blanks=len(header.names) > 1)
    opens = _opening(header.delimiter)
    for lines in _blocks(table.readable):
        blanks = [place for place, line in enumerate(lines) if line in _BLANK] if found.skips_blanks else []
        done = 0
        for place in (place for place, line in enumerate(lines) if line.count(b'"') & 1):
            if found.first:
                found.close(place - done)
            else:
                found.add(place - done, [blank - done for blank in blanks if done <= blank < place])
                if opens.search(lines[place]):
                    found.open()
                else:
                    found.add(1, [])
            done = place + 1
        if found.first:
            found.go_on(len(lines) - done)
        else:
            found.add(len(lines) - done, [blank - done for blank in blanks if done <= blank])
    if found.first:
        raise unreadable(table.path, _open_quote(found.first, "to the end of the file"))
    return Records(found.records - len(found.blanks), found.blanks, found.shifts)


def too_long(table: TableFile, header: Header) -> Iterator[tuple[int, str]]:
    """Find the records with more fields than the header where those too many are empty, which DuckDB passes over.

    `7,1,5,` is 7 and 1,5 to whoever wrote it, and 7, 1 and 5 to whoever reads it.

    Args:
        table: CSV file whose lines keep the limits.
        header: Its header.

    Yields:
        First line of the record, and what it holds.
    """
    mark, most = header.delimiter.encode(), len(header.names)
    ends = (mark, mark + b"\r")
    opens = _opening(header.delimiter)
    number, first, parts = 0, 0, list[bytes]()
    for lines in _blocks(table.readable):
        for line in lines:
            number += 1
            if first:
                parts.append(line)
                if line.count(b'"') % 2 == 0:
                    continue
                record, at, first = b"\n".join(parts), first, 0
            elif line.count(b'"') % 2 and opens.search(line):
                first, parts = number, [line]
                continue
            else:
                record, at = line, number
            if record.endswith(ends) and (_QUOTED.sub(b"", record) if b'"' in record else record).count(mark) >= most:
                yield at, record.decode("utf-8", "replace")


class _Found:
    """What was found of a file up to a line."""

    def __init__(self, path: Path, limits: Limits, malformed: Collection[int], *, skips_blanks: bool) -> None:
        self._path = path
        self._most = limits.record_lines
        self._malformed = malformed
        self.skips_blanks = skips_blanks
        self.lines = 0
        self.records = 0
        # First line of the record that is open, 0 where none is.
        self.first = 0
        self.blanks: list[int] = []
        self.shifts: dict[int, int] = {}

    def add(self, count: int, blanks: list[int]) -> None:
        """Add records of one line each, some of them blank lines."""
        self.blanks.extend(self.records + 1 + place for place in blanks)
        self.lines += count
        self.records += count

    def open(self) -> None:
        """The next line begins a record that goes on behind it."""
        self.lines += 1
        self.first = self.lines

    def go_on(self, count: int) -> None:
        """Add lines to the open record."""
        self.lines += count
        if self.lines - self.first >= self._most:
            raise unreadable(self._path, _open_quote(self.first, f"over more than {self._most:,} lines"))

    def close(self, between: int) -> None:
        """The open record has so many more lines, and ends with the one after them."""
        self.go_on(between + 1)
        self.records += 1
        if self.records in self._malformed:
            raise unreadable(self._path, _open_quote(self.first, f"to line {self.lines:,}"))
        self.shifts[self.records + 1] = self.lines - self.records
        self.first = 0


def _blocks(path: Path) -> Iterator[list[bytes]]:
    """Whole lines, a few thousand at a time."""
    rest = b""
    with open_binary(path) as stream:
        while block := stream.read(_BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            yield lines
    if rest:
        yield [rest]


def _opening(delimiter: str) -> re.Pattern[bytes]:
    """A line whose last value begins with a quote that is not closed in it."""
    return re.compile(rb"(?:^|" + re.escape(delimiter.encode()) + rb') *"(?:[^"]|"")*$')


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
