"""BG/NBD: purchases at a rate of the customer's own, and a chance to leave for good after each one.

Fader, Hardie & Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, digamma, gammaln

from profit.value.fallback import mean_rate, too_little_to_fit
from profit.value.fit import Fit, Likelihood, fitted, maximise
from profit.value.statistics import Floats, PurchaseStatistics, weighted_sum

MODEL = "bg_nbd"
PARAMETERS = ("r", "alpha", "a", "b")


def log_likelihood(statistics: PurchaseStatistics) -> Likelihood:
    """The log-likelihood per customer as a function of the logarithms of r, alpha, a, b.

    Equation (6) of the paper, its two terms added on the scale of logarithms.

    Args:
        statistics: Purchase histories, times in weeks.
    """
    weights = statistics.customer_count / statistics.customer_count.sum()
    distinct, position = np.unique(statistics.purchase_count, return_inverse=True)
    shares: Floats = np.bincount(position, weights=weights).astype(np.float64)
    repeats = statistics.purchase_count > 0
    purchases = statistics.purchase_count

    def evaluate(logarithms: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(logarithms)
        alive_for = np.log(alpha + statistics.age)
        gone_since = np.log(alpha + statistics.recency)
        alive = -(r + purchases) * alive_for
        after_last = np.maximum(b + purchases - 1, b)
        gone = np.where(repeats, np.log(a / after_last) - (r + purchases) * gone_since, -np.inf)
        either = np.logaddexp(alive, gone)
        is_alive = np.exp(alive - either)
        is_gone = 1 - is_alive
        by_count = gammaln(r + distinct) - gammaln(r) + betaln(a, b + distinct) - betaln(a, b)
        value = weighted_sum(shares, by_count) + weighted_sum(weights, either) + r * logarithms[1]
        both = digamma(a + b) - digamma(a + b + distinct)
        exposure = is_alive / (alpha + statistics.age) + is_gone / (alpha + statistics.recency)
        by_r = weighted_sum(shares, digamma(r + distinct) - digamma(r)) + logarithms[1]
        by_r -= weighted_sum(weights, is_alive * alive_for + is_gone * gone_since)
        by_alpha = r / alpha - weighted_sum(weights, (r + purchases) * exposure)
        by_a = weighted_sum(shares, both) + weighted_sum(weights, is_gone) / a
        by_b = weighted_sum(shares, digamma(b + distinct) - digamma(b) + both) - weighted_sum(
            weights, is_gone / after_last
        )
        return value, np.array([by_r * r, by_alpha * alpha, by_a * a, by_b * b])

    return evaluate


def fit_bg_nbd(statistics: PurchaseStatistics, minimum_repeat_customers: int = 20) -> Fit:
    """Fit r, alpha (weeks), a, b; where that is impossible, the mean rate of all customers stands in.

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
    starts = [(0.5, scale / 4, 1.0, 2.0), (1.0, scale, 0.2, 5.0), (3.0, scale, 1.0, 10.0)]
    maximum = maximise(log_likelihood(statistics), starts, customers)
    if not maximum.is_converged:
        return mean_rate(statistics, "the likelihood of BG/NBD has no clear maximum")
    return fitted(
        MODEL,
        PARAMETERS,
        maximum,
        customer_count=customers,
        repeat_customer_count=statistics.repeat_customer_count,
        statistic_count=statistics.age.size,
        log_likelihood=maximum.log_likelihood * customers,
    )
