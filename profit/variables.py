"""The variables of the dbt project, as a run sees them: those of its file, and what the command line says instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT
from profit.yaml_files import read_yaml

_OPTION = "--vars"


def read_variables(
    arguments: Sequence[str] = (), project: Path = PROJECT_ROOT / "dbt_project.yml"
) -> Mapping[str, Any]:
    """Read the variables that hold for a run.

    Args:
        arguments: Arguments for dbt; what `--vars` says goes before the file.
        project: The dbt project file.

    Raises:
        ProfitError: What follows `--vars` is no YAML mapping.
    """
    content = read_yaml(project)
    variables = dict(content.get("vars") or {})
    # What stands below the name of the project, or of another package, is scoped to it, as dbt reads it.
    variables |= variables.pop(str(content.get("name")), None) or {}
    for place, argument in enumerate(arguments):
        if argument == _OPTION:
            variables |= _given(arguments[place + 1] if place + 1 < len(arguments) else "")
        elif argument.startswith(f"{_OPTION}="):
            variables |= _given(argument.removeprefix(f"{_OPTION}="))
    return MappingProxyType(variables)


def _given(text: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ProfitError(f"--vars '{text}' cannot be read: {error}. Write it as '{{name: value}}'.") from error
    if not isinstance(found, dict):
        raise ProfitError(f"--vars '{text}' names no variable. Write it as '{{name: value}}'.")
    return found
