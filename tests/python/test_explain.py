"""`profit explain CUSTOMER`: the tree adds up to the marts to the cent, and says clearly what it cannot find."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import click
import duckdb
import pytest
from click.testing import CliRunner
from conftest import Company

from profit.commands.explain import DefaultCommandGroup
from profit.errors import ProfitError
from profit.explaining import Node, explain_customer
from profit.explaining.customers import find_customer
from profit.explaining.periods import read_period

NEWEST = "(select max(month) from marts.customer_cost_provenance)"
COST = "net_revenue_amount - customer_profit_amount"


def nodes_of(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes_of(child)


def contents_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", ()):
        yield from contents_of(child)


def customers_of_interest(demo: Company) -> list[tuple[str]]:
    """Those with the largest cost, with many activities, without a sale, and the member for unknown customers."""
    return demo.query(f"""
        (select customer_id from marts.customer_profitability order by {COST} desc limit 3)
        union (select customer_id from marts.customer_profitability order by {COST} limit 2)
        union (
            select customer_id from core.fct_activity_costs
            group by all order by count(distinct activity_id) desc, customer_id limit 3
        )
        union (
            select customer_id from marts.customer_profitability
            where order_count = 0 and cost_to_serve_amount > 0 order by cost_to_serve_amount desc limit 1
        )
        union (select customer_id from marts.customer_profitability where is_unattributed)
    """)


def test_every_node_is_the_sum_of_its_children_and_the_tree_is_the_cost_in_the_marts(demo: Company) -> None:
    for (customer,) in customers_of_interest(demo):
        explanation = explain_customer(demo.paths, customer)
        cost = demo.value(f"select {COST} from marts.customer_profitability where customer_id = '{customer}'")
        assert explanation.cost.amount == cost, customer
        for node in nodes_of(explanation.cost):
            if node.children:
                assert node.amount == sum(child.amount for child in node.children), (customer, node)


def test_every_line_activity_and_month_of_a_customer_is_that_of_the_marts(demo: Company) -> None:
    ((customer,),) = demo.query(
        "select customer_id from core.fct_activity_costs group by all order by count(*) desc limit 1"
    )
    months = demo.query(f"select month from marts.customer_profitability_monthly where customer_id = '{customer}'")
    for (month,) in months:
        explanation = explain_customer(demo.paths, customer, f"{month:%Y-%m}")
        here = f"customer_id = '{customer}' and month = date '{month}'"
        assert explanation.months == [month]
        lines = {node.key: node.amount for node in explanation.cost.children}
        for line in ("cost_of_goods", "commission", "freight", "cost_to_serve", "sustaining_cost"):
            amount = demo.value(f"select {line}_amount from marts.customer_profitability_monthly where {here}")
            assert lines.get(line, 0) == amount, (month, line)
        activities = {node.key: node.amount for node in nodes_of(explanation.cost) if node.kind == "activity"}
        costs = demo.query(f"select activity_id, sum(cost_amount) from core.fct_activity_costs where {here} group by 1")
        assert activities == dict(costs), month


def test_the_tree_is_the_table_of_the_months_asked_for(demo: Company) -> None:
    month = demo.value(f"select {NEWEST}")
    ((customer,),) = demo.query(f"""
        select customer_id from marts.customer_cost_provenance where month = {NEWEST}
        group by all order by count(*) desc, customer_id limit 1
    """)
    tree = explain_customer(demo.paths, customer, f"{month:%Y-%m}").cost
    accounts: dict[tuple[str | None, str | None], Decimal] = {}
    for node in nodes_of(tree):
        if node.kind == "account":
            key = (node.key, node.pool_key)
            accounts[key] = accounts.get(key, Decimal(0)) + node.amount
    table = demo.query(f"""
        select ledger_account_id, first_pool_id, sum(cost_amount) from marts.customer_cost_provenance
        where customer_id = '{customer}' group by all
    """)
    assert accounts == {(account, pool): amount for account, pool, amount in table}
    # A pool that others serve passes on their accounts too.
    assert any(node.pool_name for node in nodes_of(tree))


def test_no_account_contributes_more_than_was_posted_to_it(demo: Company) -> None:
    # Cost may be below the posting (idle, acquisition, business), never above it, but where standard rates charge more.
    over = demo.query(f"""
        with borne as (
            select ledger_account_id, sum(cost_amount) as amount
            from marts.customer_cost_provenance where waterfall_line in ('cost_to_serve', 'sustaining_cost')
            group by all
        ), charged_by_rate as (
            select distinct receiver as pool_id from core.fct_cost_allocations
            where stage = 'pool_to_activity' and receiver in ('rate_variance', 'over_driven')
        ), posted as (
            select ledger_account_id, sum(amount) as amount from core.fct_ledger_entries
            where month = {NEWEST} and not is_closing group by all
        )
        select * from borne join posted using (ledger_account_id)
        where borne.amount > posted.amount and ledger_account_id not in (
            select sender from core.fct_cost_allocations where stage = 'account_to_pool' and receiver in (
                select sender from core.fct_cost_allocations where receiver in ('rate_variance', 'over_driven')
            )
        )
    """)
    assert over == []


def test_the_command_prints_a_tree_or_json(demo: Company) -> None:
    ((customer, cost, profit),) = demo.query(
        f"select customer_id, {COST}, customer_profit_amount from marts.customer_profitability "
        "where not is_unattributed order by cost_to_serve_amount desc limit 1"
    )
    printed = demo.run("profit", "explain", customer)
    assert re.search(rf"Customer profit +{re.escape(f'{profit:,.2f}')}", printed)
    assert "├─ " in printed
    assert "erp:" in printed
    for arguments in ((customer, "--json"), ("cost", customer, "--json"), ("--json", customer)):
        content = json.loads(demo.run("profit", "explain", *arguments))
        assert Decimal(str(content["cost"]["amount"])) == cost
        leaves = [node for node in contents_of(content["cost"]) if node["kind"] == "account"]
        assert sum(Decimal(str(node["amount"])) for node in leaves) == cost


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("web_shop:nobody",),
            "No customer and no record of a customer is called 'web_shop:nobody'. Similar are: web_shop:",
        ),
        (
            ("unattributed", "--period", "1999-01"),
            "There is nothing for 1999-01: the warehouse holds 2025-04 to 2025-12.",
        ),
        (("unattributed", "--period", "2025-13"), "'2025-13' is no period; write a year (2025), a quarter (2025-Q3)"),
    ],
)
def test_what_is_not_there_is_named(demo: Company, arguments: tuple[str, ...], message: str) -> None:
    assert message in demo.run("profit", "explain", *arguments, expect=1)


def test_without_a_warehouse_the_message_says_what_to_do(company: Company) -> None:
    assert "run `profit build` first" in company.run("profit", "explain", "anyone", expect=1)


@pytest.fixture
def merged() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two customers: one of two records in different systems, one whose number another system has too."""
    with duckdb.connect() as warehouse:
        warehouse.execute("""
            create schema core;
            create table core.dim_customer as select unnest(['web:1', 'web:2']) as customer_id;
            create table core.customer_crosswalk as
            select * from (
                values ('web', '1', 'web:1'), ('phone', '7', 'web:1'), ('web', '2', 'web:2'), ('phone', '1', 'web:2')
            ) as records(source_system, source_customer_id, customer_id)
        """)
        yield warehouse


