"""Published examples of activity-based budgets, what-ifs and continuity, planned by the project's own SQL."""

from __future__ import annotations

import pytest
from planning_zone import Company, change

pytestmark = pytest.mark.fast


@pytest.fixture
def company() -> Company:
    return Company()


def test_plan_of_one_period_and_actual_of_the_next(company: Company) -> None:
    """Garber (Kaplan and Atkinson): committed cost does not move, what is assigned and what is idle do."""
    company.pool("desk", 600_000, practical_minutes=600_000)
    for name, hours, count in (("order", 0.75, 8_000), ("complaint", 3.5, 400), ("check", 3, 450)):
        company.activity(name, "desk", hours * 60, channel=name)
        company.cell("all_customers", count, channel=name)
    moved = (change("volume", "multiply", new / old, channel_id=name) for name, old, new in _GARBER)
    company.scenario("next", *moved)
    company.plan()

    before, after = company.pools()["base", "desk"], company.pools()["next", "desk"]
    assert (before["assigned_amount"], before["idle_amount"], before["spare_minutes"]) == (525_000, 75_000, 75_000)
    assert (after["assigned_amount"], after["idle_amount"], after["cost_amount"]) == (546_000, 54_000, 600_000)
    assert (after["saved_amount"], after["moved_to_idle_amount"]) == (0, -21_000)
    first, second = company.used(), company.used("next")
    assert {name: second[name] - first[name] for name in first} == {
        "order": 22_500,
        "complaint": -10_500,
        "check": 9_000,
    }
    assert {name: first[name] / count for name, count, _ in _GARBER} == {"order": 45, "complaint": 210, "check": 180}


_GARBER = (("order", 8_000, 8_500), ("complaint", 400, 350), ("check", 450, 500))


def test_demand_in_people(company: Company) -> None:
    """Athens (Garrison, Noreen and Brewer): 8 people, one could go; in the what-if two are missing."""
    company.pool("design", 560_000, step=(1_768 * 60, 70_000))
    for name, hours in (("design", 40), ("change", 20), ("test", 8)):
        company.activity(name, "design", hours * 60, channel=name)
    counts = {"a": (4, 4, 9), "b": (3, 1, 5), "c": (5, 1, 7), "others": (138, 214, 109)}
    for segment, orders in counts.items():
        for name, count in zip(("design", "change", "test"), orders, strict=True):
            company.cell(segment, count, channel=name)
    grown = zip(("design", "change", "test"), (220 / 150, 290 / 220, 210 / 130), strict=True)
    company.scenario("what_if", *(change("volume", "multiply", factor, channel_id=name) for name, factor in grown))
    company.plan()

    now, then = company.pools()["base", "design"], company.pools()["what_if", "design"]
    assert now["steps"] == 8
    assert now["supply_minutes"] == 14_144 * 60
    assert now["spare_minutes"] == 2_704 * 60
    assert float(now["idle_amount"]) == 107_058.82
    assert (now["releasable_steps"], now["releasable_amount"]) == (1, 70_000)
    assert then["demand_minutes"] == pytest.approx(16_280 * 60, abs=1e-3)
    assert then["shortage_minutes"] == pytest.approx(2_136 * 60, abs=1e-3)
    assert (then["needed_steps"], then["shortage_amount"]) == (2, 140_000)
    bears = "select segment_id, sum(scenario_amount) from scenario_comparison where scenario_id = 'base'"
    found = dict(company.rows(f"{bears} and line = 'cost_to_serve' and segment_id in ('a', 'b', 'c') group by 1"))
    # Each of three activities is split over customers in whole cents.
    expected = {"a": 12_352.94, "b": 7_126.70, "c": 10_927.60}
    assert {name: float(amount) for name, amount in found.items()} == pytest.approx(expected, abs=0.015)


def test_half_of_the_invoices_become_electronic(company: Company) -> None:
    """Zeta (Atkinson and others): what is freed is idle, not saved, and a bit more than one of six people."""
    company.pool("invoicing", 500_000, step=(100_000, 500_000 / 6))
    company.activity("manual", "invoicing", 60, channel="manual")
    company.activity("electronic", "invoicing", 6, channel="electronic")
    company.activity("keep_file", "invoicing", 30, channel="file")
    for segment, files, channel, invoices in (("one", 1_000, "manual", 4_000), ("two", 200, "electronic", 400)):
        company.cell(segment, files, channel="file")
        company.cell(segment, invoices, channel=channel)
    half = change("order_channel_mix", "set", 0.5, channel_id="manual", to_channel_id="electronic", segment_id="one")
    company.scenario("electronic", half)
    company.plan()

    query = "select scenario_id, segment_id, scenario_amount from scenario_comparison where line = 'cost_to_serve'"
    bears = {(scenario, segment): float(amount) for scenario, segment, amount in company.rows(query)}
    assert bears["base", "one"] == 225_000
    assert bears["base", "two"] == 7_000
    assert bears["electronic", "one"] == 135_000
    pool = company.pools()["electronic", "invoicing"]
    assert (pool["saved_amount"], pool["moved_to_idle_amount"]) == (0, 90_000)
    assert (company.pools()["base", "invoicing"]["demand_minutes"] - pool["demand_minutes"]) / 100_000 == pytest.approx(
        1.08
    )


