"""Each kind of promise of the YAML, broken once in a copy of a built company, and seen to fail."""

from __future__ import annotations

import os
import shutil

import duckdb
import pytest
from conftest import Company

# What breaks it, and what the build says then.
BROKEN = {
    "insert into marts.whale_curve from marts.whale_curve limit 1": [
        "keeps_its_rules_whale_curve_",
        "column_name = scope, period, customer_id, broken_rule = is unique, failed_row_count = 2, example_value = ",
    ],
    "update marts.campaign_performance set campaign_id = 'nowhere' where campaign_id = (select min(campaign_id) "
    "from marts.campaign_performance)": ["relationships_campaign_performance", "from_field = nowhere"],
    # Staged as a view: what stands in a row can be changed where it has become a table.
    "create table staging.broken as from staging.stg_finance__budgets; drop view staging.stg_finance__budgets; "
    "alter table staging.broken rename to stg_finance__budgets; update staging.stg_finance__budgets "
    "set budget_month = null where budget_id = (select min(budget_id) from staging.stg_finance__budgets)": [
        "keeps_its_rules_stg_finance__budgets_",
        "column_name = budget_month, broken_rule = is filled, failed_row_count = 1",
    ],
    "update marts.customer_lifetime_value set probability_alive = 1.5, expected_value_amount = 0.01 + "
    "expected_high_amount where customer_id = (select min(customer_id) from marts.customer_lifetime_value)": [
        "column_name = probability_alive, broken_rule = is at most 1, failed_row_count = 1, example_value = 1.5",
        "column_name = the row, broken_rule = the expected value lies in its interval, failed_row_count = 1",
    ],
    "update reference.trait_thresholds set threshold = 'odd' where threshold = 'minimum_customers'": [
        "column_name = threshold, broken_rule = is one of minimum_customers, minimum_expected, standard_errors, "
        "false_discovery_rate, failed_row_count = 1, example_value = odd"
    ],
    "update reference.trait_thresholds set value = null where threshold = 'minimum_expected'": [
        "column_name = value, broken_rule = is filled, failed_row_count = 1"
    ],
}
# None of them is built from another, as a failed test keeps dbt from looking at what comes after it.
TABLES = ("whale_curve", "campaign_performance", "stg_finance__budgets", "customer_lifetime_value", "trait_thresholds")


@pytest.fixture(scope="module")
def broken(demo: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, str]:
    """A copy of the demo company with every promise broken, and what a run of its tests printed."""
    company = Company(tmp_path_factory.mktemp("broken"))
    company.paths.warehouse.parent.mkdir()
    shutil.copyfile(demo.paths.warehouse, company.paths.warehouse)
    os.symlink(demo.paths.landing, company.paths.landing)
    with duckdb.connect(str(company.paths.warehouse)) as warehouse:
        for fault in BROKEN:
            warehouse.execute(fault)
    tests_only = ("--exclude-resource-type", "model", "--exclude-resource-type", "seed")
    printed = company.run("profit", "build", "--select", *TABLES, *tests_only, expect=4)
    return company, printed


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_promise_is_named_with_column_rule_and_value(broken: tuple[Company, str], fault: str) -> None:
    for message in BROKEN[fault]:
        assert message in broken[1]


def test_the_gate_looks_itself_where_a_test_did_not_pass(broken: tuple[Company, str]) -> None:
    printed = broken[0].run("profit", "check", "marts", expect=6)
    assert "marts.whale_curve: scope, period, customer_id is unique" in printed
    assert "marts.customer_lifetime_value: probability_alive is at most 1" in printed


def test_no_row_without_a_required_value_gets_into_core_or_marts(demo: Company) -> None:
    """Constraints of the contract are the tables' own: the row cannot be written at all."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo.paths.warehouse}' as built (read_only)")
        connection.execute("create schema core")
        ((ddl,),) = connection.execute(
            "select sql from duckdb_tables() where database_name = 'built' and table_name = 'fct_order_lines'"
        ).fetchall()
        connection.execute(ddl.replace("built.", ""))
        with pytest.raises(duckdb.ConstraintException, match=r"NOT NULL .* fct_order_lines\.customer_id"):
            connection.execute(
                "insert into core.fct_order_lines select * replace (null as customer_id) "
                "from built.core.fct_order_lines limit 1"
            )
