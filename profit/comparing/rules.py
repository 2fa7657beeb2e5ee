"""Sets of cost rules: where they lie, and which rows two of them do not share."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT

# What names a row of a rule file: a rule and its version, or the thing itself.
_KEYS = ("rule_id", "valid_from", "pool_id", "activity_id")

Row = Mapping[str, str]


@dataclass(frozen=True)
class RuleSet:
    """A folder of rules.

    Attributes:
        name: What it is called in a report.
        folder: Where its files lie.
    """

    name: str
    folder: Path

    @property
    def files(self) -> Sequence[Path]:
        """Its files, by name."""
        return sorted(self.folder.glob("*.csv"))


@dataclass(frozen=True)
class RuleChange:
    """A row that differs between two sets.

    Attributes:
        rule_file: Name of the file without its ending.
        key: Rule and first day of validity, or the pool or activity.
        before: Columns that differ, as they were; empty for a new row.
        after: The same columns as they are; empty for a row that is gone.
    """

    rule_file: str
    key: str
    before: Row
    after: Row


def present_rules() -> RuleSet:
    """The rules that a build reads: the folder of PROFIT_COST_RULES, by default seeds/costing.

    Raises:
        ProfitError: There is no such folder, or no rules in it.
    """
    name = os.environ.get("PROFIT_COST_RULES", "seeds/costing")
    return _checked(RuleSet(name, (PROJECT_ROOT / name).resolve()))


def rules_from(origin: str, present: RuleSet, workspace: Path) -> RuleSet:
    """The rules of a folder, or those that the present folder held at a git reference.

    Args:
        origin: A folder or, where there is none of this name, a commit, branch or tag.
        present: The present rules; their folder is looked up at the reference.
        workspace: Folder into which the files of a reference are written.

    Raises:
        ProfitError: It is neither, or it has other files than the present rules.
    """
    folder = Path(origin)
    rules = RuleSet(origin, folder.resolve()) if folder.is_dir() else _of_reference(origin, present, workspace)
    names, present_names = ({path.name for path in one.files} for one in (_checked(rules), present))
    if names != present_names:
        apart = ", ".join(sorted(names ^ present_names))
        raise ProfitError(
            f"The rules of {rules.name} and of {present.name} are not made of the same files: only one of them has "
            f"{apart}. Bring the older set into the files of the newer one, in a folder, and name that folder."
        )
    return rules


def changed_rows(before: RuleSet, after: RuleSet) -> list[RuleChange]:
    """Rows that are new, gone, or have other values.

    Args:
        before: The one set.
        after: The other, of the same files.
    """
    changes = []
    for path in after.files:
        old, new = _rows(before.folder / path.name), _rows(path)
        for key in sorted(old.keys() | new.keys()):
            was, is_now = old.get(key, {}), new.get(key, {})
            columns = [column for column in {**was, **is_now} if was.get(column) != is_now.get(column)]
            if columns:
                changes.append(RuleChange(path.stem, " ".join(key), _only(was, columns), _only(is_now, columns)))
    return changes


def _of_reference(reference: str, present: RuleSet, workspace: Path) -> RuleSet:
    git = ["git", "-C", str(present.folder)]
    commit = subprocess.run(  # noqa: S603
        [*git, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if commit.returncode != 0:
        raise ProfitError(
            f"'{reference}' is neither a folder nor a commit, branch or tag that git knows in {present.folder}."
        )
    # In a folder below the repository's top, git archives that folder alone.
    archive = subprocess.run([*git, "archive", "--format=tar", commit.stdout.strip()], capture_output=True, check=False)  # noqa: S603
    target = workspace / "rules"
    target.mkdir(parents=True)
    if archive.returncode == 0:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            # Python has known the filter since 3.11.4; before, what is unpacked is one's own repository all the same.
            if hasattr(tarfile, "data_filter"):
                files.extraction_filter = tarfile.data_filter
            files.extractall(target)  # noqa: S202
    return RuleSet(f"{reference} ({commit.stdout[:7]})", target)


def _checked(rules: RuleSet) -> RuleSet:
    if not rules.files:
        raise ProfitError(f"There are no cost rules in {rules.name}: no *.csv in {rules.folder}.")
    return rules


def _rows(path: Path) -> dict[tuple[str, ...], Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = rows[0].keys() if rows else ()
    key = [column for column in _KEYS[:2] if column in columns] or [column for column in _KEYS if column in columns][:1]
    return {tuple(row[column] or "" for column in key): row for row in rows}


def _only(row: Row, columns: Sequence[str]) -> Row:
    return {column: row[column] for column in columns if column in row}
