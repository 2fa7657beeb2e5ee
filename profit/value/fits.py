"""All fits of a build: every basis, model and segment, with the parameters as columns and points around them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profit.value.fit import HIGHEST, LOWEST
from profit.value.segments import fit_purchases, fit_renewals, fit_spend

# Parameters of all models; a fit has values for those of its own.
PARAMETERS = ("r", "alpha", "s", "beta", "a", "b", "p", "q", "v", "rate", "mean", "retention")

# Columns of the table of fits, with their types.
COLUMNS = {
    **dict.fromkeys(("basis", "segment", "asked_model", "model", "parameters", "standard_errors"), "string"),
    "log_covariance": "string",
    "log_likelihood": "float64",
    **dict.fromkeys(("customer_count", "repeat_customer_count", "statistic_count", "grain_days"), "int64"),
    "is_converged": "bool",
    "bounded_parameters": "string",
    "fallback_reason": "string",
    "iteration_count": "int64",
    "point": "int64",
    **dict.fromkeys(PARAMETERS, "float64"),
}

# Kinds of statistics in int_value__fit_statistics, in the order in which they are fitted, with the columns of each.
STATISTICS = {
    "purchases": ("basis", "segment", "purchase_count", "recency", "age", "customer_count"),
    "spend": ("basis", "segment", "purchase_count", "average_amount", "customer_count"),
    "renewals": ("basis", "segment", "period", "is_lost", "customer_count"),
}

Columns = Mapping[str, Any]
_FitAll = Callable[[Columns, int], list[dict[str, Any]]]


def fit_all_bases(
    purchases: Columns, spend: Columns, renewals: Columns, minimum_customers: float
) -> list[dict[str, Any]]:
    """Fit everything that a build needs.

    Args:
        purchases: Arrays of one length by name: basis, segment, purchase_count, recency and age (weeks),
            customer_count.
        spend: Arrays of one length by name: basis, segment, purchase_count, average_amount, customer_count.
        renewals: Arrays of one length by name: basis, segment, period, is_lost, customer_count.
        minimum_customers: Customers that a segment needs for a fit of its own.

    Returns:
        One row a basis, segment, model and point; see `with_points`.
    """
    fits: tuple[tuple[_FitAll, Columns], ...] = (
        (fit_purchases, purchases),
        (fit_spend, spend),
        (fit_renewals, renewals),
    )
    bases = sorted({str(name) for _, statistics in fits for name in statistics["basis"]})

    def fit_one(task: tuple[str, tuple[_FitAll, Columns]]) -> list[dict[str, Any]]:
        basis, (fit, statistics) = task
        chosen = _in_order(statistics, np.asarray(statistics["basis"], dtype=object) == basis)
        part = {name: np.asarray(values)[chosen] for name, values in statistics.items()}
        return [{"basis": basis, **point} for row in fit(part, int(minimum_customers)) for point in with_points(row)]

    # Each fit is worked out by itself, and they are put together in this order: threads change no digit.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        found = threads.map(fit_one, [(basis, fit) for basis in bases for fit in fits])
        return [row for rows in found for row in rows]


def with_points(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A fit with its parameters as columns, at the maximum and at points around it.

    The points are what parameter uncertainty is carried over with: exp(log parameters ± a column of the Cholesky factor
    of their covariance), so that the squared half differences of whatever is computed at a pair of points sum to its
    variance (the delta method with differences instead of derivatives).

    Args:
        row: What `row_of` gives.

    Returns:
        The row at the maximum, `point` 0, then pairs of points 1, -1, 2, -2, …
    """
    parameters = json.loads(row["parameters"])
    rows = [_at(row, 0, parameters)]
    if row["log_covariance"] is None:
        return rows
    names, logarithms = list(parameters), np.log(list(parameters.values()))
    covariance = np.array(json.loads(row["log_covariance"]))
    free = np.flatnonzero(np.diag(covariance) > 0)
    factor = np.zeros_like(covariance)
    factor[np.ix_(free, free)] = np.linalg.cholesky(covariance[np.ix_(free, free)])
    for number, column in enumerate(factor[:, free].T, start=1):
        for sign in (1, -1):
            values = np.clip(np.exp(logarithms + sign * column), LOWEST, HIGHEST)
            rows.append(_at(row, sign * number, dict(zip(names, values.tolist(), strict=True))))
    return rows


def _in_order(statistics: Columns, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Places of the chosen rows, ordered by content: a sum of the same rows has the same digits, however they came."""
    places = np.flatnonzero(chosen)
    columns = [_ranks_as_text(np.asarray(statistics[name])[places]) for name in sorted(statistics)]
    return places[np.lexsort(columns)] if places.size else places


def _ranks_as_text(values: NDArray[Any]) -> NDArray[np.intp]:
    """Place of each value in the order of their texts; the few that differ are written out, not every row."""
    distinct, position = np.unique(values, return_inverse=True)
    ranks = np.empty(distinct.size, dtype=np.intp)
    ranks[np.argsort(distinct.astype(str))] = np.arange(distinct.size)
    return ranks[position.ravel()]


def _at(row: Mapping[str, Any], point: int, parameters: Mapping[str, float]) -> dict[str, Any]:
    return {**row, "point": point, **{name: parameters.get(name) for name in PARAMETERS}}
