"""Shifted-beta-geometric: who renews a contract, where customers differ in how likely they leave.

Fader & Hardie, How to Project Customer Retention, Journal of Interactive Marketing 21 (2007).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, digamma

from profit.value.fallback import mean_retention
from profit.value.fit import Fit, Likelihood, fitted, maximise
from profit.value.statistics import Floats, RenewalStatistics, weighted_sum

MODEL = "shifted_beta_geometric"
PARAMETERS = ("a", "b")


def log_likelihood(statistics: RenewalStatistics) -> Likelihood:
    """The log-likelihood per contract as a function of the logarithms of a and b.

    Lost at renewal t: B(a+1, b+t-1) / B(a, b); still there after t renewals: B(a, b+t) / B(a, b); appendix B.

    Args:
        statistics: Contracts by the renewals that were due.
    """
    weights = statistics.customer_count / statistics.customer_count.sum()
    lost = statistics.is_lost
    stayed = statistics.period - lost

    def evaluate(logarithms: Floats) -> tuple[float, Floats]:
        a, b = np.exp(logarithms)
        value = weighted_sum(weights, betaln(a + lost, b + stayed) - betaln(a, b))
        both = digamma(a + b) - digamma(a + b + lost + stayed)
        by_a = weighted_sum(weights, digamma(a + lost) - digamma(a) + both)
        by_b = weighted_sum(weights, digamma(b + stayed) - digamma(b) + both)
        return value, np.array([by_a * a, by_b * b])

    return evaluate


def fit_shifted_beta_geometric(statistics: RenewalStatistics, minimum_lost: int = 20) -> Fit:
    """Fit a and b; where that is impossible, one rate of retention for everybody stands in.

    Args:
        statistics: Contracts by the renewals that were due.
        minimum_lost: Contracts that were not renewed that two parameters need at least.

    Returns:
        The fit, with the reason where it is the fallback.
    """
    customers = float(statistics.customer_count.sum())
    lost = weighted_sum(statistics.customer_count, statistics.is_lost)
    if lost < minimum_lost:
        return mean_retention(statistics, f"{lost:.0f} contracts were not renewed, fewer than {minimum_lost}")
    if np.all(statistics.period == 1):
        return mean_retention(statistics, "no contract was due for renewal more than once, so nobody can be told apart")
    maximum = maximise(log_likelihood(statistics), [(1.0, 2.0), (0.5, 5.0), (5.0, 20.0)], customers)
    if not maximum.is_converged:
        return mean_retention(statistics, "the likelihood of shifted-beta-geometric has no clear maximum")
    return fitted(
        MODEL,
        PARAMETERS,
        maximum,
        customer_count=customers,
        repeat_customer_count=int(lost),
        statistic_count=statistics.period.size,
        log_likelihood=maximum.log_likelihood * customers,
    )
