"""The seed identity_thresholds: what of it is estimated, the odds before any evidence and what a household's prove."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import duckdb

from profit.training.comparisons import Comparison
from profit.training.rules import read_rules, write_rules
from profit.training.weights import LEAST_M, Weights

FILE = "identity_thresholds.csv"
HEADER = ("threshold", "value")
_LEAST_PAIRS = 100
_ROUNDS = 200


@dataclass(frozen=True)
class Thresholds:
    """The thresholds by which pairs of one kind of customer are judged, as the model scored_pairs reads them.

    Attributes:
        match: Probability from which on a pair is a match.
        expected: Matches that a record is expected to have.
        fewest: Least number of records by which these are divided.
        shared: Most that what a household shares can make of two records.
    """

    match: float
    expected: float
    fewest: float
    shared: float

    def prior_bits(self, record_count: int) -> float:
        """Evidence before any comparison."""
        return math.log2(self.expected / max(record_count, self.fewest))


@dataclass(frozen=True)
class Rules:
    """What a pair is judged by.

    Attributes:
        weights: A weight for each level.
        thresholds: Those of the kind of customer.
        shared: The comparisons of what a household or a building has in common.
    """

    weights: Weights
    thresholds: Thresholds
    shared: Sequence[str]


def read_thresholds(path: Path) -> dict[str, float]:
    """Read a file of thresholds in the order of its rows.

    Raises:
        TrainingError: The file is not there, or a row cannot be read.
    """
    return dict(read_rules(path, HEADER, lambda row: (row["threshold"], float(row["value"]))))


def write_thresholds(path: Path, values: Mapping[str, float]) -> None:
    """Write a file of thresholds."""
    write_rules(path, HEADER, ([name, f"{value:g}"] for name, value in values.items()))


def of_kind(values: Mapping[str, float], kind: str) -> Thresholds:
    """The thresholds of a kind of customer; what is said of it alone counts, and what is missing limits nothing."""

    def value(name: str, otherwise: float) -> float:
        return values.get(f"{kind}_{name}", values.get(name, otherwise))

    return Thresholds(
        value("match_probability", 0.95),
        value("expected_matches_per_record", 2),
        value("minimum_record_count", 4000),
        value("shared_probability", 0.999999999),
    )


def named(kind: str, thresholds: Thresholds) -> dict[str, float]:
    """The rows that say of a kind of customer what was estimated, rounded."""
    return {
        f"{kind}_expected_matches_per_record": round(thresholds.expected, 2),
        f"{kind}_shared_probability": round(thresholds.shared, 3),
    }


def bits_of(probability: float) -> float:
    """Evidence that makes a probability, log2 of its odds."""
    return math.log2(probability / (1 - probability))


def sum_of_bits(kind: str, names: Sequence[str], weights: Weights, *, known_by: str = "") -> str:
    """SQL expression of the evidence of some comparisons.

    Args:
        kind: person or organisation.
        names: The comparisons.
        weights: A weight for each level; a level that has none says nothing.
        known_by: Column that names a comparison to be left out of a row.
    """
    terms = []
    for name in names:
        levels = {key[2]: weight.bits for key, weight in weights.items() if key[:2] == (kind, name)}
        if not levels:
            continue
        weighed = " ".join(f"when '{level}' then {bits!r}" for level, bits in levels.items())
        term = f"case {name}_level {weighed} else 0 end"
        terms.append(f"case when {known_by} = '{name}' then 0 else {term} end" if known_by else term)
    return " + ".join(terms) or "0"


def estimate_thresholds(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    comparisons: Sequence[Comparison],
    rules: Rules,
) -> Thresholds:
    """Estimate what the data say of a kind of customer, and say it.

    The matches of a record are those that are resolved now: not all are found, so there are that many at the least.
    What a household shares proves as much as the share of matches among the pairs that agree in it; how many are, is
    seen by the evidence of one's own, by expectation maximisation with m and u held. Neither falls below what is
    governed. In a house of one person in the data another may live all the same: that is as likely, at the least, as a
    disagreement that a clean data set never showed.

    Args:
        connection: Has the tables `records` and `all_pairs`, the latter with the level of every comparison.
        kind: person or organisation.
        comparisons: What is compared.
        rules: The weights by which it is seen, and the present thresholds.
    """
    governed, shared, weights = rules.thresholds, rules.shared, rules.weights
    ((count, matches),) = connection.execute(
        """
        select coalesce(sum(n), 0), coalesce(sum(n * (n - 1) // 2), 0)
        from (select count(*) as n from records where customer_kind = ? group by customer_id)
        """,
        [kind],
    ).fetchall()
    found = replace(governed, expected=max(governed.expected, int(matches) / max(int(count), 1)))
    own = [item.name for item in comparisons if item.name not in shared]
    capped = f"{found.prior_bits(int(count))!r} + {sum_of_bits(kind, shared, weights)} >= {bits_of(found.shared)!r}"
    is_known = " or ".join(f"{name}_level <> 'missing'" for name in own)
    patterns = connection.execute(
        f"""
        select cast({sum_of_bits(kind, own, weights)} as double) as bits, count(*)
        from all_pairs where customer_kind = ? and ({capped}) and ({is_known})
        group by bits order by bits
        """,
        [kind],
    ).fetchall()
    pairs = sum(n for _, n in patterns)
    if pairs >= _LEAST_PAIRS:
        share = _share_of_matches(patterns)
        found = replace(found, shared=min(max(governed.shared, share), max(governed.shared, 1 - LEAST_M)))
        click.echo(f"  of {pairs:,} pairs that agree in all that a household shares {share:.1%} are one by their own")
    click.echo(
        f"  {int(matches) / max(int(count), 1):.2f} matches of a record are found; expected are {found.expected:.2f}, "
        f"and what a household shares makes {found.shared:.3f} at the most"
    )
    return found


def _share_of_matches(patterns: Sequence[tuple[float, int]]) -> float:
    """Share of matches that makes the evidence most likely, by expectation maximisation from one half."""
    share = 0.5
    total = sum(count for _, count in patterns)
    for _ in range(_ROUNDS):
        share = (
            sum(
                count * share / (share + (1 - share) * 2.0 ** -max(min(bits, 500.0), -500.0))
                for bits, count in patterns
            )
            / total
        )
    return share
