"""Media spend, leads, touches and off-invoice promotions in their final state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from profit.connectors.demo import michelle
from profit.connectors.demo.campaigns import E_MAIL, Campaigns
from profit.connectors.demo.catalogue import MICHELLES_CAMERA, PER_GROUP
from profit.connectors.demo.identities import draw_parts
from profit.connectors.demo.people import COUNTRIES, MEDIA, ORGANIC, People
from profit.connectors.demo.records import Records
from profit.connectors.demo.sales import Sales
from profit.connectors.demo.scale import MARKETING, NO_DAY, REBATES, ROUGH_RATES, Columns, Floats, Ints, Scale, store

# Media spend as a share of net sales, and how it divides over the slots of a quarter.
_SPEND_SHARE = 0.045
_SLOT_SHARES = np.array([0.24, 0.18, 0.28, 0.10, 0.16, 0.04])
_DEAD_LEADS_PER_LIVE_ONE = 1.8
_LEAD_FEE_CENTS = np.array([0, 1_850, 975, 0, 600])
_LEAD_FEE_SHARE = np.array([0.0, 0.8, 0.45, 0.0, 0.3])
_ELECTRONICS = 5 * PER_GROUP
OPEN, CONVERTED, LOST = range(3)


@dataclass(frozen=True)
class Leads:
    """Prospects in the order of time.

    Attributes:
        customer: True customer behind the lead, -1 for somebody who never bought.
        day: Day index on which the lead came in.
        media: Media source that brought it.
        status: `OPEN`, `CONVERTED` or `LOST`.
        country: Number in `COUNTRIES`.
    """

    customer: Ints
    day: Ints
    media: Ints
    status: Ints
    country: Ints


def build_marketing(
    connection: duckdb.DuckDBPyConnection,
    scale: Scale,
    *,
    people: People,
    records: Records,
    campaigns: Campaigns,
    sales: Sales,
) -> Leads:
    """Make `final_media_spend`, `final_leads`, `final_promotion_redemptions` and earlier versions of the last two.

    Returns:
        The leads, for the touches and contacts with them.
    """
    store(connection, "raw_spend", _draw_spend(scale, campaigns, sales))
    leads = _draw_leads(scale, people)
    rng = scale.rng("lead details")
    has_fee = rng.random(len(leads.day)) < _LEAD_FEE_SHARE[leads.media]
    is_converted = leads.status == CONVERTED
    store(
        connection,
        "raw_leads",
        {
            **draw_parts(rng, leads.country),
            "customer": leads.customer,
            "day": leads.day,
            "second": rng.integers(0, 86_400, len(leads.day)),
            "media": leads.media,
            "status": leads.status,
            "country": leads.country,
            "campaign": campaigns.at(leads.day, leads.media),
            "fee_cents": np.where(has_fee, _LEAD_FEE_CENTS[leads.media], 0),
            "currency": np.array([number for *_, number in COUNTRIES])[leads.country],
            "record": np.where(is_converted, records.number[leads.customer, records.any_system[leads.customer]], -1),
            "converted": np.where(is_converted, people.acquired[leads.customer], NO_DAY),
        },
    )
    store(connection, "raw_redemptions", _draw_redemptions(scale, records, campaigns, sales))
    connection.execute(Path(__file__).with_name("marketing.sql").read_text(encoding="utf-8"))
    return leads


def _draw_spend(scale: Scale, campaigns: Campaigns, sales: Sales) -> Columns:
    """Weekly bookings for each campaign."""
    rng = scale.rng("media spend")
    orders = sales.orders
    dollars = orders.net_cents * ROUGH_RATES[orders.currency[orders.line_order]]
    budget = dollars.sum() * _SPEND_SHARE
    days = campaigns.last_day - campaigns.first_day + 1
    weeks = np.maximum(days // 7, 1)
    campaign = np.repeat(np.arange(len(weeks)), weeks)
    week = np.arange(weeks.sum()) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    share: Floats = _SLOT_SHARES[campaigns.slot[campaign]] * (days / scale.days / weeks)[campaign]
    # Michelle's newsletter is small.
    share[campaign == campaigns.michelles] *= 0.3
    currency = np.where(campaign % 7 == 3, 1, np.where(campaign % 7 == 4, 2, 0))
    cents = budget * share * rng.gamma(6, 1 / 6, len(campaign)) / ROUGH_RATES[currency]
    return {
        "campaign": campaign,
        "day": np.minimum(campaigns.first_day[campaign] + week * 7, scale.days - 1),
        "cents": np.maximum(np.rint(cents).astype(np.int64), 100),
        "currency": currency,
    }


def _draw_leads(scale: Scale, people: People) -> Leads:
    rng = scale.rng("leads")
    is_new = (people.acquired >= 0) & (people.media != ORGANIC) & (rng.random(scale.customers) < 0.75)
    customer = np.flatnonzero(is_new)
    day = np.maximum(people.acquired[customer] - rng.integers(1, 31, len(customer)), 0)
    dead = int(len(customer) * _DEAD_LEADS_PER_LIVE_ONE) + 6
    # A few who never "became" a customer are customers already, under a record that nobody compared.
    known = rng.integers(0, scale.customers - 1, dead)
    dead_customer = np.where(rng.random(dead) < 0.06, known, -1)
    customers = np.concatenate([customer, dead_customer])
    days = np.concatenate([day, rng.integers(0, scale.days, dead)])
    media = np.concatenate([people.media[customer], rng.choice(len(MEDIA), dead, p=[0.15, 0.25, 0.40, 0.08, 0.12])])
    dead_status = np.where(rng.random(dead) < 0.65, LOST, OPEN)
    status = np.concatenate([np.full(len(customer), CONVERTED), dead_status])
    country = np.concatenate(
        [
            people.country[customer],
            np.where(
                dead_customer >= 0,
                people.country[dead_customer],
                rng.choice(len(COUNTRIES), dead, p=[share for _, share, _ in COUNTRIES]),
            ),
        ]
    )
    in_time = np.lexsort((customers, days))
    return Leads(customers[in_time], days[in_time], media[in_time], status[in_time], country[in_time])


def _draw_redemptions(scale: Scale, records: Records, campaigns: Campaigns, sales: Sales) -> Columns:
    """Claims on electronics by customers whom the rebate centre knows; some are never paid."""
    rng = scale.rng("redemptions")
    orders = sales.orders
    customer = orders.customer[orders.line_order]
    is_electronic = orders.article < _ELECTRONICS
    is_member = records.number[customer, REBATES] >= 0
    is_named = sales.order_record[orders.line_order] >= 0
    line = np.flatnonzero(is_electronic & is_member & is_named & (rng.random(len(customer)) < 0.20))
    line = np.append(line, np.flatnonzero(orders.article == MICHELLES_CAMERA))
    is_hers = np.arange(len(line)) == len(line) - 1
    bought = orders.day[orders.line_order[line]]
    claimed = np.where(is_hers, bought + michelle.REBATE_CLAIMED, bought + rng.integers(2, 21, len(line)))
    paid = np.where(is_hers, bought + michelle.REBATE_PAID, claimed + rng.integers(8, 31, len(line)))
    paid[(rng.random(len(line)) < 0.10) & ~is_hers] = NO_DAY
    paid[paid >= scale.days] = NO_DAY
    rebate = np.maximum(np.rint(orders.net_cents[line] * rng.choice([0.05, 0.08, 0.10], len(line)) / 500), 1) * 500
    cents = np.where(is_hers, michelle.REBATE_CENTS, np.minimum(rebate, 10_000)).astype(np.int64)
    kind = np.where(is_hers, 0, rng.choice(3, len(line), p=[0.66, 0.28, 0.06]))
    columns = {
        "line_n": line,
        "order_n": orders.line_order[line],
        "record": records.pick(rng, customer[line], np.full(len(line), REBATES)),
        "kind": kind,
        "campaign": campaigns.at(bought, np.where(rng.random(len(line)) < 0.5, 3, E_MAIL)),
        "claimed": claimed,
        "paid": paid,
        "cents": cents,
        "currency": orders.currency[orders.line_order[line]],
        "has_order": (rng.random(len(line)) >= 0.06) | is_hers,
    }
    inside = np.flatnonzero(claimed < scale.days)
    inside = inside[np.argsort(claimed[inside], kind="stable")]
    return {name: values[inside] for name, values in columns.items()}


def members(records: Records) -> Ints:
    """Customers whom the marketing hub can write to; Michelle gets the one e-mail of her story only."""
    return np.flatnonzero(records.number[:-1, MARKETING] >= 0)
