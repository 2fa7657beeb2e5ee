"""Every company that ships goes through both gates to publication, by the commands that its README names."""

from __future__ import annotations

import duckdb
import pytest
from conftest import Company, public_data
from test_build_minimal import CUSTOMERS, ORDER_LINES, ORDERS, PRODUCTS, land

COSTING_RULES = "profit/connectors/adventureworks/costing_rules"
# Company of the public data, what to set for it, what its README has after `profit run`.
PUBLIC = {
    "adventureworks": ("adventureworks", {}, ()),
    "adventureworks with its own cost rules": ("adventureworks", {"PROFIT_COST_RULES": COSTING_RULES}, ()),
    "online_retail": ("online_retail", {}, ()),
    "online_retail in pounds": ("online_retail", {}, ("--vars", "{reporting_currency: GBP}")),
    "cdnow": ("cdnow", {}, ()),
}


def published(company: Company, sql: str) -> list[tuple]:
    with duckdb.connect(str(company.paths.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def run_to_publication(company: Company, *arguments: str) -> None:
    printed = company.run("profit", "run", *arguments)
    assert "Gate landing passed" in printed
    assert "Gate marts passed" in printed
    ((customers,),) = published(company, "select count(*) from marts.customer_profitability where order_count > 0")
    assert customers > 0
    ((differences,),) = published(
        company,
        "select count(*) from manifest_tables where row_count is null "
        "or schema_name not in ('core', 'marts', 'reference')",
    )
    assert differences == 0


@pytest.mark.parametrize(("customers", "months"), [(100, 24), (300, 9), (3000, 24)])
def test_the_demo_company_of_any_size_is_published(company: Company, customers: int, months: int) -> None:
    company.run("profit", "land", "demo", "--customers", str(customers), "--months", str(months))
    run_to_publication(company)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_company_is_published(company: Company, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connector, environment, arguments = PUBLIC[name]
    folder = public_data() / connector
    company.run("profit", "land", connector, "--from", str(folder))
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    run_to_publication(company, *arguments)


def test_four_tables_alone_are_published(company: Company) -> None:
    land(company, "first", "2025-02-10", customers=CUSTOMERS, products=PRODUCTS, orders=ORDERS, order_lines=ORDER_LINES)
    run_to_publication(company)


def test_a_company_whose_sales_lose_money_is_published(company: Company) -> None:
    """Variable cost of three times the revenue is no fault of the data: a loss-maker is what the product is for."""
    land(
        company,
        "first",
        "2025-02-10",
        customers="customer_id\nC1\nC2\n",
        products=PRODUCTS,
        orders="order_id,customer_id,ordered_at\nO1,C1,2025-01-05T10:00:00Z\nO2,C2,2025-01-06T10:00:00Z\n",
        order_lines=("order_line_id,order_id,product_id,quantity,unit_list_price\nL1,O1,P1,1,100\nL2,O2,P1,1,10\n"),
        product_costs="product_id,valid_from,unit_cost_amount\nP1,2024-01-01,30\n",
    )
    run_to_publication(company)
    ((share,),) = published(
        company, "select max(variable_cost_share) from marts.revenue_ranking_groups where net_revenue_share is not null"
    )
    assert share == pytest.approx(3)


def test_a_company_of_another_currency_and_calendar_passes_all_tests_and_unit_tests(company: Company) -> None:
    land(
        company,
        "first",
        "2025-02-10",
        customers=CUSTOMERS,
        products=PRODUCTS,
        orders=ORDERS.replace("USD", "BRL"),
        order_lines=ORDER_LINES,
    )
    settings = (
        "{reporting_currency: BRL, money_decimals: 0, calendar_starts_on: '2015-01-01', "
        "calendar_ends_on: '2030-12-31', response_window_days: 3, feedback_questions: [other], "
        "ranking_group_size: 2, provenance_periods: [all], time_tolerance: 0.5}"
    )
    run_to_publication(company, "--unit-tests", "--vars", settings)
    assert published(company, "select distinct currency_code from core.fct_order_lines where has_exchange_rate") == [
        ("BRL",)
    ]
