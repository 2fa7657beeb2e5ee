"""Michelle, the acceptance case: her page of numbers equals a hand computation.

She buys a video camera for $600 on the web and mails the $100 coupon; the camera goes back to a store for a full
refund; an e-mail offers her a stereo for $450, which she orders by phone; she calls once more. All of it lies in one
month. What the story fixes, and the rules of prices, fees and minutes, stand here as numbers. What the demo company
draws by lot (freight, how the parcels travelled) and what depends on everybody else (what a minute of a department
cost, how many share its time) is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from conftest import Company

from profit.connectors.demo import michelle

CENT = Decimal("0.01")
CAMERA, STEREO = Decimal(600), Decimal(450)
CAMERA_COST, STEREO_COST = Decimal(390), Decimal(261)
COUPON = Decimal(michelle.REBATE_CENTS) / 100
# Inside sales get 1 % of a phone order.
COMMISSION = Decimal("4.50")
# Cards cost 1.9 % of what is paid, tax of 7.25 % included, and 0.30: 643.50 for the camera makes 12.53, 482.62 for the
# stereo 9.47. Paying back costs 0.25.
PAYMENT_FEES = Decimal("12.53") + Decimal("9.47") + Decimal("0.25")

# Pool and minutes of what was done for her, by the time equations.
MINUTES = {
    # Check a web order, 13.5, and 6 more as she is new.
    "enter_web_order": ("order_desk", "19.5"),
    "enter_web_line": ("order_desk", "2.2"),
    # 13 since July 2025; she is no longer new.
    "enter_phone_order": ("order_desk", "13"),
    "enter_phone_line": ("order_desk", "2.2"),
    "host_web_order": ("web_platform", "10"),
    # Camera and stereo.
    "pick_line": ("warehouse", "17"),
    "use_packaging": ("packaging", "3.2"),
    # The return is handled twice: at the store's counter and by those who inspect it.
    "take_back_in_store": ("stores", "15"),
    "handle_return": ("returns_desk", "50"),
    # Ordering the stereo and asking for support: 2.9 around the call and 18 on the phone, each.
    "answer_call": ("call_centre", "41.8"),
    "send_e_mail": ("postage", "0.02"),
}
# 8.4 a parcel, and 3 for each that goes by air.
PARCELS, MINUTES_OF_PARCEL, MINUTES_BY_AIR = 2, Decimal("8.4"), Decimal(3)
# Parts of a pool that everybody who causes the work shares equally: pool, share of it, what is counted.
SHARED = {
    "pay_rebate_claim": ("marketing", "0.05", "claims"),
    "keep_account": ("administration", "0.15", "active_customers"),
    "keep_web_shop": ("web_platform", "0.2", "web_customers"),
}
SUSTAINING = ("keep_account", "keep_web_shop")


@dataclass(frozen=True)
class Her:
    """Michelle in the warehouse.

    Attributes:
        company: The demo company, built.
        customer_id: Her enterprise ID.
        month: The month in which all of it happened, ISO date.
    """

    company: Company
    customer_id: str
    month: str

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query that may name {her} and {month}."""
        return self.company.query(sql.format(her=f"'{self.customer_id}'", month=f"date '{self.month}'"))

    def value(self, sql: str) -> Decimal:
        """The one number of such a query, as a decimal."""
        ((value,),) = self.query(sql)
        return Decimal(str(value))


@pytest.fixture(scope="module")
def her(demo: Company) -> Her:
    """Michelle, found by what the systems know of her."""
    records = demo.query(
        """
        select distinct delivered.source_system, records.customer_id
        from staging.stg_crm__customers as delivered
        inner join core.customer_crosswalk as records
            on delivered.source_system = records.source_system
            and delivered.customer_id = records.source_customer_id
            and records.record_kind = 'customer'
        where
            delivered.is_current
            and (
                regexp_replace(delivered.phone, '[^0-9]', '', 'g') like '%6145550137'
                or delivered.email = 'michelle.carter@example.org'
            )
        """
    )
    assert {system for system, _ in records} == set(michelle.RECORDS)
    ((customer_id,),) = {(customer,) for _, customer in records}
    month = demo.value(f"select min(month) from core.fct_order_lines where customer_id = '{customer_id}'")
    return Her(demo, str(customer_id), str(month))


