"""Initiatives that are finished by hand: when they cost, when they pay back, and what no plan knows any more."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from planning_zone import model
from variance_zone import fill, tables

pytestmark = pytest.mark.fast

_TABLES = {
    "plan_initiatives": """initiative_id varchar, initiative_name varchar, scenario_id varchar, objective varchar,
        kpi_line varchar, starts_on date, review_on date, owner varchar, valid_from date, valid_to date""",
    "plan_initiative_costs": """initiative_id varchar, month_number integer, cost_amount decimal(18, 4),
        promised_effect_amount decimal(18, 4)""",
    "scenario_comparison": """scenario_id varchar, segment_id varchar, line varchar, month date,
        difference_amount decimal(28, 4)""",
    "capacity_plan": """scenario_id varchar, month date, saved_amount decimal(28, 4),
        moved_to_idle_amount decimal(28, 4)""",
    "profitability_reconciliation": """month date, line varchar, customers_amount decimal(28, 4),
        unattributed_amount decimal(28, 4), below_the_line_amount decimal(28, 4)""",
    "int_calendar__as_of": "as_of_month date",
    "value_settings": "setting varchar, setting_value double",
}


def judged(starts_on: str | None, costs: Sequence[tuple[int, int]], effect: int = 100) -> dict[str, Any]:
    """An initiative whose scenario brings the same in each of the twelve months of 2026, at no rate of discount.

    Args:
        starts_on: Its first day.
        costs: Number of a month from its start on, and what it costs in it.
        effect: What the scenario brings in a month.
    """
    company = tables(_TABLES)
    named = {"initiative_id": "I", "scenario_id": "better", "kpi_line": "net_revenue", "valid_from": "2010-01-01"}
    fill(company, "plan_initiatives", [{**named, "starts_on": starts_on, "review_on": "2026-12-31"}])
    spent = [{"month_number": number, "cost_amount": cost} for number, cost in costs]
    fill(
        company, "plan_initiative_costs", [{**row, "initiative_id": "I", "promised_effect_amount": 0} for row in spent]
    )
    changed = {"scenario_id": "better", "segment_id": "all", "difference_amount": effect}
    months = [f"2026-{month:02}-01" for month in range(1, 13)]
    lines = ("operating_result", "net_revenue")
    fill(
        company,
        "scenario_comparison",
        [{**changed, "line": line, "month": month} for line in lines for month in months],
    )
    fill(company, "int_calendar__as_of", [{"as_of_month": "2025-12-01"}])
    fill(company, "value_settings", [{"setting": "yearly_discount_rate", "setting_value": 0}])
    found = company.execute(model("initiatives"))
    columns = [column[0] for column in found.description or []]
    (row,) = found.fetchall()
    return dict(zip(columns, row, strict=True))


def test_what_it_costs_after_the_plan_is_shown_beside_what_it_costs() -> None:
    """From November on 60 a month for half a year: two months bring 100, and what 240 bring nobody knows."""
    row = judged("2026-11-01", [(number, 60) for number in range(1, 7)])
    assert (row["cost_amount"], row["cost_beyond_plan_amount"], row["effect_amount"]) == (360, 240, 200)
    assert row["net_present_value_amount"] == -160
    assert judged("2026-11-01", [(1, 60), (2, 60)])["cost_beyond_plan_amount"] == 0
    after = judged("2027-02-01", [(1, 60)])
    assert (after["cost_beyond_plan_amount"], after["effect_amount"]) == (60, 0)


def test_one_that_began_before_the_plan_bears_its_cost_and_brings_what_is_to_come() -> None:
    row = judged("2025-10-01", [(1, 500), (4, 300)])
    assert (row["cost_amount"], row["cost_beyond_plan_amount"], row["effect_amount"]) == (800, 0, 1200)
    # 500 in October and 300 in January; 800 have come back with August, the eleventh month.
    assert (row["start_month"].isoformat(), row["payback_months"]) == ("2025-10-01", 11)


def test_one_that_costs_nothing_has_no_return_and_needs_no_payback() -> None:
    row = judged(None, [])
    assert (row["cost_amount"], row["return_on_cost"], row["payback_months"]) == (Decimal(0), None, 1)
    harmful = judged(None, [], effect=-5)
    assert (harmful["net_present_value_amount"], harmful["payback_months"]) == (-60, None)
