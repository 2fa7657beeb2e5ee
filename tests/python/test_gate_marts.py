"""The gate out: marts in order pass, and every kind of fault is caught with its message and severity."""

from __future__ import annotations

import ast
import datetime as dt
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from gate_zone import one

from profit.errors import ProfitError
from profit.gates import GateReport, check_marts, print_report
from profit.gates.marts_suites import Table, promises, published_tables
from profit.gates.report import STOP, WARN
from profit.gates.site import begin_site
from profit.gates.tested import PassedTest, note_tests, passed_tests
from profit.paths import PROJECT_ROOT, Paths

WATERFALL = """
    with given (customer_id, gross_sales_amount, equal_share_cost_amount) as (
        values ('a', 100, 10), ('b', 200, 10), ('unattributed', 20, 0)
    ),
    costs as (
        select
            *, customer_id = 'unattributed' as is_unattributed, 1 as order_count, 10 as discount_amount,
            5 as rebate_amount, 0 as return_amount, gross_sales_amount * 0.4 as cost_of_goods_amount,
            1 as commission_amount, 1 as payment_fee_amount, 2 as freight_amount, 0 as lead_fee_amount,
            4 as direct_selling_cost_amount, 0 as rebate_leakage_amount,
            gross_sales_amount * 0.1 as cost_to_serve_amount, 1 as sustaining_cost_amount,
            'champions' as segment_id, 'top' as profit_tier
        from given
    )
    select
        *, gross_sales_amount - 15 as net_revenue_amount,
        gross_sales_amount - 15 - cost_of_goods_amount as gross_margin_amount,
        gross_sales_amount - 19 - cost_of_goods_amount as contribution_margin_amount,
        gross_sales_amount - 19 - cost_of_goods_amount - cost_to_serve_amount as customer_margin_amount,
        gross_sales_amount - 20 - cost_of_goods_amount - cost_to_serve_amount as customer_profit_amount,
        gross_sales_amount - 19 - cost_of_goods_amount - equal_share_cost_amount as equal_share_profit_amount
    from costs
"""

# Only the lines that the waterfall above has; those without money stand in the reconciliation as zeros.
RECONCILIATION = """
    with amounts as (
        unpivot (
            select
                is_unattributed, gross_sales_amount as gross_sales, discount_amount as discounts,
                rebate_amount as rebates, net_revenue_amount as net_revenue, cost_of_goods_amount as cost_of_goods,
                gross_margin_amount as gross_margin, commission_amount as commission,
                payment_fee_amount as payment_fees, freight_amount as freight,
                contribution_margin_amount as contribution_margin, equal_share_cost_amount as indirect_cost,
                cost_to_serve_amount as cost_to_serve, customer_margin_amount as customer_margin,
                sustaining_cost_amount as sustaining_cost, customer_profit_amount as customer_profit,
                customer_profit_amount as operating_result
            from marts.customer_profitability_monthly
        ) on columns(* exclude (is_unattributed)) into name line value amount
    ),
    sides as (
        select
            date '2025-03-01' as month, lines.line, lines.line_order, lines.line_kind,
            coalesce(sum(amount) filter (where not is_unattributed), 0) as customers_amount,
            coalesce(sum(amount) filter (where is_unattributed), 0) as unattributed_amount
        from reference.waterfall_lines as lines left join amounts using (line) group by all
        union all
        select date '2025-03-01', 'difference_' || category, 200, 'difference', 0, 0
        from unnest(['ledger_is_silent', 'not_in_facts', 'not_in_ledger', 'amounts_differ']) as t(category)
    )
    select *, 0 as below_the_line_amount, customers_amount + unattributed_amount as ledger_amount,
        0 as difference_amount,
        case when line_kind = 'difference' then replace(line, 'difference_', '') else 'none' end as difference_category
    from sides
"""