@pytest.fixture(scope="module")
def activities(her: Her) -> dict[str, Decimal]:
    """Cost of each activity for her by hand: minutes times what a minute cost, or an equal part of a share."""
    rates = dict(her.query("select pool_id, minute_rate from core.fct_cost_pool_rates where period = {month}"))
    pools = dict(her.query("select pool_id, gross_amount from core.fct_cost_pool_rates where period = {month}"))
    by_air = her.value(
        """
        select count(*) from staging.stg_sales__shipments as shipments
        inner join intermediate.int_sales__orders as orders
            on shipments.order_source_system = orders.source_system and shipments.order_id = orders.source_order_id
        where orders.customer_id = {her} and shipments.ship_mode = 'air'
        """
    )
    sharers = {
        "claims": her.value(
            "select count(*) from core.fct_promotion_redemptions where date_trunc('month', claimed_on) = {month}"
        ),
        "active_customers": her.value(
            "select count(distinct customer_id) from core.fct_order_lines "
            "where month = {month} and customer_id <> 'unattributed'"
        ),
        "web_customers": her.value(
            "select count(distinct customer_id) from core.fct_order_lines "
            "where month = {month} and customer_id <> 'unattributed' and channel_id = 'web'"
        ),
    }
    minutes = {activity: (pool, Decimal(each)) for activity, (pool, each) in MINUTES.items()}
    minutes["ship_parcel"] = ("warehouse", PARCELS * MINUTES_OF_PARCEL + by_air * MINUTES_BY_AIR)
    costs = {activity: each * Decimal(str(rates[pool])) for activity, (pool, each) in minutes.items()}
    for activity, (pool, share, sharer) in SHARED.items():
        costs[activity] = pools[pool] * Decimal(share) / sharers[sharer]
    return costs


def test_she_bears_both_handlings_the_e_mail_and_the_calls_and_nothing_else(
    her: Her, activities: dict[str, Decimal]
) -> None:
    """Activity by activity. Cents are given out by largest remainder, so each may be one off the exact share."""
    borne = dict(
        her.query(
            "select activity_id, sum(cost_amount) from core.fct_activity_costs where customer_id = {her} group by all"
        )
    )
    assert borne.keys() == activities.keys()
    differing = {name: (borne[name], cost) for name, cost in activities.items() if abs(borne[name] - cost) > CENT}
    assert differing == {}
    assert all(cost > 0 for cost in borne.values())


