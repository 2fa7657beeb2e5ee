"""The gate in, before any row is read: folders, files, columns and types."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from gate_zone import DAYS, LAST, land_clean, one

from profit.contract import read_contract, read_source_relations
from profit.gates import check_landing, print_report
from profit.gates.folders import opened
from profit.gates.report import STOP
from profit.gates.structure import (
    KNOWN_PLACE,
    PARTITIONED,
    READABLE,
    REQUIRED_COLUMNS,
    REQUIRED_FEED,
    TYPED,
    _column_findings,
    check_structure,
)
from profit.paths import Paths
from profit.variables import read_variables


def rewrite(path: Path, select: str) -> None:
    """Replace a landed file by a select over itself."""
    duckdb.execute(f"copy (select {select} from '{path}') to '{path}.new' (format parquet)")
    Path(f"{path}.new").rename(path)


def test_faults_of_folders_and_files_are_listed_all_at_once(tmp_path: Path) -> None:
    paths = land_clean(tmp_path)
    landing = paths.landing
    (landing / "sales/refunds/source_system=shop/delivered_on=2024-05-03").mkdir(parents=True)
    (landing / "sales/refunds/source_system=shop/delivered_on=2024-05-03/1.parquet").write_bytes(b"PAR1")
    (landing / "stray.csv").write_text("a,b\n")
    shutil.copytree(landing / "crm/customers/source_system=shop", landing / "crm/customers/system=shop")
    (landing / "sales/orders/source_system=shop/delivered_on=2024-13-45").mkdir()
    (landing / "sales/orders/source_system=shop/delivered_on=2024-13-45/1.parquet").write_bytes(b"")
    whole = next(landing.glob("finance/payments/*/*/*.parquet"))
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (landing / f"finance/exchange_rates/source_system=shop/delivered_on={LAST}/rates.csv").write_text("x\n")
    # A sound footer over damaged pages shows only when the rows are read.
    pages = next(landing.glob("sales/order_lines/*/*/*.parquet"))
    content = bytearray(pages.read_bytes())
    content[4:400] = b"\0" * 396
    pages.write_bytes(content)
    typed = next(landing.glob("sales/returns/*/*/*.parquet"))
    rewrite(typed, "* replace (cast(quantity as varchar) as quantity)")
    less = next(landing.glob("marketing/touches/*/*/*.parquet"))
    rewrite(less, "* exclude (touch_kind)")
    shutil.rmtree(landing / "sales/products")
    report = check_landing(paths)
    expected = [
        ("landing zone", KNOWN_PLACE, "sales/refunds belongs to no table of the contract"),
        ("landing zone", KNOWN_PLACE, "stray.csv belongs to no table"),
        ("landing zone", REQUIRED_FEED, "sales.products is required and has no landed file"),
        ("crm.customers", PARTITIONED, "found system=shop/delivered_on=2024-02-03 where crm.customers expects"),
        ("sales.orders", PARTITIONED, "delivered_on=2024-13-45"),
        ("finance.payments", READABLE, "is damaged or no Parquet file"),
        ("finance.exchange_rates", READABLE, "found a .csv file; only .parquet is read"),
        ("sales.order_lines", READABLE, "is damaged or no Parquet file"),
        ("sales.returns", TYPED, "quantity is VARCHAR, not DECIMAL(18,4); land the delivery again"),
        ("marketing.touches", REQUIRED_COLUMNS, "lacks touch_kind; ask marketing for the column"),
    ]
    for feed, rule, text in expected:
        result = one(report, feed, rule, STOP)
        assert not result.is_success
        assert any(text in key for key in result.sample_keys), (text, result.sample_keys)
    assert {(result.feed_or_table, result.rule) for result in report.stops} == {
        (feed, rule) for feed, rule, _ in expected
    }
    assert one(report, "crm.customers", PARTITIONED, STOP).rows_failed == len(DAYS)


def test_an_empty_landing_zone_names_what_is_required(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = check_landing(Paths.below(tmp_path))
    (stopped,) = report.stops
    assert stopped.rule == REQUIRED_FEED
    assert [key.partition(":")[0] for key in stopped.sample_keys] == [
        "crm.customers",
        "sales.order_lines",
        "sales.orders",
        "sales.products",
    ]
    print_report(report)
    assert (
        "sales.orders is required and has no landed file; `profit land files --from DIR` lands a delivery"
        in capsys.readouterr().out
    )


def test_feeds_that_lie_in_the_warehouse_need_no_file(tmp_path: Path) -> None:
    project = tmp_path / "dbt_project.yml"
    project.write_text("vars:\n  source_relations: {crm.customers: raw.salesforce.account}\n", encoding="utf-8")
    elsewhere = read_source_relations(read_variables(project=project))
    assert dict(elsewhere) == {"crm.customers": "raw.salesforce.account"}
    missed = [finding.feed for finding in check_structure(tmp_path / "landing", read_contract(), elsewhere).findings]
    assert missed == ["sales.products", "sales.orders", "sales.order_lines"]
    named = ("--vars", "{source_relations: {crm.customers: raw.account}}")
    assert read_source_relations(read_variables(named)) == {"crm.customers": "raw.account"}
    assert dict(read_source_relations(read_variables())) == {}


@pytest.mark.parametrize(
    ("landed", "holds"),
    [
        ("DECIMAL(26,12)", True),
        ("DECIMAL(18,4)", True),
        ("DECIMAL(14,0)", True),
        ("DECIMAL(18,3)", False),
        ("DECIMAL(28,13)", False),
        ("DOUBLE", False),
    ],
)
def test_a_decimal_that_was_narrower_once_stays_readable(landed: str, holds: bool) -> None:
    """What was landed before a price of one unit had twelve decimals is not landed again."""
    orders = read_contract()["order_lines"]
    columns = {name: column.native_type for name, column in orders.columns.items()} | {"unit_list_price": landed}
    findings = list(_column_findings(orders, "place", columns))
    assert [finding.rule for finding in findings] == ([] if holds else [TYPED])


def test_a_gate_has_the_memory_of_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Views are computed when they are counted: a limit of its own stopped every company of 100,000 customers."""
    monkeypatch.setenv("PROFIT_MEMORY_LIMIT", "3GiB")
    with opened(tmp_path / "results.duckdb", tmp_path) as connection:
        assert connection.execute("select current_setting('memory_limit')").fetchall() == [("3.0 GiB",)]
