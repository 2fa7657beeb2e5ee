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


def test_quotas_are_quarterly_targets_of_the_sales_people(adventureworks: Company) -> None:
    (found,) = adventureworks.query("""
        select count(*), sum(target_value), sum(numerator), count(*) filter (actual_value >= target_value)
        from marts.scorecard
        where kpi_id = 'net_sales' and unit_kind = 'sales_rep' and period_kind = 'quarter' and due_on = ends_on
    """)
    assert found == (163, Decimal(95_714_000), Decimal("79005914.5336"), 30)
    # Nothing but the quotas and the orders themselves.
    (delivered,) = adventureworks.query("""
        with sales as (
            select sales_rep_id, date_trunc('quarter', ordered_on) as quarter, sum(net_sales_amount) as amount
            from core.fct_order_lines group by all
        )
        select count(*), sum(quotas.amount), sum(sales.amount), count(*) filter (sales.amount >= quotas.amount)
        from staging.stg_finance__budgets as quotas
        left join sales
            on 'adventureworks_oltp:' || quotas.sales_rep_id = sales.sales_rep_id
            and quotas.budget_month = sales.quarter
        where quotas.scenario = 'quota'
    """)
    assert delivered == found


def test_the_budget_of_2011_runs_through_the_variance(adventureworks: Company) -> None:
    accounts = """
        (
            select distinct month, account_id, department, waterfall_line, static_amount, actual_amount
            from marts.budget_variance
        ) as accounts
    """
    assert adventureworks.query(
        f"select count(distinct month), sum(static_amount), sum(actual_amount) from {accounts} "
        "where waterfall_line = 'gross_sales'"
    ) == [(9, Decimal(24_323_300), Decimal("21956286.68"))]
    without_plan = adventureworks.query(
        "select account_id, sum(actual_amount) from marts.budget_variance where part = 'no_plan' group by 1 order by 1"
    )
    assert without_plan == [
        ("erp:6240", Decimal("8416.89")),
        ("erp:8000", Decimal("31131.12")),
        ("erp:8010", Decimal("47802.29")),
        ("erp:8020", Decimal("38167.17")),
        ("erp:8030", Decimal("63756.70")),
        ("erp:8500", Decimal("1622417.70")),
    ]
    assert adventureworks.value("select count(*) from marts.budget_variance where part = 'no_actual'") == 0
