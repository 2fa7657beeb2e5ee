"""The table "How do I express …" of docs/own-data.md, each line tried on one company that delivers all of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from conftest import RECONCILIATIONS, Company, shared
from test_build_minimal import land

from profit.contract import read_contract
from profit.paths import PROJECT_ROOT

pytestmark = pytest.mark.build

FIRST = {
    "customers": "customer_id,organisation_name\nC1,Alpha\nC2,Beta\nC3,Gamma\nC4,Delta\nC5,Epsilon\nC9,Gone\n",
    "products": (
        "product_id,product_name,product_kind\nP1,Lamp,goods\nP2,Chair,goods\nF1,Postage,fee\nP9,Withdrawn,goods\n"
    ),
    "product_costs": "product_id,valid_from,unit_cost_amount\nP1,2024-01-01,40\nP2,2024-01-01,10\n",
    "orders": (
        "order_id,customer_id,ordered_at,commission_amount,order_status\n"
        "O1,C1,2024-12-02T10:00:00Z,,completed\nO2,C2,2024-12-04T10:00:00Z,12,placed\n"
        "O3,C3,2024-12-05T10:00:00Z,,\nO4,C4,2024-12-06T10:00:00Z,,\nO5,C5,2024-12-07T10:00:00Z,1.50,\n"
    ),
    # A voucher of 5.00, freight that the customer pays, actual and standard cost; O4 is sold for seller S1, O5 by the
    # company itself, though S2 ships it, with tax, through a marketplace that takes 1.50; a gift card of 12.00 expires.
    "order_lines": (
        "order_line_id,order_id,product_id,quantity,unit_list_price,discount_amount,promotion_id,unit_cost_amount,"
        "seller_id,seller_commission_amount,tax_amount\n"
        "L1,O1,P1,2,100,5,V5,45,,,\nL2,O1,P2,1,30,,,,,,\nL3,O1,F1,1,7.90,,,,,,\n"
        "L4,O2,P1,3,100,,,,,,\nL5,O3,P1,3,100,,,,,,\nL6,O4,P2,2,50,10,,,S1,13.50,\n"
        "L7,O5,P2,1,30,,,22,S2,,6\nL8,O5,F1,1,12,,,,,,\n"
    ),
    "returns": (
        "return_id,order_id,product_id,quantity,refund_amount,returned_at,is_resaleable\n"
        "R3,O3,P1,3,300,2024-12-20T10:00:00Z,true\nR4,O4,P2,1,45,2024-12-21T10:00:00Z,true\n"
    ),
    "shipments": (
        "shipment_id,direction,order_id,shipped_on,promised_on,arrived_on,freight_amount\n"
        "S1,outbound,O1,2024-12-03,2024-12-05,2024-12-08,6\nS2,outbound,O2,2024-12-05,,,9\nS3,outbound,O3,2024-12-06,,,4\n"
    ),
    # O1 in two instalments, the second with a tip; O2 paid back in part; a gift card sold, and one spent on O4.
    "payments": (
        "payment_id,customer_id,order_id,payment_kind,payment_method,paid_on,amount,fee_amount\n"
        "A1,,O1,receipt,card,2024-12-03,116.45,2\nA2,,O1,receipt,card,2025-01-03,121.45,2\n"
        "B1,,O2,receipt,Wallet,2024-12-04,300,3\nB2,,O2,refund,wallet,2024-12-10,200,\n"
        "G1,C3,,receipt,card,2024-12-11,50,1\nC1,,O3,receipt,card,2024-12-05,300,\nD1,,O4,receipt,gift_card,2024-12-06,90,\n"
        "E1,,O5,receipt,card,2024-12-07,20,\nE2,,O5,receipt,voucher,2024-12-07,28,\n"
    ),
    "tickets": (
        "ticket_id,customer_id,product_id,order_id,opened_at,channel\n"
        "T1,,,O2,2024-12-09T10:00:00Z,phone\nT2,C9,P9,O3,2024-12-09T10:00:00Z,phone\n"
    ),
    "promotion_redemptions": (
        "redemption_id,order_id,order_line_id,claimed_on,paid_on,amount\nK1,O3,L5,2024-12-06,2024-12-07,2.50\n"
    ),
    # Won with what was ordered, with a cancelled order, with a withdrawn one, and with 10 more than the 90 of O4.
    "opportunities": (
        "opportunity_id,customer_id,opened_on,closed_on,stage,amount,order_id\n"
        "V1,C1,2024-11-20,2024-12-02,won,232.90,O1\nV2,C2,2024-11-20,2024-12-04,won,300,O2\n"
        "V3,C3,2024-11-20,2024-12-05,won,300,O3\nV4,C4,2024-11-20,2024-12-06,won,100,O4\n"
    ),
    "referrals": "referral_id,customer_id,referred_customer_id,referred_on\nF1,C1,C9,2024-12-08\n",
    "ledger_accounts": (
        "account_id,account_type,waterfall_line\n6000,expense,indirect_cost\n3000,equity,\n1000,asset,\n"
    ),
    "ledger_entries": (
        "ledger_entry_id,journal_id,account_id,posted_on,amount\n"
        "E1,J1,6000,2024-11-30,600\nE2,J1,1000,2024-11-30,-600\nE3,J2,6000,2024-12-31,600\nE4,J2,1000,2024-12-31,-600\n"
        "CL1,CLOSE24,6000,2024-12-31,-1200\nCL2,CLOSE24,3000,2024-12-31,1200\n"
    ),
}
# A day later one order is cancelled; another one was a mistake, as were a customer and an article.
SECOND = {
    "customers": "customer_id,organisation_name,is_deleted\nC9,,true\n",
    "products": "product_id,product_name,is_deleted\nP9,,true\n",
    "orders": (
        "order_id,customer_id,ordered_at,order_status,is_deleted\n"
        "O2,C2,2024-12-04T10:00:00Z,cancelled,\nO3,,2024-12-05T10:00:00Z,,true\n"
    ),
    "order_lines": "order_line_id,order_id,product_id,quantity,unit_list_price,is_deleted\nL5,O3,P1,3,100,true\n",
}


@pytest.fixture(scope="module")
def expressed() -> Company:
    def build(company: Company) -> None:
        land(company, "first", "2025-01-10", **FIRST)
        land(company, "second", "2025-01-11", **SECOND)
        company.run("profit", "build", *RECONCILIATIONS)

    return shared("expressed", build, made_of=repr((FIRST, SECOND)))


def money(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount).quantize(Decimal("0.0001")) for amount in amounts)


def test_what_each_customer_is_worth(expressed: Company) -> None:
    rows = expressed.query(
        "select customer_id, order_count, gross_sales_amount, discount_amount, return_amount, net_revenue_amount, "
        "cost_of_goods_amount, commission_amount, payment_fee_amount, freight_amount "
        "from marts.customer_profitability where customer_id between 'shop:C1' and 'shop:C5' order by 1"
    )
    assert rows == [
        # 200 + 30 + 7.90 of freight that it pays; two lamps at their own cost of 45, a chair at the standard of 10.
        ("shop:C1", 1, *money("237.90", "5", "0", "232.90", "100", "0", "4", "6")),
        # Cancelled: no sale, no commission; what was paid and sent costs what it costs.
        ("shop:C2", 0, *money("0", "0", "0", "0", "0", "0", "3", "9")),
        # Withdrawn, yet its refund finds who had ordered; no cost was counted, so none comes back.
        ("shop:C3", 0, *money("0", "0", "300", "-302.50", "0", "0", "1", "4")),
        # A commission of 13.50 on 90; half of the goods came back for 45, and with them half of it.
        ("shop:C4", 1, *money("13.50", "0", "6.75", "6.75", "0", "0", "0", "0")),
        # Principal: the price is its own, without tax, and so is what the partner asks for the goods.
        ("shop:C5", 1, *money("42", "0", "0", "42", "22", "1.50", "0", "0")),
    ]
    assert expressed.query(
        "select order_line_id, cost_basis, standard_cost_variance_amount, seller_sales_amount "
        "from core.fct_order_lines order by 1"
    ) == [
        ("shop:L1", "actual", *money("10"), None),
        ("shop:L2", "standard", None, None),
        ("shop:L3", "none", None, None),
        ("shop:L6", "seller", None, *money("90")),
        ("shop:L7", "actual", *money("12"), None),
        ("shop:L8", "none", None, None),
    ]
    assert expressed.query(
        "select rule_id, customer_id, amount from core.fct_cost_flows "
        "where sender = 'direct:cost_of_goods' and receiver_kind = 'customer' order by all"
    ) == [
        ("direct:cost_of_goods", "shop:C1", *money("10")),
        ("direct:cost_of_goods:actual", "shop:C1", *money("90")),
        ("direct:cost_of_goods:actual", "shop:C5", *money("22")),
    ]


def test_a_cancelled_order_is_no_purchase_and_keeps_what_points_to_it(expressed: Company) -> None:
    assert expressed.query("select customer_id from intermediate.int_marketing__first_orders order by 1") == [
        ("shop:C1",),
        ("shop:C4",),
        ("shop:C5",),
    ]
    assert expressed.query(
        "select payment_id, order_id, customer_id, order_status, payment_method from core.fct_payments order by 1"
    ) == [
        ("shop:A1", "shop:O1", "shop:C1", "completed", "card"),
        ("shop:A2", "shop:O1", "shop:C1", "completed", "card"),
        ("shop:B1", "shop:O2", "shop:C2", "cancelled", "wallet"),
        ("shop:B2", "shop:O2", "shop:C2", "cancelled", "wallet"),
        ("shop:C1", "shop:O3", "shop:C3", "withdrawn", "card"),
        ("shop:D1", "shop:O4", "shop:C4", "placed", "gift_card"),
        ("shop:E1", "shop:O5", "shop:C5", "placed", "card"),
        ("shop:E2", "shop:O5", "shop:C5", "placed", "voucher"),
        ("shop:G1", None, "shop:C3", None, "card"),
    ]
    assert expressed.query(
        "select driver, customer_id, order_id from intermediate.int_costing__driver_events "
        "where driver in ('orders', 'tickets', 'shipments') order by 1, 3"
    ) == [
        ("orders", "shop:C1", "shop:O1"),
        ("orders", "shop:C4", "shop:O4"),
        ("orders", "shop:C5", "shop:O5"),
        ("shipments", "shop:C1", "shop:O1"),
        ("shipments", "shop:C2", "shop:O2"),
        ("shipments", "shop:C3", "shop:O3"),
        ("tickets", "shop:C2", "shop:O2"),
        ("tickets", "shop:C9", "shop:O3"),
    ]
    assert expressed.query(
        "select shipment_id, promised_on::varchar, days_late from intermediate.int_sales__freight order by 1"
    ) == [("shop:S1", "2024-12-05", 3), ("shop:S2", None, None), ("shop:S3", None, None)]


def test_what_names_a_withdrawn_order_is_listed_with_its_money(expressed: Company) -> None:
    assert expressed.query(
        "select rule, feed, record_id, original_amount, consequence from marts.data_quality "
        "where rule not in ('empty_amount', 'no_standard_cost') order by all"
    ) == [
        ("cancelled_order_is_paid", "sales.orders", "shop:O2", *money("100"), "counts as no sale"),
        ("withdrawn_reference", "crm.opportunities", "shop:V3", *money("300"), "counts as delivered"),
        ("withdrawn_reference", "crm.referrals", "shop:F1", *money("0"), "counts as delivered"),
        ("withdrawn_reference", "finance.payments", "shop:C1", *money("300"), "counts as delivered"),
        ("withdrawn_reference", "marketing.promotion_redemptions", "shop:K1", *money("2.50"), "counts as delivered"),
        ("withdrawn_reference", "sales.returns", "shop:R3", *money("300"), "counts as delivered"),
        ("withdrawn_reference", "sales.shipments", "shop:S3", *money("4"), "counts as delivered"),
        ("withdrawn_reference", "service.tickets", "shop:T2", *money("0"), "counts without what it names"),
        ("won_amount_differs", "crm.opportunities", "shop:V4", *money("10"), "counts as delivered"),
        ("won_order_came_to_nothing", "crm.opportunities", "shop:V2", *money("300"), "counts as delivered"),
    ]
    assert expressed.query(
        "select record_id, reference, referred_feed, referred_number from intermediate.int_references__withdrawn "
        "where feed in ('service.tickets', 'marketing.promotion_redemptions') order by all"
    ) == [
        ("shop:K1", "order_id", "sales.orders", "O3"),
        ("shop:K1", "order_line_id", "sales.order_lines", "L5"),
        ("shop:T2", "customer_id", "crm.customers", "C9"),
        ("shop:T2", "order_id", "sales.orders", "O3"),
        ("shop:T2", "product_id", "sales.products", "P9"),
    ]


def test_every_reference_of_the_contract_is_looked_at() -> None:
    model = (PROJECT_ROOT / "models/intermediate/references/int_references__withdrawn.sql").read_text(encoding="utf-8")
    macro = (PROJECT_ROOT / "macros/conform/withdrawn.sql").read_text(encoding="utf-8")
    for feed in read_contract().values():
        for column in feed.columns.values():
            if column.references:
                assert f"'{feed.name}': ('stg_{feed.department}__{feed.table}'" in model
                assert f"'{column.references.feed}': (" in macro


def test_books_that_are_closed_cost_and_bring_nothing(expressed: Company) -> None:
    lines = "'indirect_cost', 'closing_entries', 'standard_cost_variance', 'operating_result'"
    assert expressed.query(
        f"select line, customers_amount, below_the_line_amount, ledger_amount, difference_amount "
        f"from marts.profitability_reconciliation where month = '2024-12-01' and line in ({lines}) order by line_order"
    ) == [
        # Sales less 90 + 10 + 5 of the lamps, and what the refunds took.
        ("operating_result", *money("-169.35", "-600", "-600", "169.35")),
        ("closing_entries", *money("0", "-1200", "-1200", "0")),
        ("indirect_cost", *money("600", "0", "600", "0")),
        ("standard_cost_variance", *money("22", "-22", "0", "0")),
    ]
    assert expressed.query(
        "select customer_id, equal_share_cost_amount from marts.customer_profitability_monthly "
        "where equal_share_cost_amount <> 0 order by 1"
    ) == [("shop:C1", *money("200")), ("shop:C4", *money("200")), ("shop:C5", *money("200"))]
