"""Pareto/NBD: purchases at a rate of the customer's own, until an unseen lifetime ends.

Schmittlein, Morrison & Colombo, Counting Your Customers, Management Science 33 (1987). The likelihood is that of Fader
& Hardie, A Note on Deriving the Pareto/NBD Model (2005), with its integral over the end of the lifetime as it stands.
"""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln

from profit.value.fallback import mean_rate, too_little_to_fit
from profit.value.fit import Fit, Likelihood, fitted, maximise
from profit.value.statistics import Floats, PurchaseStatistics, weighted_sum

MODEL = "pareto_nbd"
PARAMETERS = ("r", "alpha", "s", "beta")

# 24 nodes give the integral to 1e-9 in the worst case found, 1e-13 in nine of ten; see quadrature in macros/value.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
_NEGLIGIBLE, _VANISHED = 40.0, 50.0
# Rows that are summed together, and those whose nodes are worked on together: few enough to stay in the cache.
_ROWS_AT_ONCE, _ROWS_IN_CACHE = 20_000, 1_024


def log_likelihood(statistics: PurchaseStatistics) -> Likelihood:
    """The log-likelihood per customer as a function of the logarithms of r, alpha, s, beta.

    Without its factor for the count, the likelihood of a history is (alpha+T)^-(r+x) (beta+T)^-s, still a customer,
    plus s times the integral over u from t_x to T of (alpha+u)^-(r+x) (beta+u)^-(s+1), gone at u. The usual closed form
    of the integral, a difference of two hypergeometric functions, cancels where t_x is close to T.

    Args:
        statistics: Purchase histories, times in weeks.
    """
    weights = statistics.customer_count / statistics.customer_count.sum()
    distinct, position = np.unique(statistics.purchase_count, return_inverse=True)
    shares: Floats = np.bincount(position, weights=weights).astype(np.float64)
    parts = [slice(start, start + _ROWS_AT_ONCE) for start in range(0, weights.size, _ROWS_AT_ONCE)]

    def evaluate(logarithms: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = np.exp(logarithms)
        by_count = gammaln(r + distinct) - gammaln(r)
        value = weighted_sum(shares, by_count) + r * logarithms[1] + s * logarithms[3]
        gradient = np.array(
            [
                weighted_sum(shares, digamma(r + distinct) - digamma(r)) + logarithms[1],
                r / alpha,
                logarithms[3],
                s / beta,
            ]
        )
        for part in parts:
            of_part, slopes = _in_cached_blocks(
                (r, alpha, s, beta), statistics.purchase_count[part], statistics.recency[part], statistics.age[part]
            )
            value += weighted_sum(weights[part], of_part)
            gradient += [weighted_sum(weights[part], slope) for slope in slopes]
        return value, gradient * np.array([r, alpha, s, beta])

    return evaluate


def _in_cached_blocks(
    parameters: tuple[float, float, float, float], purchases: Floats, recency: Floats, age: Floats
) -> tuple[Floats, Floats]:
    """What `_histories` gives, block by block: each row is worked out by itself, so that the digits are the same."""
    brackets, slopes = np.empty(age.size), np.empty((4, age.size))
    for start in range(0, age.size, _ROWS_IN_CACHE):
        block = slice(start, start + _ROWS_IN_CACHE)
        brackets[block], slopes[:, block] = _histories(parameters, purchases[block], recency[block], age[block])
    return brackets, slopes


def _histories(
    parameters: tuple[float, float, float, float], purchases: Floats, recency: Floats, age: Floats
) -> tuple[Floats, Floats]:
    """Logarithm of the bracket of the likelihood, and its derivatives by r, alpha, s, beta, one row each."""
    r, alpha, s, beta = parameters
    power = r + purchases
    smaller = min(alpha, beta)
    # The integral runs over ln(smaller + u), on which the integrand is smooth; it ends where nothing is left of it.
    fall = (smaller + recency) * (power / (alpha + recency) + s / (beta + recency))
    vanished = np.minimum(
        (alpha + recency) * np.expm1(np.minimum(_VANISHED / power, 500)),
        (beta + recency) * np.expm1(np.minimum(_VANISHED / (s + 1), 500)),
    )
    length = np.minimum(np.log1p(np.minimum(age - recency, vanished) / (smaller + recency)), _NEGLIGIBLE / fall)
    growth = np.exp(np.outer(length, _NODES))
    ended = (smaller + recency)[:, None] * growth - smaller
    since_alpha, since_beta = alpha + ended, beta + ended
    log_alpha, log_beta = np.log(since_alpha), np.log(since_beta)
    exponent = -power[:, None] * log_alpha - (s + 1) * log_beta + (log_alpha if alpha <= beta else log_beta)
    greatest = exponent.max(axis=1)
    shape = np.exp(exponent - greatest[:, None]) * _WEIGHTS
    total = shape.sum(axis=1)
    shape /= total[:, None]
    with np.errstate(divide="ignore"):
        gone = np.log(s) + greatest + np.log(total) + np.log(length)
    alive_alpha, alive_beta = np.log(alpha + age), np.log(beta + age)
    alive = -power * alive_alpha - s * alive_beta
    either = np.logaddexp(alive, gone)
    is_alive = np.exp(alive - either)
    is_gone = 1 - is_alive

    def mean(values: Floats) -> Floats:
        return np.asarray(np.einsum("ij,ij->i", shape, values))

    slopes = np.stack(
        [
            -is_alive * alive_alpha - is_gone * mean(log_alpha),
            -power * (is_alive / (alpha + age) + is_gone * mean(1 / since_alpha)),
            -is_alive * alive_beta + is_gone * (1 / s - mean(log_beta)),
            -is_alive * s / (beta + age) - is_gone * (s + 1) * mean(1 / since_beta),
        ]
    )
    return either, slopes


def fit_pareto_nbd(statistics: PurchaseStatistics, minimum_repeat_customers: int = 20) -> Fit:
    """Fit r, alpha (weeks), s, beta (weeks); where that is impossible, the mean rate of all customers stands in.

    Args:
        statistics: Purchase histories, times in weeks.
        minimum_repeat_customers: Customers with a repeat purchase that four parameters need at least.

    Returns:
        The fit, with the reason where it is the fallback.
    """
    reason = too_little_to_fit(statistics, minimum_repeat_customers)
    if reason:
        return mean_rate(statistics, reason)
    customers = float(statistics.customer_count.sum())
    scale = weighted_sum(statistics.customer_count, statistics.age) / customers
    starts = [(0.5, scale / 3, 0.5, scale / 3), (1.0, scale, 0.2, scale), (3.0, scale, 1.0, scale)]
    maximum = maximise(log_likelihood(statistics), starts, customers)
    if not maximum.is_converged:
        return mean_rate(statistics, "the likelihood of Pareto/NBD has no clear maximum")
    return fitted(
        MODEL,
        PARAMETERS,
        maximum,
        customer_count=customers,
        repeat_customer_count=statistics.repeat_customer_count,
        statistic_count=statistics.age.size,
        log_likelihood=maximum.log_likelihood * customers,
    )
