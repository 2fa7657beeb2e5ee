"""What a name from outside must look like: names of columns and systems become names in SQL and folders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from profit.errors import LandingError, printable

LONGEST_NAME = 63
MOST_COLUMNS = 1000

_COLUMN = re.compile(rf"[A-Za-z0-9_]{{1,{LONGEST_NAME}}}")
_SYSTEM = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{LONGEST_NAME - 1}}}")
# Engines read folders of these names as a missing value.
_NO_SYSTEMS = {"null"}


def check_columns(origin: object, names: Sequence[str]) -> None:
    """Check that every column can be a name in SQL on every engine.

    Args:
        origin: File or generator, for the message.
        names: Names of the columns as delivered.

    Raises:
        LandingError: One cannot, or there are too many.
    """
    if len(names) > MOST_COLUMNS:
        raise LandingError(
            f"{printable(origin)}: has {len(names):,} columns, more than the {MOST_COLUMNS:,} that a file may have; "
            f"check its separator. Nothing of this delivery was landed."
        )
    for number, name in enumerate(names, start=1):
        if not _COLUMN.fullmatch(name):
            raise LandingError(
                f"{printable(origin)}: column {number} is called '{printable(name, 100)}'; a name has letters (a to "
                f"z), digits and underscores only, {LONGEST_NAME} at most. Rename the column, or leave it out. Nothing "
                f"of this delivery was landed."
            )


def check_system(origin: object, name: str) -> None:
    """Check that a source system can be the name of a folder.

    Args:
        origin: File or generator, for the message.
        name: Name of the system.

    Raises:
        LandingError: It cannot.
    """
    if not _SYSTEM.fullmatch(name) or name.lower() in _NO_SYSTEMS:
        raise LandingError(
            f"{printable(origin)}: source system '{printable(name, 100)}' cannot name a folder; use letters (a to z), "
            f"digits, '_', '-' and '.', {LONGEST_NAME} at most, the first one a letter or digit, and not 'null'. "
            f"Nothing of this delivery was landed."
        )


def fault_of_file_name(name: str) -> str | None:
    """Say what a name of a file or folder has that no name should: characters that cannot be seen or read.

    Args:
        name: Name of a file or folder, or a path.

    Returns:
        What is wrong with it, None where nothing is.
    """
    if any(unicodedata.category(character) == "Cs" for character in name):
        return "has a name that is not UTF-8; rename it, or set LC_ALL=C.UTF-8 where the name is right"
    if not name.isprintable():
        return "has a name with control characters or marks of writing direction; rename it"
    return None
