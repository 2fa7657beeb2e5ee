"""Governed rules are CSV files: each is held against the YAML of its seed before dbt reads any of them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from profit.errors import BuildError, SettingError, explained, printable
from profit.paths import PROJECT_ROOT
from profit.yaml_files import read_yaml

# What dbt_project.yml reads seeds from: variable of the environment, and the folder where it is not set.
RULE_FOLDERS = {
    "PROFIT_SEGMENT_RULES": "seeds/segments",
    "PROFIT_IDENTITY_RULES": "seeds/identity",
    "PROFIT_COST_RULES": "seeds/costing",
    "PROFIT_ACTION_RULES": "seeds/actions",
    "PROFIT_MEDIA_RULES": "seeds/media",
    "PROFIT_VALUE_RULES": "seeds/value",
    "PROFIT_PIPELINE_RULES": "seeds/pipeline",
    "PROFIT_PERFORMANCE_RULES": "seeds/performance",
    "PROFIT_PLANNING_RULES": "seeds/planning",
}
# int_costing__rule_problems says of these what their values may be, in words of their own.
_JUDGED_BY_THE_BUILD = ("PROFIT_COST_RULES",)
# Files whose rows are asked for by name: how many leading columns make the name.
_NAMED_ROWS = {
    "identity_thresholds": 1,
    "trait_thresholds": 1,
    "value_settings": 1,
    "action_parameters": 2,
    "plan_settings": 1,
}
_MOST_SHOWN = 20
_UNSAFE = re.compile(r"""['"`*?\[\]{}\\]""")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"}
_WHOLE = {"integer": 2**31, "bigint": 2**63}
_LONGEST_VALUE = 60


class _Problem(NamedTuple):
    path: Path
    line: int | None
    what: str

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        return f"{printable(self.path)}{line}: {self.what}"


def check_rule_files() -> None:
    """Look at every folder of rules that a build is going to read, and at every row in it.

    Raises:
        SettingError: A folder is not there, or has none of its files.
        BuildError: A file is missing, is no CSV, or a row of it does not fit the columns of its seed; the message says
            which file and line.
    """
    seeds = _described_seeds()
    problems: list[_Problem] = []
    for variable, default in RULE_FOLDERS.items():
        folder = _folder(variable, default)
        names = sorted(path.stem for path in (PROJECT_ROOT / default).glob("*.csv") if path.stem in seeds)
        if not any((folder / f"{name}.csv").is_file() for name in names):
            files = ", ".join(f"{name}.csv" for name in names)
            raise SettingError(
                f"{variable}: {printable(folder)} has none of the rule files {files}. "
                f"Copy {default} and change what differs, or unset {variable}."
            )
        for name in names:
            path = folder / f"{name}.csv"
            named_rows = _names(PROJECT_ROOT / default / path.name, _NAMED_ROWS.get(name, 0))
            is_judged = variable not in _JUDGED_BY_THE_BUILD
            problems.extend(_problems(path, seeds[name], named_rows, is_judged=is_judged))
    if problems:
        shown = "\n  ".join(str(problem) for problem in problems[:_MOST_SHOWN])
        more = f"\n  and {len(problems) - _MOST_SHOWN:,} more" if len(problems) > _MOST_SHOWN else ""
        raise BuildError(f"These rules cannot be used; nothing was built. Mend them and run again:\n  {shown}{more}")


def _described_seeds() -> dict[str, Mapping[str, Any]]:
    """The YAML of every seed, by its name."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted((PROJECT_ROOT / "models").rglob("*.yml")):
        if "\nseeds:" in path.read_text(encoding="utf-8"):
            found.update({seed["name"]: seed for seed in read_yaml(path)["seeds"]})
    return found


def _folder(variable: str, default: str) -> Path:
    given = os.environ.get(variable, default)
    if not given.strip():
        raise SettingError(f"{variable} is set and empty; name a folder, or unset it for {default}.")
    if _UNSAFE.search(given) or printable(given, len(given) * 6) != given or given.startswith("~"):
        raise SettingError(
            f"{variable}: {printable(given)} has a character that stands for something else in SQL or in patterns of "
            f"files; choose a path without quotes, brackets, wildcards, backslashes, control characters and ~."
        )
    folder = PROJECT_ROOT / given
    if not folder.is_dir():
        what = "is a file; a folder of rule files is needed" if folder.exists() else "is not there"
        raise SettingError(f"{variable}: {printable(folder)} {what}. Copy {default}, or unset {variable}.")
    return folder


def _names(path: Path, column_count: int) -> list[tuple[str, ...]]:
    if not column_count:
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [tuple(row[:column_count]) for row in csv.reader(stream) if row][1:]


def _problems(
    path: Path, seed: Mapping[str, Any], named_rows: Sequence[tuple[str, ...]], *, is_judged: bool
) -> Iterator[_Problem]:
    """Say what is wrong with a file: once for what concerns all of it, else for each row."""
    types: dict[str, str] = seed["config"]["column_types"]
    rows = _rows(path, types)
    if isinstance(rows, _Problem):
        yield rows
        return
    line, header = rows[0]
    columns = [name.strip() for name in header]
    if fault := _header_fault(columns, types):
        yield _Problem(path, line, fault)
        return
    tests = _tests(seed, types, is_judged=is_judged)
    for line, row in rows[1:]:
        if len(row) != len(columns):
            yield _Problem(path, line, f"has {len(row)} values for {len(columns)} columns")
            continue
        by_name = dict(zip(columns, row, strict=True))
        faults = ((name, test(by_name[name].strip())) for name, test in tests)
        yield from (_Problem(path, line, f"{name} {fault}") for name, fault in faults if fault)
    for names in named_rows:
        if not any(tuple(row[: len(names)]) == names for _, row in rows[1:]):
            yield _Problem(path, None, f"has no row {', '.join(names)}, which the models ask for by this name")


def _rows(path: Path, types: Mapping[str, str]) -> list[tuple[int, list[str]]] | _Problem:
    """The header and the rows of a file, each with the line on which it begins; or why it cannot be read."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _Problem(path, line, "is not UTF-8; save the file as CSV in UTF-8")
    except FileNotFoundError:
        return _Problem(path, None, f"is missing; without rules it has the header {','.join(types)} alone")
    except OSError as error:
        return _Problem(path, None, explained(error))
    rows: list[tuple[int, list[str]]] = []
    start = 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                rows.append((start, row))
            start = reader.line_num + 1
    except csv.Error as error:
        return _Problem(path, start, f"cannot be split into columns ({error}); a quote is not closed, or not doubled")
    return rows or _Problem(path, None, f"is empty; its first line is {','.join(types)}")


def _header_fault(columns: Sequence[str], types: Mapping[str, str]) -> str:
    if missing := [name for name in types if name not in columns]:
        return f"lacks the columns {', '.join(missing)}; found are {printable(', '.join(columns))}"
    if repeated := sorted({name for name in columns if columns.count(name) > 1}):
        return f"has the columns {printable(', '.join(repeated))} more than once"
    if odd := [name for name in columns if not _NAME.fullmatch(name)]:
        return f"has the column {printable(odd[0])!r}; a name has letters (a to z), digits, underscores, 63 at most"
    return ""


def _tests(
    seed: Mapping[str, Any], types: Mapping[str, str], *, is_judged: bool
) -> list[tuple[str, Callable[[str], str]]]:
    """What is asked of every value: its type and, where the build has no better words, what its YAML says of it."""
    tests = [(name, _type_test(data_type)) for name, data_type in types.items()]
    if is_judged:
        metas = {column["name"]: column.get("config", {}).get("meta", {}) for column in seed["columns"]}
        tests.extend((name, _meta_test(meta)) for name, meta in metas.items() if name in types and meta)
    return tests


def _type_test(data_type: str) -> Callable[[str], str]:
    """Ask whether a value is of a type; the answer is empty, or says what it is instead."""
    fits = re.fullmatch(r"decimal\(([0-9]+), ?([0-9]+)\)", data_type)
    digits, decimals = (int(fits[1]) - int(fits[2]), int(fits[2])) if fits else (0, 0)

    def test(value: str) -> str:
        if not value or data_type == "string":
            return ""
        wanted = ""
        if data_type == "date":
            wanted = "" if _is_day(value) else "a day is written 2024-03-05"
        elif data_type == "boolean":
            wanted = "" if value.lower() in _BOOLEANS else "it is true or false"
        elif data_type in _WHOLE:
            is_whole = re.fullmatch(r"[+-]?[0-9]{1,18}", value) and abs(int(value)) < _WHOLE[data_type]
            wanted = "" if is_whole else "a whole number is needed"
        elif not _NUMBER.fullmatch(value):
            wanted = "a number is written -1234.5"
        elif fits and abs(Decimal(value)) >= Decimal(10) ** digits:
            wanted = f"it has at most {digits} digits before the point"
        elif fits and Decimal(value).normalize().as_tuple().exponent < -decimals:  # type: ignore[operator]
            wanted = f"{decimals} decimals of it are kept, and it has more"
        return f"is {printable(value, _LONGEST_VALUE)!r}; {wanted}" if wanted else ""

    return test


def _is_day(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)) and bool(dt.date.fromisoformat(value))
    except ValueError:
        return False


def _meta_test(meta: Mapping[str, Any]) -> Callable[[str], str]:
    accepted = [str(value) for value in meta.get("accepted_values", [])]
    bounds = [
        (f"{words} {meta[bound]}", bound, Decimal(str(meta[bound])))
        for bound, words in (("minimum", "at least"), ("above", "above"), ("maximum", "at most"))
        if meta.get(bound) is not None
    ]

    def test(value: str) -> str:
        if not value:
            return "is empty and has to be filled" if meta.get("required") else ""
        shown = f"is {printable(value, _LONGEST_VALUE)!r}"
        if accepted and value not in accepted:
            return f"{shown}; it is one of {', '.join(accepted)}"
        if bounds and _NUMBER.fullmatch(value):
            number = Decimal(value)
            for words, bound, limit in bounds:
                keeps = {"minimum": number >= limit, "above": number > limit, "maximum": number <= limit}[bound]
                if not keeps:
                    return f"{shown}; it is {words}"
        return ""

    return test
