"""Scores by SciPy's adaptive quadrature of the papers' integrals, not as the SQL transforms them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import tanhsinh
from scipy.special import betaln, log1p

Floats = NDArray[np.float64]

GRID_SIZE = 10_000


def grid(seed: int = 20_061_997, size: int = GRID_SIZE) -> dict[str, Floats]:
    """Random parameters and histories, a third of them at the ends of what occurs.

    Args:
        seed: Seed of the grid.
        size: Number of points.

    Returns:
        Columns r, alpha, s, beta, a, b, purchase_count, recency, age, weeks; times in weeks.
    """
    random = np.random.default_rng(seed)
    usual = {"r": (-1, 1), "alpha": (0, 2), "s": (-1, 1), "beta": (0, 2), "a": (-1, 0.5), "b": (-0.5, 1)}
    extreme = {"r": (-3, 3), "alpha": (-2, 4), "s": (-3, 3), "beta": (-2, 4), "a": (-3, 3), "b": (-3, 3)}
    is_extreme = random.random(size) < 1 / 3
    points = {
        name: 10 ** np.where(is_extreme, random.uniform(*extreme[name], size), random.uniform(*usual[name], size))
        for name in usual
    }
    # Whole numbers and one are where textbook formulas divide zero by zero.
    for name in ("r", "s", "a", "b"):
        points[name] = np.where(random.random(size) < 0.1, np.maximum(1.0, np.rint(points[name])), points[name])
    points["beta"] = np.where(random.random(size) < 0.05, points["alpha"], points["beta"])
    purchases = random.choice([0, 0, 1, 2, 3, 7, 26, 100, 500], size).astype(float)
    age = random.choice([0.0, 1e-6, 1 / 7, 1.0, 4.0, 38.86, 104.0, 520.0], size)
    part = random.choice([0.0, 1e-9, 0.01, 0.3, 0.7, 0.99, 1 - 1e-9, 1.0], size)
    weeks = random.choice([1e-3, 1.0, 39.0, 52.18, 156.5], size)
    recency = np.where(purchases > 0, age * part, 0.0)
    return {**points, "purchase_count": purchases, "recency": recency, "age": age, "weeks": weeks}


def _integral(log_f, lower: Floats, upper: Floats, *arguments: Floats) -> Floats:
    """Logarithm of the integral of exp(log_f), element by element."""

    def real(*values):
        # On the scale of logarithms the places are complex numbers without an imaginary part.
        return log_f(*(np.real(value) for value in values)) + 0j

    found = tanhsinh(real, lower, upper, args=arguments, log=True, rtol=np.log(1e-13), maxlevel=12, minlevel=6)
    return np.asarray(found.integral.real)


def pareto_nbd_alive(points: dict[str, Floats]) -> Floats:
    """P(alive) by the integral over the time u at which the customer may have gone."""
    r, alpha, s, beta = (points[name] for name in ("r", "alpha", "s", "beta"))
    power, last, age = r + points["purchase_count"], points["recency"], points["age"]

    def log_gone(since: Floats, *history: Floats) -> Floats:
        power, alpha, s, beta, last = history
        return -power * log1p(since / (alpha + last)) - (s + 1) * log1p(since / (beta + last))

    span = age - last
    with np.errstate(all="ignore"):
        gone = _integral(log_gone, np.zeros_like(span), span, power, alpha, s, beta, last)
        log_odds = (
            np.log(s)
            - np.log(beta + last)
            + power * log1p(span / (alpha + last))
            + s * log1p(span / (beta + last))
            + gone
        )
        return np.where(span > 0, np.exp(-np.logaddexp(0, log_odds)), 1.0)


def residual_weeks(points: dict[str, Floats], weekly_rate: Floats, weeks: Floats) -> Floats:
    """Discounted weeks within the horizon that a customer of Pareto/NBD who is one now stays."""

    def log_stays(tau: Floats, rate: Floats, s: Floats, elapsed: Floats) -> Floats:
        return -rate * tau - s * log1p(tau / elapsed)

    elapsed = points["beta"] + points["age"]
    with np.errstate(all="ignore"):
        return np.exp(_integral(log_stays, np.zeros_like(weeks), weeks, weekly_rate, points["s"], elapsed))


def bg_nbd_alive(points: dict[str, Floats]) -> Floats:
    """P(alive), closed form on the scale of logarithms."""
    r, alpha, a, b = (points[name] for name in ("r", "alpha", "a", "b"))
    purchases = points["purchase_count"]
    ratio = log1p((points["age"] - points["recency"]) / (alpha + points["recency"]))
    log_odds = np.log(a / np.where(purchases > 0, b + purchases - 1, 1)) + (r + purchases) * ratio
    return np.where(purchases > 0, np.exp(-np.logaddexp(0, log_odds)), 1.0)


def mean_over_beta(log_f, first: Floats, second: Floats, *arguments: Floats) -> Floats:
    """Mean of a positive function of p under Beta(first, second), over the log odds of p, each half for itself."""
    middle = np.log(first / second)
    width = 1 / np.sqrt(first * second / (first + second))

    def log_density(z, *distribution):
        sign, middle, width, first, second, *rest = distribution
        odds = middle + sign * z * width
        log_p, log_q = -np.logaddexp(0, -odds), -np.logaddexp(0, odds)
        return first * log_p + second * log_q + log_f(log_p, log_q, *rest)

    zero, ends = np.zeros_like(first), np.full_like(first, np.inf)
    with np.errstate(all="ignore"):
        halves = [
            _integral(log_density, zero, ends, np.full_like(first, sign), middle, width, first, second, *arguments)
            for sign in (-1.0, 1.0)
        ]
        return np.exp(np.logaddexp(*halves) + np.log(width) - betaln(first, second))


def bg_nbd_purchases(points: dict[str, Floats], weeks: Floats) -> Floats:
    """Purchases that a customer of BG/NBD who is one now makes within the horizon."""

    def log_purchases(log_p: Floats, _: Floats, power: Floats, relative: Floats) -> Floats:
        logarithm = np.log(-np.expm1(-power * log1p(np.exp(log_p) * relative))) - log_p
        return np.where(log_p < -300, np.log(power * relative), logarithm)

    power = points["r"] + points["purchase_count"]
    relative = weeks / (points["alpha"] + points["age"])
    return mean_over_beta(log_purchases, points["a"], points["b"] + points["purchase_count"], power, relative)


def residual_renewals(a: Floats, b: Floats, renewal: Floats, rate: Floats) -> Floats:
    """Discounted expected residual lifetime of a contract whose renewal number `renewal` is due next."""

    def log_worth(log_p: Floats, log_q: Floats, rate: Floats) -> Floats:
        return log1p(rate) + log_q - np.log(rate + np.exp(log_p))

    return mean_over_beta(log_worth, a, b + renewal - 1, rate)
