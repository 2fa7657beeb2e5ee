"""A company that delivers as little as it may, and the ways in which deliveries go wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
from conftest import NO_TESTS, NO_UNIT_TESTS, RECONCILIATIONS, Company

CUSTOMERS = "customer_id,organisation_name,x_rating\nC1,Alpha,A\nC2,Beta,B\n"
PRODUCTS = "product_id,product_name\nP1,Lamp\nP2,Chair\n"
ORDERS = (
    "order_id,customer_id,ordered_at,currency_code\n"
    "O1,C1,2025-01-05T10:00:00Z,\n"
    "O2,,2025-01-06T10:00:00Z,USD\n"
    "O3,C9,2025-02-01T23:30:00-05:00,USD\n"
    "O4,C2,2025-02-03,EUX\n"
)
ORDER_LINES = (
    "order_line_id,order_id,product_id,quantity,unit_list_price,discount_amount,x_gift\n"
    "L1,O1,P1,2,10.50,1,yes\n"
    "L2,O2,P2,1,99.99,,no\n"
    "L3,O3,P1,1,5,,\n"
    "L4,O4,P2,3,7,,\n"
    "L5,O9,P2,1,20,,\n"
)
NO_RETURNS = "return_id,quantity,refund_amount,returned_at\n"


def deliver(folder: Path, **tables: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tables.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


def land(company: Company, name: str, day: str, **tables: str) -> str:
    folder = deliver(company.folder / name, **tables)
    return company.run(
        "profit", "land", "files", "--from", str(folder), "--source-system", "shop", "--delivered-on", day
    )


def test_four_tables_are_enough_and_later_deliveries_win(company: Company) -> None:
    tables = {"customers": CUSTOMERS, "products": PRODUCTS, "orders": ORDERS, "order_lines": ORDER_LINES}
    land(company, "first", "2025-02-10", **tables, returns=NO_RETURNS)
    company.run("profit", "build", *NO_UNIT_TESTS)

    lines = company.query(
        """
        select
            order_line_id, customer_id, customer_reference, ordered_on::varchar, net_sales_amount,
            has_exchange_rate, x_gift
        from core.fct_order_lines order by 1
        """
    )
    assert lines == [
        ("shop:L1", "shop:C1", "known", "2025-01-05", Decimal("20.0000"), True, "yes"),
        ("shop:L2", "unattributed", "unnamed", "2025-01-06", Decimal("99.9900"), True, "no"),
        # 23:30 in New York is the next day in UTC; C9 is delivered by nobody.
        ("shop:L3", "unattributed", "unknown", "2025-02-02", Decimal("5.0000"), True, None),
        # No rate for EUX: kept, flagged, without a reporting amount.
        ("shop:L4", "shop:C2", "known", "2025-02-03", None, False, None),
        # Its order has not come: counts on its day of delivery, in no known currency.
        ("shop:L5", "unattributed", "unnamed", "2025-02-10", None, False, None),
    ]
    assert company.query("select customer_id, x_rating from core.dim_customer order by 1") == [
        ("shop:C1", "A"),
        ("shop:C2", "B"),
        ("unattributed", None),
    ]
    quality = company.query(
        "select rule, record_id, original_amount from marts.data_quality where rule <> 'no_standard_cost' order by all"
    )
    assert quality == [
        ("empty_amount", "shop:commission_amount", None),
        ("empty_amount", "shop:discount_amount", None),
        ("line_without_order", "shop:L5", Decimal("20.0000")),
        ("no_exchange_rate", "shop:L4", Decimal("21.0000")),
        ("unknown_customer", "shop:L3", Decimal("5.0000")),
    ]
    delivered = company.query("select feed from marts.data_coverage where status = 'delivered' order by 1")
    assert delivered == [("crm.customers",), ("sales.order_lines",), ("sales.orders",), ("sales.products",)]
    empty = company.query("select feed, last_delivered_on::varchar from marts.data_coverage where status like '%empty'")
    assert empty == [("sales.returns", "2025-02-10")], "delivered, and nothing in it, is not the same as not delivered"
    assert company.value("select sum(net_revenue_amount) from marts.customer_profitability") == Decimal("124.9900")
    # No ledger: there is no indirect cost to assign, and goods without a cost are no cost.
    assert company.value("select count(*) from core.fct_cost_allocations") == 0
    assert_nothing_unknown_is_claimed(company)

    # A correction, a withdrawal, the missing order and the missing customer come a day later.
    land(
        company,
        "second",
        "2025-02-11",
        customers="customer_id,organisation_name\nC9,Gamma\n",
        orders="order_id,customer_id,ordered_at,currency_code\nO4,C2,2025-02-03,USD\nO9,C2,2025-02-04,USD\n",
        order_lines="order_line_id,order_id,product_id,quantity,unit_list_price,is_deleted\nL2,O2,P2,1,99.99,true\n",
        shipments="shipment_id,direction,order_id,shipped_on,x_promised_on\nS1,outbound,O1,2025-01-06,2025-01-09\n",
        exchange_rates="from_currency_code,to_currency_code,rate_on,exchange_rate,x_bank\nXTS,USD,2025-01-01,2,Alpha\n",
    )
    printed = company.run("profit", "build", *RECONCILIATIONS)
    assert "models and tests" in printed
    assert company.query(
        "select order_line_id, customer_id, net_sales_amount from core.fct_order_lines order by 1"
    ) == [
        ("shop:L1", "shop:C1", Decimal("20.0000")),
        ("shop:L3", "shop:C9", Decimal("5.0000")),
        ("shop:L4", "shop:C2", Decimal("21.0000")),
        ("shop:L5", "shop:C2", Decimal("20.0000")),
    ]
    # Own columns of whatever feed are in core, and those of customers in the mart of customers too.
    assert company.query("select feed, record_id, column_name, column_value from core.own_columns order by 1") == [
        ("finance.exchange_rates", "shop:XTS:USD:2025-01-01", "x_bank", "Alpha"),
        ("sales.shipments", "shop:S1", "x_promised_on", "2025-01-09"),
    ]
    assert company.query(
        "select customer_id, x_rating from marts.customer_profitability where not is_unattributed order by 1"
    ) == [("shop:C1", "A"), ("shop:C2", "B"), ("shop:C9", None)]
    assert company.value("select count(*) from landing_sales.order_lines where order_line_id = 'L2'") == 2, (
        "history stays"
    )

    # The first delivery again, with or without its day, changes nothing.
    assert "nothing changes" in land(company, "first", "2025-02-10")
    folder = str(company.folder / "second")
    assert "nothing changes" in company.run("profit", "land", "files", "--from", folder, "--source-system", "shop")


def assert_nothing_unknown_is_claimed(company: Company) -> None:
    """What a start with four tables prints: no ledger is no difference of millions, no cost is no method of costing."""
    printed = company.run("profit", "summary")
    assert (
        "Reconciliation: no ledger was delivered, so there is nothing to compare with (finance.ledger_entries)"
        in printed
    )
    assert "differs from the ledger" not in printed
    assert "Not known:      cost of goods: none of 4 order lines has one; deliver finance.product_costs" in printed
    assert "Not known:      cost to serve and all other indirect cost: no ledger was delivered" in printed
    assert "profitable customers (before cost of goods and cost to serve, which are not known)" in printed
    assert "activity-based" not in printed
    assert "Next actions:   none found" in printed
    explained = company.run("profit", "explain", "shop:C1")
    assert "Not known: cost to serve and all other indirect cost: no ledger was delivered" in explained
    assert "delivered, empty" in company.run("profit", "coverage")


def test_an_empty_landing_zone_stops_the_build_and_names_the_command(company: Company) -> None:
    for command in (("dbt", "build"), ("profit", "build")):
        printed = company.run(*command, expect=2 if command[0] == "dbt" else 4)
        assert "profit land demo" in printed
        assert "crm.customers, sales.order_lines, sales.orders, sales.products" in printed


def test_commands_without_a_warehouse_say_what_to_run(company: Company) -> None:
    assert "run `profit build` first" in company.run("profit", "summary", expect=1)


def test_tables_in_the_warehouse_can_take_the_place_of_landed_files(company: Company) -> None:
    land(company, "first", "2025-02-10", products=PRODUCTS, orders=ORDERS, order_lines=ORDER_LINES)
    company.paths.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(company.paths.warehouse)) as warehouse:
        warehouse.execute("create schema salesforce")
        warehouse.execute(
            "create table salesforce.account as "
            "select 'C1' as customer_id, 'shop' as source_system, 'Alpha' as organisation_name"
        )
    named = '{"source_relations": {"crm.customers": "salesforce.account"}}'
    company.run("profit", "build", *NO_TESTS, "--vars", named)
    assert company.query("select customer_id from core.dim_customer order by 1") == [("shop:C1",), ("unattributed",)]
