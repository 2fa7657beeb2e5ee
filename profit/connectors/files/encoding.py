"""The encoding of a CSV file: found by its mark, or stated, else UTF-8; another is read as a copy in UTF-8."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from pathlib import Path

from profit.connectors.files.csv_header import READ_ERRORS, open_binary, unreadable
from profit.connectors.files.layout import TableFile
from profit.errors import explained
from profit.landing.limits import Limits
from profit.landing.private import make_private

UTF8 = "utf-8"
# The longer mark begins with the shorter one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Whoever is told that one of these is no UTF-8 would state an encoding, and be wrong.
_NO_TEXTS = (
    (b"\x1f\x8b", "is packed by gzip; call it .csv.gz, or unpack it"),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd; unpack it, or pack it by gzip and call it .csv.gz"),
    (b"PK\x03\x04", "is a zip archive or a spreadsheet; save the table as CSV"),
    (b"PAR1", "is Parquet; call it .parquet"),
)
_UNICODE = ("utf-8", "utf-16", "utf-32")
_BLOCK = 1 << 20
# What stands for letters in Windows-1252 are these in Latin-1.
_CONTROLS = re.compile("[\x80-\x9f]")


def in_utf8(table: TableFile, stated: str | None, limits: Limits, workspace: Path) -> tuple[TableFile, str]:
    """Find the encoding of a file, and give the file as it can be read.

    Args:
        table: CSV file.
        stated: Encoding that is stated, as Python names it; the mark at the beginning of a file goes before it.
        limits: What a file may be.
        workspace: Private folder for a copy.

    Returns:
        The file, with a copy in UTF-8 where it is written otherwise, and the name of its encoding.

    Raises:
        LandingError: The file is not text in this encoding.
    """
    try:
        with open_binary(table.path) as stream:
            beginning = stream.read(4)
        for beginning_of, what in _NO_TEXTS:
            if beginning.startswith(beginning_of):
                raise unreadable(table.path, what)
        marked = next((name for mark, name in _MARKS if beginning.startswith(mark)), None)
        encoding = marked or stated or UTF8
        if encoding in {UTF8, "ascii"}:
            return table, UTF8
        copy = workspace / f"{table.path.name.removesuffix('.gz')}.utf8"
        copy.touch()
        make_private(copy)
        _copy(table.path, copy, encoding, limits)
    except READ_ERRORS as error:
        raise unreadable(table.path, f"cannot be opened ({explained(error)})") from error
    return replace(table, copy=copy), encoding


def _copy(path: Path, copy: Path, encoding: str, limits: Limits) -> None:
    decoder, lines, unpacked = codecs.getincrementaldecoder(encoding)(), 1, 0
    # Nobody writes a text in a code page that happens to be UTF-8.
    witness = None if encoding.startswith(_UNICODE) else codecs.getincrementaldecoder(UTF8)()
    is_ascii = True
    with open_binary(path) as stream, copy.open("w", encoding=UTF8, newline="") as target:
        while True:
            block = stream.read(_BLOCK)
            unpacked += len(block)
            if unpacked > limits.unpacked_bytes:
                raise unreadable(
                    path,
                    f"holds more than {limits.unpacked_bytes:,} bytes, the limit of a file; deliver it in parts, or "
                    f"raise PROFIT_LIMIT_UNPACKED_BYTES",
                )
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise unreadable(path, f"is not {encoding} text, first after line {lines:,}; state another") from error
            if encoding == "iso8859-1" and (control := _CONTROLS.search(text)):
                line = lines + text.count("\n", 0, control.start())
                raise unreadable(
                    path, f"has characters in line {line:,} that Latin-1 has not; state `--csv-encoding windows-1252`"
                )
            is_ascii = is_ascii and text.isascii()
            witness = _still(witness, block)
            lines += text.count("\n")
            target.write(text.removeprefix("\ufeff") if target.tell() == 0 else text)
            if not block:
                break
    if witness is not None and not is_ascii:
        raise unreadable(
            path, f"is UTF-8 text, though {encoding} is stated; state it of the other files alone, in _dialect.yml"
        )


def _still(witness: codecs.IncrementalDecoder | None, block: bytes) -> codecs.IncrementalDecoder | None:
    """The decoder, as long as all that it was given is UTF-8."""
    try:
        if witness is not None:
            witness.decode(block, final=not block)
    except UnicodeDecodeError:
        return None
    return witness
