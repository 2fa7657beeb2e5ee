"""Weights of one kind of customer: u from random pairs, m as the median of several training rules."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import click
import duckdb

from profit.training.comparisons import Comparison
from profit.training.errors import TrainingError
from profit.training.splink_models import Probabilities, matching_pairs, random_pairs
from profit.training.weights import Weight, Weights, bounded, near_governed

# Fields within which records are paired to learn how all other fields look in one customer. Each rule finds customers
# for another reason, and no comparison stands in all of them; the median bears one that finds families instead.
TRAINING_RULES: Mapping[str, tuple[tuple[str, ...], ...]] = {
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
# Where none of them finds enough pairs, as in data of few fields or without contact points.
OTHER_RULES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "person": (
        ("last_name", "postal_code"),
        ("first_name", "postal_code"),
        ("last_name", "city"),
        ("first_name", "city"),
        ("last_name_sound", "root_name"),
    ),
    "organisation": (
        ("street", "city"),
        ("house_number", "postal_code"),
        ("organisation_words",),
        ("house_number", "city"),
        ("postal_code",),
    ),
}
LEAST_RECORDS = 200
LEAST_CUSTOMERS = 50
LEAST_PAIRS = 100


def estimate_weights(
    connection: duckdb.DuckDBPyConnection, kind: str, comparisons: Sequence[Comparison], governed: Weights
) -> Weights:
    """Estimate the weights of one kind of customer and say what is done.

    u is the share of a level among pairs of records drawn at random (Fellegi and Sunter, 1969). They are drawn from one
    record of each customer as the warehouse resolves them now: among few records, true matches would weigh in. m comes
    from expectation maximisation with u held (Winkler, 1988), within the pairs of each training rule.

    Args:
        connection: Has a table `records`, one row a record: record_id, customer_id, customer_kind, what is compared.
        kind: person or organisation.
        comparisons: What is compared.
        governed: The present weights: where m starts, and what a level that no pair shows keeps, within the floors.

    Returns:
        The weights of every comparison that the pairs say something about.

    Raises:
        TrainingError: Too few records, or too few pairs in every training rule.
    """
    connection.execute("create or replace temp table of_kind as from records where customer_kind = ?", [kind])
    count, customers = _row(connection, "select count(*), count(distinct customer_id) from of_kind")
    if count < LEAST_RECORDS:
        raise TrainingError(f"{count:,} {kind} records, and at least {LEAST_RECORDS:,} are needed")
    if customers < LEAST_CUSTOMERS:
        raise TrainingError(
            f"{count:,} {kind} records of {customers:,} customers, and at least {LEAST_CUSTOMERS:,} are needed to see "
            "how two customers differ"
        )
    known = [item for item in comparisons if all((kind, item.name, level.name) in governed for level in item.levels)]
    start = {(item.name, level.name): governed[kind, item.name, level.name] for item in known for level in item.levels}
    click.echo(f"{kind}: {count:,} records of {customers:,} customers")
    u = _estimate_u(connection, known, start)
    known = [item for item in known if any(u[item.name, level.name] for level in item.levels)]
    if not known:
        raise TrainingError(f"no field is filled in two of {count:,} {kind} records")
    estimates = _estimate_m(connection, kind, known, _held(kind, known, start, u))
    weights: Weights = {}
    for item in known:
        names = [level.name for level in item.levels]
        seen = [found for found in estimates if any(found.get((item.name, name), 0) for name in names)]
        if not seen:
            continue
        found = bounded(kind, item.name, *_levels(seen, item.name, names, start, u))
        for name, weight in near_governed(found, {name: start[item.name, name] for name in names}).items():
            weights[kind, item.name, name] = weight
    return weights


def _levels(
    estimates: Sequence[Probabilities],
    comparison: str,
    names: Sequence[str],
    start: Mapping[tuple[str, str], Weight],
    u: Probabilities,
) -> tuple[dict[str, float], dict[str, float]]:
    """m, the median of the estimates, and u by level; a level that no pair showed keeps what it had."""
    m_found = {name: statistics.median(found[comparison, name] for found in estimates) for name in names}
    u_found = {name: u[comparison, name] for name in names}
    unseen = {name: start[comparison, name] for name in names if not m_found[name] and not u_found[name]}
    return (
        m_found | {name: weight.m for name, weight in unseen.items()},
        u_found | {name: weight.u for name, weight in unseen.items()},
    )


def _estimate_u(
    connection: duckdb.DuckDBPyConnection, comparisons: Sequence[Comparison], start: Mapping[tuple[str, str], Weight]
) -> Probabilities:
    """Probability u by comparison and level, 0 where no random pair showed it."""
    click.echo("  u from pairs drawn at random")
    connection.execute(
        """
        create or replace temp table one_of_each as
        select * from of_kind
        qualify row_number() over (partition by customer_id order by md5(record_id), record_id) = 1
        order by record_id
        """
    )
    return random_pairs(connection, "one_of_each", comparisons, start)


def _held(
    kind: str, comparisons: Sequence[Comparison], start: Mapping[tuple[str, str], Weight], u: Probabilities
) -> dict[tuple[str, str], Weight]:
    """The governed m, from which expectation maximisation starts, and the u that it holds."""
    return {
        (item.name, name): weight
        for item in comparisons
        for name, weight in bounded(
            kind,
            item.name,
            {level.name: start[item.name, level.name].m for level in item.levels},
            {level.name: u[item.name, level.name] for level in item.levels},
        ).items()
    }


def _estimate_m(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    comparisons: Sequence[Comparison],
    held: Mapping[tuple[str, str], Weight],
) -> list[Probabilities]:
    """Probability m by comparison and level, 0 where no pair showed it, as each training rule sees it."""
    for rules in (TRAINING_RULES[kind], OTHER_RULES[kind]):
        if estimates := _within_rules(connection, kind, comparisons, held, rules):
            return estimates
    raise TrainingError(
        f"of the {kind} records fewer than {LEAST_PAIRS:,} pairs agree in any of the training rules, or those that do "
        "teach nothing"
    )


def _within_rules(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    comparisons: Sequence[Comparison],
    held: Mapping[tuple[str, str], Weight],
    rules: Sequence[tuple[str, ...]],
) -> list[Probabilities]:
    """The estimates of the rules that find enough pairs."""
    estimates = []
    for rule in rules:
        fields, values = " and ".join(rule), ", ".join(rule)
        complete = " and ".join(f"{field} is not null" for field in rule)
        (pairs,) = _row(
            connection,
            f"""
            select cast(coalesce(sum(record_count * (record_count - 1) // 2), 0) as bigint)
            from (select count(*) as record_count from of_kind where {complete} group by {values})
            """,
        )
        if pairs < LEAST_PAIRS:
            click.echo(f"  m left out within equal {fields}: {pairs:,} pairs, at least {LEAST_PAIRS:,} are needed")
            continue
        try:
            estimates.append(matching_pairs(connection, "of_kind", comparisons, held, rule))
        except TrainingError as error:
            click.echo(f"  m left out within equal {fields}: {error}")
            continue
        click.echo(f"  m within equal {fields}: {pairs:,} pairs")
    return estimates


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    (row,) = connection.execute(sql).fetchall()
    return tuple(int(value) for value in row)
