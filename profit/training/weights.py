"""The seed identity_weights: read, kept in bounds, compared with a new one, written."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from profit.training.errors import TrainingError

FILE = "identity_weights.csv"
HEADER = ("customer_kind", "comparison", "level", "m_probability", "u_probability")

# What a clean data set never showed may still happen. With them no level weighs more than log2(1 / LEAST_U) = 15.6 bits
# for a pair, and a disagreement about log2(LEAST_M) = 5.6 bits against it.
LEAST_M = 0.02
LEAST_U = 0.00002
# Names in each other's place are rare among customers, but rarer still by chance.
LEAST_M_OF_LEVEL = {"swapped": 0.005}


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
    if not path.is_file():
        raise TrainingError(f"{path} is not there; PROFIT_IDENTITY_RULES names the folder of the governed rules.")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        if tuple(rows.fieldnames or ()) != HEADER:
            raise TrainingError(f"{path} has the columns {rows.fieldnames}; expected are {', '.join(HEADER)}.")
        try:
            return {
                (row["customer_kind"], row["comparison"], row["level"]): Weight(
                    float(row["m_probability"]), float(row["u_probability"])
                )
                for row in rows
            }
        except ValueError as error:
            raise TrainingError(f"{path}, line {rows.line_num}: {error}.") from error


def write_weights(path: Path, weights: Weights) -> None:
    """Write a file of weights, six decimals."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows([*key, f"{weight.m:.6f}", f"{weight.u:.6f}"] for key, weight in weights.items())


def bounded(m: Mapping[str, float], u: Mapping[str, float]) -> dict[str, Weight]:
    """Raise the probabilities of the levels of a comparison to their floors, then scale each kind to a sum of 1.

    Args:
        m: Probability by level among pairs of one customer.
        u: Probability by level among pairs of two customers, of the same levels.

    Returns:
        A weight by level.
    """
    least = {level: LEAST_M_OF_LEVEL.get(level, LEAST_M) for level in m}
    raised_m = {level: max(value, least[level]) for level, value in m.items()}
    raised_u = {level: max(value, LEAST_U) for level, value in u.items()}
    sum_m, sum_u = sum(raised_m.values()), sum(raised_u.values())
    return {level: Weight(raised_m[level] / sum_m, raised_u[level] / sum_u) for level in m}


def comparison_table(old: Weights, new: Weights) -> Iterator[str]:
    """Lines of a table of the weights in bits: what they were, what they would be, and by how much they would move."""
    yield f"{'kind':13}{'comparison':19}{'level':11}{'m':>9}{'u':>10}{'weight':>8}{'before':>8}{'moves':>8}"
    for key, weight in new.items():
        before = old.get(key)
        was = f"{before.bits:8.1f}" if before else f"{'-':>8}"
        moved = f"{weight.bits - before.bits:+8.1f}" if before and before != weight else f"{'kept' if before else 'new':>8}"
        yield f"{key[0]:13}{key[1]:19}{key[2]:11}{weight.m:9.4f}{weight.u:10.6f}{weight.bits:8.1f}{was}{moved}"