def waterfall_lines() -> list[dict[str, Any]]:
    """The lines of the waterfall, as its macro defines them."""
    macro = (PROJECT_ROOT / "macros" / "profitability" / "waterfall.sql").read_text(encoding="utf-8")
    found = re.search(r"macro waterfall_lines\(\).*?return\((\[.*?\])\)", macro, re.DOTALL)
    assert found is not None
    return ast.literal_eval(found[1])


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A warehouse with every published table, and money in those of the waterfall."""
    folder = tmp_path_factory.mktemp("marts")
    paths = Paths.below(folder)
    paths.warehouse.parent.mkdir()
    with duckdb.connect(str(paths.warehouse)) as warehouse:
        for schema in ("core", "marts", "reference"):
            warehouse.execute(f"create schema {schema}")
        warehouse.execute("create schema landing")
        warehouse.execute("create table landing.deliveries as select 'a.parquet' as landed_file, 3 as rows_landed")
        warehouse.execute("create table landing.loaded_rows as select 'a.parquet' as landed_file, 3 as rows_loaded")
        for table in published_tables():
            columns = ", ".join(f"{name} {data_type}" for name, data_type in table.columns.items())
            warehouse.execute(f"create table {table.full_name} ({columns})")
        warehouse.executemany(
            "insert into reference.waterfall_lines (line, line_order, line_kind, effect, label) values (?, ?, ?, ?, ?)",
            [[line[name] for name in ("line", "order", "kind", "effect", "label")] for line in waterfall_lines()],
        )
        warehouse.execute(
            "insert into core.dim_date by name select date '2025-01-01' + i::int as calendar_date, "
            "date_trunc('month', calendar_date) as month from range(365) as t(i)"
        )
        warehouse.execute(
            f"insert into marts.customer_profitability_monthly by name "
            f"select *, date '2025-03-01' as month, not is_unattributed as is_ordering from ({WATERFALL})"
        )
        warehouse.execute(f"insert into marts.customer_profitability by name {WATERFALL}")
        # Windows, counts and the split of cost follow from months that are not there: zeros stand for them.
        for table in published_tables():
            if table.full_name in (MONTHLY, TOTAL):
                numbers = [name for name, kind in table.columns.items() if kind.startswith(("bigint", "decimal"))]
                filled = ", ".join(f"{name} = coalesce({name}, 0)" for name in numbers)
                warehouse.execute(f"update {table.full_name} set {filled}")
        warehouse.execute(f"insert into marts.profitability_reconciliation by name {RECONCILIATION}")
    return paths


def test_marts_in_order_pass_without_a_warning(clean: Paths) -> None:
    report = check_marts(clean)
    assert [result for result in report.results if not result.is_success] == []
    assert {result.feed_or_table for result in report.results} == {
        "warehouse",
        *(table.full_name for table in published_tables()),
    }
    assert report.results_file.is_file()
    assert "Gate marts" in report.data_docs.read_text(encoding="utf-8")


FAULTS = """
    update marts.customer_profitability set contribution_margin_amount = contribution_margin_amount + 0.01
        where customer_id = 'a';
    insert into marts.customer_profitability_monthly select * replace (date '2031-01-01' as month, -7 as order_count,
        -300 as discount_amount, null as is_ordering) from marts.customer_profitability_monthly where customer_id = 'b';
    insert into marts.customer_profitability_monthly select * replace (null as customer_id)
        from marts.customer_profitability_monthly where customer_id = 'a';
    insert into marts.customer_profitability_monthly from marts.customer_profitability_monthly where customer_id = 'a';
    update marts.customer_profitability set equal_share_cost_amount = null where customer_id = 'b';
    update marts.profitability_reconciliation set ledger_amount = ledger_amount + 1 where line = 'discounts';
    update marts.profitability_reconciliation set ledger_amount = ledger_amount + 2, difference_amount = 2
        where line = 'operating_result';
    update marts.profitability_reconciliation set difference_amount = 5 where line = 'difference_not_in_facts';
    update marts.profitability_reconciliation set line_kind = 'odd' where line = 'freight';
    insert into marts.profitability_reconciliation by name select date '2025-04-01' as month, 'gross_sales' as line,
        0 as customers_amount, 0 as ledger_amount, 0 as difference_amount, 'none' as difference_category;
    insert into core.customer_crosswalk by name select 's:customer:1' as record_id, 's' as source_system,
        'customer' as record_kind, false as is_prospect, '1' as source_customer_id, 'a' as customer_id,
        'exact' as match_rule, 1.5 as match_probability, date '2025-01-01' as first_seen_on, false as is_deleted;
    alter table core.dim_customer add column email varchar;
    alter table core.dim_channel drop column last_used_on;
    drop table marts.data_quality;
