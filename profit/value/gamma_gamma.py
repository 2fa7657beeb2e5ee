"""Gamma-Gamma: what a customer spends a purchase, from the mean of few purchases and what others spend.

Colombo & Jiang (1999) as in Fader & Hardie, The Gamma-Gamma Model of Monetary Value (2013).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import digamma, gammaln

from profit.value.fallback import mean_spend
from profit.value.fit import LOWEST, Fit, Likelihood, Maximum, fitted, maximise
from profit.value.statistics import Floats, SpendStatistics, weighted_sum

MODEL = "gamma_gamma"
PARAMETERS = ("p", "q", "v")

# At q <= 1 the mean over all customers is infinite, and so is what a customer without a repeat purchase will spend.
_LOWEST_Q = 1.001


def log_likelihood(statistics: SpendStatistics, scale: float = 1.0) -> Likelihood:
    """The log-likelihood per customer as a function of the logarithms of p, q, v; equation (1a) of the note.

    Args:
        statistics: Repeat purchases and their mean value.
        scale: Amount that counts as one; v is in this unit.
    """
    weights = statistics.customer_count / statistics.customer_count.sum()
    distinct, position = np.unique(statistics.purchase_count, return_inverse=True)
    shares: Floats = np.bincount(position, weights=weights).astype(np.float64)
    purchases, average = statistics.purchase_count, statistics.average_amount / scale
    log_total = np.log(purchases * average)
    constant = -weighted_sum(weights, np.log(average))
    by_p_constant = weighted_sum(weights, purchases * log_total)

    def evaluate(logarithms: Floats) -> tuple[float, Floats]:
        p, q, v = np.exp(logarithms)
        below = v + purchases * average
        log_below = np.log(below)
        power = p * purchases + q
        by_count = gammaln(p * distinct + q) - gammaln(p * distinct)
        value = weighted_sum(shares, by_count) - gammaln(q) + q * logarithms[2] + constant + p * by_p_constant
        value -= weighted_sum(weights, power * log_below)
        by_p = weighted_sum(shares, distinct * (digamma(p * distinct + q) - digamma(p * distinct)))
        by_p += by_p_constant - weighted_sum(weights, purchases * log_below)
        by_q = weighted_sum(shares, digamma(p * distinct + q)) - digamma(q) + logarithms[2]
        by_q -= weighted_sum(weights, log_below)
        by_v = q / v - weighted_sum(weights, power / below)
        return float(value), np.array([by_p * p, by_q * q, by_v * v])

    return evaluate


def fit_gamma_gamma(statistics: SpendStatistics, minimum_repeat_customers: int = 20) -> Fit:
    """Fit p, q and v (in the currency of the amounts); where that is impossible, the mean per purchase stands in.

    Args:
        statistics: Repeat purchases and their mean value.
        minimum_repeat_customers: Customers with a repeat purchase that three parameters need at least.

    Returns:
        The fit, with the reason where it is the fallback.
    """
    customers = float(statistics.customer_count.sum())
    if customers < minimum_repeat_customers:
        return mean_spend(statistics, f"{customers:.0f} customers bought again, fewer than {minimum_repeat_customers}")
    purchases = statistics.customer_count * statistics.purchase_count
    scale = weighted_sum(purchases, statistics.average_amount) / float(purchases.sum())
    starts = [(5.0, 4.0, 0.5), (1.0, 2.0, 1.0), (20.0, 20.0, 1.0)]
    maximum = maximise(log_likelihood(statistics, scale), starts, customers, lowest=[LOWEST, _LOWEST_Q, LOWEST])
    if not maximum.is_converged:
        return mean_spend(statistics, "the likelihood of Gamma-Gamma has no clear maximum")
    in_currency = Maximum(
        parameters=maximum.parameters * np.array([1.0, 1.0, scale]),
        log_likelihood=maximum.log_likelihood - math.log(scale),
        log_covariance=maximum.log_covariance,
        is_converged=maximum.is_converged,
        bounded=maximum.bounded,
        iteration_count=maximum.iteration_count,
    )
    return fitted(
        MODEL,
        PARAMETERS,
        in_currency,
        customer_count=customers,
        repeat_customer_count=int(customers),
        statistic_count=statistics.average_amount.size,
        log_likelihood=in_currency.log_likelihood * customers,
    )
