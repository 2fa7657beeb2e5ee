"""Builds copies of the warehouse with two sets of cost rules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from profit.comparing.movements import Built, Comparison, compare_warehouses
from profit.comparing.rules import RuleSet, changed_rows, present_rules, rules_from
from profit.errors import BuildError
from profit.explaining.periods import fiscal_start, read_period
from profit.paths import PROJECT_ROOT, Paths
from profit.reading import open_warehouse

_LAST_LINES = 20


def compare_rules(
    paths: Paths, origin: str, period: str | None = None, report: Callable[[str], None] = lambda _: None
) -> Comparison:
    """Build with the rules of a folder or git reference and with the present ones, and compare.

    Only what depends on the rules is built, in two copies of the warehouse; they lie beside it and are removed at
    the end.

    Args:
        paths: Where the warehouse is.
        origin: Folder or git reference of the rules to compare with.
        period: Fiscal year, quarter of it, or month to compare; all months where it is None.
        report: Told what is being done.

    Raises:
        ProfitError: There is no warehouse, no such rules, or no such period.
        BuildError: The rules are refused, or a model or test fails with them.
    """
    if period:
        read_period(period)
    after = present_rules()
    # A warehouse that cannot be opened is said to be missing before anything is made beside it.
    with open_warehouse(paths) as warehouse:
        asked = read_period(period, fiscal_start(warehouse)) if period else None
    with tempfile.TemporaryDirectory(prefix="compare-rules-", dir=paths.warehouse.parent) as name:
        workspace = Path(name)
        before = rules_from(origin, after, workspace)
        changes = changed_rows(before, after)
        built = []
        for label, rules in (("before", before), ("after", after)):
            report(f"Building with the rules of {rules.name}")
            built.append(Built(rules.name, _build(paths, rules, workspace / label)))
        return compare_warehouses(built[0], built[1], changes, asked)


def _build(paths: Paths, rules: RuleSet, folder: Path) -> Path:
    """Copy the warehouse, and build in the copy what depends on the rules; its data tests have to pass."""
    folder.mkdir()
    # Views name the database that they were made in, and a database is called like its file.
    copy = folder / paths.warehouse.name
    with open_warehouse(paths):
        shutil.copyfile(paths.warehouse, copy)
    # dbt gets a copy of the rules too: whatever it does in a folder of seeds, the one that was named stays as it is.
    seeds = folder / "rules"
    seeds.mkdir()
    for path in rules.files:
        shutil.copyfile(path, seeds / path.name)
    selection = [f"{path.stem}+" for path in rules.files]
    command = "from dbt.cli.main import cli; cli()"
    arguments = ["--quiet", "build", "--exclude-resource-type", "unit_test", "--select", *selection]
    # A process of its own: dbt reads the folder of the rules once in the life of a process.
    outcome = subprocess.run(  # noqa: S603
        [sys.executable, "-c", command, *arguments],
        cwd=PROJECT_ROOT,
        env={
            **os.environ,
            **paths.as_environment(),
            "PROFIT_WAREHOUSE": str(copy),
            "PROFIT_COST_RULES": str(seeds),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode != 0:
        said = "\n".join((outcome.stdout + outcome.stderr).strip().splitlines()[-_LAST_LINES:])
        raise BuildError(f"The build with the rules of {rules.name} failed; the warehouse is untouched.\n{said}")
    return copy
