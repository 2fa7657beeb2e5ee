"""Maximum likelihood on the logarithms of positive parameters, and what a fit says of itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from profit.value.statistics import Floats

# Beyond these a parameter has no effect left that data could tell; what is scored stays within tested ground.
LOWEST, HIGHEST = 1e-3, 1e4

# Log-likelihood per customer and its gradient by the logarithm of each parameter.
Likelihood = Callable[[Floats], tuple[float, Floats]]

_STEP = 1e-4
_NEWTON_STEPS = 4
_FLAT = 1e-6
_AT_BOUND = 1e-3


@dataclass(frozen=True)
class Fit:
    """A fitted model, or the simpler estimate that stands in for it.

    Attributes:
        model: bg_nbd, pareto_nbd, gamma_gamma, shifted_beta_geometric, or the fallback: mean_rate, mean_spend,
            mean_retention, none.
        parameters: Values by name; rates per week, amounts in the currency of the statistics.
        standard_errors: Of each parameter (delta method on its logarithm); empty for a fallback, and without the
            parameters that stopped at a bound.
        log_covariance: Covariance of the logarithms of the parameters, in their order; rows and columns of a parameter
            at a bound are zero. None for a fallback.
        log_likelihood: At the maximum, summed over customers; None for a fallback.
        customer_count: Customers in the statistics.
        repeat_customer_count: Those with a repeat purchase or, for contracts, with a renewal that was not made.
        statistic_count: Distinct rows that were fitted.
        is_converged: Whether the gradient vanishes and the curvature is that of a maximum.
        bounded_parameters: Parameters that ran to a bound, where the model turns into a simpler one.
        fallback_reason: Why a simpler estimate stands in; None where the model was fitted.
        iteration_count: Iterations of the optimiser.
    """

    model: str
    parameters: Mapping[str, float]
    customer_count: int
    repeat_customer_count: int
    statistic_count: int
    standard_errors: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    log_covariance: Floats | None = None
    log_likelihood: float | None = None
    is_converged: bool = False
    bounded_parameters: tuple[str, ...] = ()
    fallback_reason: str | None = None
    iteration_count: int = 0


@dataclass(frozen=True)
class Maximum:
    """Where the optimiser stopped.

    Attributes:
        parameters: Values, in the order of the names.
        log_likelihood: Per customer.
        log_covariance: Of the logarithms; None where the curvature is not that of a maximum.
        is_converged: Whether the gradient vanishes there and the covariance exists.
        bounded: Whether each parameter stopped at a bound.
        iteration_count: Iterations of the optimiser.
    """

    parameters: Floats
    log_likelihood: float
    log_covariance: Floats | None
    is_converged: bool
    bounded: NDArray[np.bool_]
    iteration_count: int


def maximise(
    likelihood: Likelihood,
    starts: Sequence[Sequence[float]],
    customer_count: float,
    lowest: Sequence[float] | None = None,
) -> Maximum:
    """Find the greatest likelihood from several starts.

    L-BFGS-B goes most of the way; Newton steps with the curvature from differences of the gradient end it, because the
    likelihood of these models is flat along a ridge and the optimiser stops on it.

    Args:
        likelihood: Log-likelihood per customer and gradient at the logarithms of the parameters.
        starts: Parameters to start from; a later one is only used where no earlier one converged.
        customer_count: Customers, for the covariance.
        lowest: Lower bound of each parameter; by default LOWEST.

    Returns:
        The best place found.
    """
    count = len(starts[0])
    bounds = np.log(np.array([lowest or [LOWEST] * count, [HIGHEST] * count]))
    best: Maximum | None = None
    for start in starts:
        found = _climb(likelihood, np.clip(np.log(start), *bounds), bounds, customer_count)
        if best is None or (found.is_converged, found.log_likelihood) > (best.is_converged, best.log_likelihood):
            best = found
        if best.is_converged:
            break
    assert best is not None  # noqa: S101
    return best


def _climb(likelihood: Likelihood, start: Floats, bounds: Floats, customer_count: float) -> Maximum:
    def downhill(point: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood(point)
        if not (math.isfinite(value) and np.all(np.isfinite(gradient))):
            return 1e10, np.zeros_like(point)
        return -value, -gradient

    outcome = minimize(
        downhill,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(*bounds, strict=True)),
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8},
    )
    point = np.asarray(outcome.x, dtype=np.float64)
    value, gradient = likelihood(point)
    bounded = (point - bounds[0] < _AT_BOUND) | (bounds[1] - point < _AT_BOUND)
    free = ~bounded
    curvature = _curvature(likelihood, point, free)
    for _ in range(_NEWTON_STEPS):
        if not _is_positive(curvature) or np.max(np.abs(gradient[free]), initial=0) < _FLAT * 1e-4:
            break
        step = np.zeros_like(point)
        step[free] = np.linalg.solve(curvature, gradient[free])
        trial = np.clip(point + step, *bounds)
        trial_value, trial_gradient = likelihood(trial)
        if not np.max(np.abs(trial_gradient[free])) < np.max(np.abs(gradient[free])):
            break
        point, value, gradient = trial, trial_value, trial_gradient
        curvature = _curvature(likelihood, point, free)
    covariance = None
    if _is_positive(curvature):
        covariance = np.zeros((point.size, point.size))
        covariance[np.ix_(free, free)] = np.linalg.inv(curvature) / customer_count
    is_flat = bool(np.max(np.abs(gradient[free]), initial=0) < _FLAT)
    return Maximum(
        parameters=np.exp(point),
        log_likelihood=float(value),
        log_covariance=covariance,
        is_converged=is_flat and covariance is not None and math.isfinite(value),
        bounded=bounded,
        iteration_count=int(outcome.nit),
    )


def _curvature(likelihood: Likelihood, point: Floats, free: NDArray[np.bool_]) -> Floats:
    """Minus the second derivatives per customer, over the parameters that are free."""
    rows = []
    for position in np.flatnonzero(free):
        step = np.zeros_like(point)
        step[position] = _STEP
        difference = likelihood(point + step)[1] - likelihood(point - step)[1]
        rows.append(-difference[free] / (2 * _STEP))
    matrix = np.array(rows).reshape(len(rows), len(rows))
    return (matrix + matrix.T) / 2


def _is_positive(matrix: Floats) -> bool:
    return bool(np.all(np.isfinite(matrix)) and np.all(np.linalg.eigvalsh(matrix) > 0))


def fitted(
    model: str,
    names: Sequence[str],
    maximum: Maximum,
    *,
    customer_count: float,
    repeat_customer_count: int,
    statistic_count: int,
    log_likelihood: float,
) -> Fit:
    """What a maximum says as a fit.

    Args:
        model: Name of the model.
        names: Names of the parameters, in the order of the maximum.
        maximum: Where the optimiser stopped, converged.
        customer_count: Customers in the statistics.
        repeat_customer_count: Those who tell something about the model's second half.
        statistic_count: Distinct rows that were fitted.
        log_likelihood: Summed over customers.
    """
    values = dict(zip(names, maximum.parameters.tolist(), strict=True))
    errors: dict[str, float] = {}
    if maximum.log_covariance is not None:
        relative = np.sqrt(np.diag(maximum.log_covariance))
        errors = {
            name: float(value * error)
            for name, value, error, stopped in zip(names, values.values(), relative, maximum.bounded, strict=True)
            if not stopped
        }
    return Fit(
        model=model,
        parameters=MappingProxyType(values),
        customer_count=int(customer_count),
        repeat_customer_count=repeat_customer_count,
        statistic_count=statistic_count,
        standard_errors=MappingProxyType(errors),
        log_covariance=maximum.log_covariance,
        log_likelihood=log_likelihood,
        is_converged=maximum.is_converged,
        bounded_parameters=tuple(name for name, stopped in zip(names, maximum.bounded, strict=True) if stopped),
        iteration_count=maximum.iteration_count,
    )