"""
MONTHLY, TOTAL, LEDGER = (
    "marts.customer_profitability_monthly",
    "marts.customer_profitability",
    "marts.profitability_reconciliation",
)
CAUGHT = [
    (TOTAL, "contribution_margin_amount = gross_margin_amount - direct_selling_cost_amount", STOP, "a"),
    (TOTAL, "every customer is the sum of its months", STOP, "a"),
    (TOTAL, "every line of the waterfall is filled", STOP, "b"),
    (MONTHLY, "customer_id, month is unique", STOP, "a:2025-03-01"),
    (MONTHLY, "customer_id is filled", STOP, None),
    (MONTHLY, "order_count is at least 0", STOP, "b:2031-01-01 (order_count = -7)"),
    (MONTHLY, "month is the first day of a month in dim_date", STOP, "b:2031-01-01 in 2031-01-01"),
    (MONTHLY, "deductions and direct costs are positive in sum", STOP, "discount_amount sums to -250.0000"),
    (MONTHLY, "gross sales and deductions are not negative", WARN, "b in 2031-01-01"),
    (LEDGER, "difference = ledger - customers - unattributed - below the line", STOP, "2025-03-01 discounts"),
    (LEDGER, "a difference is zero or explained by a category", STOP, "2025-03-01 operating_result"),
    (LEDGER, "categories explain the whole difference of the operating result", STOP, "2025-03-01: 5.0000 of 2.0000"),
    (LEDGER, "the operating result is the sum of the posted lines", STOP, "2025-03-01"),
    (LEDGER, "every month has an operating result", STOP, "2025-04-01"),
    (LEDGER, "customers and unattributed of the lines are those of the monthly mart", STOP, None),
    (LEDGER, "where the ledger speaks, it agrees with the customers to the cent", WARN, None),
    (LEDGER, "line_kind is one of posted, subtotal, memo, difference", STOP, "2025-03-01:freight (line_kind = odd)"),
    ("core.customer_crosswalk", "match_probability is at most 1", STOP, "s:customer:1 (match_probability = 1.5)"),
    ("core.dim_channel", "the documented columns are there", STOP, None),
    ("marts.data_quality", "the table was built", STOP, "marts.data_quality"),
    ("warehouse", "core and marts hold no personal data", STOP, "core.dim_customer.email"),
]


def test_bounds_come_from_what_the_yaml_says_of_a_column_never_from_its_name() -> None:
    table = Table("marts", "curve", dict.fromkeys(("customer_share", "match_probability", "order_count"), "double"))
    assert list(promises(table)) == []
    described = {
        f"{table.full_name}.{column}": bounds for table in published_tables() for column, bounds in table.bounds.items()
    }
    assert described["marts.whale_curve.customer_share"].maximum == 1
    assert described["marts.customer_profitability.order_count"].minimum == 0
    assert "marts.revenue_ranking_groups.variable_cost_share" not in described


def test_what_the_build_has_tested_is_read_not_looked_at_again(clean: Paths, tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    paths.warehouse.parent.mkdir()
    shutil.copyfile(clean.warehouse, paths.warehouse)
    tests = [
        PassedTest("customer_profitability", "unique", ("customer_id",), "test.unique_customer_id"),
        PassedTest("customer_profitability", "keeps_its_rules", (), "test.keeps_its_rules"),
    ]
    note_tests(paths, tests)
    report = check_marts(paths)
    assert report.is_passed
    by_rule = {result.rule: result.tested_by for result in report.results if result.feed_or_table == TOTAL}
    assert by_rule["customer_id is unique"] == "dbt: test.unique_customer_id"
    assert by_rule["order_count is at least 0"] == "dbt: test.keeps_its_rules"
    assert by_rule["every line of the waterfall is filled"] == "gate"
    # A table that was made without its constraints has not kept them, whatever dbt says of the others.
    assert by_rule["segment_id is filled"] == "gate"
    page = (report.data_docs.parent / f"{TOTAL}.html").read_text(encoding="utf-8")
    assert "test.unique_customer_id" in page


def test_a_test_of_all_rules_has_tested_the_key_that_it_names() -> None:
    def result(name: str, **kwargs: object) -> SimpleNamespace:
        node = SimpleNamespace(
            test_metadata=SimpleNamespace(name=name, kwargs=kwargs),
            attached_node="model.profit_warehouse.whale_curve",
            config=SimpleNamespace(where=None, error_if="!= 0"),
            column_name=None,
            unique_id=f"test.{name}",
        )
        return SimpleNamespace(node=node, status="pass")

    assert passed_tests([result("keeps_its_rules"), result("keeps_its_rules", key=["scope", "period"])]) == [
        PassedTest("whale_curve", "keeps_its_rules", (), "test.keeps_its_rules"),
        PassedTest("whale_curve", "keeps_its_rules", (), "test.keeps_its_rules"),
        PassedTest("whale_curve", "unique_combination", ("scope", "period"), "test.keeps_its_rules"),
    ]
    (curve,) = (table for table in published_tables() if table.name == "whale_curve")
    assert ("scope", "period", "customer_id") in [promise.columns for promise in promises(curve)]


def test_tests_of_another_state_of_the_warehouse_count_for_nothing(clean: Paths, tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    paths.warehouse.parent.mkdir()
    shutil.copyfile(clean.warehouse, paths.warehouse)
    note_tests(paths, [PassedTest("customer_profitability", "unique", ("customer_id",), "test.unique_customer_id")])
    with duckdb.connect(str(paths.warehouse)) as warehouse:
        warehouse.execute(f"insert into {TOTAL} from {TOTAL} where customer_id = 'a'")
    result = one(check_marts(paths), TOTAL, "customer_id is unique", STOP)
    assert (result.is_success, result.tested_by, result.sample_keys) == (False, "gate", ("a",))


def test_a_constraint_that_the_table_has_is_not_counted(clean: Paths, tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    paths.warehouse.parent.mkdir()
    shutil.copyfile(clean.warehouse, paths.warehouse)
    with duckdb.connect(str(paths.warehouse)) as warehouse:
        warehouse.execute(f"alter table {TOTAL} alter column segment_id set not null")
    assert one(check_marts(paths), TOTAL, "segment_id is filled", STOP).tested_by == "constraint of the table"


@pytest.fixture(scope="module")
def faulty_report(clean: Paths, tmp_path_factory: pytest.TempPathFactory) -> GateReport:
    folder = tmp_path_factory.mktemp("faulty")
    paths = Paths.below(folder)
    paths.warehouse.parent.mkdir()
    shutil.copyfile(clean.warehouse, paths.warehouse)
    with duckdb.connect(str(paths.warehouse)) as warehouse:
        warehouse.execute(FAULTS)
    return check_marts(paths)


@pytest.mark.parametrize("fault", CAUGHT, ids=lambda fault: f"{fault[0]}: {fault[1]}")
def test_a_fault_is_caught(faulty_report: GateReport, fault: tuple[str, str, str, str | None]) -> None:
    table, rule, severity, sample = fault
    result = one(faulty_report, table, rule, severity)
    assert not result.is_success
    assert result.rows_failed > 0
    assert sample is None or sample in result.sample_keys
    assert result.reason
    assert "The check itself failed" not in result.reason


def test_nothing_else_is_reported(faulty_report: GateReport) -> None:
    caught = {(table, rule) for table, rule, _, _ in CAUGHT}
    others = {
        (result.feed_or_table, result.rule)
        for result in (*faulty_report.stops, *faulty_report.warnings)
        if (result.feed_or_table, result.rule) not in caught
    }
    # What follows from the same faults: the changed months no longer add up, and totals of totals neither.
    assert {table for table, _ in others} <= {MONTHLY, TOTAL, LEDGER}
    assert not faulty_report.is_passed


def test_a_missing_or_unreadable_warehouse_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    with pytest.raises(ProfitError, match="run `profit build` first"):
        check_marts(paths)
    paths.warehouse.parent.mkdir(exist_ok=True)
    paths.warehouse.write_bytes(b"no database")
    with pytest.raises(ProfitError, match="cannot be read"):
        check_marts(paths)


def test_the_start_page_says_what_the_command_says(
    faulty_report: GateReport, clean: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths.below(tmp_path)
    paths.warehouse.parent.mkdir()
    shutil.copyfile(clean.warehouse, paths.warehouse)
    with duckdb.connect(str(paths.warehouse)) as warehouse:
        warehouse.execute("drop table marts.whale_curve; drop table core.dim_date; drop schema landing cascade")
    missing = check_marts(paths)
    assert len(missing.stops) >= 4
    for report in (faulty_report, missing):
        print_report(report)
        counts = f"{len(report.results):,} rules checked, {len(report.stops):,} stop, {len(report.warnings):,} warn"
        assert counts in capsys.readouterr().out
        page = report.data_docs.read_text(encoding="utf-8")
        assert re.search(
            rf"{len(report.results):,} rules checked at .* UTC: {len(report.stops)} stop, {len(report.warnings)} warn",
            page,
        )
        assert '<span class="stop">stopped</span>' in page
        assert page.count('<span class="stop">stop</span>') == len(report.stops)
    assert not report.is_passed


def test_a_start_page_of_a_gate_that_did_not_end_claims_nothing(tmp_path: Path) -> None:
    begin_site(tmp_path / "marts", "marts", dt.datetime(2025, 1, 2, 3, 4, 5, tzinfo=dt.UTC))
    page = (tmp_path / "marts" / "index.html").read_text(encoding="utf-8")
    assert "has not ended" in page
    assert "2025-01-02 03:04:05" in page
    assert "passed</span>" not in page
