"""How large a delivered file may be: beyond these limits it is taken for damaged, or for an attack."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from profit.errors import SettingError, printable


@dataclass(frozen=True)
class Limits:
    """Limits of one delivered file; each may be set by the environment, `PROFIT_LIMIT_<NAME>`.

    Attributes:
        cell_bytes: Bytes of one value; a row with a longer one is quarantined.
        line_bytes: Bytes of one line of a CSV file.
        record_lines: Lines over which one record may run, by line breaks within quotes.
        rows: Rows of a file.
        unpacked_bytes: Bytes of a file, compressed ones unpacked.
    """

    cell_bytes: int = 131_072
    line_bytes: int = 2_000_000
    record_lines: int = 100
    rows: int = 500_000_000
    unpacked_bytes: int = 64 << 30

    @classmethod
    def from_environment(cls) -> Limits:
        """Read the limits that are set.

        Raises:
            SettingError: One is no whole number above zero.
        """
        given = {}
        for field in fields(cls):
            variable = f"PROFIT_LIMIT_{field.name.upper()}"
            text = os.environ.get(variable)
            if text is None:
                continue
            if not (text.isascii() and text.isdigit() and int(text) > 0):
                raise SettingError(f"{variable} is '{printable(text)}'; write a whole number above zero.")
            given[field.name] = int(text)
        return cls(**given)
