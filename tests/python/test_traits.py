"""What profitable customers have in common: the project's own statistics on customers made by chance.

One trait is planted, forty are noise; seeds are fixed, so a failure is one of the macro and not of luck.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import duckdb
import numpy as np
import pytest
from rendered import render

NOISE_TRAITS = 40
FALSE_DISCOVERY_RATE = 0.05
THRESHOLDS = {"minimum_customers": 20, "minimum_expected": 5, "standard_errors": 1.959964, "false_discovery_rate": 0.05}
STATISTICS = "with results as (" + render("{{ trait_statistics('customer_traits', 'thresholds') }}") + ")"

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def connection() -> Iterable[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        columns = ", ".join(f"{value}::double as {name}" for name, value in THRESHOLDS.items())
        opened.execute(f"create table thresholds as select {columns}")
        yield opened


def statistics(connection: duckdb.DuckDBPyConnection, rows: Any) -> Rows:
    """The macro's rows for a table of trait, trait_value and is_profitable; values are texts."""
    connection.execute("create or replace table customer_traits as select * from rows")
    found = connection.execute(f"{STATISTICS} select * from results order by trait, trait_value").fetchall()
    names = [column[0] for column in connection.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found]


def company(seed: int, effect: float, customers: int = 3000) -> Any:
    """Customers with a trait `planted`, the value v0 of which changes the odds of profit, and forty without effect."""
    import pandas as pd  # noqa: PLC0415

    random = np.random.default_rng(seed)
    traits = {"planted": random.integers(0, 4, customers)}
    for number in range(NOISE_TRAITS):
        # From even halves to one large and several small values.
        values = random.integers(2, 9)
        traits[f"noise_{number}"] = random.choice(values, customers, p=random.dirichlet(np.full(values, 3.0)))
    profitable = random.random(customers) < 0.6 + effect * (traits["planted"] == 0)
    return pd.concat(
        pd.DataFrame({"trait": trait, "trait_value": [f"v{value}" for value in values], "is_profitable": profitable})
        for trait, values in traits.items()
    )


