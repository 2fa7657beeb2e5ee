"""Plans of the demo: one page, its scenarios with sensible signs, and what nobody wrote into a file."""

from __future__ import annotations

import json

import pytest
from conftest import Company


def _difference(company: Company, scenario: str, line: str) -> float:
    query = "select sum(difference_amount) from marts.scenario_comparison where segment_id = 'all'"
    return float(str(company.value(f"{query} and scenario_id = '{scenario}' and line = '{line}'")))


def test_the_plan_is_on_one_page(demo: Company) -> None:
    page = demo.run("profit", "plan")
    assert "activity based" in page
    assert "= operating result" in page
    assert "No seasonality" in page
    plan = json.loads(demo.run("profit", "plan", "--by", "quarter", "--json"))
    assert len(plan["lines"][0]["amounts"]) == 4
    assert "There is no scenario 'nowhere'" in demo.run("profit", "plan", "--scenario", "nowhere", expect=1)


def test_scenarios_of_the_demo_have_sensible_signs(demo: Company) -> None:
    assert _difference(demo, "price_rise", "operating_result") > 0
    assert _difference(demo, "price_rise", "cost_of_goods") < 0
    assert _difference(demo, "second_shift", "operating_result") < 0
    assert _difference(demo, "second_shift", "idle_capacity") > 0
    assert _difference(demo, "new_customer_recession", "net_revenue") < 0
    # Where nobody is expected to leave, nobody can be kept.
    assert _difference(demo, "retention_programme", "net_revenue") >= 0
    # What the loss-makers bore does not vanish with them.
    assert _difference(demo, "without_loss_makers", "net_revenue") < 0
    idle = _difference(demo, "without_loss_makers", "idle_capacity") + _difference(
        demo, "without_loss_makers", "over_driven"
    )
    assert idle > 0
    freed = "select sum(saved_amount), sum(abs(moved_to_idle_amount)) from marts.capacity_plan"
    ((saved, moved),) = demo.query(f"{freed} where scenario_id = 'phone_to_web' and pool_id = 'order_desk'")
    assert (saved, moved > 0) == (0, True)


def test_a_scenario_is_tried_as_the_build_has_it(demo: Company) -> None:
    tried = json.loads(demo.run("profit", "scenario", "price_rise", "--json"))
    found = {line["line"]: line["difference_amount"] for line in tried["lines"]}
    for line in ("net_revenue", "cost_to_serve", "operating_result"):
        assert found[line] == pytest.approx(_difference(demo, "price_rise", line), abs=0.005)


def test_changes_that_no_file_has_are_tried(demo: Company) -> None:
    nothing = json.loads(demo.run("profit", "what-if", "--change", "price * 1", "--json"))
    assert {line["difference_amount"] for line in nothing["lines"]} == {0}
    leaving = demo.run("profit", "what-if", "--change", "drop_segment = 1 where customers=loss_makers:3")
    assert "= operating result" in leaving
    refused = demo.run("profit", "what-if", "--change", "price * 1.1 where segment_id=nobody", expect=1)
    assert "segment_id nobody is not known" in refused
    late = demo.run("profit", "what-if", "--change", "price * 1.1 from 2099-01", expect=1)
    assert "holds in no month of the plan, which goes from" in late


def test_naming_a_territory_leaves_the_base(demo: Company) -> None:
    territories = "select min(territory_id) from core.dim_customer where not is_prospect and territory_id <> 'unknown'"
    named = f"price * 1.03 where territory_id={demo.value(territories)}"
    tried = json.loads(demo.run("profit", "what-if", "--change", named, "--json"))
    (sales,) = (line for line in tried["lines"] if line["line"] == "gross_sales")
    base = "select sum(base_amount) from marts.scenario_comparison where scenario_id = 'price_rise'"
    planned = float(str(demo.value(f"{base} and segment_id = 'all' and line = 'gross_sales'")))
    assert sales["base_amount"] == pytest.approx(planned, abs=0.005)
    assert 0 < sales["difference_amount"] < 0.03 * planned
