"""The demo company's books agree with its transactions to the cent, and Michelle's case is in it."""

from __future__ import annotations

import pytest
from demo_zone import CUSTOMERS, MONTHS, SEED, Demo


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo"), CUSTOMERS, MONTHS, SEED)


def test_every_journal_sums_to_zero(landed: Demo) -> None:
    assert landed.count("ledger_entries") > 0
    assert landed.count("(select journal_id from ledger_entries group by 1 having sum(amount) <> 0)") == 0


# The waterfall lines by the warehouse's money rules, from the newest versions; signs as in the ledger.
RECOMPUTED = """
    with sold_orders as (select * from orders where coalesce(order_status, 'placed') <> 'cancelled'),
    line_values as (
        select cast(o.ordered_at as date) as day, o.currency_code, l.quantity, l.quantity * l.unit_list_price as gross,
            l.discount_amount, cost_of(l.product_id, cast(o.ordered_at as date)) as unit, l.unit_cost_amount as own_cost
        from order_lines as l join sold_orders as o using (source_system, order_id)
    ),
    return_days as (
        select r.*, cast(r.returned_at as date) as day, coalesce(cast(o.ordered_at as date), day) as cost_day
        from returns as r
        left join order_lines as l on r.order_line_id = l.order_line_id
            and coalesce(r.order_source_system, r.source_system) = l.source_system
        left join orders as o on l.order_id = o.order_id and l.source_system = o.source_system
    ),
    return_values as (select *, cost_of(product_id, cost_day) as unit from return_days),
    amounts as (
        select 'gross_sales' as line, day, -in_usd(gross, currency_code, day) as amount from line_values
        union all select 'discounts', day, in_usd(discount_amount, currency_code, day) from line_values
        union all select 'cost_of_goods', day, in_usd(quantity * coalesce(own_cost, unit.cost), unit.currency, day)
            from line_values
        union all select 'returns', day, in_usd(refund_amount, currency_code, day) from return_values
        union all select 'cost_of_goods', day, -in_usd(quantity * unit.cost, unit.currency, cost_day)
            from return_values where is_resaleable
        union all select 'rebates', paid_on, in_usd(amount, currency_code, paid_on)
            from promotion_redemptions where paid_on is not null
        union all select 'commission', cast(ordered_at as date),
            in_usd(commission_amount, currency_code, cast(ordered_at as date)) from sold_orders
        union all select 'payment_fees', paid_on, in_usd(fee_amount, currency_code, paid_on) from payments
        union all select 'freight', shipped_on, in_usd(freight_amount, currency_code, shipped_on) from shipments
        union all select 'lead_fees', cast(created_at as date),
            in_usd(fee_amount, currency_code, cast(created_at as date)) from leads
    )
    select line, date_trunc('month', day) as month, sum(amount) as amount from amounts where amount <> 0 group by all
"""


def test_the_ledger_agrees_with_the_transactions_to_the_cent(landed: Demo) -> None:
    lines, differing = landed.one(f"""
        with booked as (
            select a.waterfall_line as line, date_trunc('month', posted_on) as month, sum(amount) as amount
            from ledger_entries join ledger_accounts as a using (account_id)
            where is_closing is not true and a.waterfall_line not in ('indirect_cost', 'non_operating') group by all
        ),
        recomputed as ({RECOMPUTED})
        select count(*), count_if(coalesce(booked.amount, 0) <> coalesce(recomputed.amount, 0))
        from booked full join recomputed using (line, month)
    """)
    assert differing == 0
    assert lines >= 8 * (MONTHS - 1)


def test_the_books_are_closed_on_the_last_day_of_the_year(landed: Demo) -> None:
    """What was earned and spent goes to equity, by a journal that says so, and nothing is left on its accounts."""
    days, journals, equity = landed.one("""
        select count(distinct posted_on), count(distinct journal_id), -sum(amount) filter (where account_id = '3000')
        from ledger_entries where is_closing
    """)
    assert (days, journals) == (1, 1)
    earned_and_spent = (
        "ledger_entries join ledger_accounts as a using (account_id) where a.account_type in ('revenue', 'expense')"
    )
    assert landed.one(f"select sum(amount) from {earned_and_spent} and is_closing is not true") == (-equity,)
    assert landed.count(f"(select account_id from {earned_and_spent} group by 1 having sum(amount) <> 0)") == 0


