"""Brings the governed rules of another company, or of another time, to where dbt can read them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import MutableMapping
from pathlib import Path

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT

VARIABLES = ("PROFIT_IDENTITY_RULES", "PROFIT_COST_RULES")
_BROUGHT_IN = ".rules"
_DIGITS_IN_NAME = 16


def bring_in_rules(environment: MutableMapping[str, str] = os.environ) -> None:
    """Copy folders of rules that lie outside the project into it, and name the copies in the environment.

    dbt writes what it runs for a seed to the target folder under the seed's own path. A path that is absolute, or leads
    out of the project, leads it out of the target folder as well, where it writes over the very file that it reads.

    Args:
        environment: Where `PROFIT_IDENTITY_RULES` and `PROFIT_COST_RULES` stand; changed in place.

    Raises:
        ProfitError: A folder named there does not exist or holds no CSV file.
    """
    for variable in VARIABLES:
        named = environment.get(variable)
        if named and not _lies_inside(named):
            environment[variable] = _copy(variable, PROJECT_ROOT / named)


def _lies_inside(named: str) -> bool:
    return not Path(named).is_absolute() and ".." not in Path(named).parts


def _copy(variable: str, folder: Path) -> str:
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise ProfitError(f"{variable} names {folder}, where there is no CSV file. Name the folder with the rules.")
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    # The name says what is in it, so that two runs with different rules never share a folder.
    copy = PROJECT_ROOT / _BROUGHT_IN / digest.hexdigest()[:_DIGITS_IN_NAME]
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for file in files:
            shutil.copyfile(file, unfinished / file.name)
        try:
            unfinished.rename(copy)
        except OSError:
            # Another run was quicker with the same rules.
            shutil.rmtree(unfinished)
    return str(copy.relative_to(PROJECT_ROOT))
