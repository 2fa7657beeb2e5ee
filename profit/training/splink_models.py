"""What is asked of Splink: probabilities of levels from random pairs, and from pairs that agree in some fields."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import duckdb

from profit.training.comparisons import Comparison
from profit.training.errors import TrainingError
from profit.training.weights import Weight

# Probability by comparison and level.
Probabilities = dict[tuple[str, str], float]

RANDOM_PAIRS = 1_000_000
MOST_PAIRS = 1_000_000
# Fewer where a probability falls to nothing on the way, as that of a level that only pairs of two customers show.
MOST_ITERATIONS = (200, 20, 5)
SEED = 7


def require_splink() -> None:
    """Check that the extra is installed.

    Raises:
        TrainingError: It is not.
    """
    try:
        with _quietly():
            import splink  # noqa: F401, PLC0415 - an extra, and slow to import
    except ModuleNotFoundError as error:
        raise TrainingError(
            f"Training needs the extra `identity`: {error.name} is not installed. Run `make identity`, or "
            "`pip install --no-deps --require-hashes -r requirements/identity.lock`."
        ) from error


def random_pairs(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    comparisons: Sequence[Comparison],
    start: Mapping[tuple[str, str], Weight],
) -> Probabilities:
    """Frequency of each level among pairs of records drawn at random.

    Args:
        connection: Holds the table.
        table: Its name; one row a record, `record_id` its key, and the columns that are compared.
        comparisons: What is compared.
        start: A weight for each level, which Splink asks for and does not use here.

    Returns:
        The frequencies; 0 for a level that no pair showed. Those of a comparison sum to 1.

    Raises:
        TrainingError: Splink cannot draw or count them.
    """
    with _quietly(), _explained("random pairs cannot be counted"):
        linker = _linker(connection, table, comparisons, start)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=RANDOM_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1
        )
        return _trained(linker, comparisons, start, "u")


def matching_pairs(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    comparisons: Sequence[Comparison],
    start: Mapping[tuple[str, str], Weight],
    rule: Sequence[str],
) -> Probabilities:
    """Frequency of each level among pairs of one customer, by expectation maximisation within the pairs of a rule.

    Args:
        connection: Holds the table.
        table: Its name; one row a record, `record_id` its key, and the columns that are compared.
        comparisons: What is compared; those that the rule's columns decide cannot be estimated and are left out.
        start: m to start from and u to hold, for each level.
        rule: Columns in which the paired records agree.

    Returns:
        The frequencies; 0 for a level that no pair showed. Those of a comparison sum to 1.

    Raises:
        TrainingError: The pairs teach nothing: Splink cannot tell those of one customer from others.
    """
    free = [comparison for comparison in comparisons if not comparison.columns & set(rule)]
    with _quietly(), _explained(f"nothing can be learned within equal {' and '.join(rule)}"):
        from splink import block_on  # noqa: PLC0415

        for iterations in MOST_ITERATIONS:
            linker = _linker(connection, table, comparisons, start, iterations)
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    block_on(*rule),
                    max_pairs=MOST_PAIRS,
                    record_sample_proportion=1.0,
                    # Values are not weighed by their frequency here, so what counts is how often each pattern occurs.
                    estimate_without_term_frequencies=True,
                )
            except ValueError:
                if iterations == MOST_ITERATIONS[-1]:
                    raise
            else:
                break
        return _trained(linker, free, start, "m")


def _linker(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    comparisons: Sequence[Comparison],
    start: Mapping[tuple[str, str], Weight],
    iterations: int = MOST_ITERATIONS[0],
) -> Any:
    from splink import DuckDBAPI, Linker  # noqa: PLC0415

    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "max_iterations": iterations,
        "em_convergence": 0.00001,
        "comparisons": [
            {
                "output_column_name": comparison.name,
                "comparison_levels": [
                    # A field that one of the two does not have says nothing, whatever else would hold of it.
                    {
                        "sql_condition": f"not coalesce({comparison.levels[-1].condition}, false)",
                        "label_for_charts": "missing",
                        "is_null_level": True,
                    },
                    *(
                        {
                            "sql_condition": "ELSE" if level is comparison.levels[-1] else level.condition,
                            "label_for_charts": level.name,
                            "m_probability": start[comparison.name, level.name].m,
                            "u_probability": start[comparison.name, level.name].u,
                        }
                        for level in comparison.levels
                    ),
                ],
            }
            for comparison in comparisons
        ],
    }
    api = DuckDBAPI(connection)
    return Linker(api.register(table), settings, log_level=logging.CRITICAL)


def _trained(
    linker: Any,
    comparisons: Sequence[Comparison],
    start: Mapping[tuple[str, str], Weight],
    probability: Literal["m", "u"],
) -> Probabilities:
    """Read the trained model; Splink leaves a level that it did not see where it started."""
    model = linker.misc.save_model_to_json()
    by_name = {found["output_column_name"]: found["comparison_levels"] for found in model["comparisons"]}
    trained: Probabilities = {}
    for comparison in comparisons:
        levels = [level for level in by_name[comparison.name] if not level.get("is_null_level")]
        for level, found in zip(comparison.levels, levels, strict=True):
            value = float(found[f"{probability}_probability"])
            before = getattr(start[comparison.name, level.name], probability)
            trained[comparison.name, level.name] = 0 if value == before else value
    return trained


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """Say what could not be done in place of what the library says of its insides.

    Raises:
        TrainingError: Whatever went wrong in it.
    """
    from splink.internals.exceptions import SplinkException  # noqa: PLC0415

    try:
        yield
    except (ValueError, ArithmeticError, LookupError, TypeError, SplinkException, duckdb.Error) as error:
        reason = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        # What the library says of tables of its own helps nobody.
        raise TrainingError(what if "splink" in reason.lower() else f"{what} ({reason})") from error


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep Splink's messages from the user, who can do nothing about them."""
    logger = logging.getLogger("splink")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
