"""AdventureWorks through the whole warehouse: published totals, and what its two sources say of each other."""

from decimal import Decimal

from conftest import Company


def test_every_sales_line_is_a_fact(adventureworks: Company) -> None:
    assert adventureworks.value("select count(*) from core.fct_order_lines") == 121_253


def test_published_sales_and_buyers(adventureworks: Company) -> None:
    rows = adventureworks.query(
        """
        select source_system, count(*), count(distinct customer_id), sum(net_sales_amount), sum(cost_of_goods_amount)
        from core.fct_order_lines group by source_system order by source_system
        """
    )
    assert rows == [
        ("internet", 60_398, 18_484, Decimal("29358677.2207"), Decimal("17277793.5757")),
        ("reseller", 60_855, 635, Decimal("80450596.9823"), Decimal("79980114.3790")),
    ]


def test_reseller_lines_below_cost(adventureworks: Company) -> None:
    below = adventureworks.value(
        """
        select count(*) from core.fct_order_lines
        where source_system = 'reseller' and net_sales_amount < cost_of_goods_amount
        """
    )
    assert below == 21_829


def test_ledger_trade_sales_by_year(adventureworks: Company) -> None:
    rows = adventureworks.query(
        """
        select year(month), sum(ledger_amount) from marts.profitability_reconciliation
        where line = 'gross_sales' group by all having sum(ledger_amount) <> 0 order by 1
        """
    )
    assert rows == [
        (2010, Decimal("659064.8200")),
        (2011, Decimal("24535580.5800")),
        (2012, Decimal("35958587.5900")),
        (2013, Decimal("42628185.2000")),
    ]
    assert sum(amount for _, amount in rows) == Decimal("103781418.1900")


def test_the_marts_keep_the_total_of_the_sources(adventureworks: Company) -> None:
    total = Decimal("109809274.2030")
    assert adventureworks.value("select sum(net_revenue_amount) from marts.customer_profitability") == total
    assert adventureworks.value("select sum(net_revenue_amount) from marts.customer_profitability_monthly") == total


def test_the_difference_between_facts_and_ledger_is_shown_in_full(adventureworks: Company) -> None:
    facts_side, ledger_side, difference = adventureworks.query(
        """
        select
            sum(customers_amount + unattributed_amount + below_the_line_amount),
            sum(ledger_amount),
            sum(difference_amount)
        from marts.profitability_reconciliation where line = 'operating_result'
        """
    )[0]
    assert facts_side + difference == ledger_side
    assert difference != 0
    by_category = adventureworks.value(
        "select sum(difference_amount) from marts.profitability_reconciliation where line_kind = 'difference'"
    )
    assert by_category == difference


def test_feeds_that_are_not_delivered_are_named_with_the_metrics_they_weaken(adventureworks: Company) -> None:
    missing = dict(
        adventureworks.query("select feed, weaker_metrics from marts.data_coverage where status = 'missing'")
    )
    assert {"sales.returns", "finance.payments", "service.tickets", "crm.interactions"} <= set(missing)
    assert "return_rate" in missing["sales.returns"]
    assert adventureworks.value("select count(*) from marts.data_coverage") == 29


def test_own_columns_of_the_company_reach_core(adventureworks: Company) -> None:
    assert adventureworks.value(
        "select sum(x_freight_charged_amount) from core.fct_order_lines where source_system = 'internet'"
    ) == Decimal("733969.6091")
