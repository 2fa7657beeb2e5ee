"""CDNOW: published parameters, likelihoods and scores, and the hold-out of the 39 weeks after the calibration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from cdnow import purchase_statistics, read_histories, spend_statistics
from conftest import public_data
from value_macros import render

from profit.connectors.cdnow import land_cdnow
from profit.errors import LandingError
from profit.paths import Paths
from profit.value.bg_nbd import fit_bg_nbd
from profit.value.fit import Fit
from profit.value.gamma_gamma import fit_gamma_gamma
from profit.value.pareto_nbd import fit_pareto_nbd
from profit.value.shifted_beta_geometric import fit_shifted_beta_geometric
from profit.value.statistics import RenewalStatistics

pytestmark = pytest.mark.public

HORIZONS = {"1w": 1, "3w": 3, "32w": 32, "39w": 39, "78w": 78}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    paths = Paths.below(tmp_path_factory.mktemp("cdnow"))
    land_cdnow(paths, public_data() / "cdnow")
    with duckdb.connect() as connection:
        read_histories(connection, paths.landing)
        yield connection


@pytest.fixture(scope="module")
def bg_nbd(sample: duckdb.DuckDBPyConnection) -> Fit:
    return fit_bg_nbd(purchase_statistics(sample))


@pytest.fixture(scope="module")
def pareto_nbd(sample: duckdb.DuckDBPyConnection) -> Fit:
    return fit_pareto_nbd(purchase_statistics(sample))


@pytest.fixture(scope="module")
def gamma_gamma(sample: duckdb.DuckDBPyConnection) -> Fit:
    return fit_gamma_gamma(spend_statistics(sample))


def rounded(fit: Fit, digits: int) -> dict[str, float]:
    return {name: round(value, digits) for name, value in fit.parameters.items()}


def listed(fit: Fit) -> str:
    return ", ".join(f"cast({value!r} as double) as {name}" for name, value in fit.parameters.items())


def expected_by_series(fit: Fit, weeks: float, terms: int) -> float:
    """E[X(t)] of a new customer, equation (9) of the paper, by the first terms of its hypergeometric series."""
    r, alpha, a, b = fit.parameters.values()
    place = weeks / (alpha + weeks)
    term = total = 1.0
    for step in range(terms - 1):
        term *= (r + step) * (b + step) / ((a + b - 1 + step) * (step + 1)) * place
        total += term
    return (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + weeks)) ** r * total)


def predictions(connection: duckdb.DuckDBPyConnection, fit: Fit) -> str:
    """Select of customer_id and the purchases expected in 39 weeks."""
    histories = f"(select *, {listed(fit)} from histories) as histories"
    call = "{{ " + fit.model + "_scores(histories, ['customer_id'], {'39w': 39}) }}"
    return (
        f"select customer_id, expected_purchases_39w as predicted from ({render(call, histories=histories)}) as scores"
    )


def errors(connection: duckdb.DuckDBPyConnection, predicted: str, actual: str = "actual_count") -> dict[str, float]:
    """How far a select of customer_id and predicted is from what came."""
    found = connection.execute(
        f"""
        select
            avg(abs(predicted - {actual})) as mae,
            sqrt(avg(power(predicted - {actual}, 2))) as rmse,
            sum(predicted) / sum({actual}) - 1 as bias,
            corr(predicted, {actual}) as correlation
        from ({predicted}) as predictions inner join histories using (customer_id)
        """
    ).fetchone()
    assert found is not None
    return dict(zip(("mae", "rmse", "bias", "correlation"), map(float, found), strict=True))


def test_customers_and_repeat_buyers_are_the_published(sample: duckdb.DuckDBPyConnection) -> None:
    counts = "count(*), count(*) filter (purchase_count > 0), cast(sum(actual_count) as bigint)"
    assert sample.execute(f"select {counts} from histories").fetchall() == [(2_357, 946, 1_882)]


def test_bg_nbd_parameters_are_the_published(bg_nbd: Fit) -> None:
    assert rounded(bg_nbd, 3) == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert bg_nbd.log_likelihood == pytest.approx(-9582.4, abs=0.1)
    assert bg_nbd.is_converged
    assert not bg_nbd.bounded_parameters


def test_pareto_nbd_parameters_are_the_published(pareto_nbd: Fit) -> None:
    assert rounded(pareto_nbd, 3) == {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    assert pareto_nbd.log_likelihood == pytest.approx(-9595.0, abs=0.1)
    assert pareto_nbd.is_converged


def test_gamma_gamma_parameters_are_the_published(gamma_gamma: Fit) -> None:
    assert rounded(gamma_gamma, 2) == {"p": 6.25, "q": 3.74, "v": 15.44}
    assert gamma_gamma.log_likelihood == pytest.approx(-4055.92, abs=0.005)
    assert gamma_gamma.customer_count == 946


def test_bg_nbd_scores_are_the_published(sample: duckdb.DuckDBPyConnection, bg_nbd: Fit) -> None:
    histories = (
        "(select cast(x as double) as purchase_count, cast(last as double) as recency, cast(t as double) as age,"
        f" {listed(bg_nbd)} from (values (0, 0, 0), (2, 30.43, 38.86)) as published (x, last, t)) as histories"
    )
    call = "{{ bg_nbd_scores(histories, ['purchase_count'], horizons) }}"
    select = render(call, histories=histories, horizons=HORIZONS)
    new, known = sample.execute(f"select * from ({select}) as scores order by purchase_count").fetchall()
    assert [round(new[column], 4) for column in (2, 3, 4)] == [0.0532, 0.1506, 1.0437]
    assert new[6] == pytest.approx(expected_by_series(bg_nbd, 78, terms=5_000), rel=1e-12)
    # The published 1.8576 is the power series ended after 150 terms; its sum is 1.8580.
    assert round(expected_by_series(bg_nbd, 78, terms=150), 4) == 1.8576
    assert round(new[6], 4) == 1.8580
    assert (round(known[1], 4), round(known[5], 3)) == (0.7266, 1.226)


def test_hold_out_is_as_good_as_the_published(sample: duckdb.DuckDBPyConnection, bg_nbd: Fit, pareto_nbd: Fit) -> None:
    by_bg_nbd = errors(sample, predictions(sample, bg_nbd))
    by_pareto_nbd = errors(sample, predictions(sample, pareto_nbd))
    assert round(by_bg_nbd["mae"], 3) <= 0.786
    assert round(by_bg_nbd["rmse"], 3) <= 1.608
    assert abs(round(by_bg_nbd["bias"], 3)) <= 0.121
    assert round(by_bg_nbd["correlation"], 3) >= 0.626
    assert round(by_pareto_nbd["mae"], 3) <= 0.755
    assert round(by_pareto_nbd["rmse"], 3) <= 1.603
    assert abs(round(by_pareto_nbd["bias"], 3)) <= 0.115
    assert round(by_pareto_nbd["correlation"], 3) >= 0.630


def test_naive_baselines_are_worse(sample: duckdb.DuckDBPyConnection, pareto_nbd: Fit) -> None:
    best = errors(sample, predictions(sample, pareto_nbd))
    repeated = errors(sample, "select customer_id, purchase_count as predicted from histories")
    own_rate = errors(sample, "select customer_id, purchase_count * 39 / age as predicted from histories")
    assert (round(repeated["mae"], 3), round(repeated["bias"], 3)) == (0.897, 0.306)
    assert (round(own_rate["mae"], 3), round(own_rate["bias"], 3)) == (1.024, 0.557)
    assert best["mae"] < min(repeated["mae"], own_rate["mae"])


def test_hold_out_in_money(sample: duckdb.DuckDBPyConnection, bg_nbd: Fit, gamma_gamma: Fit) -> None:
    p, q, v = (f"{gamma_gamma.parameters[name]!r}" for name in ("p", "q", "v"))
    spend = render(
        f"{{{{ gamma_gamma_spend('purchase_count', 'nullif(average_amount, 0)', '{p}e0', '{q}e0', '{v}e0') }}}}"
    )
    predicted = (
        f"select customer_id, predicted * {spend} as predicted from ({predictions(sample, bg_nbd)}) as purchases"
        " inner join histories using (customer_id)"
    )
    found = errors(sample, predicted, "actual_amount")
    assert found["mae"] <= 30.41 + 0.005
    assert abs(found["bias"]) <= 0.156 + 0.0005


@pytest.mark.parametrize(
    ("survivors", "a", "b", "log_likelihood"),
    [
        ([869, 743, 653, 593, 551, 517, 491], 0.668, 3.806, -1611.158),
        ([631, 468, 382, 326, 289, 262, 241], 0.704, 1.182, -1680.265),
    ],
)
def test_retention_parameters_are_the_published(
    survivors: list[int], a: float, b: float, log_likelihood: float
) -> None:
    lost = -np.diff([1000, *survivors])
    periods = [*range(1, len(lost) + 1), len(lost)]
    statistics = RenewalStatistics.of(periods, [1] * len(lost) + [0], [*lost, survivors[-1]])
    fit = fit_shifted_beta_geometric(statistics)
    assert rounded(fit, 3) == {"a": a, "b": b}
    assert round(fit.log_likelihood or 0, 3) == log_likelihood


def test_the_master_file_holds_the_sample_and_is_predicted_alike(tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    receipts = land_cdnow(paths, public_data() / "cdnow", extent="master")
    assert {receipt.feed: receipt.rows_landed for receipt in receipts} == {
        "crm.customers": 23_570,
        "sales.orders": 69_659,
        "sales.order_lines": 69_659,
        "sales.products": 1,
    }
    with duckdb.connect() as connection:
        read_histories(connection, paths.landing)
        fits = [fit(purchase_statistics(connection)) for fit in (fit_bg_nbd, fit_pareto_nbd)]
        repeated = errors(connection, "select customer_id, purchase_count as predicted from histories")
        for fit in fits:
            assert fit.is_converged
            assert fit.customer_count == 23_570
            found = errors(connection, predictions(connection, fit))
            assert found["mae"] < repeated["mae"]
            assert abs(found["bias"]) < 0.15
            assert abs(found["bias"]) < abs(repeated["bias"])


def test_a_folder_without_the_file_lands_nothing(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match=r"missing CDNOW_sample\.txt"):
        land_cdnow(Paths.below(tmp_path / "zone"), tmp_path)
    assert not (tmp_path / "zone").exists()


def test_the_sample_has_the_keys_of_the_master(tmp_path: Path) -> None:
    for extent in ("sample", "master"):
        land_cdnow(Paths.below(tmp_path / extent), public_data() / "cdnow", extent=extent)
    orders = "read_parquet('{}/landing/sales/orders/**/*.parquet')"
    strange = (
        f"select count(*) from {orders.format(tmp_path / 'sample')} as sample"
        f" anti join {orders.format(tmp_path / 'master')} as master using (order_id, customer_id, ordered_at)"
    )
    assert duckdb.sql(strange).fetchall() == [(0,)]
