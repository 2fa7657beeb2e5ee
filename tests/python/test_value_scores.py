"""The SQL of macros/value against SciPy on 10,000 points, and against published numbers to the printed digits."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln
from value_macros import render
from value_reference import (
    Floats,
    bg_nbd_alive,
    bg_nbd_purchases,
    grid,
    pareto_nbd_alive,
    residual_renewals,
    residual_weeks,
)

TOLERANCE = 1e-9
# Smaller than any number of customers can make of it; below, doubles have no full precision left.
NOTHING = 1e-290
# A third of the points each.
HORIZONS = {"minute": 0.001, "39w": 39.0, "36m": 156.5}
WEEKLY_RATE = 0.0026877

PUBLISHED_HISTORIES = [(0, 0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (7, 35, 38.86), (26, 30.86, 31)]


@pytest.fixture(scope="module")
def points() -> dict[str, Floats]:
    return grid()


@pytest.fixture(scope="module")
def connection(points: dict[str, Floats]) -> Iterator[duckdb.DuckDBPyConnection]:
    frame = pd.DataFrame({**points, "id": np.arange(points["r"].size), "renewal": 1 + points["purchase_count"]})
    with duckdb.connect() as opened:
        opened.register("frame", frame)
        opened.execute("create table points as select * from frame")
        yield opened


def scored(connection: duckdb.DuckDBPyConnection, call: str) -> dict[str, Floats]:
    select = render(call, horizons=HORIZONS, weekly_rate=WEEKLY_RATE)
    return connection.execute(f"select * from ({select}) as scores order by id").fetchnumpy()


def assert_close(found: Floats, expected: Floats) -> None:
    found = np.ma.filled(found, np.nan)
    assert np.all(np.isfinite(found))
    assert np.all(np.isfinite(expected))
    difference = np.abs(found - expected) / np.maximum(np.abs(expected), NOTHING)
    worst = int(np.argmax(difference))
    assert difference[worst] <= TOLERANCE, f"point {worst}: {found[worst]} instead of {expected[worst]}"


def one_value(connection: duckdb.DuckDBPyConnection, call: str, **variables: object) -> float:
    ((value,),) = connection.execute(f"select {render(call, **variables)}").fetchall()
    return float(value)


def test_pareto_nbd_is_scipys(connection: duckdb.DuckDBPyConnection, points: dict[str, Floats]) -> None:
    found = scored(connection, "{{ pareto_nbd_scores('points', ['id'], horizons, weekly_rate) }}")
    alive = pareto_nbd_alive(points)
    assert_close(found["probability_alive"], alive)
    bought = alive * (points["r"] + points["purchase_count"]) / (points["alpha"] + points["age"])
    for start, (name, weeks) in enumerate(HORIZONS.items()):
        part = {column: values[start::3] for column, values in points.items()}
        horizon, none, rate = (np.full_like(part["r"], value) for value in (weeks, 0.0, WEEKLY_RATE))
        expected = bought[start::3] * residual_weeks(part, none, horizon)
        assert_close(found[f"expected_purchases_{name}"][start::3], expected)
        discounted = bought[start::3] * residual_weeks(part, rate, horizon)
        assert_close(found[f"discounted_purchases_{name}"][start::3], discounted)
    for_ever, rate = np.full_like(bought, np.inf), np.full_like(bought, WEEKLY_RATE)
    assert_close(found["discounted_purchases"], bought * residual_weeks(points, rate, for_ever))


def test_bg_nbd_is_scipys(connection: duckdb.DuckDBPyConnection, points: dict[str, Floats]) -> None:
    found = scored(connection, "{{ bg_nbd_scores('points', ['id'], horizons) }}")
    alive = bg_nbd_alive(points)
    assert_close(found["probability_alive"], alive)
    for start, (name, weeks) in enumerate(HORIZONS.items()):
        part = {column: values[start::3] for column, values in points.items()}
        expected = alive[start::3] * bg_nbd_purchases(part, np.full_like(part["r"], weeks))
        assert_close(found[f"expected_purchases_{name}"][start::3], expected)


def test_residual_lifetime_is_scipys(connection: duckdb.DuckDBPyConnection, points: dict[str, Floats]) -> None:
    found = scored(connection, "{{ sbg_residual_lifetime('points', ['id'], '0.1') }}")
    rate = np.full_like(points["a"], 0.1)
    renewal = 1 + points["purchase_count"]
    assert_close(found["discounted_renewals"], residual_renewals(points["a"], points["b"], renewal, rate))


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_log_gamma_is_scipys(connection: duckdb.DuckDBPyConnection, engine: str) -> None:
    select = render("select z, {{ log_gamma('z') }} as found from numbers", engine=engine)
    numbers = "select power(10, -3 + i / 100.0) as z from range(700) as r(i)"
    found = connection.execute(f"with numbers as ({numbers}) {select}").fetchnumpy()
    expected = gammaln(found["z"])
    assert np.all(np.abs(found["found"] - expected) <= 1e-12 * np.maximum(np.abs(expected), 1))


def test_the_quadrature_rule_is_exact_for_powers(connection: duckdb.DuckDBPyConnection) -> None:
    for power in (0, 1, 17, 63):
        value = one_value(connection, "{{ integral_over_unit_interval('power(NODE, ' ~ power ~ ')') }}", power=power)
        assert value == pytest.approx(1 / (power + 1), rel=1e-14)


def test_a_history_without_parameters_has_no_score(connection: duckdb.DuckDBPyConnection) -> None:
    columns = "1 as id, 1.0 as purchase_count, 2.0 as recency, 3.0 as age, cast(null as double) as "
    for model, names in {"pareto_nbd": ["r", "alpha", "s", "beta"], "bg_nbd": ["r", "alpha", "a", "b"]}.items():
        history = f"(select {columns}{', cast(null as double) as '.join(names)}) as histories"
        call = "{{ " + model + "_scores(history, ['id'], {'39w': 39}) }}"
        assert connection.execute(render(call, history=history)).fetchall() == [(1, None, None)]


def test_discounted_residual_transactions_are_the_published(connection: duckdb.DuckDBPyConnection) -> None:
    rows = ", ".join(f"({x}, {last}, {age})" for x, last, age in PUBLISHED_HISTORIES)
    columns = "cast(x as double) as purchase_count, cast(t_x as double) as recency, cast(age as double) as age"
    parameters = {"r": 0.5534, "alpha": 10.5802, "s": 0.6061, "beta": 11.6562}
    listed = ", ".join(f"cast({value} as double) as {name}" for name, value in parameters.items())
    histories = f"(select {columns}, {listed} from (values {rows}) as published (x, t_x, age)) as histories"
    call = "{{ pareto_nbd_scores(histories, ['purchase_count'], {}, continuous_rate('0.15', 52)) }}"
    select = render(call, histories=histories)
    found = connection.execute(f"select discounted_purchases from ({select}) as s order by purchase_count").fetchall()
    assert [round(value, 4) for (value,) in found] == [0.4781, 0.7635, 6.5005, 20.7108, 86.2637]


def test_gamma_gamma_spend_is_the_published(connection: duckdb.DuckDBPyConnection) -> None:
    call = "{{ gamma_gamma_spend('%s', '%s', '6.25e0', '3.74e0', '15.44e0') }}"
    assert round(one_value(connection, call % ("2", "22.35e0")), 2) == 24.66
    assert round(one_value(connection, call % ("1", "11.77e0")), 2) == 18.92
    assert round(one_value(connection, call % ("0", "null")), 2) == 35.22


def test_no_purchase_of_a_new_customer_is_the_published(connection: duckdb.DuckDBPyConnection) -> None:
    call = "{{ bg_nbd_no_purchase('0', '0', '39', '0.243e0', '4.414e0') }}"
    assert round(one_value(connection, call), 7) == 0.5737864


def test_residual_lifetimes_are_the_published(connection: duckdb.DuckDBPyConnection) -> None:
    contracts = (
        "(select name, a, b, cast(n as double) as renewal from (values (1), (2), (3)) as r (n),"
        " (values ('high', 0.668e0, 3.806e0), ('regular', 0.704e0, 1.182e0)) as p (name, a, b)) as contracts"
    )
    select = render("{{ sbg_residual_lifetime(contracts, ['name', 'renewal'], '0.1') }}", contracts=contracts)
    found = connection.execute(f"select discounted_renewals from ({select}) as s order by name, renewal").fetchall()
    assert [round(value, 4) for (value,) in found] == [5.4149, 5.9018, 6.2943, 2.9647, 4.1035, 4.8701]


def test_survival_after_twelve_years_is_the_published(connection: duckdb.DuckDBPyConnection) -> None:
    high = one_value(connection, "{{ sbg_survival('12', '0.668e0', '3.806e0') }}")
    regular = one_value(connection, "{{ sbg_survival('12', '0.704e0', '1.182e0') }}")
    assert (round(high, 3), round(regular, 3)) == (0.378, 0.170)


@pytest.mark.parametrize(
    ("rate", "multiples"),
    [
        ("0.10e0", [1.20, 1.75, 2.67, 4.50]),
        ("0.12e0", [1.15, 1.67, 2.50, 4.09]),
        ("0.14e0", [1.11, 1.59, 2.35, 3.75]),
        ("0.16e0", [1.07, 1.52, 2.22, 3.46]),
    ],
)
def test_margin_multiples_are_the_published(
    connection: duckdb.DuckDBPyConnection, rate: str, multiples: list[float]
) -> None:
    kept = ["0.60e0", "0.70e0", "0.80e0", "0.90e0"]
    call = "{{ margin_multiple(kept, rate) }}"
    found = [one_value(connection, call, kept=part, rate=rate) for part in kept]
    assert [round(value, 2) for value in found] == multiples
    with_today = one_value(connection, "{{ margin_multiple(kept, rate, with_today=true) }}", kept=kept[0], rate=rate)
    assert with_today == pytest.approx(found[0] + 1, rel=1e-15)


def test_berger_and_nasr_is_the_value_of_its_dated_flows(connection: duckdb.DuckDBPyConnection) -> None:
    flows = """
        select i as years, 260 * power(0.75e0, i) as amount from range(11) as contributions (i)
        union all
        select j + 0.5e0, -50 * power(0.75e0, j) from range(10) as promotions (j)
    """
    factor = render("{{ discount_factor('years', '0.2') }}")
    ((value,),) = connection.execute(f"select sum(amount * {factor}) from ({flows}) as flows").fetchall()
    assert round(value, 2) == 568.78


def test_a_year_is_365_days_and_the_past_has_grown(connection: duckdb.DuckDBPyConnection) -> None:
    years = "{{ years_between(\"date '2025-12-31'\", \"date '%s'\") }}"
    assert one_value(connection, years % "2026-12-31") == 1
    assert one_value(connection, years % "2024-12-31") == -1
    assert one_value(connection, "{{ discount_factor('-1', '0.2') }}") == pytest.approx(1.2, rel=1e-15)
    assert round(one_value(connection, "{{ continuous_rate('0.15', 52) }}"), 7) == WEEKLY_RATE
