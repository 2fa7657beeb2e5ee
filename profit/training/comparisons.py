"""The comparisons of two records, read from the macro that the models use: there is no second list of them."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from profit.paths import PROJECT_ROOT, Paths
from profit.training.errors import TrainingError

# Names that no condition contains for another reason.
_LEFT, _RIGHT = "left_record_of_pair", "right_record_of_pair"
_COLUMN = re.compile(rf"\b({_LEFT}|{_RIGHT})\.(\w+)")


@dataclass(frozen=True)
class Level:
    """How far two records agree in a comparison.

    Attributes:
        name: Name in the seed identity_weights.
        condition: DuckDB condition on the columns `x_l` and `x_r` of two records; the first that holds decides.
    """

    name: str
    condition: str


@dataclass(frozen=True)
class Comparison:
    """A field or group of fields that is compared.

    Attributes:
        name: Name in the seed identity_weights.
        levels: From the strongest to `different`; a pair at none of them lacks the field.
        columns: Columns of a record that decide the level.
    """

    name: str
    levels: tuple[Level, ...]
    columns: frozenset[str]


def read_comparisons(paths: Paths) -> list[Comparison]:
    """Render macro comparison_levels (macros/identity/comparison_levels.sql).

    Args:
        paths: Where dbt believes the warehouse to be; it is not opened.

    Returns:
        The comparisons in the order of the macro.

    Raises:
        TrainingError: dbt cannot compile the project.
    """
    rendered = _rendered(paths, f"{{{{ tojson(comparison_levels('{_LEFT}', '{_RIGHT}')) }}}}")
    return [_comparison(name, levels) for name, levels in json.loads(rendered)]


def read_shared(paths: Paths) -> dict[str, list[str]]:
    """Render macro shared_comparisons: by kind the comparisons of what a household or a building has in common.

    Raises:
        TrainingError: dbt cannot compile the project.
    """
    shared: dict[str, list[str]] = json.loads(_rendered(paths, "{{ tojson(shared_comparisons()) }}"))
    return shared


def read_contradicted(paths: Paths, pairs: str, rules: str) -> str:
    """Render macro contradicted_levels, which says of which levels no other evidence makes a match.

    Args:
        paths: Where dbt believes the warehouse to be; it is not opened.
        pairs: Relation with the level of every comparison.
        rules: Relation of the seed identity_contradictions.

    Returns:
        The select.

    Raises:
        TrainingError: dbt cannot compile the project.
    """
    return _rendered(paths, f"{{{{ contradicted_levels('{pairs}', '{rules}') }}}}")


def _rendered(paths: Paths, call: str) -> str:
    os.environ.update(paths.as_environment())
    os.chdir(PROJECT_ROOT)
    flags = ["--log-level", "none", "--no-populate-cache"]
    try:
        outcome = dbtRunner().invoke([*flags, "compile", "--no-introspect", "--inline", call])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise TrainingError(f"dbt cannot compile the project: {outcome.exception or 'see its log'}")
    return str(outcome.result.results[0].node.compiled_code)


def _comparison(name: str, levels: list[tuple[str, str]]) -> Comparison:
    columns = frozenset(column for _, condition in levels for _, column in _COLUMN.findall(condition))
    return Comparison(name, tuple(Level(level, _suffixed(condition)) for level, condition in levels), columns)


def _suffixed(condition: str) -> str:
    """Write the columns of the two records as Splink names them."""
    return _COLUMN.sub(lambda found: found[2] + ("_l" if found[1] == _LEFT else "_r"), condition)
