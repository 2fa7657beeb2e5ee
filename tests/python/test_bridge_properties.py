"""Bridges of random companies: exact sums, signs that turn with the periods, and no order that matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import cases
from rendered import model
from variance_zone import fill, tables

pytestmark = pytest.mark.fast

MONTHS = ("2025-01-01", "2025-02-01")
KEYS = "customer_id varchar, month date, order_id varchar"
PLACES = "product_id varchar, channel_id varchar, territory_id varchar, sales_rep_id varchar, campaign_id varchar"
POSTED = (
    "gross_sales_amount",
    "discount_amount",
    "rebate_amount",
    "return_amount",
    "cost_of_goods_amount",
    "commission_amount",
    "payment_fee_amount",
    "freight_amount",
    "lead_fee_amount",
    "cost_to_serve_amount",
    "sustaining_cost_amount",
)
MONEY = "decimal(18, 4)"
TABLES = {
    "fct_order_lines": f"""
        order_line_id varchar, ordered_on date, {KEYS}, {PLACES}, currency_code varchar, quantity {MONEY},
        gross_sales_original_amount {MONEY},
        gross_sales_amount {MONEY}, discount_amount {MONEY}, cost_of_goods_amount {MONEY}
    """,
    "fct_returns": f"""
        return_id varchar, returned_on date, {KEYS}, product_id varchar, channel_id varchar, quantity {MONEY},
        refund_amount {MONEY},
        returned_cost_of_goods_amount {MONEY}
    """,
    "fct_promotion_redemptions": f"""
        redemption_id varchar, paid_on date, {KEYS}, product_id varchar, campaign_id varchar,
        rebate_amount {MONEY}, is_rebate_leakage boolean,
        is_paid boolean
    """,
    "fct_direct_selling_costs": f"""
        direct_selling_cost_id varchar, cost_kind varchar, incurred_on date, {KEYS}, cost_amount {MONEY}
    """,
    "fct_activity_costs": f"""
        activity_id varchar, waterfall_line varchar, {KEYS}, product_id varchar, cost_amount {MONEY}
    """,
    "int_sales__orders": """
        order_id varchar, channel_id varchar, territory_id varchar, sales_rep_id varchar, campaign_id varchar
    """,
    "dim_customer": "customer_id varchar, territory_id varchar, sales_rep_id varchar",
    "dim_product": "product_id varchar, product_group varchar, product_category varchar",
    "int_segments__stamps": "customer_id varchar, month date, segment_id varchar",
    "int_calendar__as_of": "last_month date",
    "int_customers__waterfall": "customer_id varchar, month date, is_unattributed boolean, order_count bigint, "
    + ", ".join(f"{amount} {MONEY}" for amount in POSTED),
    "int_variance__budget_effects": f"""
        basis varchar, unit_kind varchar, unit_id varchar, period_kind varchar, period date,
        compared_period date, margin_change {MONEY},
        rebate_change {MONEY}, return_change {MONEY}, direct_selling_cost {MONEY}, cost_to_serve {MONEY},
        sustaining_cost {MONEY},
        new_customers {MONEY}, lost_customers {MONEY}, has_volumes boolean, mix {MONEY}, price {MONEY},
        discount {MONEY}, unit_cost {MONEY},
        currency {MONEY}, new_articles {MONEY}, lost_articles {MONEY}
    """,
}


class Line(NamedTuple):
    """One order line: who, when (0 or 1), what, and its amounts in the currency of the order."""

    customer: int
    month: int
    article: int
    quantity: int
    price: Decimal
    discount: Decimal
    cost: Decimal
    is_foreign: bool
    rate: Decimal
    refund: Decimal
    served: Decimal


_cents = st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100)
_lines = st.lists(
    st.builds(
        Line,
        customer=st.integers(0, 3),
        month=st.integers(0, 1),
        article=st.integers(0, 3),
        quantity=st.integers(-1, 9),
        price=_cents,
        discount=_cents,
        cost=_cents,
        is_foreign=st.booleans(),
        rate=st.sampled_from([Decimal("0.9"), Decimal("1.1"), Decimal("1.25")]),
        refund=_cents,
        served=_cents,
    ),
    min_size=1,
    max_size=14,
)


def company(lines: Sequence[Line], *, turned: bool = False) -> duckdb.DuckDBPyConnection:
    """The tables of a company with these lines in two months, each with a return and a cost of its customer."""
    connection = tables(TABLES)
    fill(connection, "int_calendar__as_of", [{"last_month": MONTHS[1]}])
    fill(connection, "dim_product", [{"product_id": f"P{n}", "product_group": f"G{n % 2}"} for n in range(4)])
    for n, line in enumerate(lines):
        # Both months have rows whatever the lines say, so that there is something to compare.
        month = MONTHS[1 - line.month if turned else line.month]
        rate = line.rate if line.is_foreign else Decimal(1)
        whole = line.quantity * line.price
        common = {"customer_id": f"C{line.customer}", "month": month, "order_id": f"O{n}"}
        order = {
            **common,
            "order_line_id": f"L{n}",
            "product_id": f"P{line.article}",
            "channel_id": "web",
            "territory_id": "T",
            "currency_code": "EUR" if line.is_foreign else "USD",
            "quantity": line.quantity,
            "gross_sales_original_amount": whole,
            "gross_sales_amount": round(whole * rate, 2),
            "discount_amount": round(line.discount * rate, 2),
            "cost_of_goods_amount": line.cost,
        }
        fill(connection, "fct_order_lines", [order])
        back = {
            "return_id": f"R{n}",
            "refund_amount": line.refund,
            "returned_cost_of_goods_amount": line.refund / 2,
            "channel_id": "store",
        }
        fill(connection, "fct_returns", [{**common, **back, "product_id": f"P{line.article}"}])
        cost = {"activity_id": "call", "waterfall_line": "cost_to_serve", "cost_amount": line.served}
        fill(connection, "fct_activity_costs", [{**common, **cost, "order_id": None}])
    # Two that always are there: one who is nobody, so that both months exist, and a call without a sale.
    for month in MONTHS:
        fill(
            connection,
            "fct_activity_costs",
            [
                {"customer_id": who, "month": month, "waterfall_line": "cost_to_serve", "cost_amount": 1}
                for who in ("unattributed", "C0")
            ],
        )
    connection.execute(f"""
        insert into int_customers__waterfall
        select customer_id, month, customer_id = 'unattributed', sum(orders), sum(gross), sum(discount), 0,
        sum(refund), sum(cost), 0, 0, 0, 0, sum(served), 0
        from (
            select customer_id, month, 1 as orders, gross_sales_amount as gross, discount_amount as discount,
            0 as refund,
                cost_of_goods_amount as cost, 0 as served from fct_order_lines
            union all
            select customer_id, month, 0, 0, 0, refund_amount, -returned_cost_of_goods_amount, 0 from fct_returns
            union all
            select customer_id, month, 0, 0, 0, 0, 0, cost_amount from fct_activity_costs
        )
        group by all;
        create table int_profitability__comparisons as {model("int_profitability__comparisons")};
        create table int_profitability__cells as {model("int_profitability__cells")};
        create table profit_bridge as {model("profit_bridge")};
    """)
    return connection


Parts = dict[tuple[str, str, str], Decimal]


def parts_of(connection: duckdb.DuckDBPyConnection) -> Parts:
    query = "select unit_kind, unit_id, part, amount from profit_bridge where period_kind = 'month'"
    return {(kind, unit, part): amount for kind, unit, part, amount in connection.execute(query).fetchall()}


def changes_of(parts: Mapping[tuple[str, str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (kind, unit, _), amount in parts.items():
        sums[kind, unit] += amount
    return {unit: amount for unit, amount in sums.items() if amount}


@cases(5, deadline=None)
@given(lines=_lines)
def test_parts_sum_to_the_change_and_turn_with_the_periods(lines: Sequence[Line]) -> None:
    connection = company(lines)
    parts = parts_of(connection)

    found = connection.execute(
        """
        select customer_id, sum(case when month = ? then 1 else -1 end * (
            gross_sales_amount - discount_amount - return_amount - cost_of_goods_amount - cost_to_serve_amount
        )) from int_customers__waterfall group by 1
        """,
        [MONTHS[1]],
    ).fetchall()
    changes = changes_of(parts)
    customers = {("customer", customer): change for customer, change in found if change}
    assert {unit: change for unit, change in changes.items() if unit[0] == "customer"} == customers
    total = sum(customers.values())
    for kind in ("company", "segment", "product_group", "channel", "territory"):
        assert sum(change for unit, change in changes.items() if unit[0] == kind) == total

    exchanged = {"new": "lost", "lost": "new"}
    turned = parts_of(company(lines, turned=True))
    assert turned == {(kind, unit, exchanged.get(part, part)): -amount for (kind, unit, part), amount in parts.items()}


@cases(3, deadline=None)
@given(lines=_lines, data=st.data())
def test_no_order_of_lines_and_parts_matters(lines: Sequence[Line], data: st.DataObject) -> None:
    assert parts_of(company(data.draw(st.permutations(lines)))) == parts_of(company(lines))


def test_new_and_lost_customers_and_articles_stand_by_themselves() -> None:
    def line(customer: int, month: int, article: int, quantity: int, price: int) -> Line:
        nothing = Decimal(0)
        return Line(
            customer, month, article, quantity, Decimal(price), nothing, nothing, False, Decimal(1), nothing, nothing
        )

    parts = parts_of(
        company(
            [
                line(0, 0, 0, 10, 5),
                line(0, 1, 0, 12, 6),  # stays: volume 2 x 5.5, price 11 x 1
                line(0, 0, 1, 3, 7),
                line(0, 1, 2, 1, 9),  # an article left, another came
                line(1, 0, 0, 2, 5),
                line(2, 1, 0, 4, 6),  # a customer left, another came
            ]
        )
    )
    assert {part: amount for (kind, _, part), amount in parts.items() if kind == "company"} == {
        "volume": 11,
        "price": 11,
        "new": 9 + 24,
        "lost": -21 - 10,
    }
    assert parts["customer", "C2", "new"] == 24
    assert parts["customer", "C1", "lost"] == -10


def test_another_rate_of_exchange_is_no_other_price() -> None:
    lines = [
        Line(0, month, 0, 10, Decimal(5), Decimal(0), Decimal(0), True, Decimal(rate), Decimal(0), Decimal(0))
        for month, rate in enumerate(("1.1", "1.25"))
    ]
    parts = parts_of(company(lines))
    assert {part: amount for (kind, _, part), amount in parts.items() if kind == "customer"} == {
        "currency": Decimal("7.5")
    }
