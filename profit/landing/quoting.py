"""Names, texts and paths as they stand in SQL."""

from __future__ import annotations

import re
from pathlib import Path


def quote_name(name: str) -> str:
    """Quote an identifier for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(value: str) -> str:
    """Quote a text literal for DuckDB."""
    return "'" + value.replace("'", "''") + "'"


def quote_path(path: Path) -> str:
    """Quote the path of one file for DuckDB, which takes a path for a pattern: `list[1].csv` is then that very file."""
    return quote_text(re.sub(r"[*?[]", r"[\g<0>]", str(path.absolute())))
