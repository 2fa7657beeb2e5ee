"""Opportunities, calls, visits and referrals in their final state."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np

from profit.connectors.demo import michelle
from profit.connectors.demo.campaigns import Campaigns
from profit.connectors.demo.field import inside_rep, rep_of, territory_of
from profit.connectors.demo.marketing import Leads
from profit.connectors.demo.orders import Orders
from profit.connectors.demo.people import People
from profit.connectors.demo.records import Records
from profit.connectors.demo.sales import Sales
from profit.connectors.demo.scale import CRM, NO_DAY, PHONE, Columns, Ints, Scale, store
from profit.connectors.demo.service import events_over_time

# Stages of an opportunity in their order; `LOST` may follow any of the first three.
_QUALIFY, _PROPOSE, _NEGOTIATE, _WON, _LOST = range(5)
# Outcomes of an interaction.
_SALE, _FOLLOW_UP, _NO_INTEREST, _NO_ANSWER, _SOLVED = range(5)
_CALL, _VISIT, _DEMO = range(3)


def build_contacts(
    connection: duckdb.DuckDBPyConnection,
    scale: Scale,
    *,
    people: People,
    records: Records,
    campaigns: Campaigns,
    sales: Sales,
    leads: Leads,
) -> None:
    """Make the final opportunities, their earlier versions and events, the interactions and the referrals."""
    opportunities = _draw_opportunities(
        scale, people=people, records=records, campaigns=campaigns, sales=sales, leads=leads
    )
    store(connection, "raw_opportunities", opportunities)
    store(connection, "raw_interactions", _draw_interactions(scale, people, records, sales, leads))
    store(connection, "raw_referrals", _draw_referrals(scale, people, records))
    connection.execute(Path(__file__).with_name("contacts.sql").read_text(encoding="utf-8"))


def _draw_opportunities(
    scale: Scale, *, people: People, records: Records, campaigns: Campaigns, sales: Sales, leads: Leads
) -> Columns:
    """Large orders of organisations were opportunities before; about as many come to nothing or are still open."""
    rng = scale.rng("opportunities")
    orders = sales.orders
    net = orders.per_order(orders.net_cents)
    by_firm = np.flatnonzero(people.is_organisation[orders.customer] & (sales.order_record >= 0))
    won = by_firm[net[by_firm] >= np.quantile(net[by_firm], 0.88)] if len(by_firm) else by_firm
    firms = np.flatnonzero(people.is_organisation)
    others = int(len(won) * 1.3) + 4
    customer = np.concatenate([orders.customer[won], rng.choice(firms, others)])
    lasts = rng.integers(15, 120, len(customer))
    opened = np.concatenate([orders.day[won] - lasts[: len(won)], rng.integers(0, scale.days, others)])
    closes = np.concatenate([orders.day[won], opened[len(won) :] + lasts[len(won) :]])
    is_won = np.arange(len(customer)) < len(won)
    is_closed = closes < scale.days
    reached = rng.integers(_QUALIFY, _WON, len(customer))
    stage = np.where(is_won, _WON, np.where(is_closed, _LOST, reached))
    amount = np.concatenate([net[won], rng.lognormal(12.6, 0.9, others)])
    is_lead = ~is_won & (rng.random(len(customer)) < 0.2)
    columns = {
        "record": np.where(is_lead, -1, records.find(customer, CRM)),
        "lead": np.where(is_lead, rng.integers(0, len(leads.day), len(customer)), -1),
        "rep": rep_of(people)[customer],
        "territory": territory_of(people)[customer],
        "campaign": np.where(
            rng.random(len(customer)) < 0.3, campaigns.at(opened, rng.integers(0, 5, len(customer))), -1
        ),
        "opened": opened,
        "expected": closes + rng.integers(-20, 21, len(customer)),
        "closed": np.where(is_closed, closes, NO_DAY),
        "lasts": lasts,
        "stage": stage,
        # Lost opportunities got as far as this before.
        "reached": np.where(is_won, _NEGOTIATE, reached),
        "amount_cents": np.rint(amount).astype(np.int64),
        "first_cents": np.rint(amount * rng.uniform(0.6, 1.5, len(customer)) / 10_000).astype(np.int64) * 10_000,
        "currency": people.currency[customer],
        "order_n": np.concatenate([_named_orders(scale, sales, won), np.full(others, -1)]),
    }
    in_time = np.argsort(opened, kind="stable")
    return {name: values[in_time] for name, values in columns.items()}


def _named_orders(scale: Scale, sales: Sales, won: Ints) -> Ints:
    """What the CRM says that each won opportunity led to: of some nothing, or an order that came before.

    Of one in twelve it names an order that nobody worked for, so that the amounts differ; of one in twenty-four the
    order of another opportunity; of one in twelve none.
    """
    die = scale.rng("opportunity_orders").random(len(won))
    orders = sales.orders
    others = np.setdiff1d(np.arange(len(orders.customer)), won)
    unworked, worked = (_order_before(orders, won, among) for among in (others, won))
    # However small the company, it shows one of each.
    die[np.flatnonzero(worked != won)[:1]] = 1 / 10
    die[np.flatnonzero((unworked != won) & (die != 1 / 10))[:1]] = 0.0
    differing = np.flatnonzero((die < 1 / 12) & (unworked != won))
    # Each is named once: what two name cannot be compared.
    differing = differing[np.unique(unworked[differing], return_index=True)[1]]
    named = np.select([(die >= 1 / 12) & (die < 1 / 8), die > 11 / 12], [worked, np.full(len(won), -1)], won)
    named[differing] = unworked[differing]
    return named


def _order_before(orders: Orders, won: Ints, among: Ints) -> Ints:
    """The last order of the same customer on an earlier day, of those looked at; the order itself if there is none."""
    if not len(among):
        return won
    moment = orders.customer * (int(orders.day.max()) + 1) + orders.day
    ranked = among[np.argsort(moment[among], kind="stable")]
    before = ranked[np.maximum(np.searchsorted(moment[ranked], moment[won]) - 1, 0)]
    is_before = (orders.customer[before] == orders.customer[won]) & (moment[before] < moment[won])
    return np.where(is_before, before, won)


def _draw_interactions(scale: Scale, people: People, records: Records, sales: Sales, leads: Leads) -> Columns:
    rng = scale.rng("interactions")
    orders = sales.orders
    visited, visit_day = events_over_time(rng, scale, people, people.visit_rate)
    called, call_day = events_over_time(rng, scale, people, people.call_rate)
    # However small the demo, a visit and a call that end in no sale are in it.
    visited, visit_day = np.append(visited, 0), np.append(visit_day, scale.days - 4)
    called, call_day = np.append(called, 0), np.append(call_day, scale.days - 5)
    by_phone = np.flatnonzero(orders.system == PHONE)
    pitched = np.flatnonzero((leads.media == 1) | (rng.random(len(leads.day)) < 0.1))
    her = np.array([people.michelle])
    customer = np.concatenate([visited, called, orders.customer[by_phone], np.full(len(pitched), -1), her])
    sizes = [len(visited), len(called), len(by_phone), len(pitched), 1]
    part = np.repeat(np.arange(len(sizes)), sizes)
    count = len(part)
    her_day = [michelle.camera_day(scale) + michelle.SUPPORT_CALL]
    pitch_day = np.minimum(leads.day[pitched] + rng.integers(0, 20, len(pitched)), scale.days - 1)
    is_field_call = (part == 1) & (customer >= 0) & people.is_organisation[customer] & (rng.random(count) < 0.5)
    in_crm = (part == 0) | is_field_call | ((part == 3) & (rng.random(count) < 0.3))
    named = np.where(in_crm, records.find(customer, CRM), records.find(customer, PHONE))
    order_record = np.maximum(sales.order_record, -1)[by_phone]
    named[part == 2] = order_record
    named[part == 3] = -1
    die = rng.random(count)
    no_sale = np.where(
        die < 0.3, _FOLLOW_UP, np.where(die < 0.55, _NO_INTEREST, np.where(die < 0.75, _NO_ANSWER, _SOLVED))
    )
    visit = np.where(die < 0.12, _SALE, np.where(die < 0.6, _FOLLOW_UP, _NO_INTEREST))
    pitch = np.where(die < 0.15, _FOLLOW_UP, np.where(die < 0.6, _NO_INTEREST, _NO_ANSWER))
    outcome = np.select(
        [part == 0, part == 1, part == 2, part == 3], [visit, no_sale, np.full(count, _SALE), pitch], _SOLVED
    )
    length = np.select(
        [part == 0, part == 2], [rng.gamma(4, 20, count), rng.gamma(3, 3.5, count)], rng.gamma(1.8, 6.5, count)
    )
    length = np.where(outcome == _NO_ANSWER, 1.0, np.maximum(length, 2.0))
    length[part == 4] = michelle.SUPPORT_MINUTES
    kind = np.where(part == 0, np.where(rng.random(count) < 0.12, _DEMO, _VISIT), _CALL)
    kind[(part == 3) & (rng.random(count) < 0.08)] = _DEMO
    field = np.where(customer >= 0, rep_of(people)[customer], 2 + np.arange(count) % 14)
    second = rng.integers(8 * 3600, 18 * 3600, count)
    second[part == 2] = 0
    order = np.full(count, -1)
    order[part == 2] = by_phone
    lead = np.full(count, -1)
    lead[part == 3] = pitched
    columns = {
        "in_crm": in_crm,
        "record": named,
        "lead": lead,
        "rep": np.where(in_crm, field, inside_rep(rng, count)),
        "kind": kind,
        "day": np.concatenate([visit_day, call_day, orders.day[by_phone], pitch_day, her_day]),
        "second": second,
        "minutes": np.rint(length).astype(np.int64),
        "outcome": outcome,
        "order_n": order,
    }
    in_time = np.lexsort((part, columns["day"]))
    return {name: values[in_time] for name, values in columns.items()}


def _draw_referrals(scale: Scale, people: People, records: Records) -> Columns:
    rng = scale.rng("referrals")
    is_new = (people.acquired > 0) & (np.arange(scale.customers) < people.michelle)
    brought = np.flatnonzero(is_new & (rng.random(scale.customers) < 0.05))
    if not len(brought):
        brought = np.flatnonzero(is_new)[:1]
    earlier = np.argsort(people.acquired, kind="stable")
    place = np.searchsorted(people.acquired[earlier], people.acquired[brought])
    referrer = earlier[np.floor(rng.random(len(brought)) * np.maximum(place, 1)).astype(np.int64)]
    brought, referrer = brought[referrer != brought], referrer[referrer != brought]
    in_time = np.argsort(people.acquired[brought], kind="stable")
    brought, referrer = brought[in_time], referrer[in_time]
    return {
        "record": records.find(referrer, CRM),
        "brought_record": records.number[brought, records.any_system[brought]],
        "day": people.acquired[brought],
        "is_reference": (rng.random(len(brought)) < 0.2) & people.is_organisation[referrer],
    }
