"""Profit under other time estimates: what profit_stability predicts against a build with the changed time equations."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import Company

from profit.paths import PROJECT_ROOT

RULES = PROJECT_ROOT / "seeds" / "costing"
CENT = Decimal("0.01")
PROFITS = "select customer_id, customer_profit_amount from marts.customer_profitability order by 1"

# What the change of each activity is for a customer: its part of the minutes of all receivers. Marts round to cents.
CUSTOMER_CHANGES = """
    select customer_id, scenario_id,
        round(sum(part * less_time_change_amount), 6)::decimal(18, 6) as less_time_change_amount,
        round(sum(part * more_time_change_amount), 6)::decimal(18, 6) as more_time_change_amount
    from intermediate.int_stability__activity_changes
    join (
        select period, activity_id, customer_id,
            minutes::double / sum(minutes::double) over (partition by period, activity_id) as part
        from intermediate.int_costing__activity_receivers
    ) using (period, activity_id)
    where customer_id is not null
    group by all
"""

Profits = Mapping[str, Decimal]


def rules_with_other_times(folder: Path, changes: Callable[[str], Decimal]) -> Path:
    """A copy of the cost rules in which the minutes of each activity are multiplied by a factor of its own."""
    shutil.copytree(RULES, folder)
    path = folder / "time_equations.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["minutes"] = str(Decimal(row["minutes"]) * changes(row["activity_id"]))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder


def rebuilt(demo: Company, folder: Path, rules: Path) -> Profits:
    """Profits of the customers after a build of what depends on the times, in a copy of the warehouse."""
    company = Company(folder)
    company.paths.warehouse.parent.mkdir(parents=True)
    shutil.copyfile(demo.paths.warehouse, company.paths.warehouse)
    company.paths.landing.symlink_to(demo.paths.landing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROFIT_COST_RULES", str(rules))
        company.run("dbt", "--quiet", "seed", "--select", "time_equations")
        company.run("dbt", "--quiet", "run", "--select", "time_equations+,+customer_profitability")
    return dict(company.query(PROFITS))


@pytest.mark.parametrize(
    ("scenario", "factor", "what"),
    [
        ("pick_line", Decimal("1.2"), "a pool with capacity: idle time pays"),
        ("send_mailing", Decimal("0.8"), "a pool without capacity: e-mail pays"),
        ("all_activities", Decimal("1.2"), "every time at once, also above capacity"),
    ],
)
def test_the_predicted_profit_is_that_of_a_build_with_the_changed_times(
    demo: Company, tmp_path: Path, scenario: str, factor: Decimal, what: str
) -> None:
    scenarios = demo.query("select distinct scenario_id from intermediate.int_stability__activity_changes")
    estimated = {name for (name,) in scenarios}
    varied = estimated if scenario == "all_activities" else {scenario}
    rules = rules_with_other_times(tmp_path / "rules", lambda activity: factor if activity in varied else Decimal(1))
    column = "more_time_change_amount" if factor > 1 else "less_time_change_amount"
    predicted = demo.query(f"""
        select customer_id, customer_profit_amount, coalesce({column}, 0), coalesce(cells, 0)
        from marts.customer_profitability
        left join (
            from ({CUSTOMER_CHANGES}) where scenario_id = '{scenario}'
        ) using (customer_id)
        left join (
            select customer_id, count(*) as cells
            from intermediate.int_costing__activity_receivers
            semi join (from intermediate.int_stability__activity_changes where scenario_id = '{scenario}')
                using (period, activity_id)
            group by 1
        ) using (customer_id)
    """)
    actual = rebuilt(demo, tmp_path / "rebuilt", rules)
    base = {customer: profit for customer, profit, *_ in predicted}
    assert base.keys() == actual.keys()
    assert sum(base[customer] != actual[customer] for customer in base) > 100, what
    for customer, profit, change, cells in predicted:
        # An activity's cost of a month is whole cents before and after, each within a cent of the exact share.
        assert abs(actual[customer] - (profit - change)) <= 2 * CENT * cells, (what, customer)
    # Together customers are off by no more than the rounding of each activity's cost, and what prospects bear of it.
    activity_months = demo.value(
        f"select count(*) from intermediate.int_stability__activity_changes where scenario_id = '{scenario}'"
    )
    assert isinstance(activity_months, int)
    off = sum(actual.values()) - sum(profit - change for _, profit, change, _ in predicted)
    assert abs(off) <= 2 * CENT * activity_months, what


def test_a_customer_depends_where_a_variation_turns_the_sign(demo: Company) -> None:
    """The verdict follows from the varied profits, computed here without the mart's lowest and highest."""
    turned: dict[str, set[str]] = {}
    for customer, scenario, profit, less, more in demo.query(f"""
        select customer_id, scenario_id, customer_profit_amount, less_time_change_amount, more_time_change_amount
        from marts.customer_profitability join ({CUSTOMER_CHANGES}) using (customer_id)
    """):
        if any((profit - round(change, 2) < 0) != (profit < 0) for change in (less, more)):
            turned.setdefault(customer, set()).add(scenario)
    rows = demo.query("""
        select customer_id, customer_profit_amount, equal_share_profit_amount, stability, depends_on
        from marts.profit_stability
    """)
    assert {"stable", "depends"} == {stability for *_, stability, _ in rows}
    for customer, profit, equal_share, stability, depends_on in rows:
        expected = turned.get(customer, set()) | ({"equal_share"} if (profit < 0) != (equal_share < 0) else set())
        assert set(depends_on.split(", ") if depends_on else []) == expected
        assert stability == ("depends" if expected else "stable")
