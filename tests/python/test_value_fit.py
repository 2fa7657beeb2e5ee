"""The fits where data are thin, degenerate or made by the model itself: never a crash, never a NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from properties import cases
from scipy.optimize import approx_fprime
from scipy.special import gammaln, hyp2f1

from profit.errors import ProfitError
from profit.value import bg_nbd, gamma_gamma, pareto_nbd, shifted_beta_geometric
from profit.value.bg_nbd import fit_bg_nbd
from profit.value.fit import HIGHEST, LOWEST, Fit
from profit.value.gamma_gamma import fit_gamma_gamma
from profit.value.pareto_nbd import fit_pareto_nbd
from profit.value.segments import fit_purchases, fit_spend
from profit.value.shifted_beta_geometric import fit_shifted_beta_geometric
from profit.value.statistics import DAYS_PER_WEEK, PurchaseStatistics, RenewalStatistics, SpendStatistics

PURCHASE_FITS = [fit_bg_nbd, fit_pareto_nbd]


def assert_sound(fit: Fit) -> None:
    """Every number is finite and within its bounds; a fallback says why."""
    assert fit.parameters.get("rate", 0) <= DAYS_PER_WEEK
    assert all(math.isfinite(value) and value >= 0 for value in fit.parameters.values())
    assert all(math.isfinite(value) and value > 0 for value in fit.standard_errors.values())
    if fit.fallback_reason is None:
        assert fit.is_converged
        assert fit.log_likelihood is not None
        assert math.isfinite(fit.log_likelihood)
    else:
        assert not fit.is_converged
        assert fit.log_likelihood is None


@pytest.mark.parametrize("fit", PURCHASE_FITS)
@pytest.mark.parametrize(
    ("histories", "rate", "reason"),
    [
        ([], 0.0, "there are no customers"),
        ([(0, 0, 10, 500)], 0.0, "none of 500 customers has bought again"),
        ([(3, 8, 10, 1)], 0.3, "1 customers bought again, fewer than 20"),
        ([(0, 0, 0, 3)], 0.0, "none of 3 customers has bought again"),
        ([(1, 5e-324, 5e-324, 1)], 0.0, "1 customers bought again, fewer than 20"),
        ([(30, 0.1, 0.1, 30)], 7.0, "no customer was observed for any time"),
    ],
)
def test_degenerate_purchases_fall_back_to_the_mean_rate(fit, histories, rate: float, reason: str) -> None:  # type: ignore[no-untyped-def]
    found = fit(PurchaseStatistics.of(*np.array(histories, dtype=float).reshape(-1, 4).T))
    assert found.model == "mean_rate"
    assert found.parameters["rate"] == pytest.approx(rate)
    assert found.fallback_reason == reason
    assert_sound(found)


@pytest.mark.parametrize("fit", PURCHASE_FITS)
def test_customers_who_are_all_alike_do_not_break_the_fit(fit) -> None:  # type: ignore[no-untyped-def]
    assert_sound(fit(PurchaseStatistics.of([5], [50], [52], [1000])))
    assert_sound(fit(PurchaseStatistics.of([0, 500], [0, 100], [100, 100], [1000, 1000])))


histories = st.lists(
    st.tuples(st.integers(0, 60), st.floats(0, 1), st.floats(0, 300), st.integers(1, 10_000)),
    min_size=1,
    max_size=12,
)


@cases(25)
@given(rows=histories)
@example(rows=[(1, 0.0, 5e-324, 1)])
@example(rows=[(60, 1.0, 1e-12, 10_000), (0, 0.0, 300.0, 1)])
@example(rows=[(3, 0.5, 1e6, 10_000)])
def test_any_histories_give_a_sound_fit(rows: list[tuple[int, float, float, int]]) -> None:
    statistics = PurchaseStatistics.of(*np.array([(x, part * age if x else 0, age, n) for x, part, age, n in rows]).T)
    for fit in PURCHASE_FITS:
        assert_sound(fit(statistics))


@cases(25)
@given(rows=st.lists(st.tuples(st.integers(1, 60), st.floats(0.01, 1e6), st.integers(1, 500)), min_size=1, max_size=12))
def test_any_amounts_give_a_sound_fit(rows: list[tuple[int, float, int]]) -> None:
    fit = fit_gamma_gamma(SpendStatistics.of(*np.array(rows, dtype=float).T))
    assert_sound(fit)
    assert fit.model != "gamma_gamma" or fit.parameters["q"] > 1


@cases(25)
@given(rows=st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.integers(1, 500)), min_size=1, max_size=12))
def test_any_renewals_give_a_sound_fit(rows: list[tuple[int, bool, int]]) -> None:
    assert_sound(fit_shifted_beta_geometric(RenewalStatistics.of(*np.array(rows, dtype=float).T)))


def test_spend_and_renewals_fall_back_and_say_why() -> None:
    none = fit_gamma_gamma(SpendStatistics.of([], [], []))
    assert (none.model, dict(none.parameters)) == ("none", {})
    few = fit_gamma_gamma(SpendStatistics.of([1, 3], [10, 20], [1, 1]))
    assert (few.model, dict(few.parameters)) == ("mean_spend", {"mean": 17.5})
    loyal = fit_shifted_beta_geometric(RenewalStatistics.of([3], [0], [10]))
    assert (loyal.model, dict(loyal.parameters)) == ("mean_retention", {"retention": 31 / 32})
    once = fit_shifted_beta_geometric(RenewalStatistics.of([1, 1], [1, 0], [50, 50]))
    assert once.fallback_reason == "no contract was due for renewal more than once, so nobody can be told apart"


@pytest.mark.parametrize(
    ("likelihood", "parameters"),
    [
        (
            bg_nbd.log_likelihood(PurchaseStatistics.of([0, 1, 5], [0, 3, 30], [40, 40, 38], [9, 4, 2])),
            [0.3, 5, 0.7, 3],
        ),
        (
            pareto_nbd.log_likelihood(PurchaseStatistics.of([0, 1, 5], [0, 3, 38], [40, 40, 38], [9, 4, 2])),
            [0.3, 5, 0.7, 13],
        ),
        (
            pareto_nbd.log_likelihood(PurchaseStatistics.of([0, 1, 5], [0, 3, 30], [40, 40, 38], [9, 4, 2])),
            [0.3, 15, 0.7, 3],
        ),
        (gamma_gamma.log_likelihood(SpendStatistics.of([1, 4], [10, 20], [3, 1])), [6, 4, 15]),
        (shifted_beta_geometric.log_likelihood(RenewalStatistics.of([1, 2, 5], [1, 1, 0], [9, 4, 2])), [0.7, 3]),
    ],
)
def test_gradients_are_those_of_differences(likelihood, parameters: list[float]) -> None:  # type: ignore[no-untyped-def]
    point = np.log(parameters)
    by_difference = approx_fprime(point, lambda place: likelihood(place)[0], 1e-6)
    assert likelihood(point)[1] == pytest.approx(by_difference, abs=2e-5)


def test_pareto_nbd_likelihood_is_that_of_the_closed_form() -> None:
    """Fader & Hardie (2005): a difference of hypergeometric functions, here where it does not cancel."""
    r, alpha, s, beta = 0.55, 10.6, 0.6, 11.7
    for x, last, age in [(0, 0.0, 38.86), (2, 30.43, 38.86), (7, 5.0, 38.0)]:
        found = pareto_nbd.log_likelihood(PurchaseStatistics.of([x], [last], [age], [1]))(np.log([r, alpha, s, beta]))[
            0
        ]
        power = r + s + x
        parts = [
            hyp2f1(power, r + x, power + 1, (beta - alpha) / (beta + time)) / (beta + time) ** power
            for time in (last, age)
        ]
        bracket = (alpha + age) ** -(r + x) * (beta + age) ** -s + s / power * (parts[0] - parts[1])
        expected = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(bracket)
        assert found == pytest.approx(expected, rel=1e-10)


def simulated(size: int, seed: int) -> PurchaseStatistics:
    """Customers who behave as BG/NBD says, observed for up to two years."""
    random = np.random.default_rng(seed)
    rate = random.gamma(0.8, 1 / 6.0, size)
    leaves_after = random.geometric(np.clip(random.beta(0.9, 4.0, size), 1e-9, 1))
    age = random.integers(20, 104, size).astype(float)
    count, last = np.zeros(size), np.zeros(size)
    time = random.exponential(1 / rate)
    for _ in range(2_000):
        buys = (time <= age) & (count < leaves_after)
        if not buys.any():
            break
        count, last = count + buys, np.where(buys, time, last)
        time = np.where(buys, time + random.exponential(1 / rate), np.inf)
    return PurchaseStatistics.of(count, last, age, np.ones(size))


def test_the_true_parameters_lie_within_four_standard_errors() -> None:
    fit = fit_bg_nbd(simulated(20_000, seed=3))
    for name, truth in {"r": 0.8, "alpha": 6.0, "a": 0.9, "b": 4.0}.items():
        assert abs(fit.parameters[name] - truth) < 4 * fit.standard_errors[name]


def test_whole_weeks_change_little_and_compress() -> None:
    exact = simulated(5_000, seed=4)
    rounded, grain = exact.in_whole_weeks(above=100)
    assert grain == 7
    assert rounded.customer_count.sum() == 5_000
    assert rounded.age.size < exact.age.size
    fits = fit_bg_nbd(exact), fit_bg_nbd(rounded)
    for name in ("r", "alpha"):
        assert fits[1].parameters[name] == pytest.approx(fits[0].parameters[name], rel=0.15)
    assert exact.in_whole_weeks(above=10_000) == (exact, 1)


def test_a_segment_with_too_few_customers_has_no_row_of_its_own() -> None:
    exact = simulated(3_000, seed=5)
    segment = np.where(np.arange(3_000) < 100, "few", "many")
    statistics = {
        "segment": segment,
        "purchase_count": exact.purchase_count,
        "recency": exact.recency,
        "age": exact.age,
        "customer_count": exact.customer_count,
    }
    rows = fit_purchases(statistics, minimum_customers=500)
    assert [(row["segment"], row["asked_model"]) for row in rows] == [
        ("all", "bg_nbd"),
        ("all", "pareto_nbd"),
        ("many", "bg_nbd"),
        ("many", "pareto_nbd"),
    ]
    assert rows[0]["customer_count"] == 3_000
    nothing = {"segment": [], "purchase_count": [], "average_amount": [], "customer_count": []}
    assert [row["model"] for row in fit_spend(nothing, minimum_customers=500)] == ["none"]


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([1, 5, 4, 1], "the last purchase is after the end"),
        ([0, 1, 4, 1], "no repeat purchase"),
        ([1, 1, 4, 0], "no customer has it"),
        ([1, 1, math.nan, 1], "missing, below zero or beyond counting"),
        ([1, 1, 1e300, 1], "missing, below zero or beyond counting"),
        ([1, 1, 1e7, 1], "no calendar has so many weeks"),
    ],
)
def test_impossible_histories_are_named(history: list[float], reason: str) -> None:
    with pytest.raises(ProfitError, match=reason):
        PurchaseStatistics.of(*history)


def test_bounds_are_within_what_the_scores_were_tested_for() -> None:
    assert (LOWEST, HIGHEST) == (1e-3, 1e4)
