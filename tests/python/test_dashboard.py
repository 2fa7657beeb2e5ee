"""Pages without a browser: every page and filter, numbers against the marts, a new file, files that lack tables."""

from __future__ import annotations

import json
import os
import shutil
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import duckdb
import pytest
from conftest import Company

pytest.importorskip("streamlit", reason="the extra `dashboard` is not installed: make dashboard")
from streamlit.testing.v1 import AppTest

from dashboards.common.formats import label, money, percent
from dashboards.common.pages import PAGES
from dashboards.common.published import csv_of
from dashboards.common.tables import SHOWN
from dashboards.common.what_if import reach
from profit.paths import PROJECT_ROOT

_ENTRY = PROJECT_ROOT / "dashboards" / "Overview.py"
_NAMES = [page.name for page in PAGES]


def opened(page: str, **view: str | list[str]) -> AppTest:
    """A page as it is when it is opened by its address."""
    app = AppTest.from_file(str(_ENTRY), default_timeout=60)
    for name, value in view.items():
        app.query_params[name] = value
    app.run()
    if page != "overview":
        app.switch_page(f"views/{page}.py").run()
    return app


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [one.message for one in app.exception]
    assert not app.error, [one.value for one in app.error]
    return app


def shown(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


@pytest.fixture
def pages(demo: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("PROFIT_PUBLISHED", str(demo.paths.published))
    return demo


def published(company: Company, sql: str, *values: object) -> list[tuple]:
    with duckdb.connect(str(company.paths.published), read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def last_months(company: Company) -> tuple[str, str]:
    """The months that a page shows by itself: the last twelve that are complete."""
    months = published(
        company, "select distinct month from marts.segment_kpis where is_complete_month order by month desc limit 12"
    )
    return str(months[-1][0]), str(months[0][0])


@pytest.mark.parametrize("page", PAGES, ids=_NAMES)
def test_a_page_opens_and_each_of_its_filters_works(pages: Company, page: object) -> None:
    app = fine(opened(page.name))
    assert app.title[0].value == page.title
    # Every table says whose it is.
    assert all(", owner: " in one.value for one in app.caption if "What a column means is said" in one.value)
    for name in page.filters:
        if name == "period":
            slider = app.select_slider(key="period")
            slider.set_value((slider.options[0], slider.options[1]))
            fine(app.run())
            continue
        choice = app.multiselect(key=name)
        assert not choice.disabled, f"{name} is greyed out"
        fine(choice.set_value(choice.options[:1]).run())
        fine(app.multiselect(key=name).set_value([]).run())
    others = {"territory", "industry", "segment", "sales_rep", "product_group", "channel"} - {*page.filters}
    assert all(app.multiselect(key=name).disabled for name in others)


def test_a_view_is_opened_by_its_address(pages: Company) -> None:
    usual = fine(opened("overview"))
    months = usual.select_slider(key="period").options
    view = {name: usual.multiselect(key=name).options[:2] for name in PAGES[0].filters if name != "period"}
    app = fine(opened("overview", period=[months[1], months[3]], **view))
    assert app.select_slider(key="period").value == (months[1], months[3])
    assert {name: app.multiselect(key=name).value for name in view} == view
    assert any("is not applied here" in one.value for one in app.warning)


def test_the_overview_equals_the_reconciled_waterfall(pages: Company) -> None:
    app = fine(opened("overview"))
    start, end = last_months(pages)
    amounts = dict(
        published(
            pages,
            "select line, sum(customers_amount + unattributed_amount + below_the_line_amount) "
            "from marts.profitability_reconciliation where month between ? and ? group by line",
            start,
            end,
        )
    )
    assert shown(app) == {
        "Net revenue": money(amounts["net_revenue"]),
        "Contribution margin": money(amounts["contribution_margin"]),
        "Customer profit": money(amounts["customer_profit"]),
        "Operating result": money(amounts["operating_result"]),
    }


@pytest.mark.parametrize(("name", "column"), [("segment", "segment_id"), ("sales_rep", "sales_rep_id")])
def test_a_filter_in_the_address_leaves_those_customers_alone(pages: Company, name: str, column: str) -> None:
    named = "select segment_name from reference.segments where segment_id = member" if name == "segment" else "member"
    ((member, text),) = published(
        pages,
        f"select member, ({named}) from (select {column} as member, count(*) as n from marts.customer_profitability "
        "where not is_unattributed group by 1 order by n desc, 1 limit 1)",
    )
    app = fine(opened("overview", **{name: text}))
    start, end = last_months(pages)
    ((revenue, profit),) = published(
        pages,
        f"""
        select sum(net_revenue_amount), sum(customer_profit_amount) from marts.customer_profitability_monthly
        where month between ? and ? and customer_id in (
            select customer_id from marts.customer_profitability where {column} = ?
        )
        """,
        start,
        end,
        member,
    )
    assert app.multiselect(key=name).value == [text]
    assert shown(app)["Net revenue"] == money(revenue)
    assert shown(app)["Customer profit"] == money(profit)
    assert shown(app)["Operating result"] == "—"


def test_a_customer_is_found_by_an_id_that_it_had_and_by_the_address(pages: Company) -> None:
    ((former, now),) = published(
        pages,
        "select given_customer_id, customer_id from core.customer_ids where given_customer_id <> customer_id "
        "order by 1 limit 1",
    )
    ((revenue, profit),) = published(
        pages,
        "select net_revenue_amount, customer_profit_amount from marts.customer_profitability where customer_id = ?",
        now,
    )
    app = fine(opened("customers"))
    fine(app.text_input(key="customer").set_value(former).run())
    assert shown(app)["Net revenue"] == money(revenue)
    assert shown(app)["Customer profit"] == money(profit)
    for tab in (
        "By month",
        "Cost to serve",
        "Cash flows",
        "Lifetime value",
        "Segment path",
        "Pipeline",
        "Next actions",
    ):
        app.session_state["about"] = tab
        fine(app.run())
    fine(app.text_input(key="customer").set_value("nobody").run())
    assert any("nobody" in one.value for one in app.warning)
    text = app.text_input(key="find").set_value(former)
    fine(text.run())
    assert now in set(app.dataframe[0].value["customer_id"])


def test_a_part_of_the_bridge_leads_to_the_customers_behind_it(pages: Company) -> None:
    _, end = last_months(pages)
    bridge = "from marts.profit_bridge where period_kind = 'month' and basis = 'actual' and period = ?"
    ((part,),) = published(
        pages, f"select part {bridge} and unit_kind = 'company' order by abs(amount) desc, part limit 1", end
    )
    app = fine(opened("overview", part=label(part)))
    assert app.selectbox(key="part").value == part
    tables = [one.value for one in app.dataframe if {"customer_id", "amount"} <= {*one.value.columns}]
    # Each customer's change is divided by itself; only all parts together are the company's.
    of_customers, of_company = published(
        pages,
        f"select sum(case when part = '{part}' then amount end), sum(amount) {bridge} "
        "and unit_kind in ('company', 'customer') group by unit_kind order by unit_kind = 'company'",
        end,
    )
    assert sum(Decimal(str(value)) for value in tables[0]["amount"]) == of_customers[0]
    assert of_company[1] == of_customers[1]
    # A place on the curve of a click is a number of the address, and one that is not there is forgotten.
    app = fine(opened("overview", place="3"))
    assert [one.value["curve_position"].min() for one in app.dataframe if "curve_position" in one.value] == [3]
    app = fine(opened("overview", place=str(10**9), part="No such part", line="No such line"))
    assert app.selectbox(key="part").value is None
    assert not [one for one in app.dataframe if "curve_position" in one.value]


def test_an_activity_leads_to_those_whom_it_serves(pages: Company) -> None:
    start, end = last_months(pages)
    ((activity, cost),) = published(
        pages,
        "select activity_id, sum(cost_amount) from core.fct_activity_costs where month between ? and ? "
        "and customer_id in (select customer_id from marts.customer_profitability) group by 1 order by 2 desc limit 1",
        start,
        end,
    )
    app = opened("costs")
    app.session_state["node"] = f"activity:{activity}"
    fine(app.run())
    found = [one.value for one in app.dataframe if "practical_minutes" in one.value]
    assert sum(Decimal(str(value)) for value in found[0]["cost_amount"]) == cost


@pytest.mark.parametrize("group", ["segment", "industry", "kind", "territory"])
def test_customers_of_the_flows_lead_to_their_page(pages: Company, group: str) -> None:
    start, end = last_months(pages)
    column = {"segment": "segment_id", "kind": "customer_kind", "territory": "territory_id"}.get(group, group)
    ((member, customers, cost),) = published(
        pages,
        f"""
        select {column}, count(distinct customer_id), sum(amount)
        from core.fct_cost_flows inner join marts.customer_profitability using (customer_id)
        where period between ? and ? and receiver_kind = 'customer' and sender_kind = 'activity'
            and {column} not in ('none', 'unknown')
        group by 1 order by 3 desc limit 1
        """,
        start,
        end,
    )
    app = opened("costs", group=group)
    # A click on the drawing gives this choice.
    marks = json.loads(next(one.proto.spec for one in app.get("plotly_chart")))["data"][1]["customdata"]
    assert f"customer:{member}" in marks
    app.session_state["node"] = f"customer:{member}"
    fine(app.run())
    flows = [one.value for one in app.dataframe if "sender_kind" in one.value]
    assert sum(Decimal(str(value)) for value in flows[0]["amount"]) == cost
    found = [one.value for one in app.dataframe if list(one.value) == ["customer_id", "segment_id", "amount"]]
    assert (len(found[0]), sum(Decimal(str(value)) for value in found[0]["amount"])) == (customers, cost)
    # The link opens the page of customers with these alone.
    (link,) = [one.proto for one in app.get("page_link") if one.proto.page == "customers"]
    for name, asked in parse_qs(link.query_string).items():
        app.query_params[name] = asked
    fine(app.switch_page("views/customers.py").run())
    ((expected,),) = published(pages, f"select count(*) from marts.customer_profitability where {column} = ?", member)
    listed = next(one.value for one in app.dataframe if "profit_tier" in one.value)
    assert len(listed) == min(expected, SHOWN)
    assert set(listed[column]) == {member}


def test_a_unit_of_the_scorecard_leads_to_its_customers(pages: Company) -> None:
    ((territory, period, profit),) = published(
        pages,
        """
        select unit_id, period_name, actual_value from marts.scorecard
        where kpi_id = 'customer_profit' and unit_kind = 'territory' and period_kind = 'month' and is_complete
        order by period desc, abs(actual_value) desc, unit_id limit 1
        """,
    )
    app = fine(opened("scorecard", periods="Month", score_period=period, down=f"territory:{territory}"))
    found = [one.value for one in app.dataframe if "customer_profit_before_amount" in one.value]
    assert sum(Decimal(str(value)) for value in found[0]["customer_profit_amount"]) == profit


def test_sliders_at_their_governed_values_are_the_published_scenario(
    pages: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A build of its own: other tests may have the shared one open, which the page would say.
    build = Path(shutil.copytree(pages.paths.warehouse.parent, tmp_path / "build")) / pages.paths.warehouse.name
    monkeypatch.setenv("PROFIT_WAREHOUSE", str(build))
    ((name, base, result),) = published(
        pages,
        """
        select scenario_name, sum(base_amount), sum(scenario_amount)
        from marts.scenario_comparison inner join reference.plan_scenarios using (scenario_id)
        where scenario_id = 'price_rise' and line = 'operating_result' and segment_id = 'all' group by 1
        """,
    )
    app = fine(opened("plan", start=name))
    assert {one.key: one.value for one in app.slider} == {"try_S-110": 3.0, "try_S-111": -2.0}
    fine(app.button[0].click().run())
    assert [one.value for one in app.metric] == [money(base), money(result), money(result - base)]
    assert not app.warning
    app.slider(key="try_S-110").set_value(0.0)
    fine(app.button[0].click().run())
    assert app.metric[1].value != money(result)


def test_a_page_without_the_build_says_so(pages: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFIT_WAREHOUSE", str(tmp_path / "none.duckdb"))
    app = fine(opened("plan"))
    assert not app.slider
    assert any("is not at hand" in one.value for one in app.info)


def test_changes_that_reach_nobody_are_named_above_the_result(pages: Company) -> None:
    def page() -> None:
        from dashboards.common.what_if import show_tried  # noqa: PLC0415 - the page is run by itself
        from profit.planning.trying import Tried  # noqa: PLC0415

        line = ("operating_result", "subtotal", 5, 5, 0)
        show_tried(Tried("what_if", "Own", "", "2026-01", "2026-12", [line], [], [], ["Change 1 changes nothing."]))

    app = fine(AppTest.from_function(page, default_timeout=60).run())
    assert "Change 1 changes nothing." in [one.value for one in app.warning]


@pytest.mark.parametrize(
    ("lever", "operation", "governed", "at", "value"),
    [
        ("price", "multiply", 1.03, 3.0, 1.03),
        ("capacity", "multiply", 2.0, 100.0, 2.0),
        ("volume", "multiply", 4.0, 300.0, 4.0),
        ("retention", "add", 0.05, 5.0, 0.05),
        ("order_channel_mix", "set", 0.5, 50.0, 0.5),
        ("capacity", "add", -3.0, -3.0, -3.0),
        ("new_customers", "set", 40.0, 40.0, 40.0),
    ],
)
def test_a_slider_stands_at_the_governed_value(
    lever: str, operation: str, governed: float, at: float, value: float
) -> None:
    found = reach(lever, operation, governed)
    assert found.start == pytest.approx(at)
    assert found.low <= found.start <= found.high
    assert found.value(operation, found.start) == pytest.approx(value)


def test_texts_of_readers_are_values_and_no_sql(pages: Company) -> None:
    app = fine(opened("customers"))
    fine(app.text_input(key="find").set_value("'; drop table x; --").run())
    assert any("No customer fits" in one.value for one in app.info)


def test_the_pipeline_of_a_day_is_that_of_the_command(pages: Company) -> None:
    app = fine(opened("pipeline"))
    day = app.date_input(key="day").value
    ((count, amount),) = published(
        pages,
        """
        select count(*), coalesce(sum(amount), 0) from core.fct_opportunity_states
        where stage_state = 'open' and valid_from <= $1 and (valid_to is null or valid_to > $1)
            and known_from <= $1 and (known_to is null or known_to > $1)
        """,
        day,
    )
    assert shown(app)["Opportunity count"] == f"{count:,}"
    assert shown(app)["Amount"] == money(amount)


def test_tables_say_what_the_marts_say(pages: Company) -> None:
    app = fine(opened("media"))
    frame = app.dataframe[0].value
    expected = published(
        pages, "select media_source_name, cac_amount from marts.media_source_performance where cac_amount is not null"
    )
    found = dict(zip(frame["media_source_name"], frame["cac_amount"], strict=True))
    assert expected
    assert all(Decimal(str(found[name])) == amount for name, amount in expected)


def test_a_new_file_is_noticed_and_shown(pages: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, other = tmp_path / "published.duckdb", tmp_path / "other.duckdb"
    for copy in (file, other):
        shutil.copy(pages.paths.published, copy)
        copy.chmod(0o644)
    with duckdb.connect(str(other)) as connection:
        connection.execute("update manifest set run_id = 'another-run'")
    monkeypatch.setenv("PROFIT_PUBLISHED", str(file))
    app = fine(opened("overview"))
    assert not app.toast
    os.replace(other, file)
    fine(app.run())
    assert "another-" in app.toast[0].value
    assert any("another-" in one.value for one in app.sidebar.caption)


def bare(file: Path, *more: str) -> Path:
    """A published file that holds nothing but the manifest of its run."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            create schema core; create schema marts; create schema reference;
            create table manifest as select 'run-1' as run_id, timestamp '2026-01-02 03:04:05' as published_at,
                '0' as version, false as is_partial, 'r' as checked_results, 'c' as code_commit;
            create table manifest_deliveries (rows_read bigint, rows_quarantined bigint, delivered_on date);
            """
        )
        for statement in more:
            connection.execute(statement)
    return file


@pytest.mark.parametrize("page", _NAMES)
def test_what_is_missing_is_said(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFIT_PUBLISHED", str(bare(tmp_path / "published.duckdb")))
    app = fine(opened(page))
    assert any("holds no" in one.value for one in app.info)


def test_cost_and_feeds_that_nobody_delivered_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bare(
        tmp_path / "published.duckdb",
        "create table marts.data_coverage as select 'marketing.media_spend' as feed, 'missing' as status",
        "create table marts.data_quality as select 'no_standard_cost' as rule, 'sales.order_lines' as feed",
        "create table core.fct_cost_flows (stage varchar)",
        "create table core.fct_order_lines as select false as has_cost",
    )
    monkeypatch.setenv("PROFIT_PUBLISHED", str(file))
    for page in PAGES[:-1]:  # Trust asks more columns of data_quality.
        app = fine(opened(page.name))
        before = [one.value for one in app.warning if "before cost of goods and cost to serve" in one.value]
        assert bool(before) == page.is_of_profit, page.name
    assert any("Not delivered: marketing.media_spend" in one.value for one in fine(opened("media")).info)


def test_a_filter_that_a_part_of_a_page_does_not_know_is_said(pages: Company) -> None:
    choice = fine(opened("pipeline")).multiselect(key="sales_rep")
    app = fine(opened("pipeline", sales_rep=choice.options[0]))
    assert any("Not filtered by representative" in one.value for one in app.caption)


def test_nothing_published_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFIT_PUBLISHED", str(tmp_path / "none.duckdb"))
    app = opened("overview")
    assert not app.exception
    assert "Nothing is published" in app.error[0].value


def test_downloads_are_exact_and_hold_no_formulas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = "create table marts.t as select '=1+1' as text, 123456789012345678.1234::decimal(28,4) as amount, 2 as n"
    monkeypatch.setenv("PROFIT_PUBLISHED", str(bare(tmp_path / "published.duckdb", table)))
    assert csv_of("select * from marts.t where n = ?", [2]).decode() == (
        "text,amount,n\n'=1+1,123456789012345678.1234,2\n"
    )


def test_numbers_are_written_as_finance_does() -> None:
    assert [money(1234.5), money(-1234.5), money(-0.2), money(None), money(Decimal("-1.5"), 2)] == [
        "1,234",
        "(1,234)",
        "0",
        "—",
        "(1.50)",
    ]
    assert [percent(0.123), percent(-0.5)] == ["12.3%", "(50.0%)"]
    assert [label("net_revenue_amount"), label("weighted_amount"), label("ltv_to_cac")] == [
        "Net revenue",
        "Weighted amount",
        "LTV to CAC",
    ]
