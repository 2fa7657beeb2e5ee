"""Governed metrics against the marts, to the cent, and what they can be asked by."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from conftest import Company
from metrics_zone import Metrics, by_key, without_zeros

# Metric and column of the marts.
WATERFALL = {
    "gross_sales": "gross_sales_amount",
    "discounts": "discount_amount",
    "rebates": "rebate_amount",
    "returns": "return_amount",
    "net_revenue": "net_revenue_amount",
    "cost_of_goods": "cost_of_goods_amount",
    "gross_margin": "gross_margin_amount",
    "commissions": "commission_amount",
    "payment_fees": "payment_fee_amount",
    "freight": "freight_amount",
    "lead_fees": "lead_fee_amount",
    "direct_selling_cost": "direct_selling_cost_amount",
    "contribution_margin": "contribution_margin_amount",
    "cost_to_serve": "cost_to_serve_amount",
    "customer_margin": "customer_margin_amount",
    "sustaining_cost": "sustaining_cost_amount",
    "customer_profit": "customer_profit_amount",
    "rebate_leakage": "rebate_leakage_amount",
    "order_count": "order_count",
}
COLUMNS = ", ".join(WATERFALL.values())
SUMS = ", ".join(f"sum({column})" for column in WATERFALL.values())
# What the issue asks for: customer attributes, product, channel, territory, sales rep, segment.
ATTRIBUTES = (
    "customer",
    "customer__customer_kind",
    "customer__industry",
    "customer__size_class",
    "customer__country_code",
    "customer__customer_group",
    "customer__current_segment",
    "customer__first_touch_media_source",
    "customer__territory__territory_name",
    "customer__sales_rep__sales_rep_role",
    "product",
    "product__product_name",
    "product__product_group",
    "product__product_category",
    "product__product_kind",
    "channel",
    "territory",
    "territory__territory_name",
    "territory__territory_region",
    "sales_rep",
    "sales_rep__sales_rep_role",
    "segment",
    "segment__segment_name",
    "profit_tier__profit_tier_name",
    "campaign__media_source",
    "activity__activity_name",
    "waterfall_entry__entry_kind",
)


@pytest.fixture(scope="module")
def metrics(demo: Company) -> Metrics:
    return Metrics(demo)


def test_every_line_of_every_customer_and_month_is_the_marts(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask(*WATERFALL, by=["customer", "metric_time__month"])
    mart = by_key(
        demo.query(f"select customer_id, month, {COLUMNS} from marts.customer_profitability_monthly"),
        keys=2,
    )
    assert without_zeros(asked) == without_zeros(mart)
    assert len(mart) > 1_000


def test_totals_are_those_of_customer_profitability(metrics: Metrics, demo: Company) -> None:
    (asked,) = metrics.ask(*WATERFALL).values()
    assert [asked] == demo.query(f"select {SUMS} from marts.customer_profitability")


def test_segments_by_month_are_those_of_segment_kpis(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask(*WATERFALL, by=["segment", "metric_time__month"])
    mart = by_key(demo.query(f"select segment_id, month, {COLUMNS} from marts.segment_kpis"), keys=2)
    assert without_zeros(asked) == without_zeros(mart)


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_every_attribute_splits_the_same_money(metrics: Metrics, demo: Company, attribute: str) -> None:
    lines = ("net_revenue", "contribution_margin", "cost_to_serve", "customer_profit")
    answer = metrics.ask(*lines, by=[attribute])
    (total,) = demo.query(
        "select sum(net_revenue_amount), sum(contribution_margin_amount), sum(cost_to_serve_amount), "
        "sum(customer_profit_amount) from marts.customer_profitability_monthly"
    )
    summed = tuple(sum((row[line] or Decimal(0) for row in answer.values()), Decimal(0)) for line in range(len(lines)))
    assert summed == total
    assert len(answer) > 1


def test_products_and_channels_are_those_of_the_order_lines(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask("gross_sales", "discounts", "units_sold", by=["product", "channel", "metric_time__day"])
    core = demo.query("""
        select product_id, channel_id, ordered_on, sum(gross_sales_amount), sum(discount_amount), sum(quantity)
        from core.fct_order_lines group by all
    """)
    assert without_zeros(asked) == without_zeros(by_key(core, keys=3))


def test_territories_and_representatives_are_those_of_the_orders(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask("net_sales", "order_count", by=["territory", "sales_rep"])
    core = demo.query("""
        select territory_id, sales_rep_id, sum(net_sales_amount), count(distinct order_id)
        from core.fct_order_lines group by all
    """)
    assert without_zeros(asked) == without_zeros(by_key(core, keys=2))


def test_activities_are_those_of_the_cost_facts(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask("cost_to_serve", "sustaining_cost", by=["activity", "product", "metric_time__month"])
    core = demo.query("""
        select activity_id, product_id, month,
            sum(cost_amount) filter (where waterfall_line = 'cost_to_serve'),
            sum(cost_amount) filter (where waterfall_line = 'sustaining_cost')
        from core.fct_activity_costs group by all
    """)
    assert without_zeros(asked) == without_zeros(by_key(core, keys=3))


def test_active_customers_are_counted_once_in_any_period(metrics: Metrics, demo: Company) -> None:
    by_month = metrics.ask("ordering_customers", by=["metric_time__month"])
    mart = demo.query("select month, count(*) from marts.customer_profitability_monthly where is_ordering group by all")
    assert without_zeros(by_month) == by_key(mart, keys=1)
    in_all = demo.value("select count(*) from marts.customer_profitability where ordering_month_count > 0")
    assert metrics.value("ordering_customers") == in_all
    assert in_all < sum(count for (count,) in by_month.values())


def test_rates_are_those_of_segment_kpis(metrics: Metrics, demo: Company) -> None:
    rates = ("gross_margin_rate", "cost_to_serve_rate", "customer_margin_rate", "customer_profit_rate")
    by = ["segment", "metric_time__month"]
    asked = metrics.ask(*rates, by=by)
    mart = by_key(demo.query(f"select segment_id, month, {', '.join(rates)} from marts.segment_kpis"), keys=2)
    assert _rounded(asked) == _rounded(mart)
    assert len(_rounded(mart)) > 20
    amounts = demo.query(
        "select segment_id, month, average_order_value_amount from marts.segment_kpis where order_count > 0"
    )
    values = metrics.ask("average_order_value", by=by)
    for key, (amount,) in by_key(amounts, keys=2).items():
        assert Decimal(f"{values[key][0]:.8f}").quantize(Decimal("0.01"), ROUND_HALF_UP) == amount, key


def test_return_rate_counts_goods_only(metrics: Metrics, demo: Company) -> None:
    ((goods,),) = demo.query("""
        select (
            select sum(refund_amount) from core.fct_returns
            inner join core.dim_product using (product_id) where product_kind = 'goods'
        )::double / (
            select sum(net_sales_amount) from core.fct_order_lines
            inner join core.dim_product using (product_id) where product_kind = 'goods'
        )
    """)
    assert metrics.value("return_rate") == pytest.approx(goods, rel=1e-12)
    ((all_kinds,),) = demo.query(
        "select sum(return_amount)::double / sum(gross_sales_amount - discount_amount) "
        "from marts.customer_profitability"
    )
    assert abs(all_kinds - goods) > 1e-9


def test_leakage_is_a_part_of_the_rebates(metrics: Metrics, demo: Company) -> None:
    ((leaked, paid),) = demo.query(
        "select sum(rebate_leakage_amount), sum(rebate_amount) from marts.customer_profitability"
    )
    assert metrics.ask("rebate_leakage", "rebates") == {(): (leaked, paid)}
    assert metrics.value("rebate_leakage_rate") == pytest.approx(float(leaked / paid))
    assert 0 < leaked < paid


def test_a_filter_narrows_every_metric_of_a_query(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask(
        "net_revenue",
        "customer_profit",
        by=["metric_time__month"],
        where=["{{ Dimension('customer__customer_kind') }} = 'organisation'"],
    )
    mart = demo.query("""
        select month, sum(net_revenue_amount), sum(customer_profit_amount)
        from marts.customer_profitability_monthly
        inner join core.dim_customer using (customer_id)
        where customer_kind = 'organisation' group by all
    """)
    assert without_zeros(asked) == without_zeros(by_key(mart, keys=1))


def _rounded(answer: dict[tuple, tuple]) -> dict[tuple, tuple]:
    """Fractions to twelve decimals, rows that say nothing left out."""
    rounded = {
        key: tuple(None if value is None else round(float(value), 12) for value in values)
        for key, values in answer.items()
    }
    return {key: values for key, values in rounded.items() if any(value is not None for value in values)}