def test_a_merged_record_leads_to_its_customer(merged: duckdb.DuckDBPyConnection) -> None:
    assert find_customer(merged, "web:1").record is None
    found = find_customer(merged, "phone:7")
    assert (found.customer_id, found.record) == ("web:1", "phone:7")
    assert find_customer(merged, "phone:1").customer_id == "web:2"
    assert find_customer(merged, "7").customer_id == "web:1"
    with pytest.raises(ProfitError, match="'1' is a number of 2 customers: web:1, web:2"):
        find_customer(merged, "1")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01", "2024-12"),
        ("2024-Q1", "2024-01", "2024-03"),
        ("2024-q4", "2024-10", "2024-12"),
        ("2024-02", "2024-02", "2024-02"),
    ],
)
def test_periods(text: str, first: str, last: str) -> None:
    period = read_period(text)
    assert (f"{period.first:%Y-%m}", f"{period.last:%Y-%m}") == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", "2024-10", "2025-09"),
        ("FY2025", "2024-10", "2025-09"),
        ("2025-Q1", "2024-10", "2024-12"),
        ("fy2025-q4", "2025-07", "2025-09"),
        ("2024-02", "2024-02", "2024-02"),
    ],
)
def test_periods_of_a_year_that_starts_in_october(text: str, first: str, last: str) -> None:
    period = read_period(text, 10)
    assert (f"{period.first:%Y-%m}", f"{period.last:%Y-%m}") == (first, last)


@pytest.mark.parametrize(
    "text", ["FY2024-02", "", "24", "2024-0", "2024-00", "2024-Q5", "2024-2", "0000", "2024-01-01", "all"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ProfitError, match="is no period"):
        read_period(text)


def test_a_further_command_leaves_the_default_one_alone() -> None:
    @click.group(cls=DefaultCommandGroup, default="cost")
    def group() -> None: ...

    @group.command("cost")
    @click.argument("customer")
    @click.option("--period")
    def cost(customer: str, period: str | None) -> None:
        click.echo(f"cost of {customer} in {period}")

    @group.command("identity")
    @click.argument("customer")
    def identity(customer: str) -> None:
        click.echo(f"identity of {customer}")

    def printed(*arguments: str) -> str:
        return CliRunner().invoke(group, list(arguments)).output.strip()

    assert printed("web:1") == "cost of web:1 in None"
    assert printed("--period", "2025", "web:1") == "cost of web:1 in 2025"
    assert printed("cost", "identity") == "cost of identity in None"
    assert printed("identity", "web:1") == "identity of web:1"
    assert "Commands:" in printed("--help")
