"""Scorecards: every value is that of its governed metric, parts sum to the whole, and the command says why."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import NO_TESTS, NO_UNIT_TESTS, Company
from metrics_zone import Metrics

from profit.paths import PROJECT_ROOT

# Kind of unit, and what metrics of the source are asked by for it.
OF_THE_WATERFALL = {
    "region": "territory__territory_region",
    "territory": "territory",
    "industry": "customer__industry",
    "product_group": "product__product_group",
    "channel": "channel",
    "segment": "segment",
    "sales_rep": "sales_rep",
    "media_source": "customer__first_touch_media_source",
}
OF_CUSTOMERS = {
    "region": "customer__territory__territory_region",
    "territory": "customer__territory",
    "industry": "customer__industry",
    "segment": "segment",
    "sales_rep": "customer__sales_rep",
    "media_source": "customer__first_touch_media_source",
}
OF_ACQUISITION = {"media_source": "acquisition_entry__acquisition_media_source"}
ASKED_BY = {
    "net_sales": OF_THE_WATERFALL,
    "net_revenue": OF_THE_WATERFALL,
    "customer_profit": OF_THE_WATERFALL,
    "gross_margin_rate": OF_THE_WATERFALL,
    "discount_rate": OF_THE_WATERFALL,
    "return_rate": OF_THE_WATERFALL,
    "retention_rate": OF_CUSTOMERS,
    "cac": OF_ACQUISITION,
}
PERIODS = {"month": "metric_time__month", "quarter": "metric_time__fiscal_quarter", "year": "metric_time__fiscal_year"}


@pytest.fixture(scope="module")
def metrics(demo: Company) -> Metrics:
    return Metrics(demo)


@pytest.mark.parametrize("kpi", ASKED_BY)
def test_a_kpi_is_its_metric_by_every_unit_and_period(metrics: Metrics, demo: Company, kpi: str) -> None:
    for kind, attribute in {"company": "", **ASKED_BY[kpi]}.items():
        for period_kind, period in PERIODS.items():
            asked = metrics.ask(kpi, by=[attribute, period] if attribute else [period])
            expected = {
                (key[0] or "(none)" if attribute else "company", key[-1]): float(value)
                for key, (value,) in asked.items()
                if value is not None
            }
            found = {
                (unit, str(start)): float(value)
                for unit, start, value in demo.query(
                    "select unit_id, period, actual_value from marts.scorecard where actual_value is not null "
                    f"and kpi_id = '{kpi}' and unit_kind = '{kind}' and period_kind = '{period_kind}'"
                )
            }
            # A unit without any entry in a period is no row of the metric, and 0 here.
            nothing = {key for key, value in found.items() if key not in expected and value == 0}
            assert {key: found[key] for key in found.keys() - nothing} == pytest.approx(expected, abs=1e-9), (
                kind,
                period_kind,
            )


def test_the_year_to_date_is_the_metric_over_its_months(metrics: Metrics, demo: Company) -> None:
    asked = metrics.ask("net_revenue_year_to_date", by=["metric_time__month"])
    found = demo.query(
        "select period, numerator from marts.scorecard where kpi_id = 'net_revenue' and unit_kind = 'company' "
        "and period_kind = 'year_to_date'"
    )
    assert {(str(period),): (value,) for period, value in found} == asked


def test_the_command_shows_the_tree_with_values_states_and_reasons(demo: Company) -> None:
    text = demo.run("profit", "scorecard")
    assert "Sell more" in text
    assert "Net sales" in text
    shown = json.loads(demo.run("profit", "scorecard", "--format", "json", "--period", "2025-Q4"))
    assert shown["period"] == "2025-Q4"
    assert shown["is_complete"]
    red = [kpi for kpi in shown["kpis"] if kpi["values"]["status"] == "red" and kpi["values"]["kpi_id"] != "cac"]
    assert red
    for kpi in red:
        assert kpi["reasons"][0]["unit_kind"] == "territory"
        assert kpi["reasons"][0]["below"][0]["unit_kind"] == "industry"
    central = json.loads(demo.run("profit", "scorecard", "--unit", "United States Central", "--format", "json"))
    assert (central["unit_kind"], central["unit_id"]) == ("territory", "crm:T11")
    assert "There is no unit 'nobody'" in demo.run("profit", "scorecard", "--unit", "nobody", expect=1)
    assert "There is no period '2031'" in demo.run("profit", "scorecard", "--period", "2031", expect=1)


def test_the_question_of_the_founding_document_is_one_query(demo: Company, tmp_path: Path) -> None:
    """Good overall, slow in Central, and in consumer goods one product group that was to grow is not selling."""
    # dbt opens a build to write, which it cannot while another test reads it.
    company = demo.copied(tmp_path)
    company.run("dbt", "compile", "--select", "why_sales_are_slow_in_central")
    (compiled,) = (company.folder / "target" / "compiled").rglob("why_sales_are_slow_in_central.sql")
    whole, territory, industry, group = demo.query(compiled.read_text(encoding="utf-8"))
    names = [row[2] for row in (whole, territory, industry, group)]
    assert names == ["company", "United States Central", "consumer goods", "Computers"]
    assert whole[3] > whole[4]
    for _, _, _, actual, target, contribution in (territory, industry, group):
        assert actual < target
        assert contribution == actual - target
    assert group[3] == 0


def test_alerts_follow_from_the_states(demo: Company) -> None:
    changes = demo.query("""
        with states as (
            select *, lag(status) over (partition by kpi_id, unit_kind, unit_id, period_kind order by period) as former
            from marts.scorecard where is_complete
        )
        select kpi_id, unit_kind, unit_id, period_kind, period, status, former from states where status <> former
    """)
    alerts = demo.query(
        "select kpi_id, unit_kind, unit_id, period_kind, period, status, previous_status from marts.kpi_alerts"
    )
    assert sorted(changes) == sorted(alerts)
    assert len(alerts) > 50


# What is changed in which file of the rules, and what the build says then, with file and line.
BROKEN: Mapping[str, tuple[str, str, str, str]] = {
    "unknown metric": (
        "kpis",
        "0.6,net_sales,",
        "0.6,net_seals,",
        "kpis.csv, line 2, rule net_sales: no metric net_seals",
    ),
    "unknown unit": (
        "targets",
        "net_revenue,any,,",
        "net_revenue,territory,crm:T99,",
        "line 5, rule net_revenue: there is no",
    ),
    "gap": (
        "bands",
        "more_is_better,0.9,1,amber",
        "more_is_better,0.95,1,amber",
        "bands.csv, line 3, rule more_is_better: gap",
    ),
    "overlap": (
        "bands",
        "less_is_better,1,1.1,amber",
        "less_is_better,0.9,1.1,amber",
        "bands.csv, line 6, rule less_is_better: overlap",
    ),
    "weights": ("objectives", "company,0.2", "company,0.3", "the weights below company sum to 1.1"),
    "nothing below": (
        "objectives",
        "growth,Sell more,company,0.4",
        "growth,Sell more,company,0.4\npeople,Develop people,growth,0.1",
        "objectives.csv, line 4, rule people: no KPI and no other objective stands below it",
    ),
    "no target": ("targets", "cac,any", "net_sales,channel", "rule cac: it is not SMART: it has no target"),
    "direction": (
        "kpis",
        "1.25,1,less_is_better",
        "0.5,1,less_is_better",
        "lower is better, but best_value is not lower",
    ),
    "middle of a month": (
        "targets",
        "return_rate,any,,any,,amount",
        "return_rate,any,,month,2025-03-15,amount",
        "line 8, rule return_rate: its period 2025-03-15 is not the first day of a month, so that no period has it; "
        "that one begins on 2025-03-01",
    ),
    "second month of a quarter": (
        "targets",
        "discount_rate,any,,any,,amount",
        "discount_rate,any,,quarter,2025-05-01,amount",
        "line 7, rule discount_rate: its period 2025-05-01 is not the first day of a fiscal quarter",
    ),
    "no year begins then": (
        "targets",
        "retention_rate,any,,any,,amount",
        "retention_rate,any,,year,2025-07-01,amount",
        "that one begins on 2025-01-01",
    ),
    "adds up": ("kpis", "lower,ratio,ratio,value", "lower,sum,ratio,value", "as sum, its metric as ratio"),
}


@pytest.fixture(scope="module")
def refused(demo: Company, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a build says of rules with every fault at once."""
    company, rules = demo.copied(tmp_path_factory.mktemp("company")), tmp_path_factory.mktemp("rules")
    for path in (PROJECT_ROOT / "seeds" / "performance").glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        for file, before, after, _ in BROKEN.values():
            if path.stem == file:
                assert before in text
                text = text.replace(before, after, 1)
        (rules / path.name).write_text(text, encoding="utf-8")
    seeds = [path.stem for path in rules.glob("*.csv")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROFIT_PERFORMANCE_RULES", str(rules))
        return company.run("dbt", "build", *NO_TESTS, "--select", *seeds, "int_performance__rule_problems", expect=1)


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_rules_are_refused_with_file_and_line(refused: str, fault: str) -> None:
    assert BROKEN[fault][-1] in refused


def test_the_only_unit_with_a_target_of_its_own_is_refused_where_nobody_knows_it(
    demo: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In rules of one's own it was renamed or is misspelt; those of the project are another company's."""
    company, rules = demo.copied(tmp_path / "company"), tmp_path / "rules"
    shutil.copytree(PROJECT_ROOT / "seeds" / "performance", rules)
    header, *lines = (rules / "targets.csv").read_text(encoding="utf-8").splitlines()
    general = [line for line in lines if line.split(",")[1] == "any"]
    gone = "net_sales,territory,crm:T99,any,,previous,1.5,2026-12-31,,"
    (rules / "targets.csv").write_text("\n".join([header, *general, gone, ""]), encoding="utf-8")
    monkeypatch.setenv("PROFIT_PERFORMANCE_RULES", str(rules))
    said = company.run("dbt", "build", *NO_TESTS, "--select", "targets", "int_performance__rule_problems", expect=1)
    assert f"targets.csv, line {len(general) + 2}, rule net_sales: there is no territory crm:T99" in said


def test_a_year_that_starts_in_october_is_counted_as_one(demo: Company, tmp_path: Path) -> None:
    company = demo.copied(tmp_path)
    chosen = (
        "dim_date",
        "fiscal_months",
        "pipeline_accuracy",
        "int_profitability__comparisons",
        "int_variance__budget_effects",
        "profit_bridge",
        "path:models/intermediate/performance",
        "path:models/marts/performance",
    )
    checks = ("contributions_are_the_difference_of_the_kpi", "kpis_of_units_sum_to_the_company")
    company.run(
        "dbt", "build", "--vars", "{fiscal_year_starts_month: 10}", *NO_UNIT_TESTS, "--select", *chosen, *checks
    )
    periods = company.query("""
        select period_kind, period_name, starts_on::varchar, is_complete, actual_value = (
            select sum(months.numerator) from marts.scorecard as months
            where months.unit_kind = 'company' and months.kpi_id = 'net_sales' and months.period_kind = 'month'
                and months.period between scorecard.starts_on and scorecard.ends_on)
        from marts.scorecard
        where unit_kind = 'company' and kpi_id = 'net_sales' and period_kind in ('quarter', 'year') order by all
    """)
    assert periods == [
        ("quarter", "2025-Q3", "2025-04-01", True, True),
        ("quarter", "2025-Q4", "2025-07-01", True, True),
        ("quarter", "2026-Q1", "2025-10-01", True, True),
        ("year", "2025", "2024-10-01", False, True),
        ("year", "2026", "2025-10-01", False, True),
    ]
    ((to_date,), (quarter,)) = company.query(
        "select actual_value from marts.scorecard where kpi_id = 'net_sales' and unit_kind = 'company' "
        "and period_name in ('to 2025-12', '2026-Q1')"
    )
    assert to_date == quarter
    assert "2026-Q1" in company.run("profit", "scorecard", "--period", "FY2026-Q1")
    customer = company.value(
        "select customer_id from marts.customer_profitability_monthly where month = '2025-11-01' limit 1"
    )
    explained = json.loads(company.run("profit", "explain", str(customer), "--period", "FY2026-Q1", "--json"))
    assert (explained["first_month"], explained["last_month"]) == ("2025-10", "2025-12")