@pytest.mark.parametrize(
    ("counts", "minutes", "expected"),
    [
        ((9_800, 280, 500), (40, 220, 250), (578_600, 462_880, 97_120)),
        ((51_000, 1_150, 2_700), (8, 44, 50), (593_600, 474_880, 85_120)),
    ],
)
def test_rates_of_practical_capacity(
    company: Company, counts: tuple[int, ...], minutes: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    """Kaplan: 560,000 over 700,000 minutes are 0.80 a minute."""
    company.pool("service", 560_000, practical_minutes=700_000)
    for name, each, count in zip(("order", "inquiry", "check"), minutes, counts, strict=True):
        company.activity(name, "service", each, channel=name)
        company.cell("all_customers", count, channel=name)
    company.plan()

    pool = company.pools()["base", "service"]
    assert (pool["demand_minutes"], pool["assigned_amount"], pool["idle_amount"]) == expected
    for name, each, count in zip(("order", "inquiry", "check"), minutes, counts, strict=True):
        assert company.used()[name] / count == pytest.approx(each * 0.8)


def test_a_rate_from_people(company: Company) -> None:
    """Jahnel: seven people at 43,200, 50 weeks of 2,400 minutes at 90 %: 0.40 a minute, 8.80 for 22 minutes."""
    company.pool("desk", 7 * 43_200, step=(50 * 2_400 * 0.9, 43_200))
    company.activity("order", "desk", 22)
    company.cell("all_customers", 1_000)
    company.plan()

    assert company.pools()["base", "desk"]["steps"] == 7
    assert company.used()["order"] == 8_800


@pytest.mark.parametrize(
    ("rate", "units", "paid", "variance"), [(2, 490_000, 950_000, -30_000), (50, 15_500, 780_000, 5_000)]
)
def test_standard_rates_against_actual(company: Company, rate: int, units: int, paid: int, variance: int) -> None:
    """OpenStax: what a standard rate charges more or less than was paid is a variance of its own."""
    company.pool("overhead", paid, standard_rate=rate)
    company.add("cost_methods", rule_id="M", stage="pool_to_activity", pool_id="overhead", method="standard")
    company.activity("make", "overhead", 1)
    company.cell("all_customers", units)
    company.plan()

    assert company.used() == {"make": rate * units}
    assert company.results("rate_variance") == {"base": variance}


def test_overhead_of_three_instruments(company: Company) -> None:
    """Musicality (OpenStax): five pools, and what each instrument earns at other volumes by the same unit costs."""
    pools = {"setups": 200_000, "orders": 500_000, "checks": 300_000, "moves": 600_000, "hours": 900_000}
    drivers = {
        "solo": (2_000, 5_000, 10_000, 15_000, 80_000),
        "band": (1_500, 4_000, 9_000, 3_000, 60_000),
        "orchestra": (1_500, 1_000, 1_000, 12_000, 10_000),
    }
    for pool, cost in pools.items():
        company.pool(pool, cost)
        company.activity(pool, pool, 1, channel=pool)
    for segment, counts in drivers.items():
        for pool, count in zip(pools, counts, strict=True):
            company.cell(segment, count, channel=pool)
    company.plan()

    query = "select segment_id, scenario_amount from scenario_comparison where line = 'cost_to_serve'"
    overhead = {segment: float(amount) for segment, amount in company.rows(query) if amount and segment != "all"}
    assert overhead == {"solo": 1_260_000, "band": 815_000, "orchestra": 425_000}
    made = {"solo": (140_000, 9.00), "band": (100_000, 8.15), "orchestra": (250_000, 1.70)}
    for segment, (units, each) in made.items():
        assert overhead[segment] / units == pytest.approx(each)


def test_what_three_instruments_earn_at_other_volumes(company: Company) -> None:
    """Musicality: unit profits -2.50, 8.10 and 12.30 at the volumes that are sold."""
    units = {
        "solo": (140_000, 150_000, 20, 22.5),
        "band": (100_000, 110_000, 25, 16.9),
        "orchestra": (250_000, 200_000, 30, 17.7),
    }
    for segment, (made, _, price, cost) in units.items():
        company.cell(segment, made, gross_sales_amount=made * price, cost_of_goods_amount=made * cost)
    sold = (change("volume", "multiply", new / made, segment_id=name) for name, (made, new, *_) in units.items())
    company.scenario("sold", *sold)
    company.plan()

    query = "select segment_id, scenario_amount from scenario_comparison where line = 'customer_profit'"
    earned = {segment: round(float(amount), 2) for segment, amount in company.rows(f"{query} and scenario_id = 'sold'")}
    assert (earned["solo"], earned["band"], earned["orchestra"]) == (-375_000, 891_000, 2_460_000)
    assert earned["all"] == 2_976_000


def test_six_scenarios_side_by_side(company: Company) -> None:
    """Back Door Café (OpenStax): each row is the base plus named changes; the last one is the fifth plus a price."""
    company.pool("rent", 2_475)
    company.cell("guests", 1_500, gross_sales_amount=1_500 * 3.75, cost_of_goods_amount=1_500 * 1.5)
    company.scenario("price", change("price", "multiply", 4.25 / 3.75))
    company.scenario("variable", change("unit_cost", "multiply", 1.55 / 1.5))
    company.scenario("fixed", change("resource_price", "multiply", 2_700 / 2_475))
    changes = (change("unit_cost", "multiply", 1.45 / 1.5), change("resource_price", "multiply", 2_875 / 2_475))
    company.scenario("both", *changes)
    company.scenario("both_and_price", change("price", "multiply", 3.95 / 3.75), base="both")
    company.plan()

    income = {name: round(amount, 2) for name, amount in company.results().items()}
    assert income == {"base": 900, "price": 1_650, "variable": 825, "fixed": 675, "both": 575, "both_and_price": 875}
    margins, fixed = company.results("contribution_margin"), company.results("unassigned_cost")
    even = {name: round(fixed[name] / (margins[name] / 1_500), 2) for name in income}
    expected = {"base": 1_100, "price": 900, "variable": 1_125, "fixed": 1_200, "both": 1_250, "both_and_price": 1_150}
    assert even == expected
    sales = company.results("gross_sales")
    money = {name: round(even[name] * sales[name] / 1_500, 2) for name in income}
    assert money == {
        "base": 4_125, "price": 3_825, "variable": 4_218.75, "fixed": 4_500, "both": 4_687.5, "both_and_price": 4_542.5
    }  # fmt: skip


def test_a_mix_that_breaks_even(company: Company) -> None:
    """OpenStax: three of 6 and one of 4 pay 220,000 with 10,000 composite units."""
    company.pool("fixed", 220_000)
    company.cell("first", 30_000, gross_sales_amount=180_000)
    company.cell("second", 10_000, gross_sales_amount=40_000)
    company.plan()

    assert company.results() == {"base": 0}


@pytest.mark.parametrize(("margin", "fallen"), [(148_000, 0.348), (210_000, 0.494)])
def test_operating_leverage(company: Company, margin: int, fallen: float) -> None:
    """OpenStax: a fifth less sold takes a third, or half, of an income of 85,000."""
    company.pool("fixed", margin - 85_000)
    company.cell("all_customers", 100, gross_sales_amount=margin)
    company.scenario("less", change("volume", "multiply", 0.8))
    company.plan()

    income = company.results()
    assert income["base"] == 85_000
    assert 1 - income["less"] / income["base"] == pytest.approx(fallen, abs=5e-4)


def test_dropping_a_loss_maker_leaves_what_it_bore(company: Company) -> None:
    """OpenStax: boots lose 76,000 after allocated cost; without them the company earns 1,000, not 458,000."""
    company.pool("allocated", 648_000 + 933_000)
    rows = {
        "boots": (1_150_000, 423_000, 195_000, 75_000),
        "sport": (1_540_000, 507_000, 130_000, 75_000),
        "clothing": (1_354_000, 378_000, 147_000, 75_000),
    }
    for segment, (sales, goods, selling, own) in rows.items():
        amounts = {"cost_of_goods_amount": goods, "commission_amount": selling, "freight_amount": own}
        company.cell(segment, 1, gross_sales_amount=sales, **amounts)
    company.scenario("without", change("drop_segment", "set", 1, segment_id="boots"))
    company.plan()

    assert company.results() == {"base": 458_000, "without": 1_000}
    query = (
        "select scenario_amount from scenario_comparison where scenario_id = 'base' and line = 'contribution_margin'"
    )
    assert float(company.rows(f"{query} and segment_id = 'boots'")[0][0]) == 457_000
