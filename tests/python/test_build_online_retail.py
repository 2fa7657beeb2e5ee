"""Online Retail through the whole warehouse: a shop without cost, a quarter of whose lines name no customer."""

from decimal import Decimal

from conftest import Company

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
    assert "indirect_cost" in weaker["finance.ledger_entries"]
    assert "cost_to_serve" in weaker["sales.shipments"]
    assert len(weaker) == 29 - 6
    assert online_retail.value("select count(*) from core.fct_order_lines where has_cost") == 0
    assert online_retail.query("select rule, feed, count(*) from marts.data_quality group by all") == [
        ("no_standard_cost", "sales.order_lines", 530_511)
    ]
    assert online_retail.value("select sum(customer_profit_amount) from marts.customer_profitability") == TOTAL
