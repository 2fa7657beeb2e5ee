"""Estimates m and u of every level with Splink on DuckDB; only its documented interface is used."""

from __future__ import annotations

import contextlib
import logging
import statistics
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import duckdb

from profit.training.errors import TrainingError
from profit.training.comparisons import Comparison
from profit.training.weights import LEAST_U, Key, Weight, Weights, bounded

# Sets of fields within which records are paired to estimate m of all other comparisons. No comparison stands in all of
# them, and each finds customers for another reason: the median of their estimates bears one that finds families instead.
TRAINING_RULES: Mapping[str, Sequence[tuple[str, ...]]] = {
    "person": (
        ("email",),
        ("phone",),
        ("tax_number",),
        ("loyalty_number",),
        ("birth_date",),
        ("first_name", "last_name"),
        ("house_number", "street", "postal_code"),
    ),
    "organisation": (
        ("email",),
        ("phone",),
        ("tax_number",),
        ("organisation_name",),
        ("house_number", "street", "postal_code"),
    ),
}
LEAST_RECORDS = 200
LEAST_PAIRS = 100
MOST_PAIRS = 1_000_000
RANDOM_PAIRS = 4_000_000
SEED = 7
_MISSING = "ELSE"


def require_splink() -> None:
    """Check that the extra is installed.

    Raises:
        TrainingError: It is not.
    """
    try:
        with _silence():
            import splink  # noqa: F401, PLC0415 - an extra, and slow to import
    except ModuleNotFoundError as error:
        raise TrainingError(
            f"Training needs the extra `identity`, and {error.name} is not installed. Run `make identity`, or "
            "`pip install -r requirements/identity.lock`."
        ) from error


def estimate(
    connection: duckdb.DuckDBPyConnection, kind: str, comparisons: Sequence[Comparison], governed: Weights
) -> Weights:
    """Estimate the weights of one kind of customer.

    u is the frequency of a level among pairs of records of different customers, drawn at random: one record of each
    customer, as the warehouse resolves them now, since among few records the true matches would weigh in. m is
    estimated by expectation maximisation (Winkler, 1988; Fellegi and Sunter, 1969) within the pairs of each training
    rule, u held, for the comparisons that the rule does not use; the median of the rules counts.

    Args:
        connection: Has the table `records`: record_id, customer_id, customer_kind and the standardised contact points.
        kind: person or organisation.
        comparisons: What is compared.
        governed: The present weights, from which expectation maximisation starts.

    Returns:
        The weights of the comparisons that the records say something about.

    Raises:
        TrainingError: Too few records of the kind, or too few pairs.
    """
    connection.execute("create or replace temp table of_kind as from records where customer_kind = ?", [kind])
    ((records, customers),) = connection.execute("select count(*), count(distinct customer_id) from of_kind").fetchall()
    if records < LEAST_RECORDS:
        raise TrainingError(f"{records:,} {kind} records are too few to train on; at least {LEAST_RECORDS} are needed.")
    present = [c for c in comparisons if _is_present(connection, c) and (kind, c.name, c.levels[0].name) in governed]
    start = {(c.name, level.name): governed[kind, c.name, level.name] for c in present for level in c.levels}
    click.echo(f"{kind}: {records:,} records of {customers:,} customers; {', '.join(c.name for c in present)}")
    u = _estimate_u(connection, present, start)
    held = {
        (c.name, level): Weight(start[c.name, level].m, weight.u)
        for c in present
        for level, weight in bounded(*_columns(c, start, u)).items()
    }
    by_rule = list(_estimate_m(connection, kind, present, held, records))
    if not by_rule:
        raise TrainingError(
            f"No training rule pairs at least {LEAST_PAIRS} of the {records:,} {kind} records; there is nothing to learn "
            "m from."
        )
    weights: Weights = {}
    for comparison in present:
        sessions = [found for found in by_rule if (comparison.name, comparison.levels[0].name) in found]
        if not sessions:
            continue
        names = [level.name for level in comparison.levels]
        m = {name: statistics.median(found[comparison.name, name] for found in sessions) for name in names}
        seen = {name for name in names if m[name] > 0 or u[comparison.name, name] > 0}
        new = bounded(m, {name: u[comparison.name, name] for name in names})
        for name in names:
            key: Key = (kind, comparison.name, name)
            weights[key] = new[name] if name in seen else governed[key]
    return weights


def _is_present(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> bool:
    """Whether at least two records can be compared."""
    held = " or ".join(f"{column} is not null" for column in sorted(comparison.columns))
    ((count,),) = connection.execute(f"select count(*) from of_kind where {held}").fetchall()
    return bool(count > 1)


def _columns(
    comparison: Comparison, start: Mapping[tuple[str, str], Weight], u: Mapping[tuple[str, str], float]
) -> tuple[dict[str, float], dict[str, float]]:
    names = [level.name for level in comparison.levels]
    return {n: start[comparison.name, n].m for n in names}, {n: u[comparison.name, n] for n in names}


def _estimate_u(
    connection: duckdb.DuckDBPyConnection,
    comparisons: Sequence[Comparison],
    start: Mapping[tuple[str, str], Weight],
) -> dict[tuple[str, str], float]:
    """u by comparison and level; 0 for a level that no random pair showed."""
    connection.execute(
        "create or replace temp table one_of_each as "
        "select * from of_kind qualify row_number() over (partition by customer_id order by hash(record_id), record_id) = 1"
    )
    click.echo(f"  u from up to {RANDOM_PAIRS:,} random pairs")
    with _silence():
        linker = _linker(connection, "one_of_each", comparisons, start)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=RANDOM_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1
        )
        return _trained(linker, "u_probability")


def _estimate_m(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    comparisons: Sequence[Comparison],
    held: Mapping[tuple[str, str], Weight],
    records: int,
) -> Iterator[dict[tuple[str, str], float]]:
    """m by comparison and level as each training rule sees it; 0 for a level that none of its pairs showed."""
    for rule in TRAINING_RULES[kind]:
        pairs = _count_pairs(connection, rule)
        if pairs < LEAST_PAIRS:
            click.echo(f"  m within equal {', '.join(rule)}: left out, {pairs:,} pairs")
            continue
        click.echo(f"  m within equal {', '.join(rule)}: {pairs:,} pairs")
        free = [c for c in comparisons if not c.columns & set(rule)]
        with _silence():
            linker = _linker(connection, "of_kind", comparisons, held)
            linker.training.estimate_parameters_using_expectation_maximisation(
                _block_on(rule), max_pairs=MOST_PAIRS if pairs > MOST_PAIRS else None, record_sample_proportion=1.0
            )
            trained = _trained(linker, "m_probability")
        yield {key: value for key, value in trained.items() if key[0] in {c.name for c in free}}


def _count_pairs(connection: duckdb.DuckDBPyConnection, rule: Sequence[str]) -> int:
    held = " and ".join(f"{column} is not null" for column in rule)
    ((pairs,),) = connection.execute(
        f"select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from of_kind where {held} group by all)"
        .replace("group by all", "group by " + ", ".join(rule))
    ).fetchall()
    return int(pairs)
