"""Files of governed rules that training reads and proposes anew: one form for all of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from profit.training.errors import TrainingError

Rule = TypeVar("Rule")


def read_rules(path: Path, header: Sequence[str], rule_of: Callable[[Mapping[str, str]], Rule]) -> list[Rule]:
    """Read a file of rules in the order of its rows.

    Args:
        path: The CSV file.
        header: The columns that it has to have, in this order.
        rule_of: Makes a rule of a row; a ValueError of it is told with the line.

    Raises:
        TrainingError: The file is not there, has other columns, or a row cannot be read.
    """
    if not path.is_file():
        raise TrainingError(f"{path} is not there; PROFIT_IDENTITY_RULES names the folder of the governed rules.")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        if tuple(rows.fieldnames or ()) != tuple(header):
            raise TrainingError(f"{path} has the columns {rows.fieldnames}; expected are {', '.join(header)}.")
        try:
            return [rule_of(_complete(row, header)) for row in rows]
        except ValueError as error:
            raise TrainingError(f"{path}, line {rows.line_num}: {error}.") from error


def write_rules(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a file of rules, and the folder that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _complete(row: dict[str, str], header: Sequence[str]) -> dict[str, str]:
    """The row, if it has a value in each column and no more."""
    if any(row.get(name) is None for name in header) or len(row) > len(header):
        raise ValueError(f"the row has not the {len(header)} values of the columns")
    return row
