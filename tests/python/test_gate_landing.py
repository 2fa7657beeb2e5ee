"""The gate in: a clean landing zone passes, and every kind of fault in rows is caught with message and severity."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from gate_zone import CLEAN, DAYS, FEEDS, LAST, ROWS, clean_rows, copied, land_clean, one, write_file

from profit.connectors.files import land_files
from profit.gates import GateReport, check_landing, print_report
from profit.gates.refused import add_shares, emptied_rules, governed_share, print_refused, refused_rules
from profit.gates.report import STOP, WARN
from profit.gates.rules import count_rules
from profit.landing.receipts import refused_shares
from profit.paths import Paths


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return land_clean(tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def clean_report(clean: Paths) -> GateReport:
    return check_landing(clean)


def test_a_clean_landing_zone_passes_without_a_warning(clean_report: GateReport) -> None:
    assert [result for result in clean_report.results if not result.is_success] == []
    assert clean_report.is_passed
    assert len(clean_report.results) > 200
    assert one(clean_report, "sales.order_lines", "quantity is filled", STOP).rows_checked == ROWS * len(DAYS)
    assert one(clean_report, "sales.order_lines", "order_id names a row of sales.orders", WARN).rows_checked == 160


def test_results_are_kept_as_data_and_as_a_site_that_needs_no_network(clean_report: GateReport, clean: Paths) -> None:
    kept = duckdb.execute(
        f"select count(*), bool_and(is_success), count(distinct checked_at), typeof(any_value(sample_keys)) "
        f"from read_parquet('{clean.quality}/gate/landing/*.parquet') where gate = 'landing'"
    ).fetchall()
    assert kept == [(len(clean_report.results), True, 1, "VARCHAR[]")]
    pages = list(clean_report.data_docs.parent.rglob("*.html"))
    assert len(pages) == 1 + 1 + len(CLEAN)
    for page in pages:
        content = page.read_text(encoding="utf-8")
        assert not re.search(r'<(?:link|script|img)[^>]*(?:href|src)="https?:', content), page
    for link in re.findall(r'href="([^"]+)"', clean_report.data_docs.read_text(encoding="utf-8")):
        assert (clean_report.data_docs.parent / link).is_file()
    assert "passed" in clean_report.data_docs.read_text(encoding="utf-8")
    assert list(clean.quality.glob("_gate_*")) == []


@pytest.fixture(scope="module")
def faulty_report(clean: Paths, tmp_path_factory: pytest.TempPathFactory) -> GateReport:
    """One run over all faults that a readable file can have."""
    paths = copied(clean, tmp_path_factory.mktemp("faulty"))
    lines = "'o1' as order_id, 'p1' as product_id, 10 as unit_list_price, 2 as quantity"
    write_file(paths, "order_lines", f"select 'twice' as order_line_id, {lines} from range(2)")
    write_file(paths, "order_lines", f"select 'negative' as order_line_id, {lines.replace('2 as', '-2 as')}", name="10")
    write_file(
        paths, "order_lines", f"select 'no price' as order_line_id, {lines.replace('10 as', 'null as')}", name="11"
    )
    write_file(paths, "order_lines", f"select 'orphan' as order_line_id, {lines.replace('o1', 'nowhere')}", name="12")
    write_file(
        paths,
        "customers",
        "select 'robot' as customer_id, 'robot' as customer_kind, 'lost' as parent_customer_id",
    )
    write_file(paths, "customers", "select 'old' as customer_id", day=DAYS[0], system="retired")
    write_file(paths, "exchange_rates", clean_rows("exchange_rates", LAST).replace("1.1 as", "0 as"))
    write_file(paths, "orders", "select 'late' as order_id, 'c1' as customer_id, timestamp '2031-01-01' as ordered_at")
    write_file(
        paths,
        "orders",
        "select 'whose' as order_id, 'nobody' as customer_id, timestamp '2024-01-01' as ordered_at",
        name="10",
    )
    # Neither a corrected version nor a withdrawn row is a fault: only the newest version counts.
    order = "'c1' as customer_id, timestamp '2024-01-01' as ordered_at"
    wrong = order.replace("'c1'", "'nobody'")
    write_file(paths, "orders", f"select 'mended' as order_id, {wrong} union all select 'gone', {wrong}", day=DAYS[0])
    again = f"select 'mended' as order_id, {order}, false as is_deleted union all select 'gone', {wrong}, true"
    write_file(paths, "orders", again, day=DAYS[1])
    write_file(
        paths,
        "touches",
        clean_rows("touches", LAST)
        .replace("'t'", "'future'")
        .replace("'k' || i", "'unknown'")
        .replace("timestamp '2024", "timestamp '2034"),
    )
    write_file(
        paths,
        "ledger_entries",
        "select 'odd' as ledger_entry_id, 'odd' as journal_id, 'a1' as account_id, date '2024-05-01' as posted_on, "
        "7 as amount",
    )
    next_day = dt.date(2024, 6, 3)
    write_file(paths, "returns", f"{clean_rows('returns', LAST)} limit 1", day=next_day)
    write_file(paths, "shipments", f"{clean_rows('shipments', LAST)} limit 0", day=next_day)
    write_file(paths, "payments", clean_rows("payments", LAST).replace("20 + i % 3", "2000 + i"), day=next_day)
    shutil.rmtree(paths.landing / "service/tickets/source_system=shop" / f"delivered_on={LAST}")
    shutil.rmtree(paths.landing / "service/tickets/source_system=shop" / f"delivered_on={DAYS[2]}")
    for path in paths.landing.glob("sales/products/*/*/*.parquet"):
        path.unlink()
    write_file(paths, "products", f"{clean_rows('products', LAST)} limit 0")
    return check_landing(paths)


FUTURE = "touched_at is not after its delivery"
CAUGHT = [
    ("sales.order_lines", "order_line_id is unique within a delivered file", STOP, 2, "shop:twice", "count twice"),
    ("sales.order_lines", "unit_list_price is filled", STOP, 1, "shop:no price", "missing"),
    ("sales.order_lines", "quantity is at least 0", WARN, 1, "shop:negative (quantity = -2.0000)", "out of range"),
    ("sales.order_lines", "order_id names a row of sales.orders", WARN, 1, "shop:orphan → nowhere", "nobody delivered"),
    ("sales.products", "the feed has rows", STOP, 1, None, "nothing to compute"),
    (
        "sales.order_lines",
        "product_id names a row of sales.products in 95% of the rows",
        STOP,
        165,
        None,
        "a whole system",
    ),
    (
        "crm.customers",
        "customer_kind is one of person, organisation",
        STOP,
        1,
        "shop:robot (customer_kind = robot)",
        "No model",
    ),
    (
        "crm.customers",
        "parent_customer_id names a row of crm.customers",
        WARN,
        1,
        "shop:robot → lost",
        "nobody delivered",
    ),
    (
        "crm.customers",
        "each system delivered within 70 days of the newest delivery of all",
        WARN,
        1,
        "retired last on 2024-02-03",
        "silent",
    ),
    ("finance.exchange_rates", "exchange_rate is above 0", STOP, 40, None, "multiplied or divided"),
    ("sales.orders", "ordered_at is not after its delivery", WARN, 1, "shop:late at 2031-01-01 00:00:00", "future"),
    ("sales.orders", "customer_id names a row of crm.customers", WARN, 1, "shop:whose → nobody", "nobody delivered"),
    ("marketing.touches", f"{FUTURE} in 95% of the rows", STOP, 40, None, "days and months are mixed up"),
    (
        "marketing.touches",
        "campaign_id names a row of marketing.campaigns in 95% of the rows",
        STOP,
        40,
        None,
        "missing",
    ),
    (
        "finance.ledger_entries",
        "the postings of each journal_id, currency_code sum to zero",
        WARN,
        1,
        "shop:odd sums to 7.0000",
        "Debits",
    ),
    (
        "sales.returns",
        "the newest delivery is about as large as usual",
        WARN,
        1,
        "shop: 1 rows on 2024-06-03, usually 40.0",
        "cut off",
    ),
    (
        "sales.shipments",
        "the newest delivery is about as large as usual",
        WARN,
        1,
        "shop: 0 rows on 2024-06-03, usually 40.0",
        "cut off",
    ),
    (
        "finance.payments",
        "mean of amount is within a factor of 5 of earlier deliveries",
        WARN,
        1,
        None,
        "unit or currency",
    ),
    (
        "service.tickets",
        "the feed delivered within 70 days of the newest delivery of all",
        STOP,
        1,
        "service.tickets last on 2024-03-03",
        "error_after",
    ),
]


@pytest.mark.parametrize("fault", CAUGHT, ids=lambda fault: f"{fault[0]}: {fault[1]}")
def test_a_fault_is_caught(faulty_report: GateReport, fault: tuple[str, str, str, int, str | None, str]) -> None:
    feed, rule, severity, failed, sample, reason = fault
    result = one(faulty_report, feed, rule, severity)
    assert not result.is_success
    assert result.rows_failed == failed
    assert sample is None or sample in result.sample_keys
    assert reason in result.reason
    assert len(result.sample_keys) <= 5


def test_rows_that_name_a_withdrawn_row_do_not_stop_the_run(clean: Paths, tmp_path: Path) -> None:
    """A tenth of the lines are of orders that were withdrawn: nothing is missing, and what became of them is listed."""
    paths = copied(clean, tmp_path)
    order = "timestamp '2024-01-01' as ordered_at, true as is_deleted"
    write_file(paths, "orders", f"select 'o' || i as order_id, {order} from range(16) as t(i)")
    write_file(paths, "products", "select 'p0' as product_id, true as is_deleted")
    report = check_landing(paths)
    assert report.is_passed
    named = one(report, "sales.order_lines", "order_id names a row of sales.orders that is not withdrawn", WARN)
    assert (named.rows_failed, named.sample_keys[0]) == (16, "shop:l0 → o0")
    assert "withdrawn_reference" in named.reason
    assert one(report, "sales.order_lines", "order_id names a row of sales.orders", WARN).is_success
    # An article may be named without its system, which is looked for elsewhere too.
    article = one(report, "sales.order_lines", "product_id names a row of sales.products that is not withdrawn", WARN)
    assert article.rows_failed == 1


def test_few_bad_rows_do_not_stop_the_run(faulty_report: GateReport) -> None:
    for feed, rule in (
        ("sales.order_lines", "quantity is at least 0"),
        ("sales.orders", "customer_id names a row of crm.customers"),
        ("sales.orders", "ordered_at is not after its delivery"),
    ):
        assert one(faulty_report, feed, f"{rule} in 95% of the rows", STOP).is_success


def test_the_terminal_names_feed_rule_rows_and_keys(
    faulty_report: GateReport, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(faulty_report)
    printed = capsys.readouterr().out
    assert re.search(r"stop +sales.order_lines +unit_list_price is filled +1 +shop:no price", printed)
    assert re.search(r"warn +sales.order_lines +quantity is at least 0 +1 +shop:negative", printed)
    assert "currency_code is filled" not in printed
    assert printed.count("Gate landing stopped") == 1
    assert not faulty_report.is_passed


def test_what_happens_rarely_may_be_silent_and_what_the_warehouse_needs_may_not(clean: Paths, tmp_path: Path) -> None:
    """Both came once, long ago: of the one that is needed, the last weeks are missing."""
    paths = copied(clean, tmp_path)
    for feed in ("service/tickets", "sales/orders"):
        for day in DAYS[1:]:
            shutil.rmtree(paths.landing / feed / "source_system=shop" / f"delivered_on={day}")
    report = check_landing(paths)
    silent = [
        one(report, feed, f"the feed delivered within {days} days of the newest delivery of all", STOP)
        for feed, days in (("service.tickets", 70), ("sales.orders", 35))
    ]
    assert [result.is_success for result in silent] == [True, False]
    assert not one(
        report, "service.tickets", "each system delivered within 70 days of the newest delivery of all", WARN
    ).is_success


# --- what landing has refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "bad", "environment", "is_stopped"),
    [
        (3, 57, {}, True),
        (90, 10, {}, True),
        (95, 5, {}, False),
        # One or two rows of a small delivery are no change of format.
        (15, 2, {}, False),
        (1, 2, {}, True),
        (90, 10, {"PROFIT_LIMIT_REFUSED_SHARE": "0.2"}, False),
        (95, 5, {"PROFIT_LIMIT_REFUSED_SHARE": "0.01"}, True),
    ],
)
def test_many_refused_rows_stop_and_a_few_are_told(
    clean: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, good: int,
    bad: int, environment: dict[str, str], is_stopped: bool,
) -> None:  # fmt: skip
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    paths = copied(clean, tmp_path)
    rows = "".join(f"n{number},{'no' if number < good else 'perhaps'}\n" for number in range(good + bad))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "customers.csv").write_text(f"customer_id,is_deleted\n{rows}", encoding="utf-8")
    land_files(paths, tmp_path / "in", "web", LAST)
    refused = list(refused_rules("crm.customers", {"crm.customers": FEEDS["customers"]}))
    with duckdb.connect() as connection:
        add_shares(connection, refused_shares(paths))
        stop, warn = count_rules(connection, "gate_refused", refused)
    assert (stop.holds, warn.holds) == (not is_stopped, False)
    (said,) = warn.sample_keys
    assert said == f"web on {LAST}: {bad} of {good + bad} rows ({bad / (good + bad):.1%}) for is_deleted {bad}"
    print_refused(paths)
    assert capsys.readouterr().out.splitlines()[-1] == f"  crm.customers from {said}"


@pytest.mark.parametrize(("good", "bad"), [(1, 3), (95, 5), (4, 0)])
def test_values_left_empty_are_told_and_most_of_a_column_stop(
    clean: Paths, tmp_path: Path, *, good: int, bad: int
) -> None:
    paths = copied(clean, tmp_path)
    rows = "".join(f"n{number},{'1980-01-02' if number < good else 'soon'}\n" for number in range(good + bad))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "customers.csv").write_text(f"customer_id,birth_date\n{rows}", encoding="utf-8")
    land_files(paths, tmp_path / "in", "web", LAST)
    with duckdb.connect() as connection:
        add_shares(connection, refused_shares(paths))
        stop, warn = count_rules(connection, "gate_emptied", list(emptied_rules("crm.customers")))
    assert (stop.holds, warn.holds) == (bad < good, not bad)
    assert list(warn.sample_keys) == ([f"web on {LAST}: birth_date {bad}"] if bad else [])


def test_a_feed_may_have_a_share_of_its_own() -> None:
    assert governed_share(FEEDS["customers"]) == 0.05
    assert governed_share(dataclasses.replace(FEEDS["customers"], refused_share=0.5)) == 0.5


def test_the_gate_knows_what_was_refused(clean: Paths, tmp_path: Path) -> None:
    paths = copied(clean, tmp_path)
    (tmp_path / "in").mkdir()
    rows = "".join(f"{number % 3},o1,p1,1,1\n" for number in range(60))
    header = "order_line_id,order_id,product_id,quantity,unit_list_price\n"
    (tmp_path / "in" / "order_lines.csv").write_text(header + rows, encoding="utf-8")
    land_files(paths, tmp_path / "in", "numbered", LAST)
    report = check_landing(paths)
    (stopped,) = [result for result in report.stops if "were refused" in result.rule]
    assert stopped.sample_keys == (f"numbered on {LAST}: 60 of 60 rows (100.0%) for order_line_id 60",) or (
        f"numbered on {LAST}: 57 of 60 rows (95.0%)" in stopped.sample_keys[0]
    )
