"""The seed identity_weights: read, kept in bounds, compared with a new one, written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from profit.training.rules import read_rules, write_rules

FILE = "identity_weights.csv"
HEADER = ("customer_kind", "comparison", "level", "m_probability", "u_probability")

# Floors: what a clean data set or a sample never showed may still happen. By them no level weighs more than
# log2(1 / 0.00002) = 15.6 bits, and no disagreement outweighs log2(0.03) = -5.1 bits of other evidence.
LEAST_M = 0.03
LEAST_U = 0.00002
# Names in each other's place are rare among customers, and rarer still by chance.
LEAST_M_OF_LEVEL = {"swapped": 0.005}
# Addresses and numbers that are nearly the same are often those of relatives, or were handed out in a row.
LEAST_U_OF_LEVEL = {"close": 0.0005, "part": 0.0005}
# What a sample hardly shows says less than what is governed: bits by which a level may come to weigh more than that.
MOST_GAIN = 4.0
# Branches of an organisation share them, and are customers of their own.
LEAST_U_OF_COMPARISON = {("organisation", "email"): 0.0005, ("organisation", "phone"): 0.0005}


@dataclass(frozen=True)
class Weight:
    """One level of one comparison for one kind of customer.

    Attributes:
        m: Probability of the level among pairs that are one customer.
        u: Probability of the level among pairs that are two customers.
    """

    m: float
    u: float

    @property
    def bits(self) -> float:
        """Evidence for a match, log2(m/u) (Fellegi and Sunter, 1969)."""
        return math.log2(self.m / self.u)


Key = tuple[str, str, str]
Weights = dict[Key, Weight]


def read_weights(path: Path) -> Weights:
    """Read a file of weights in the order of its rows.

    Raises:
        TrainingError: The file is not there, or a row cannot be read.
    """
    return dict(read_rules(path, HEADER, _weight_of))


def write_weights(path: Path, weights: Weights) -> None:
    """Write a file of weights, six decimals."""
    write_rules(path, HEADER, ([*key, f"{weight.m:.6f}", f"{weight.u:.6f}"] for key, weight in weights.items()))


def bounded(kind: str, comparison: str, m: Mapping[str, float], u: Mapping[str, float]) -> dict[str, Weight]:
    """Raise the probabilities of the levels of a comparison to their floors, then scale m and u each to a sum of 1.

    Args:
        kind: person or organisation.
        comparison: Name of the comparison.
        m: Probability by level among pairs of one customer, 0 to 1; the levels from the strongest to `different`.
        u: Probability by level among pairs of two customers, 0 to 1, of the same levels.

    Returns:
        A weight by level.
    """
    least_u = LEAST_U_OF_COMPARISON.get((kind, comparison), LEAST_U)
    raised_m = {level: max(value, LEAST_M_OF_LEVEL.get(level, LEAST_M)) for level, value in m.items()}
    raised_u = {level: max(value, least_u, LEAST_U_OF_LEVEL.get(level, 0)) for level, value in u.items()}
    sum_m, sum_u = sum(raised_m.values()), sum(raised_u.values())
    return {level: Weight(raised_m[level] / sum_m, raised_u[level] / sum_u) for level in m}


def near_governed(trained: Mapping[str, Weight], governed: Mapping[str, Weight]) -> dict[str, Weight]:
    """Keep the levels of a comparison from weighing much more than governed; `different`, the last one, takes the rest.

    Args:
        trained: Weight by level, the levels from the strongest to `different`.
        governed: The present weights of the same levels.

    Returns:
        A weight by level; m is as trained, and u sums to what it did.
    """
    *levels, last = trained
    kept = {
        level: Weight(
            trained[level].m, max(trained[level].u, trained[level].m / 2 ** (governed[level].bits + MOST_GAIN))
        )
        for level in levels
    }
    rest = trained[last].u - sum(kept[level].u - trained[level].u for level in levels)
    if rest <= trained[last].m:
        return dict(trained)
    return {**kept, last: Weight(trained[last].m, rest)}


def weight_table(before: Weights, after: Weights) -> Iterator[str]:
    """Lines of a table: m and u as they would be, and the evidence of each level in bits before and after.

    Args:
        before: The governed weights.
        after: The proposed ones.
    """
    yield f"{'kind':14}{'comparison':19}{'level':11}{'m':>8}{'u':>10}{'bits':>8}{'before':>8}"
    for key, weight in after.items():
        old = before.get(key)
        bits = f"{old.bits:8.1f}" if old else f"{'new':>8}"
        remark = "  kept" if old == weight else ""
        yield f"{key[0]:14}{key[1]:19}{key[2]:11}{weight.m:8.4f}{weight.u:10.6f}{weight.bits:8.1f}{bits}{remark}"


def _weight_of(row: Mapping[str, str]) -> tuple[Key, Weight]:
    weight = Weight(float(row["m_probability"]), float(row["u_probability"]))
    if not (0 < weight.m <= 1 and 0 < weight.u <= 1):
        raise ValueError(f"m {weight.m:g} and u {weight.u:g} have to be above 0 and at most 1")
    return (row["customer_kind"], row["comparison"], row["level"]), weight