def fourfold(**counts: tuple[int, int]) -> Any:
    """Customers of one trait: for each value, how many there are and how many of them are profitable."""
    import pandas as pd  # noqa: PLC0415

    rows = [(value, one < profitable) for value, (all_, profitable) in counts.items() for one in range(all_)]
    frame = pd.DataFrame(rows, columns=["trait_value", "is_profitable"])
    return frame.assign(trait="trait", trait_value=frame["trait_value"].where(frame["trait_value"] != "unknown", None))


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6, 7, 8])
def test_the_planted_trait_is_found_and_noise_is_not(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    rows = statistics(connection, company(seed, effect=0.12))
    found = {(row["trait"], row["trait_value"]): row for row in rows if row["is_significant"]}
    planted = found["planted", "v0"]
    # 0.72 against a base of 0.63: the truth lies in the interval.
    assert planted["lift_low"] < 0.72 / 0.63 < planted["lift_high"]
    assert planted["lift_low"] > 1
    noise = [key for key in found if key[0] != "planted"]
    tested = {(row["trait"], row["trait_value"]) for row in rows if row["suppressed_reason"] is None}
    assert len({trait for trait, _ in tested}) == NOISE_TRAITS + 1
    # The correction promises one false finding in twenty findings, on average; of few findings that is none or one.
    assert len(noise) <= 1


def test_on_average_the_false_part_of_the_findings_is_as_promised(connection: duckdb.DuckDBPyConnection) -> None:
    """Forty companies: false findings as part of all findings, and values below 5 % where nothing is corrected."""
    parts, uncorrected, tested = [], 0, 0
    for seed in range(100, 140):
        rows = [row for row in statistics(connection, company(seed, effect=0.12)) if row["suppressed_reason"] is None]
        found = [row["trait"] for row in rows if row["is_significant"]]
        parts.append(sum(trait != "planted" for trait in found) / max(len(found), 1))
        noise = [row["p_value"] for row in rows if row["trait"] != "planted"]
        uncorrected += sum(p_value < 0.05 for p_value in noise)
        tested += len(noise)
    assert float(np.mean(parts)) <= FALSE_DISCOVERY_RATE
    # Without correction some six values in each company would look like findings; Yates makes it a little fewer.
    assert 0.03 < uncorrected / tested < 0.055
    assert uncorrected > 200


def test_without_any_true_trait_a_company_rarely_has_a_finding(connection: duckdb.DuckDBPyConnection) -> None:
    companies = [statistics(connection, company(seed, effect=0)) for seed in range(200, 240)]
    false_alarms = sum(any(row["is_significant"] for row in rows) for rows in companies)
    # Two of forty are expected; more than six would have a probability of less than one per cent.
    assert false_alarms <= 6


def test_an_effect_is_found_in_both_directions(connection: duckdb.DuckDBPyConnection) -> None:
    rows = statistics(connection, company(11, effect=-0.2))
    (planted,) = [row for row in rows if (row["trait"], row["trait_value"]) == ("planted", "v0")]
    assert planted["is_significant"]
    assert planted["lift_high"] < 1


def test_a_value_worked_out_by_hand(connection: duckdb.DuckDBPyConnection) -> None:
    """100 customers with the value, 70 of them profitable, against 100 others, 50 of them profitable.

    Chi-squared with Yates' correction is 200 * (|70 * 50 - 50 * 30| - 100)² / (100 * 100 * 120 * 80) = 7.520833, and
    p is erfc(√(7.520833 / 2)).
    """
    rows = statistics(connection, fourfold(a=(100, 70), b=(100, 50)))
    a, b = rows
    assert (a["customer_count"], a["profitable_count"], a["base_count"]) == (100, 70, 200)
    assert a["base_rate"] == pytest.approx(0.6)
    assert a["lift"] == pytest.approx(0.7 / 0.6)
    # Wilson: (0.7 + 1.92073 / 100) / 1.0384146, ± 1.959964 * √(0.0021 + 0.00009604) / 1.0384146.
    assert a["profitable_rate_low"] == pytest.approx(0.60415, abs=1e-5)
    assert a["profitable_rate_high"] == pytest.approx(0.78105, abs=1e-5)
    p_value = math.erfc(math.sqrt(7.520833333 / 2))
    assert a["p_value"] == pytest.approx(p_value, rel=2e-7)
    # Both values ask the same question, so counting them as two tests changes nothing.
    assert a["adjusted_p_value"] == pytest.approx(p_value, rel=2e-7)
    assert b["p_value"] == pytest.approx(a["p_value"])
    # Katz: ratio 1.4, log 0.336472 ± 1.959964 * √(1/70 - 1/100 + 1/50 - 1/100), as a lift r / (r / 2 + ½).
    ratios = [math.exp(math.log(1.4) + sign * 1.959964 * math.sqrt(1 / 70)) for sign in (-1, 1)]
    low, high = (ratio / (ratio / 2 + 0.5) for ratio in ratios)
    assert (a["lift_low"], a["lift_high"]) == (pytest.approx(low), pytest.approx(high))


def test_small_cells_are_counted_and_say_why_they_are_not_tested(connection: duckdb.DuckDBPyConnection) -> None:
    rows = statistics(connection, fourfold(few=(19, 10), many=(400, 200), none=(60, 30), unknown=(30, 9)))
    reasons = {row["trait_value"]: (row["customer_count"], row["suppressed_reason"]) for row in rows}
    assert reasons == {
        "few": (19, "too_few_customers"),
        "many": (400, None),
        "none": (60, None),
        None: (30, "value_not_known"),
    }
    for row in rows:
        if row["suppressed_reason"]:
            assert not row["is_significant"]
            figures = (
                "profitable_count",
                "profitable_rate",
                "lift",
                "lift_low",
                "lift_high",
                "p_value",
                "adjusted_p_value",
            )
            assert [row[figure] for figure in figures] == [None] * 7
        # Customers of whom the trait is not known are no part of its base.
        assert row["base_count"] == 479
    rows = statistics(connection, fourfold(all=(100, 97), others=(10, 3)))
    assert [row["suppressed_reason"] for row in rows] == ["too_few_others", "too_few_customers"]
    # 40 * 4 / 140 losses would be expected of those 40.
    rows = statistics(connection, fourfold(all=(100, 97), others=(40, 39)))
    assert [row["suppressed_reason"] for row in rows] == ["too_few_expected"] * 2


def test_a_value_without_a_single_loss_has_finite_bounds(connection: duckdb.DuckDBPyConnection) -> None:
    rows = statistics(connection, fourfold(never=(50, 0), often=(200, 150)))
    never = rows[0]
    assert never["is_significant"]
    assert never["lift"] == 0
    assert 0 < never["lift_low"] < never["lift_high"] < 1


@pytest.mark.parametrize("x", [0.0, 0.01, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0])
def test_the_complement_of_the_error_function_keeps_small_probabilities(
    connection: duckdb.DuckDBPyConnection, x: float
) -> None:
    expression = render("{{ error_function_complement('" + f"{x}e0" + "') }}")
    (value,) = connection.execute(f"select {expression}").fetchone() or (None,)
    assert value == pytest.approx(math.erfc(x), rel=1.3e-7)
