"""Every model, fitted for every segment that has enough customers and for all of them together: rows of a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from profit.value.bg_nbd import fit_bg_nbd
from profit.value.fit import Fit
from profit.value.gamma_gamma import fit_gamma_gamma
from profit.value.pareto_nbd import fit_pareto_nbd
from profit.value.shifted_beta_geometric import fit_shifted_beta_geometric
from profit.value.statistics import PurchaseStatistics, RenewalStatistics, SpendStatistics

ALL_SEGMENTS = "all"

# Above this many distinct histories times are rounded to whole weeks, which moves parameters in the third digit.
MOST_HISTORIES = 20_000

Columns = Mapping[str, Any]


@dataclass(frozen=True)
class _Model:
    """A model that is fitted, by the columns that its statistics have."""

    name: str
    columns: tuple[str, ...]
    fit: Callable[..., tuple[Fit, float]]


def _bg_nbd(*columns: Any) -> tuple[Fit, float]:
    statistics, grain = PurchaseStatistics.of(*columns).in_whole_weeks(MOST_HISTORIES)
    return fit_bg_nbd(statistics), grain


def _pareto_nbd(*columns: Any) -> tuple[Fit, float]:
    statistics, grain = PurchaseStatistics.of(*columns).in_whole_weeks(MOST_HISTORIES)
    return fit_pareto_nbd(statistics), grain


def _gamma_gamma(*columns: Any) -> tuple[Fit, float]:
    return fit_gamma_gamma(SpendStatistics.of(*columns)), 1


def _shifted_beta_geometric(*columns: Any) -> tuple[Fit, float]:
    return fit_shifted_beta_geometric(RenewalStatistics.of(*columns)), 1


_PURCHASES = (
    _Model("bg_nbd", ("purchase_count", "recency", "age", "customer_count"), _bg_nbd),
    _Model("pareto_nbd", ("purchase_count", "recency", "age", "customer_count"), _pareto_nbd),
)
_SPEND = (_Model("gamma_gamma", ("purchase_count", "average_amount", "customer_count"), _gamma_gamma),)
_RENEWALS = (_Model("shifted_beta_geometric", ("period", "is_lost", "customer_count"), _shifted_beta_geometric),)


def fit_purchases(statistics: Columns, minimum_customers: int) -> list[dict[str, Any]]:
    """BG/NBD and Pareto/NBD of every segment.

    Args:
        statistics: Arrays of one length by name: segment, purchase_count, recency and age (weeks), customer_count.
        minimum_customers: Customers that a segment needs for a fit of its own.

    Returns:
        One row a segment and model; see `row_of`.
    """
    return _fit_all(_PURCHASES, statistics, minimum_customers)


def fit_spend(statistics: Columns, minimum_customers: int) -> list[dict[str, Any]]:
    """Gamma-Gamma of every segment.

    Args:
        statistics: Arrays of one length by name: segment, purchase_count, average_amount, customer_count.
        minimum_customers: Customers with a repeat purchase that a segment needs for a fit of its own.

    Returns:
        One row a segment; see `row_of`.
    """
    return _fit_all(_SPEND, statistics, minimum_customers)


def fit_renewals(statistics: Columns, minimum_customers: int) -> list[dict[str, Any]]:
    """Shifted-beta-geometric of every segment.

    Args:
        statistics: Arrays of one length by name: segment, period, is_lost, customer_count.
        minimum_customers: Contracts that a segment needs for a fit of its own.

    Returns:
        One row a segment; see `row_of`.
    """
    return _fit_all(_RENEWALS, statistics, minimum_customers)


def row_of(segment: str, asked_model: str, fit: Fit, grain_days: float) -> dict[str, Any]:
    """A fit as one row: what was asked for, what was found, and how well.

    Args:
        segment: Segment, or `all`.
        asked_model: Model that was to be fitted.
        fit: What came of it; `model` is another one where a simpler estimate stands in.
        grain_days: Days to which times were rounded.
    """
    covariance = None if fit.log_covariance is None else json.dumps(fit.log_covariance.tolist())
    return {
        "segment": segment,
        "asked_model": asked_model,
        "model": fit.model,
        "parameters": json.dumps(dict(fit.parameters)),
        "standard_errors": json.dumps(dict(fit.standard_errors)),
        "log_covariance": covariance,
        "log_likelihood": fit.log_likelihood,
        "customer_count": fit.customer_count,
        "repeat_customer_count": fit.repeat_customer_count,
        "statistic_count": fit.statistic_count,
        "grain_days": grain_days,
        "is_converged": fit.is_converged,
        "bounded_parameters": ", ".join(fit.bounded_parameters),
        "fallback_reason": fit.fallback_reason,
        "iteration_count": fit.iteration_count,
    }


def _fit_all(models: Sequence[_Model], statistics: Columns, minimum_customers: int) -> list[dict[str, Any]]:
    segments = np.asarray(statistics["segment"], dtype=object)
    counts = np.asarray(statistics["customer_count"], dtype=np.float64)
    rows: list[dict[str, Any]] = []
    for segment in [ALL_SEGMENTS, *sorted({str(name) for name in segments} - {ALL_SEGMENTS})]:
        chosen = np.ones(segments.size, dtype=bool) if segment == ALL_SEGMENTS else segments == segment
        if segment != ALL_SEGMENTS and counts[chosen].sum() < minimum_customers:
            continue
        if segment != ALL_SEGMENTS and chosen.all():
            rows += [{**row, "segment": segment} for row in rows]
            break
        for model in models:
            columns = [np.asarray(statistics[name], dtype=np.float64)[chosen] for name in model.columns]
            fit, grain = model.fit(*columns)
            rows.append(row_of(segment, model.name, fit, grain))
    return rows
