"""Metrics of segments, acquisition, moving years and the ledger against their marts; every metric is governed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import Company
from metrics_zone import Metrics, by_key, without_zeros

from profit.errors import ProfitError
from profit.metric_docs import BEGIN, END, PAGE, read_metrics, render_page
from profit.paths import PROJECT_ROOT

OWNERS = {"crm", "sales", "marketing", "service", "finance"}
MONTH = "metric_time__month"


@pytest.fixture(scope="module")
def metrics(demo: Company) -> Metrics:
    return Metrics(demo)


def test_customers_at_month_end_are_those_of_segment_kpis(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask(
        "customers_at_month_end",
        "active_customers_at_month_end",
        "new_customers",
        "lapsing_customers",
        "churning_customers",
        "reactivated_customers",
        by=["segment", MONTH],
    )
    mart = demo.query("""
        select segment_id, month, customer_count, active_customer_count, new_customer_count, lapsing_customer_count,
            churning_customer_count, reactivated_customer_count
        from marts.segment_kpis
    """)
    assert without_zeros(asked) == without_zeros(by_key(mart, keys=2))
    assert len(asked) > 20


def test_customers_of_a_quarter_are_those_at_its_end(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask("customers_at_month_end", by=["metric_time__quarter"])
    mart = demo.query("""
        select date_trunc('quarter', month)::date, count(*) from marts.customer_segments
        where month in (
            select max(month) from marts.customer_segments group by date_trunc('quarter', month)
        )
        group by all
    """)
    assert asked == by_key(mart, keys=1)


def test_retention_churn_and_breadth_are_those_of_segment_kpis(metrics: Metrics, demo: Company) -> None:
    counts = ("customers_to_retain", "retained_customers", "customers_to_churn", "churned_customers")
    asked = metrics.ask(*counts, by=["segment", MONTH])
    mart = demo.query("""
        select segment_id, month, opening_active_count, retained_count, opening_unchurned_count, churned_count
        from marts.segment_kpis
    """)
    assert without_zeros(asked) == without_zeros(by_key(mart, keys=2))
    rates = metrics.ask("retention_rate", "churn_rate", "product_breadth", "satisfaction", by=["segment", MONTH])
    mart_rates = by_key(
        demo.query("""
            select segment_id, month, retention_rate, churn_rate, average_product_group_count, feedback_score
            from marts.segment_kpis
        """),
        keys=2,
    )
    for key, values in mart_rates.items():
        for asked_value, mart_value in zip(rates.get(key, (None,) * 4), values, strict=True):
            assert asked_value == (mart_value if mart_value is None else pytest.approx(mart_value)), key
    assert any(0 < values[0] < 1 for values in mart_rates.values() if values[0] is not None)


def test_acquisition_is_that_of_the_media_sources(metrics: Metrics, demo: Company) -> None:
    by = ["acquisition_entry__acquisition_media_source", MONTH]
    asked = metrics.ask(
        "acquisition_cost", "acquired_customers", "leads", "touches", "responses", "acquired_net_revenue", by=by
    )
    mart = demo.query("""
        select media_source, month, acquisition_cost_amount, new_customer_count, lead_count, touch_count,
            response_count, net_revenue_amount
        from marts.media_source_performance_monthly
    """)
    assert without_zeros(asked) == without_zeros(by_key(mart, keys=2))
    cac = metrics.ask("cac", "cac_linear", "response_rate", by=by[:1])
    rows = demo.query(
        "select media_source, cac_amount, linear_cac_amount, response_rate from marts.media_source_performance"
    )
    for source, *values in rows:
        for asked_value, mart_value in zip(cac[(source,)], values, strict=True):
            assert asked_value == (mart_value if mart_value is None else pytest.approx(float(mart_value), abs=0.005)), (
                source
            )
    assert sum(row[1] is not None for row in rows) > 2


def test_every_way_of_crediting_wins_the_same_customers(metrics: Metrics) -> None:
    ((first, *others),) = metrics.ask(
        "acquired_customers",
        "acquired_customers_last_touch",
        "acquired_customers_linear",
        "acquired_customers_position_based",
    ).values()
    assert [float(other) for other in others] == [float(first)] * 3
    assert first == metrics.value("new_customers")


def test_customers_to_date_are_those_of_customer_profitability(metrics: Metrics, demo: Company) -> None:
    ((ordered, profitable, losing, penetration, referrals),) = metrics.ask(
        "customers_who_ordered", "profitable_customers", "loss_making_customers", "account_penetration", "referrals"
    ).values()
    assert [(ordered, profitable, losing, referrals)] == demo.query("""
        select count(first_ordered_on), count(first_ordered_on) filter (where customer_profit_amount > 0),
            count(first_ordered_on) filter (where customer_profit_amount < 0), sum(referral_count)
        from marts.customer_profitability where not is_unattributed
    """)
    assert penetration == pytest.approx(
        demo.value("select avg(account_penetration) from marts.customer_profitability where not is_unattributed")
    )
    assert metrics.value("loss_making_share") == pytest.approx(losing / ordered)


def test_what_customers_are_worth_is_that_of_the_groups(metrics: Metrics, demo: Company) -> None:
    names = ("valued_customers", "historic_value", "expected_value", "lifetime_value", "expected_margin_12_months")
    mart = demo.query("""
        select group_kind, group_id, customer_count, historic_value_amount, expected_value_amount,
            lifetime_value_amount, expected_margin_12m_amount, ltv_to_cac, lifetime_value_per_customer_amount
        from marts.lifetime_value_groups
    """)
    (everybody,) = metrics.ask(*names).values()
    asked = {
        "all": {("all",): everybody},
        "segment": metrics.ask(*names, by=["segment"]),
        "media_source": metrics.ask(*names, by=["customer__first_touch_media_source"]),
    }
    for kind in ("all", "segment"):
        shown = {(group,): tuple(row[:5]) for found, group, *row in mart if found == kind}
        assert without_zeros(asked[kind]) == without_zeros(shown)
    # Who never ordered was won by nothing there, and has no media source here.
    ordered = {(group,): tuple(row[:5]) for found, group, *row in mart if found == "media_source"}
    won = {key: values for key, values in asked["media_source"].items() if key[0] in {"internet", "magazine"}}
    assert won == {key: ordered[key] for key in won}
    ((ratio, mean),) = metrics.ask("ltv_to_cac", "lifetime_value_per_customer").values()
    ((expected_ratio, expected_mean),) = [row[5:] for kind, _, *row in mart if kind == "all"]
    assert ratio == pytest.approx(expected_ratio)
    assert mean == pytest.approx(float(expected_mean), abs=0.005)


def test_both_methods_for_indirect_cost_are_the_marts(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask(
        "customer_profit", "equal_share_cost", "equal_share_profit", "loss_making_customer_months", "losses", by=[MONTH]
    )
    mart = demo.query("""
        select month, sum(customer_profit_amount), sum(equal_share_cost_amount), sum(equal_share_profit_amount),
            count(*) filter (where customer_profit_amount < 0 and not is_unattributed),
            -sum(customer_profit_amount) filter (where customer_profit_amount < 0 and not is_unattributed)
        from marts.customer_profitability_monthly group by all
    """)
    assert without_zeros(asked) == without_zeros(by_key(mart, keys=1))
    by_segment = metrics.ask("variable_cost", "fixed_cost", "equal_share_cost", by=["segment"])
    kpis = demo.query("""
        select segment_id, sum(variable_cost_amount), sum(fixed_cost_amount), sum(equal_share_cost_amount)
        from marts.segment_kpis group by all
    """)
    assert without_zeros(by_segment) == without_zeros(by_key(kpis, keys=1))
    ((revenue, profit, variable, fixed),) = metrics.ask(
        "net_revenue", "customer_profit", "variable_cost", "fixed_cost"
    ).values()
    assert revenue - variable - fixed == profit


def test_losses_that_depend_on_the_method_are_told_from_the_stable_ones(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask("customer_profit", "loss_making_customers", by=["customer__profit_stability"])
    mart = demo.query("""
        select stability, sum(profit_stability.customer_profit_amount),
            count(*) filter (where is_loss and first_ordered_on is not null and not profit_stability.is_unattributed)
        from marts.profit_stability inner join marts.customer_profitability using (customer_id) group by all
    """)
    assert without_zeros(asked) == without_zeros(by_key(mart, keys=1))
    assert len(asked) == 2


def test_the_companys_result_is_the_ledgers(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask("operating_result", "unused_capacity_cost", "unassigned_cost", by=[MONTH])
    mart = demo.query("""
        select month, sum(ledger_amount) filter (where line = 'operating_result'),
            sum(below_the_line_amount) filter (where line = 'idle_capacity'),
            sum(below_the_line_amount) filter (where line = 'unassigned_cost')
        from marts.profitability_reconciliation group by all
    """)
    assert without_zeros(asked) == without_zeros(by_key(mart, keys=1))


def test_media_and_contacts_are_those_of_the_facts(metrics: Metrics, demo: Company) -> None:
    spent = metrics.ask("media_spend", by=["media_booking__spent_media_source"])
    assert spent == by_key(
        demo.query("select media_source, sum(media_spend_amount) from core.fct_media_spend group by all"), keys=1
    )
    contacts = metrics.ask("contact_count", "contact_minutes", "contacts_with_sale", by=["sales_rep"])
    assert without_zeros(contacts) == without_zeros(
        by_key(
            demo.query("""
                select sales_rep_id, count(*), sum(duration_minutes), count(*) filter (where has_sale)
                from core.fct_interactions group by all
            """),
            keys=1,
        )
    )


def test_moving_years_are_those_of_customer_profitability(metrics: Metrics, demo: Company) -> None:
    """Twelve months and the year up to the as-of month, as the mart has them per customer."""
    as_of = demo.value("select max(month) from marts.customer_segments where is_current")
    assert isinstance(as_of, dt.date)
    key = (as_of.isoformat(),)
    moving = metrics.ask(
        "net_revenue_last_12_months",
        "customer_profit_last_12_months",
        "net_revenue_year_to_date",
        "customer_profit_year_to_date",
        by=[MONTH],
    )
    assert [moving[key]] == demo.query("""
        select sum(last_12m_net_revenue_amount), sum(last_12m_customer_profit_amount), sum(ytd_net_revenue_amount),
            sum(ytd_customer_profit_amount)
        from marts.customer_profitability
    """)
    active = metrics.ask("ordering_customers_last_12_months", by=[MONTH])
    assert active[key] == (
        demo.value(f"""
            select count(distinct customer_id) from marts.customer_profitability_monthly
            where is_ordering and month <= date '{as_of}' and month > date '{as_of}' - interval 12 months
        """),
    )


def test_growth_is_against_the_year_before(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask("net_revenue", "net_revenue_growth", by=[MONTH])
    revenue = {dt.date.fromisoformat(month): amount for (month,), (amount, _) in asked.items()}
    for (month,), (_, growth) in asked.items():
        day = dt.date.fromisoformat(month)
        before, now = revenue.get(day.replace(year=day.year - 1)), revenue[day]
        # What has no year before is empty, not 100 %.
        assert growth == (pytest.approx(float((now - before) / before)) if before and now is not None else None), month
    assert demo.value("select count(distinct month) from marts.customer_profitability_monthly") <= len(asked)


def test_every_metric_answers_by_month(metrics: Metrics) -> None:
    assert len(metrics.names) > 80
    empty = [name for name in metrics.names if not metrics.ask(name, by=[MONTH])]
    assert empty == []


def test_every_metric_is_governed(metrics: Metrics) -> None:
    described = {metric.name: metric for metric in read_metrics()}
    assert sorted(described) == metrics.names
    assert {metric.owner for metric in described.values()} == OWNERS
    assert len({metric.description for metric in described.values()}) == len(described)
    for metric in described.values():
        assert metric.description.endswith("."), metric.name
        assert "amount" not in metric.description, f"{metric.name}: a definition names no column"


def test_a_metric_without_an_owner_is_named(tmp_path: Path) -> None:
    (tmp_path / "_semantic__new_metrics.yml").write_text(
        "metrics:\n  - {name: mood, label: Mood, description: How it feels., config: {meta: {unit: fraction}}}\n"
    )
    with pytest.raises(ProfitError, match="metric mood has no owner"):
        read_metrics(tmp_path)


def test_the_page_lists_the_metrics() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert render_page(page) == page, "run python -m profit.metric_docs"
    assert BEGIN in page
    assert END in page


def test_mf_query_answers(metrics: Metrics, demo: Company, tmp_path: Path) -> None:
    # `mf` opens a build to write, which it cannot while another test reads it: it gets a copy. It reads the manifest
    # from the project's own target folder, so the project is shown to it with this company's.
    company = demo.copied(tmp_path / "company")
    project = tmp_path / "project"
    project.mkdir()
    for entry in PROJECT_ROOT.iterdir():
        if entry.name not in {"target", "logs"}:
            (project / entry.name).symlink_to(entry)
    (project / "target").symlink_to(company.folder / "target")
    answer = tmp_path / "answer.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_PROJECT_DIR", str(project))
        patch.setenv("DBT_PROFILES_DIR", str(project))
        query = ["--metrics", "net_revenue,order_count", "--group-by", "segment__segment_name", "--csv", str(answer)]
        company.run_process("mf", "query", *query)
    name, net_revenue, orders = answer.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert (name, net_revenue, orders) == ("segment__segment_name", "net_revenue", "order_count")
    lines = [line.rsplit(",", 2) for line in answer.read_text(encoding="utf-8").splitlines()[1:]]
    total = sum((Decimal(net_revenue) for _, net_revenue, _ in lines), Decimal(0))
    assert total == demo.value("select sum(net_revenue_amount) from marts.customer_profitability")
