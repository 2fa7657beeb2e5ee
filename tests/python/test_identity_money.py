"""Who is one customer decides only whose the money is: sums over all customers stay the same to the cent."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from conftest import Company
from identity_zone import IdentityZone, link

pytestmark = pytest.mark.build

MARTS = ("customer_profitability", "customer_group_profitability", "profitability_reconciliation")
CONTACT_POINTS = {
    **dict.fromkeys(("first_name", "last_name", "organisation_name", "email", "phone", "address_line"), "varchar"),
    **dict.fromkeys(("postal_code", "city", "tax_number", "loyalty_number"), "varchar"),
    "birth_date": "date",
}
AMOUNTS = (
    "gross_sales_amount",
    "discount_amount",
    "rebate_amount",
    "return_amount",
    "net_revenue_amount",
    "cost_of_goods_amount",
    "gross_margin_amount",
    "direct_selling_cost_amount",
    "contribution_margin_amount",
    "equal_share_profit_amount",
)


def copied(company: Company, folder: Path) -> IdentityZone:
    shutil.copytree(company.paths.landing, Company(folder).paths.landing)
    return IdentityZone(folder)


def without_contact_points(zone: IdentityZone) -> None:
    """Forget by what records could be compared: every record that nothing else joins is a customer of its own."""
    landing = zone.company.paths.landing
    shutil.rmtree(landing / "crm" / "customer_links", ignore_errors=True)
    for feed in ("crm/customers", "marketing/leads"):
        for path in (landing / feed).rglob("*.parquet"):
            kept = path.rename(path.with_suffix(".kept"))
            has = {row[0] for row in duckdb.execute(f"describe (from read_parquet('{kept}'))").fetchall()}
            forgotten = [f"null::{kind} as {name}" for name, kind in CONTACT_POINTS.items() if name in has]
            if feed == "marketing/leads":
                forgotten.append("null::varchar as customer_id")
            select = f"select * replace ({', '.join(forgotten)}) from read_parquet('{kept}', hive_partitioning = false)"
            duckdb.execute(f"copy ({select}) to '{path}' (format parquet)")
            kept.unlink()


def totals(company: Company) -> dict[str, Decimal]:
    """Sums over all customers, the unattributed member included."""
    sums = ", ".join(f"sum({name})" for name in AMOUNTS)
    (row,) = company.query(f"select {sums} from marts.customer_profitability")
    (group,) = company.query(f"select {sums} from marts.customer_group_profitability")
    assert row == group
    return dict(zip(AMOUNTS, row, strict=True))


def of_customers(company: Company, *customers: str) -> tuple:
    """Revenue, cost of goods and margin of customers together."""
    names = ", ".join(f"'{name}'" for name in customers)
    (row,) = company.query(f"""
        select sum(net_revenue_amount), sum(cost_of_goods_amount), sum(contribution_margin_amount)
        from marts.customer_profitability where customer_id in ({names})
    """)
    return row


def newest_delivery(company: Company) -> dt.date:
    days = [path.name.partition("=")[2] for path in company.paths.landing.rglob("delivered_on=*")]
    return dt.date.fromisoformat(max(days))


def two_buyers(company: Company) -> list[str]:
    """Two persons who bought most, neither of them Michelle."""
    rows = company.query("""
        select customer_id from marts.customer_profitability
        where customer_kind = 'person' and order_count > 1 order by net_revenue_amount desc, customer_id limit 2
    """)
    return [name for (name,) in rows]


def widest_person(company: Company) -> tuple[str, list[str]]:
    """A person with orders under the most customer records, and these records, oldest last."""
    rows = company.query("""
        select crosswalk.customer_id, crosswalk.record_id
        from core.customer_crosswalk as crosswalk
        inner join intermediate.int_identity__records as records using (record_id)
        where crosswalk.record_kind = 'customer' and crosswalk.customer_id = (
            select crosswalk.customer_id
            from core.customer_crosswalk as crosswalk
            inner join marts.customer_profitability as customers using (customer_id)
            where crosswalk.record_kind = 'customer' and customers.customer_kind = 'person'
            group by crosswalk.customer_id
            order by count(*) desc, max(customers.order_count) desc, crosswalk.customer_id limit 1
        )
        order by records.record_age desc
    """)
    return rows[0][0], [record_id for _, record_id in rows]


def test_money_of_every_record_is_that_of_its_customer(demo: Company) -> None:
    differing = demo.query("""
        with records as (
            select crosswalk.customer_id, lines.net_sales_amount, lines.cost_of_goods_amount
            from core.fct_order_lines as lines
            inner join staging.stg_sales__orders as orders
                on lines.order_id = orders.source_system || ':' || orders.order_id
            inner join core.customer_crosswalk as crosswalk
                on coalesce(orders.customer_source_system, orders.source_system) = crosswalk.source_system
                and orders.customer_id = crosswalk.source_customer_id and crosswalk.record_kind = 'customer'
        ),
        by_record as (
            select customer_id, sum(net_sales_amount) as sales, sum(cost_of_goods_amount) as cost
            from records group by 1
        ),
        by_customer as (
            select customer_id, sum(net_sales_amount) as sales, sum(cost_of_goods_amount) as cost
            from core.fct_order_lines where customer_id <> 'unattributed' group by 1
        )
        select count(*) as customers, count(*) filter (
            where by_record.sales is distinct from by_customer.sales or by_record.cost is distinct from by_customer.cost
        ) as differing
        from by_record full join by_customer using (customer_id)
    """)
    ((customers, wrong),) = differing
    assert customers > 200
    assert wrong == 0


def test_resolution_moves_no_cent_in_or_out(demo: Company, tmp_path: Path) -> None:
    zone = copied(demo, tmp_path)
    without_contact_points(zone)
    zone.build(*MARTS)
    records = len(zone.customers())
    assert len(set(zone.customers().values())) == records
    resolved = demo.value("select count(distinct customer_id) from core.customer_crosswalk")
    assert isinstance(resolved, int)
    assert resolved < 0.6 * records
    # An equal share of a month depends on how many customers there are; its sum over all does not.
    assert totals(zone.company) == totals(demo)


def test_a_known_match_and_a_known_non_match_move_money_between_customers_only(demo: Company, tmp_path: Path) -> None:
    zone = copied(demo, tmp_path)
    buyers = two_buyers(demo)
    whole, records = widest_person(demo)
    assert len(records) > 2
    assert whole not in buyers
    zone.deliver(
        str(newest_delivery(demo) + dt.timedelta(days=1)),
        customer_links=[
            link(*buyers, by="zz_stewards"),
            *[link(records[0], other, is_match=False, by="zz_stewards") for other in records[1:]],
        ],
    )
    zone.build(*MARTS)
    assert totals(zone.company) == totals(demo)

    customers = zone.customers()
    merged = customers[buyers[0]]
    assert merged == customers[buyers[1]]
    assert merged in buyers
    assert of_customers(zone.company, merged) == of_customers(demo, *buyers)
    (retired,) = set(buyers) - {merged}
    assert of_customers(zone.company, retired) == (None, None, None)

    # The part with the oldest record keeps the ID.
    assert [customers[name] for name in records] == [records[0], *[whole] * (len(records) - 1)]
    assert of_customers(zone.company, whole, records[0]) == of_customers(demo, whole)

    # And back again: the match is taken back, the non-match too.
    zone.deliver(
        str(newest_delivery(demo) + dt.timedelta(days=2)),
        customer_links=[
            link(*buyers, by="zz_stewards", is_match=False),
            *[link(records[0], other, is_deleted="true", by="zz_stewards") for other in records[1:]],
        ],
    )
    zone.build(*MARTS)
    assert totals(zone.company) == totals(demo)
    assert of_customers(zone.company, buyers[0]) == of_customers(demo, buyers[0])
    assert of_customers(zone.company, buyers[1]) == of_customers(demo, buyers[1])
    assert of_customers(zone.company, whole) == of_customers(demo, whole)