def test_media_and_warranty_parts_are_booked_as_spent(landed: Demo) -> None:
    for account, rows, amount, day in (
        ("7500", "media_spend", "amount", "spent_on"),
        ("7110", "warranty_claims where is_accepted", "parts_amount", "claimed_on"),
    ):
        booked = landed.one(
            f"select sum(amount) from ledger_entries where account_id = '{account}' and is_closing is not true"
        )
        assert booked == landed.one(f"select sum(in_usd({amount}, currency_code, {day})) from {rows}")


def test_overheads_make_some_customers_unprofitable_but_not_the_company(landed: Demo) -> None:
    (result,) = landed.one("""
        select -sum(amount) from ledger_entries join ledger_accounts as a using (account_id)
        where a.waterfall_line <> '' and is_closing is not true
    """)
    assert result > 0
    losing, big_and_losing = landed.one("""
        with costs as (select true_customer_id, sum(amount) as cost from truth_true_costs group by 1)
        select count_if(margin_amount < cost), count_if(margin_amount < cost and net_amount > 5000)
        from truth_customers join costs using (true_customer_id)
    """)
    assert losing > CUSTOMERS / 20
    assert big_and_losing > 0


def test_michelle_is_known_to_five_systems_under_different_names(landed: Demo) -> None:
    records = landed.connection.execute("""
        select c.source_system, c.first_name, c.last_name from customers as c
        join truth_records as r on c.source_system = r.source_system and c.customer_id = r.source_customer_id
        where r.true_customer_id = (select max(true_customer_id) from truth_customers) order by 1
    """).fetchall()
    assert records == [
        ("marketing_hub", "michelle", None),
        ("phone_desk", "Michele", "Carter"),
        ("rebate_centre", "M.", "Carter"),
        ("stores", "Michelle", "Carter-Hayes"),
        ("web_shop", "Michelle", "Carter"),
    ]


@pytest.fixture(scope="module")
def michelle(landed: Demo) -> str:
    landed.connection.execute("""
        create table hers as select source_system, source_customer_id as customer_id from truth_records
        where true_customer_id = (select max(true_customer_id) from truth_customers)
    """)
    return "semi join hers using (source_system, customer_id)"


def test_michelles_camera_comes_back_to_a_store_after_its_rebate_was_claimed(landed: Demo, michelle: str) -> None:
    order, list_price, discount = landed.one(f"""
        select order_id, unit_list_price, discount_amount from order_lines join (from orders {michelle}) as o
        using (source_system, order_id) where source_system = 'web_shop' and product_id = 'CAM-V600'
    """)
    assert (list_price, discount) == (600, 0)
    rebate = landed.one(f"""
        select promotion_kind, amount, order_source_system, order_id, paid_on is not null
        from promotion_redemptions {michelle}
    """)
    assert rebate == ("rebate", 100, "web_shop", order, True)
    returned = landed.one(f"""
        select source_system, order_source_system, order_id, refund_amount, is_resaleable from returns {michelle}
    """)
    assert returned == ("stores", "web_shop", order, 600, True)
    assert landed.count(f"shipments where order_id = '{order}' and direction = 'outbound' and freight_amount > 0") == 1
    assert landed.count(f"payments where order_id = '{order}' and payment_kind = 'receipt' and fee_amount > 0") == 1
    assert landed.count(f"payments where order_id = '{order}' and payment_kind = 'refund'") == 1


def test_michelle_orders_the_stereo_by_phone_after_the_e_mail(landed: Demo, michelle: str) -> None:
    campaign, touched_at = landed.one(f"select campaign_id, touched_at from touches {michelle}")
    order, ordered_at = landed.one(f"""
        select order_id, ordered_at from orders {michelle}
        where source_system = 'phone_desk' and campaign_id = '{campaign}'
    """)
    assert touched_at < ordered_at
    assert landed.count(f"order_lines where order_id = '{order}' and product_id = 'AUD-S450'") == 1
    calls = landed.connection.execute(f"select outcome from interactions {michelle} order by occurred_at").fetchall()
    assert calls == [("sale",), ("solved",)]
    assert landed.count(f"orders {michelle}") == 2