def test_her_page_is_the_hand_computation(her: Her, activities: dict[str, Decimal]) -> None:
    """One row over five records; every line to the cent, activities as the sum of their cents."""
    freight = her.value(
        """
        select sum(shipments.freight_amount) from staging.stg_sales__shipments as shipments
        inner join intermediate.int_sales__orders as orders
            on shipments.order_source_system = orders.source_system and shipments.order_id = orders.source_order_id
        where orders.customer_id = {her}
        """
    )
    assert freight > 0
    borne = dict(
        her.query(
            "select activity_id, sum(cost_amount) from core.fct_activity_costs where customer_id = {her} group by all"
        )
    )
    sustaining = sum((borne[name] for name in SUSTAINING), Decimal(0))
    to_serve = sum((cost for name, cost in borne.items() if name not in SUSTAINING), Decimal(0))
    by_hand = sum(cost for name, cost in activities.items() if name not in SUSTAINING)
    assert abs(to_serve - by_hand) <= len(activities) * CENT

    # The stereo less the $100 paid on a camera she no longer has.
    net_revenue = CAMERA + STEREO - COUPON - CAMERA
    assert net_revenue == STEREO - COUPON == 350
    # The camera is on sale again, so its cost came back.
    gross_margin = net_revenue - (CAMERA_COST + STEREO_COST - CAMERA_COST)
    assert gross_margin == 89
    direct_selling = COMMISSION + PAYMENT_FEES + freight
    contribution = gross_margin - direct_selling
    expected = {
        "order_count": 2,
        "gross_sales_amount": CAMERA + STEREO,
        "discount_amount": 0,
        "rebate_amount": COUPON,
        "return_amount": CAMERA,
        "net_revenue_amount": net_revenue,
        "cost_of_goods_amount": STEREO_COST,
        "gross_margin_amount": gross_margin,
        "commission_amount": COMMISSION,
        "payment_fee_amount": PAYMENT_FEES,
        "freight_amount": freight,
        "lead_fee_amount": 0,
        "direct_selling_cost_amount": direct_selling,
        "contribution_margin_amount": contribution,
        "cost_to_serve_amount": to_serve,
        "customer_margin_amount": contribution - to_serve,
        "sustaining_cost_amount": sustaining,
        "customer_profit_amount": contribution - to_serve - sustaining,
        "rebate_leakage_amount": COUPON,
    }
    for mart in ("customer_profitability", "customer_profitability_monthly"):
        rows = her.query(f"select {', '.join(expected)} from marts.{mart} where customer_id = {{her}}")
        assert [dict(zip(expected, row, strict=True)) for row in rows] == [expected], mart


def test_the_coupon_is_leakage_of_the_camera_that_came_back(her: Her) -> None:
    claims = her.query(
        """
        select claims.rebate_amount, claims.is_rebate_leakage, claims.order_id = returns.order_id, returns.channel_id
        from core.fct_promotion_redemptions as claims
        inner join core.fct_returns as returns on claims.customer_id = returns.customer_id
        where claims.customer_id = {her}
        """
    )
    assert claims == [(COUPON, True, True, "store")]


def test_the_stereo_is_credited_to_the_e_mail_campaign_and_the_camera_to_none(her: Her) -> None:
    orders = her.query(
        """
        select lines.channel_id, campaigns.campaign_name, campaigns.media_source
        from core.fct_order_lines as lines
        inner join core.dim_campaign as campaigns on lines.campaign_id = campaigns.campaign_id
        where lines.customer_id = {her} order by lines.ordered_on
        """
    )
    assert orders == [
        ("web", "No campaign named", "unknown"),
        ("phone", michelle.CAMPAIGN_NAME, "internet"),
    ]
    # Nobody else was offered the stereo: one touch, answered, and one order that names it: 450.00 less 261.00 of goods.
    campaign = her.query(
        f"""
        select touch_count, response_count, response_rate, new_customer_count, credited_order_count, coded_order_count,
            credited_net_revenue_amount, credited_gross_margin_amount, media_spend_amount > 0
        from marts.campaign_performance where campaign_name = '{michelle.CAMPAIGN_NAME}'
        """
    )
    assert campaign == [(1, 1, 1.0, 0, 1, 1, STEREO, STEREO - STEREO_COST, True)]


def test_nothing_had_touched_her_before_her_first_order(her: Her) -> None:
    """The e-mail came after the camera: it won an order, not a customer."""
    won = her.query(
        """
        select media_source, campaign_id, touch_count, acquisition_cost_amount, first_channel_id
        from marts.customer_acquisition where customer_id = {her}
        """
    )
    assert won == [("none", "unknown", 0, 0, "web")]
    models = her.query(
        """
        select count(*), count(distinct attribution_model), min(media_source), max(media_source), min(credit_share)
        from intermediate.int_marketing__acquisition_credits where customer_id = {her}
        """
    )
    assert models == [(4, 4, "none", "none", 1)]
