"""The demo company through the whole warehouse: everything ties out, and a second build gives the same."""

import json
import re
from decimal import Decimal

import duckdb
import pytest
from conftest import NO_TESTS, Company

from profit.paths import PROJECT_ROOT

TABLES = ("marts.customer_profitability", "marts.customer_profitability_monthly", "marts.profitability_reconciliation")


@pytest.fixture(scope="module")
def again(demo: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The demo company as it was built, in a folder that may be written to."""
    return demo.copied(tmp_path_factory.mktemp("again"))


def test_every_line_of_every_month_agrees_with_the_ledger(demo: Company) -> None:
    months, lines, differing, largest = demo.query(
        """
        select count(distinct month), count(*), count(*) filter (where difference_amount <> 0), max(abs(ledger_amount))
        from marts.profitability_reconciliation
        """
    )[0]
    assert months == 9
    assert lines == 9 * 32
    assert differing == 0
    assert largest > 0


def test_the_waterfall_has_money_on_every_line(demo: Company) -> None:
    empty = demo.query(
        """
        select line from marts.profitability_reconciliation
        where line_kind = 'posted' and line not in ('cost_variance', 'other_operating', 'rate_variance')
        group by line having sum(abs(ledger_amount)) = 0
        """
    )
    assert empty == []
    net_revenue = "select sum(unattributed_amount) from marts.profitability_reconciliation where line = 'net_revenue'"
    assert demo.value(net_revenue) > 0


def test_profit_of_all_customers_and_the_rest_is_the_operating_result(demo: Company) -> None:
    customers = demo.value("select sum(customer_profit_amount) from marts.customer_profitability")
    below = demo.value(
        "select sum(below_the_line_amount) from marts.profitability_reconciliation where line = 'operating_result'"
    )
    ledger = demo.value(
        """
        select -sum(amount) from core.fct_ledger_entries
        where waterfall_line not in ('none', 'non_operating', 'closing_entries')
        """
    )
    assert customers + below == ledger


def test_receipts_say_what_the_landing_zone_holds(demo: Company) -> None:
    """Rows read = landed + quarantined, and the landed ones are there, feed by feed."""
    receipts = demo.query(
        """
        select feed, sum(rows_read), sum(rows_landed), sum(rows_quarantined)
        from landing.deliveries group by feed order by feed
        """
    )
    assert len(receipts) == 29
    for feed, read, landed, quarantined in receipts:
        assert read == landed + quarantined, feed
        assert landed == demo.value(f"select count(*) from landing_{feed}"), feed
    ((refused, emptied),) = duckdb.sql(
        f"""
        select
            count(*) filter (not ends_with(reason, ', left empty')), count(*) filter (ends_with(reason, ', left empty'))
        from '{demo.paths.quarantine}/**/*.parquet'
        """
    ).fetchall()
    assert refused == sum(row[3] for row in receipts)
    assert refused > 0, "the demo delivers rows that cannot be typed"
    assert emptied > 0, "and rows that live without a value that cannot be"


def test_rows_landed_are_staged_superseded_or_withdrawn(demo: Company) -> None:
    landed, distinct_keys = demo.query(
        "select count(*), count(distinct (source_system, order_id)) from landing_sales.orders"
    )[0]
    staged = demo.value("select count(*) from staging.stg_sales__orders where not is_withdrawn")
    withdrawn = demo.value(
        """
        select count(*) from (
            select arg_max(coalesce(is_deleted, false), (delivered_on, delivery_id)) as is_withdrawn
            from landing_sales.orders group by source_system, order_id
        ) where is_withdrawn
        """
    )
    assert landed > distinct_keys, "the demo delivers corrections"
    assert withdrawn > 0, "the demo withdraws orders"
    assert staged + withdrawn == distinct_keys


def test_records_without_a_rate_or_a_customer_are_kept_and_listed(demo: Company) -> None:
    rules = dict(demo.query("select rule, count(*) from marts.data_quality group by rule"))
    assert rules.keys() >= {"no_exchange_rate", "unknown_customer", "empty_amount", "won_amount_differs"}
    # Of most that were won the CRM says the order, and mostly the right one.
    won, ordered = demo.query("select count(*), count(order_id) from core.dim_opportunity where stage_state = 'won'")[0]
    assert 0.7 * won < ordered < won
    assert rules["won_amount_differs"] < 0.3 * ordered
    assert demo.value("select weaker_metrics from marts.data_coverage where feed = 'crm.opportunities'") == ""
    # Gift wrapping is a service that has no cost on any day: it misses none.
    assert "no_standard_cost" not in rules
    assert (
        demo.value("select count(*) from core.fct_order_lines where product_id = 'erp:SVC-GIFT' and not has_cost") > 0
    )
    assert demo.value("select count(*) from core.fct_order_lines") == demo.value(
        """
        select count(*)
        from staging.stg_sales__order_lines as lines
        inner join staging.stg_sales__orders as orders using (source_system, order_id)
        where not lines.is_withdrawn and orders.order_status <> 'cancelled'
        """
    )


def test_a_cancelled_order_sells_nothing_and_costs_what_it_costs(demo: Company) -> None:
    cancelled = "select order_id from intermediate.int_sales__orders where order_status = 'cancelled'"
    assert demo.value(f"select count(*) from ({cancelled})") > 0
    assert demo.value(f"select count(*) from core.fct_order_lines where order_id in ({cancelled})") == 0
    paid = demo.query(
        f"""
        select payment_kind, sum(payment_amount)
        from core.fct_payments where order_id in ({cancelled}) group by all order by 1
        """
    )
    assert [kind for kind, _ in paid] == ["receipt", "refund"]
    costs = demo.query(
        f"""
        select cost_kind, sum(cost_amount), count_if(order_status <> 'cancelled')
        from core.fct_direct_selling_costs where order_id in ({cancelled}) group by all order by 1
        """
    )
    assert {kind for kind, amount, others in costs if amount > 0 and others == 0} == {"freight", "payment_fees"}


def test_michelle_over_all_her_records(demo: Company) -> None:
    """Her page, one row over five records: the sum is the stereo less the lost rebate."""
    rows = demo.query(
        """
        with michelle as (
            select distinct records.customer_id
            from staging.stg_crm__customers as delivered
            inner join core.customer_crosswalk as records
                on delivered.source_system = records.source_system
                and delivered.customer_id = records.source_customer_id
                and records.record_kind = 'customer'
            where
                delivered.is_current
                and (delivered.phone like '%555%0137%' or delivered.email = 'michelle.carter@example.org')
        )
        select
            gross_sales_amount, return_amount, rebate_amount, rebate_leakage_amount, net_revenue_amount, order_count,
            freight_amount > 0, cost_to_serve_amount > 0
        from marts.customer_profitability inner join michelle using (customer_id)
        """
    )
    ((gross, returned, rebates, leakage, net, orders, has_freight, has_cost_to_serve),) = rows
    # The camera on the web and the stereo by phone.
    assert orders == 2
    assert returned == 600
    assert (rebates, leakage) == (Decimal(100), Decimal(100))
    assert net == gross - 700
    assert net > 0
    assert has_freight
    # Both handlings, the e-mail and the call.
    assert has_cost_to_serve


def test_summary_and_coverage_read_the_marts(demo: Company) -> None:
    printed = demo.run("profit", "summary")
    assert str(demo.paths.warehouse) in printed
    assert "five most profitable" in printed
    assert "five least profitable" in printed
    assert "Reconciliation: 0.00" in printed
    assert "sales.order_lines" in demo.run("profit", "coverage")


def test_every_question_of_the_documents_is_answered(demo: Company) -> None:
    page = (PROJECT_ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    assert len(queries) == page.count("\n## ") == 16
    for number, query in enumerate(queries, 1):
        assert demo.query(query), f"question {number} has no answer"


def test_a_second_build_gives_the_same_marts(demo: Company, again: Company) -> None:
    assert "nothing changes" in again.run("profit", "land", "demo", "--customers", "400", "--months", "9")
    again.run("profit", "build", *NO_TESTS)
    for table in TABLES:
        select = f"select * from {table} order by all"
        assert again.query(select) == demo.query(select), table


def test_dbt_commands_work_by_themselves(again: Company) -> None:
    # Models and tests were compiled by the build, analyses were not.
    again.run("dbt", "--quiet", "compile", "--select", "resource_type:analysis")
    again.run("dbt", "--quiet", "docs", "generate", "--no-compile")
    catalog = json.loads((again.folder / "target" / "catalog.json").read_text(encoding="utf-8"))
    assert not catalog["errors"]
    assert "model.profit_warehouse.customer_profitability" in catalog["nodes"]
    printed = again.run_process("dbt", "--warn-error", "parse", "--no-partial-parse")
    assert "Warning" not in printed
