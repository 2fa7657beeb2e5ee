"""Every company that ships goes through both gates to publication, by the commands that its README names."""

from __future__ import annotations

import json

import duckdb
import pytest
from conftest import RECONCILIATIONS, Company, public_data
from test_build_minimal import CUSTOMERS, PRODUCTS, land

ORDERS = (
    "order_id,customer_id,ordered_at,currency_code\nO1,C1,2025-01-05T10:00:00Z,BRL\nO2,C2,2025-01-06T10:00:00Z,BRL\n"
)
ORDER_LINES = "order_line_id,order_id,product_id,quantity,unit_list_price\nL1,O1,P1,1,100\nL2,O2,P1,1,10\n"
# Of everything that a company can set, something else than what it is by default.
OTHERWISE = (
    "{reporting_currency: BRL, money_decimals: 0, calendar_starts_on: '2015-01-01', calendar_ends_on: '2030-12-31', "
    "response_window_days: 3, feedback_questions: [other], ranking_group_size: 2, provenance_periods: [all], "
    "time_tolerance: 0.5, days_ahead: 40, rate_tolerance: 0.5, fiscal_year_starts_month: 10, "
    "business_time_zone: America/Sao_Paulo}"
)


def published(company: Company, sql: str) -> list[tuple]:
    with duckdb.connect(str(company.paths.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def check_publication(company: Company) -> None:
    """The last run went through, and what it published is what it built."""
    log = [json.loads(line) for line in company.paths.run_log.read_text(encoding="utf-8").splitlines()]
    ((run_id,),) = published(company, "select run_id from manifest")
    steps = [(step["step"], step["outcome"]) for step in log if step["run_id"] == run_id]
    assert steps == [(step, "done") for step in ("check landing", "build", "check marts", "publish")]
    assert published(company, "select max(order_count) > 0 from marts.customer_profitability") == [(True,)]
    for schema, table, rows in published(company, "select schema_name, table_name, row_count from manifest_tables"):
        assert company.value(f"select count(*) from {schema}.{table}") == rows
    profit = "select sum(customer_profit_amount) from marts.customer_profitability"
    assert published(company, profit) == company.query(profit)


@pytest.mark.build
@pytest.mark.parametrize(("customers", "months"), [(100, 24), (300, 9), (3000, 24)])
def test_the_demo_company_of_any_size_is_published(company: Company, customers: int, months: int) -> None:
    company.run("profit", "land", "demo", "--customers", str(customers), "--months", str(months))
    company.run("profit", "run")
    check_publication(company)


@pytest.mark.public
@pytest.mark.parametrize("name", ["adventureworks", "online_retail", "cdnow"])
def test_a_public_company_is_published(name: str, request: pytest.FixtureRequest) -> None:
    check_publication(request.getfixturevalue(name))


@pytest.mark.public
@pytest.mark.parametrize(
    ("name", "settings"),
    [("adventureworks", "{fiscal_year_starts_month: 7}"), ("online_retail", "{reporting_currency: GBP}")],
)
def test_a_public_company_is_published_with_other_settings(company: Company, name: str, settings: str) -> None:
    """AdventureWorks in its fiscal year with the cost rules of the demo, nobody's; Online Retail in its currency.

    Keys, filled columns and accepted values inside have been tested on the same rows above; of what is published the
    gate out counts them itself.
    """
    company.run("profit", "land", name, "--from", str(public_data() / name))
    company.run("profit", "run", *RECONCILIATIONS, "--vars", settings)
    check_publication(company)


@pytest.mark.build
def test_four_tables_alone_are_published(company: Company) -> None:
    land(
        company,
        "first",
        "2025-02-10",
        customers=CUSTOMERS,
        products=PRODUCTS,
        orders=ORDERS.replace("BRL", "USD"),
        order_lines=ORDER_LINES,
    )
    company.run("profit", "run")
    check_publication(company)


@pytest.mark.build
def test_a_company_that_sets_everything_otherwise_and_loses_money_is_published(company: Company) -> None:
    """Variable cost of three times the revenue is no fault of the data: a loss-maker is what the product is for.

    dbt's unit tests, all of them, run here: they bring their own rows and settings, so that no company breaks them.
    """
    land(
        company,
        "first",
        "2025-02-10",
        customers=CUSTOMERS,
        products=PRODUCTS,
        orders=ORDERS,
        order_lines=ORDER_LINES,
        product_costs="product_id,valid_from,unit_cost_amount,currency_code\nP1,2024-01-01,30,BRL\n",
    )
    company.run("profit", "run", "--unit-tests", "--vars", OTHERWISE)
    check_publication(company)
    assert published(company, "select distinct currency_code from core.fct_order_lines where has_exchange_rate") == [
        ("BRL",)
    ]
    assert published(
        company, "select max(variable_cost_share) from marts.revenue_ranking_groups where net_revenue_share is not null"
    ) == [(pytest.approx(3),)]
    target = company.folder / "target"
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    defined = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["unit_tests"]
    # What dbt does before its first test has a result too.
    seen = {result["unique_id"]: result["status"] for result in results if result["unique_id"].startswith("unit_test.")}
    assert seen == dict.fromkeys(defined, "pass")
    assert len(defined) > 100
