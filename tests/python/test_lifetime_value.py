"""Lifetime value through the whole warehouse: CDNOW's published hold-out, the demo, and a day in the past."""

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import NO_TESTS, Company
from scipy.stats import spearmanr

from profit.connectors.demo.truth import truth_folder
from profit.value.building import write_fits
from profit.value.fits import COLUMNS, PARAMETERS, fit_all_bases, with_points

# What tells a build of a past day from one of today.
AS_OF = "2025-10-05"

BUILD = ("dbt", "build", "--select", "+models/marts/lifetime_value", *NO_TESTS)


def test_fits_of_the_build_are_the_published_ones(cdnow: Company) -> None:
    found = dict(
        cdnow.query(
            "select model, log_likelihood from marts.lifetime_value_models"
            " where basis = 'hold_out' and value_segment = 'all' and model <> 'none'"
        )
    )
    assert found["bg_nbd"] == pytest.approx(-9582.4, abs=0.1)
    assert found["pareto_nbd"] == pytest.approx(-9595.0, abs=0.1)
    assert found["gamma_gamma"] == pytest.approx(-4055.92, abs=0.1)


def test_backtest_of_the_build_is_the_published_one(cdnow: Company) -> None:
    published = {
        ("purchases", "bg_nbd"): (0.786, 1.608, -0.121, 0.626),
        ("purchases", "pareto_nbd"): (0.755, 1.603, -0.115, 0.630),
        ("purchases", "repeat_last_period"): (0.897, 1.971, 0.306, 0.577),
        ("purchases", "own_rate"): (1.024, 2.212, 0.557, 0.584),
        ("amount", "bg_nbd"): (30.41, 72.3, -0.156),
        ("amount", "own_rate"): (43.31, 200.0, 0.612),
    }
    found = {
        (measure, model): figures
        for measure, model, *figures in cdnow.query(
            "select measure, model, mean_absolute_error, root_mean_squared_error, bias, correlation"
            " from marts.lifetime_value_backtest where value_segment = 'all'"
        )
    }
    for key, figures in published.items():
        assert found[key][: len(figures)] == pytest.approx(figures, rel=1e-3, abs=5e-4), key
    chosen = "select distinct model from marts.lifetime_value_backtest where is_chosen and value_segment = 'all'"
    assert cdnow.query(chosen) == [("pareto_nbd",)]


def test_what_is_not_there_is_told_and_breaks_nothing(cdnow: Company) -> None:
    """CDNOW has no contract and no cost: no retention is fitted, and all sales are margin."""
    assert cdnow.query("select distinct model from marts.lifetime_value_models where fallback_reason is not null") == [
        ("none",)
    ]
    assert cdnow.value("select count(*) from marts.customer_lifetime_value where is_contractual") == 0
    assert cdnow.value("select sum(actual_total) from marts.lifetime_value_backtest where measure = 'margin'") == (
        cdnow.value("select sum(actual_total) from marts.lifetime_value_backtest where measure = 'amount'")
    )


def test_values_of_the_demo_are_numbers_and_intervals_hold_what_came(demo: Company) -> None:
    values = np.array(
        demo.query(
            "select expected_value_amount, expected_low_amount, expected_high_amount, historic_value_amount"
            " from marts.customer_lifetime_value"
        ),
        dtype=float,
    )
    assert np.isfinite(values).all()
    assert (values[:, 0] > 0).any()
    assert demo.value("select count(*) from marts.lifetime_value_backtest where not isfinite(mean_absolute_error)") == 0
    coverage = demo.value(
        "select coverage from marts.lifetime_value_backtest"
        " where value_segment = 'all' and measure = 'margin' and model = 'bg_nbd'"
    )
    # Some hundred customers: a standard error is 3 %.
    assert isinstance(coverage, float)
    assert 0.7 <= coverage <= 0.9


def test_expected_values_follow_the_truth_of_the_generator(demo: Company, capsys: pytest.CaptureFixture[str]) -> None:
    """Truth: what who still is a customer buys in 36 months at its own rate and chance to leave, at its own margin."""
    truth = truth_folder(demo.paths)
    values = np.array(
        demo.query(f"""
            with records as (
                select customer_id, true_customer_id, count(*) as records
                from core.customer_crosswalk
                inner join '{truth}/records.parquet' as truth
                    using (record_kind, source_system, source_customer_id)
                where true_customer_id is not null
                group by all
            ),
            owners as (
                -- Of a customer of several true ones, the one with the most records.
                select customer_id, arg_max(true_customer_id, (records, true_customer_id)) as true_customer_id
                from records group by all
            ),
            costs as (
                select true_customer_id, sum(amount) as amount from '{truth}/true_costs.parquet' group by all
            )
            select
                expected_value_amount,
                case when is_still_customer then
                    (1 - exp(-36 * purchases_per_month * dropout_probability)) / dropout_probability
                    * (margin_amount - coalesce(costs.amount, 0)) / orders_in_window
                else 0 end
            from marts.customer_lifetime_value
            inner join owners using (customer_id)
            inner join '{truth}/customers.parquet' as people using (true_customer_id)
            left join costs using (true_customer_id)
            where orders_in_window > 0 and not is_contractual
        """),
        dtype=float,
    )
    correlation = spearmanr(values[:, 0], values[:, 1]).statistic
    with capsys.disabled():
        print(f"\nexpected value of {len(values)} customers: rank correlation with the truth {correlation:.2f}")
    assert correlation > 0.3


