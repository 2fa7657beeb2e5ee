"""Online Retail through the whole warehouse: a shop without cost, a quarter of whose lines name no customer."""

import datetime as dt
from decimal import Decimal

import pytest
from conftest import Company
from metrics_zone import Metrics

TOTAL = Decimal("9747747.9340")


def test_every_line_is_a_fact(online_retail: Company) -> None:
    assert online_retail.query("select count(*), sum(net_sales_amount) from core.fct_order_lines") == [
        (530_511, Decimal("10666684.5440"))
    ]
    assert online_retail.query("select count(*), sum(refund_amount), count(order_id) from core.fct_returns") == [
        (9_290, Decimal("918936.6100"), 7_104)
    ]


def test_the_marts_keep_the_total_of_the_file(online_retail: Company) -> None:
    assert online_retail.value("select sum(net_revenue_amount) from marts.customer_profitability") == TOTAL
    assert online_retail.value("select sum(net_revenue_amount) from marts.customer_profitability_monthly") == TOTAL


def test_lines_without_a_customer_are_unattributed(online_retail: Company) -> None:
    assert online_retail.query("""
        select gross_sales_amount, return_amount, net_revenue_amount
        from marts.customer_profitability where customer_id = 'unattributed'
    """) == [(Decimal("1755276.6400"), Decimal("307594.5200"), Decimal("1447682.1200"))]
    assert online_retail.value("select count(*) from marts.customer_profitability") == 4_372 + 1


def test_customers_of_the_file_are_the_customers(online_retail: Company) -> None:
    # A number and a country are no reason to take two records for one customer.
    assert online_retail.query("""
        select count(*), count(distinct customer_id), count(distinct source_customer_id) from core.customer_crosswalk
    """) == [(4_372, 4_372, 4_372)]


def test_fees_and_postage_are_no_goods(online_retail: Company) -> None:
    assert online_retail.query("""
        select product_kind, sum(net_sales_amount), count(*)
        from core.fct_order_lines inner join core.dim_product using (product_id)
        group by all order by all
    """) == [
        ("fee", Decimal("394565.6710"), 2_319),
        ("goods", Decimal("10271433.0630"), 528_161),
        ("service", Decimal("685.8100"), 31),
    ]


def test_duplicates_reach_core_with_their_mark(online_retail: Company) -> None:
    assert online_retail.value("select count(*) from core.fct_order_lines where x_is_exact_duplicate") == 5_231
    assert online_retail.value("select count(*) from core.fct_returns where x_is_exact_duplicate") == 37


def test_missing_cost_is_said(online_retail: Company) -> None:
    weaker = dict(online_retail.query("select feed, weaker_metrics from marts.data_coverage where status = 'missing'"))
    assert "gross_margin" in weaker["finance.product_costs"]
    assert "profitability_reconciliation" in weaker["finance.ledger_entries"]
    assert "cost_to_serve" in weaker["sales.shipments"]
    assert "budget_variance" in weaker["finance.budgets"]
    assert len(weaker) == 29 - 6
    assert online_retail.value("select count(*) from core.fct_order_lines where has_cost") == 0
    listed = "select rule, feed, sum(record_count)::bigint from marts.data_quality group by all order by all"
    assert online_retail.query(listed) == [
        ("empty_amount", "sales.order_lines", 530_511),
        ("empty_amount", "sales.orders", 19_964),
        # Postage, bank charges and other fees need no cost: 2,350 lines.
        ("no_standard_cost", "sales.order_lines", 528_161),
    ]
    assert online_retail.value("select sum(customer_profit_amount) from marts.customer_profitability") == TOTAL


def test_every_mart_of_the_year_has_the_total_of_the_file(online_retail: Company) -> None:
    for mart in (
        "segment_kpis",
        "media_source_performance",
        "media_source_performance_monthly",
        "campaign_performance",
        "campaign_performance_monthly",
        "customer_group_profitability",
    ):
        assert online_retail.value(f"select sum(net_revenue_amount) from marts.{mart}") == TOTAL, mart
    known = online_retail.value(
        "select sum(customer_profit_amount) from marts.customer_profitability where not is_unattributed"
    )
    assert known == TOTAL - Decimal("1447682.1200")
    assert (
        online_retail.value(
            "select sum(customer_profit_amount) from marts.whale_curve where scope = 'all' and period = 'all'"
        )
        == known
    )


def test_the_last_month_is_marked_as_not_over(online_retail: Company) -> None:
    # The last invoice is of 9 December, and the file is of the tenth.
    months = "select min(month), max(month) from marts.customer_segments"
    assert online_retail.query(f"{months} where is_current") == [(dt.date(2011, 11, 1), dt.date(2011, 11, 1))]
    assert online_retail.query(f"{months} where not is_complete_month") == [
        (dt.date(2011, 12, 1), dt.date(2011, 12, 1))
    ]


def test_customers_that_only_gave_back_have_not_ordered(online_retail: Company) -> None:
    # Thirty-three customers are credited and never charged within the year: their orders lie before it.
    assert online_retail.query("""
        select count(*), sum(gross_sales_amount), sum(net_revenue_amount) < 0 from marts.customer_profitability
        where first_ordered_on is null and not is_unattributed
    """) == [(33, Decimal("0.0000"), True)]


def test_metrics_are_the_totals_of_the_file(online_retail: Company) -> None:
    metrics = Metrics(online_retail)
    (totals,) = metrics.ask("gross_sales", "returns", "net_revenue", "customer_profit", "order_count").values()
    assert totals == (Decimal("10666684.5440"), Decimal("918936.6100"), TOTAL, TOTAL, 19_964)
    by_country = metrics.ask("net_revenue", by=["territory__territory_name"])
    # Thirty-eight countries, and credits that name neither a customer nor an order.
    assert len(by_country) == 38 + 1
    assert sum(value for (value,) in by_country.values()) == TOTAL
    # Of 918,936.61 credited, 478,724.18 are goods; the rest are fees, postage and corrections.
    returned = metrics.ask("returns", where=["{{ Dimension('product__product_kind') }} = 'goods'"])
    assert returned == {(): (Decimal("478724.1800"),)}
    assert metrics.value("return_rate") == pytest.approx(478_724.18 / 10_271_433.063, rel=1e-12)
