"""`land_adventureworks` against published numbers; PROFIT_PUBLIC_DATA names the folder with adventureworks/."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from profit.connectors.adventureworks import INPUTS, land_adventureworks
from profit.errors import LandingError
from profit.landing.receipts import Receipt
from profit.paths import Paths

pytestmark = pytest.mark.public


@pytest.fixture(scope="module")
def originals() -> Path:
    folder = os.environ.get("PROFIT_PUBLIC_DATA")
    if not folder:
        pytest.skip("PROFIT_PUBLIC_DATA does not name the folder of the public data sets")
    return Path(folder) / "adventureworks"


class Company:
    def __init__(self, paths: Paths, originals: Path) -> None:
        self.paths = paths
        self.receipts: list[Receipt] = land_adventureworks(paths, originals)
        self.connection = duckdb.connect()
        for folder in sorted(paths.landing.glob("[a-z]*/*")):
            files = f"{folder}/**/*.parquet"
            self.connection.execute(
                f"create view {folder.name} as select * from read_parquet('{files}', union_by_name = true)"
            )
        for name in INPUTS:
            reader = "read_parquet" if name.endswith("parquet") else "read_csv"
            self.connection.execute(
                f"create view original_{Path(name).stem} as select * from {reader}('{originals / name}')"
            )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def company(originals: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("adventureworks")
    company = Company(Paths.below(folder), originals)
    yield company
    company.connection.close()


def test_every_feed_lands_whole(company: Company) -> None:
    landed = {(receipt.feed, receipt.source_system): receipt.rows_landed for receipt in company.receipts}
    assert landed == {
        ("crm.customers", "adventureworks_oltp"): 18_484,
        ("crm.customers", "internet"): 18_484,
        ("crm.customers", "reseller"): 701,
        ("crm.sales_reps", "adventureworks_oltp"): 17,
        ("crm.territories", "erp"): 10,
        ("finance.budgets", "erp"): 4_846 + 163,
        ("finance.exchange_rates", "erp"): 13_106,
        ("finance.ledger_accounts", "erp"): 98,
        ("finance.ledger_entries", "erp"): 25_000,
        ("finance.product_costs", "erp"): 395,
        ("marketing.campaigns", "erp"): 15,
        ("marketing.leads", "prospects"): 2_059,
        ("sales.order_lines", "internet"): 60_398,
        ("sales.order_lines", "reseller"): 60_855,
        ("sales.orders", "internet"): 27_659,
        ("sales.orders", "reseller"): 3_796,
        ("sales.products", "erp"): 606,
        ("sales.shipments", "internet"): 27_659,
        ("sales.shipments", "reseller"): 3_796,
        ("service.surveys", "internet"): 2_727,
    }
    assert sum(receipt.rows_quarantined for receipt in company.receipts) == 0
    assert [receipt.unknown_columns for receipt in company.receipts] == [()] * len(company.receipts)
    assert not company.paths.quarantine.exists()


def test_landing_again_changes_nothing(company: Company, originals: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in company.paths.landing.rglob("*")}
    again = land_adventureworks(company.paths, originals)
    assert all(receipt.is_repeat for receipt in again)
    assert len(again) == len(company.receipts)
    assert {path: path.stat().st_mtime_ns for path in company.paths.landing.rglob("*")}.keys() == before.keys()
    files = [path for path in before if path.is_file()]
    assert all(path.stat().st_mtime_ns == before[path] for path in files)


def test_missing_file_is_named_and_nothing_lands(originals: Path, tmp_path: Path) -> None:
    folder = tmp_path / "partial"
    shutil.copytree(originals, folder, copy_function=os.symlink)
    (folder / "dw/DimProduct.parquet").unlink()
    (folder / "oltp/Store.csv").unlink()
    paths = Paths.below(tmp_path)
    with pytest.raises(
        LandingError, match=r"missing dw/DimProduct\.parquet, oltp/Store\.csv\. The folder must hold dw/"
    ):
        land_adventureworks(paths, folder)
    with pytest.raises(LandingError, match=r"dw/DimAccount\.parquet"):
        land_adventureworks(paths, tmp_path / "nowhere")
    assert not paths.landing.exists()


def test_damaged_file_is_named_and_nothing_lands(originals: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(originals, folder, copy_function=os.symlink)
    (folder / "dw/DimProduct.parquet").unlink()
    (folder / "dw/DimProduct.parquet").write_bytes(b"PAR1")
    paths = Paths.below(tmp_path)
    with pytest.raises(LandingError, match=r"DimProduct\.parquet: cannot be read"):
        land_adventureworks(paths, folder)
    assert not paths.landing.exists()


def test_sales_agree_with_the_source_to_four_decimals(company: Company) -> None:
    assert company.rows("""
        select source_system, count(*), sum(quantity * unit_list_price - discount_amount), count(distinct order_id)
        from order_lines group by all order by all
    """) == [
        ("internet", 60_398, Decimal("29358677.2207"), 27_659),
        ("reseller", 60_855, Decimal("80450596.9823"), 3_796),
    ]
    # Line by line, not only in sum.
    for system in ("Internet", "Reseller"):
        assert company.rows(f"""
            select count(*)
            from order_lines
            inner join original_Fact{system}Sales on order_line_id = SalesOrderNumber || '-' || SalesOrderLineNumber
            where source_system = '{system.lower()}'
                and quantity * unit_list_price - discount_amount = SalesAmount and tax_amount = TaxAmt
                and x_freight_charged_amount = Freight
        """) == [(60_398 if system == "Internet" else 60_855,)]


def test_costs_agree_with_the_source(company: Company) -> None:
    assert company.rows("""
        select
            order_lines.source_system, sum(quantity * product_costs.unit_cost_amount),
            count(*) filter (
                where quantity * product_costs.unit_cost_amount > quantity * unit_list_price - discount_amount
            ),
            count(*) filter (where product_costs.unit_cost_amount is null or valid_from > ordered_at)
        from order_lines
        inner join orders using (source_system, order_id)
        left join product_costs using (product_id)
        group by all order by all
    """) == [
        ("internet", Decimal("17277793.5757"), 0, 0),
        ("reseller", Decimal("79980114.3790"), 21_829, 0),
    ]
    assert company.rows("""
        select count(*)
        from (
            select ProductKey, ProductStandardCost from original_FactInternetSales
            union
            select ProductKey, ProductStandardCost from original_FactResellerSales
        )
        inner join product_costs on product_id = cast(ProductKey as varchar) and unit_cost_amount = ProductStandardCost
    """) == [(350,)]


def test_references_hold(company: Company) -> None:
    assert company.rows("""
        select
            source_system, count(distinct customer_id), count(sales_rep_id),
            count(*) filter (where currency_code = 'USD')
        from orders semi join customers using (source_system, customer_id)
        group by all order by all
    """) == [("internet", 18_484, 0, 27_659), ("reseller", 635, 3_796, 3_796)]
    for child, column, parent in (
        ("orders", "territory_id", "territories"),
        ("customers", "territory_id", "territories"),
        ("sales_reps", "territory_id", "territories"),
        ("orders", "sales_rep_id", "sales_reps"),
        ("customers", "sales_rep_id", "sales_reps"),
        ("budgets", "sales_rep_id", "sales_reps"),
        ("order_lines", "product_id", "products"),
        ("product_costs", "product_id", "products"),
        ("ledger_entries", "account_id", "ledger_accounts"),
        ("budgets", "account_id", "ledger_accounts"),
        ("surveys", "customer_id", "customers"),
        ("shipments", "order_id", "orders"),
    ):
        orphans = f"select count(*) from {child} anti join {parent} using ({column}) where {column} is not null"
        assert company.rows(orphans) == [(0,)], (child, column)
    assert company.rows("""
        select count(*) from order_lines
        anti join campaigns on promotion_id = campaign_id where promotion_id is not null
    """) == [(0,)]


def test_accounts_of_both_systems_are_the_same_people(company: Company) -> None:
    assert company.rows("""
        select count(*)
        from customers as web
        inner join customers as account using (customer_id, email, phone, territory_id)
        where web.source_system = 'internet' and account.source_system = 'adventureworks_oltp'
    """) == [(18_484,)]
    assert company.rows("""
        select count(*) from customers as reseller semi join (
            select customer_id from customers where source_system <> 'reseller'
        ) as other using (customer_id)
        where reseller.source_system = 'reseller'
    """) == [(0,)]


def test_sales_people_of_both_systems_are_matched_one_to_one(company: Company) -> None:
    assert company.rows("select count(distinct sales_rep_id), count(distinct x_employee_key) from sales_reps") == [
        (17, 17)
    ]
    assert company.rows(
        "select role, count(*), count(manager_sales_rep_id) from sales_reps group by all order by all"
    ) == [
        ("European Sales Manager", 1, 0),
        ("North American Sales Manager", 1, 0),
        ("Pacific Sales Manager", 1, 0),
        ("Sales Representative", 14, 14),
    ]
    # Of 635 resellers that bought, so many have an order by the one who looks after the store in the database.
    assert company.rows("""
        select count(distinct customer_id)
        from customers
        semi join (select customer_id, sales_rep_id from orders) as sold using (customer_id, sales_rep_id)
    """) == [(476,)]
    assert company.rows("""
        select count(*) from orders inner join sales_reps using (sales_rep_id) where ordered_at < hired_on
    """) == [(0,)]


def test_trade_sales_of_the_ledger(company: Company) -> None:
    assert company.rows("""
        select year(posted_on), sum(amount)
        from ledger_entries
        where account_id = '4200'
        group by rollup (1)
        order by 1 nulls last
    """) == [
        (2010, Decimal("-659064.82")),
        (2011, Decimal("-24535580.58")),
        (2012, Decimal("-35958587.59")),
        (2013, Decimal("-42628185.20")),
        (None, Decimal("-103781418.19")),
    ]


def test_ledger_by_waterfall_line(company: Company) -> None:
    assert company.rows("""
        select waterfall_line, account_type, sum(amount)
        from ledger_entries inner join ledger_accounts using (account_id)
        group by all order by all
    """) == [
        ("commission", "expense", Decimal("3325003.61")),
        ("cost_of_goods", "expense", Decimal("28544191.61")),
        ("cost_variance", "expense", Decimal("4107007.37")),
        ("discounts", "expense", Decimal("1989318.15")),
        ("gross_sales", "revenue", Decimal("-103781418.19")),
        ("indirect_cost", "expense", Decimal("39222821.59")),
        ("non_operating", "expense", Decimal("7469514.60")),
        ("non_operating", "revenue", Decimal("-276661.05")),
        ("other_operating", "revenue", Decimal("-4704890.78")),
        ("returns", "expense", Decimal("3424492.23")),
    ]


def test_accounts_have_types_and_parents(company: Company) -> None:
    assert company.rows("select account_type, count(*) from ledger_accounts group by all order by all") == [
        ("asset", 22),
        ("equity", 6),
        ("expense", 36),
        ("liability", 17),
        ("revenue", 12),
        ("statistical", 5),
    ]
    assert company.rows("""
        select account_id from ledger_accounts
        where parent_account_id is null
            or parent_account_id not in (select account_id from ledger_accounts)
        order by all
    """) == [("10",), ("20",), ("4",), ("9500",)]


def test_plans(company: Company) -> None:
    assert company.rows("""
        select scenario, count(*), sum(amount), cast(min(budget_month) as varchar), cast(max(budget_month) as varchar),
            count(account_id), count(sales_rep_id)
        from budgets group by all order by all
    """) == [
        ("budget", 4_846, Decimal("42411850"), "2010-12-01", "2011-11-01", 4_846, 0),
        ("quota", 163, Decimal("95714000"), "2011-01-01", "2013-10-01", 0, 163),
    ]
    assert company.rows("""
        select max(quotas) from (
            select count(*) as quotas from budgets where scenario = 'quota' group by sales_rep_id, budget_month
        )
    """) == [(1,)]


def test_exchange_rates_are_dollars_for_one_unit(company: Company, originals: Path) -> None:
    # The database states units for one dollar, and its calendar runs 153 days ahead.
    assert company.rows(f"""
        select count(*), count(*) filter (where abs(exchange_rate * AverageRate - 1) < .001)
        from exchange_rates
        inner join read_csv('{originals}/oltp/CurrencyRate.csv') as stated
            on from_currency_code = stated.ToCurrencyCode and rate_on = cast(stated.CurrencyRateDate as date) - 153
        where to_currency_code = 'USD'
    """) == [(12_435, 12_435)]


def test_exchange_rates_keep_every_digit(company: Company) -> None:
    assert company.rows("""
        with stated as (
            select
                CurrencyAlternateKey as from_currency_code,
                cast(Date as date) as rate_on,
                -- A double has fifteen digits.
                format('{:.14e}', AverageRate)::decimal(28, 19) as exchange_rate
            from original_FactCurrencyRate inner join original_DimCurrency using (CurrencyKey)
        )
        select count(*), count(*) filter (exchange_rates.exchange_rate <> stated.exchange_rate)
        from exchange_rates inner join stated using (from_currency_code, rate_on)
    """) == [(13_106, 0)]