@pytest.mark.build
def test_a_past_day_is_built_as_it_was_then(tmp_path: Path) -> None:
    """With all deliveries and the day in `as_of`, the marts are those that a build of that day gave."""
    now, then = Company(tmp_path / "now"), Company(tmp_path / "then")
    now.run("profit", "land", "demo", "--customers", "150", "--months", "9")
    shutil.copytree(now.paths.landing, then.paths.landing)
    later = [folder for folder in then.paths.landing.glob("*/*/*/delivered_on=*") if folder.name[13:] > AS_OF]
    assert later
    for folder in later:
        shutil.rmtree(folder)
    for company, arguments in ((now, ("--vars", f"{{as_of: {AS_OF}}}")), (then, ())):
        company.run(*BUILD, *arguments)
    for table, order in (
        ("customer_lifetime_value", "customer_id"),
        ("lifetime_value_backtest", "value_segment, model, measure"),
    ):
        select = f"select * from marts.{table} order by {order}"
        assert now.query(select) == then.query(select), table
    assert now.value("select max(as_of) from marts.customer_lifetime_value").isoformat() == "2025-09-30"  # type: ignore[attr-defined]


def test_fits_between_two_selections_are_those_of_the_build(demo: Company, tmp_path: Path) -> None:
    """What an engine without Python in dbt reads is what DuckDB builds."""
    file = write_fits(demo.paths.warehouse, tmp_path / "fits") / "fits.parquet"
    columns = ", ".join(COLUMNS)
    built = f"select {columns} from intermediate.int_value__fits"
    assert demo.value(f"select count(*) from (select {columns} from '{file}' except {built})") == 0
    assert demo.value(f"select count(*) from '{file}'") == demo.value(f"select count(*) from ({built})")


def test_points_around_the_maximum_carry_its_covariance() -> None:
    covariance = [[0.04, 0.01], [0.01, 0.09]]
    row = {"parameters": '{"r": 2.0, "alpha": 5.0}', "log_covariance": str(covariance)}
    points = with_points(row)
    assert [point["point"] for point in points] == [0, 1, -1, 2, -2]
    logarithms = {point["point"]: np.log([point["r"], point["alpha"]]) for point in points}
    halves = [(logarithms[number] - logarithms[-number]) / 2 for number in (1, 2)]
    assert sum(np.outer(half, half) for half in halves) == pytest.approx(np.array(covariance))


def test_a_parameter_at_a_bound_and_a_fallback_have_no_points_of_their_own() -> None:
    bounded = with_points({"parameters": '{"r": 2.0, "alpha": 5.0}', "log_covariance": "[[0.04, 0.0], [0.0, 0.0]]"})
    assert [point["point"] for point in bounded] == [0, 1, -1]
    assert [point["alpha"] for point in bounded] == pytest.approx([5.0, 5.0, 5.0])
    fallback = with_points({"parameters": '{"rate": 0.1}', "log_covariance": None})
    assert [point["point"] for point in fallback] == [0]
    assert math.isclose(fallback[0]["rate"], 0.1)
    assert fallback[0]["r"] is None
    assert set(PARAMETERS) <= set(fallback[0])


def test_companies_with_next_to_nothing_get_fallbacks() -> None:
    """No customer, one customer, nobody who came back: a reason each time, and never an error."""
    nothing = {name: np.array([]) for name in ("purchase_count", "recency", "age", "customer_count")}
    names = {name: np.array([], dtype=object) for name in ("basis", "segment")}
    spend = {**names, "purchase_count": np.array([]), "average_amount": np.array([]), "customer_count": np.array([])}
    renewals = {**names, "period": np.array([]), "is_lost": np.array([]), "customer_count": np.array([])}
    assert fit_all_bases({**names, **nothing}, spend, renewals, 500) == []
    one = {
        "basis": np.array(["full"], dtype=object),
        "segment": np.array(["person"], dtype=object),
        "purchase_count": np.array([0.0]),
        "recency": np.array([0.0]),
        "age": np.array([10.0]),
        "customer_count": np.array([1.0]),
    }
    rows = fit_all_bases(one, spend, renewals, 500)
    assert {row["asked_model"] for row in rows} == {"bg_nbd", "pareto_nbd", "gamma_gamma", "shifted_beta_geometric"}
    assert all(row["fallback_reason"] for row in rows)
