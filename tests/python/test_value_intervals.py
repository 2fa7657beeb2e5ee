"""The parts of the interval of lifetime value, against SciPy."""

import duckdb
import numpy as np
import pytest
from scipy import integrate, stats
from value_macros import render


def computed(expression: str, **columns: float) -> float:
    listed = ", ".join(f"cast({value!r} as double) as {name}" for name, value in columns.items())
    found = duckdb.execute(f"select {render('{{ ' + expression + ' }}')} from (select {listed})").fetchone()
    assert found is not None
    return float(found[0])


@pytest.mark.parametrize("level", [0.001, 0.1, 0.4999, 0.5, 0.8, 0.9, 0.999])
def test_quantile_of_the_normal_distribution(level: float) -> None:
    assert computed("normal_quantile('level')", level=level) == pytest.approx(stats.norm.ppf(level), abs=4.6e-4)


@pytest.mark.parametrize("shape", [0.8, 2.0, 30.0])
@pytest.mark.parametrize("probability", [0.3, 0.95, 1.0])
@pytest.mark.parametrize("level", [0.1, 0.9])
def test_quantile_of_an_amount_that_may_be_nothing(shape: float, probability: float, level: float) -> None:
    call = "lumped_gamma_quantile('level', 'probability', 'mean', 'shape')"
    found = computed(call, level=level, probability=probability, mean=50.0, shape=shape)
    inner = (level - 1 + probability) / probability
    expected = stats.gamma.ppf(inner, shape, scale=50 / shape) if inner > 0 else 0.0
    # Wilson and Hilferty's cube root is within some hundredths of the mean.
    assert found == pytest.approx(expected, abs=2.0)


@pytest.mark.parametrize("decay", [0.0, 1e-4, 0.01, 0.7, 5.0])
def test_spread_of_the_time_that_somebody_stays(decay: float) -> None:
    first = integrate.quad(lambda t: np.exp(-decay * t), 0, 1)[0]
    second = integrate.quad(lambda t: 2 * t * np.exp(-decay * t), 0, 1)[0]
    assert computed("stay_spread('decay')", decay=decay) == pytest.approx(second / first**2 - 1, abs=1e-5)
