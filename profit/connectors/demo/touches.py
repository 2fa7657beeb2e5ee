"""Mailings, e-mails, clicks, calls and offers; most of them end in no sale."""

from __future__ import annotations

import duckdb
import numpy as np

from profit.connectors.demo import michelle
from profit.connectors.demo.campaigns import E_MAIL, Campaigns
from profit.connectors.demo.marketing import Leads, members
from profit.connectors.demo.people import People
from profit.connectors.demo.records import Records
from profit.connectors.demo.sales import Sales
from profit.connectors.demo.scale import MARKETING, Columns, Ints, Scale, store

KINDS = ("mail", "email", "click", "call", "offer")
_MAIL, _EMAIL, _CLICK, _CALL, _OFFER = range(len(KINDS))
# Kind of the touch that a media source makes; the last is the e-mail slot.
_KIND_OF_SLOT = np.array([_MAIL, _CALL, _CLICK, _OFFER, _OFFER, _EMAIL])
# Share of the reachable customers that each quarter's campaign touches, by slot.
_REACH = ((0, 0.24), (1, 0.035), (E_MAIL, 0.5), (E_MAIL, 0.35), (3, 0.05))
_CLICK_SHARE = 0.09


def build_touches(
    connection: duckdb.DuckDBPyConnection,
    scale: Scale,
    *,
    people: People,
    records: Records,
    campaigns: Campaigns,
    sales: Sales,
    leads: Leads,
) -> None:
    """Make `final_touches`."""
    rng = scale.rng("touches")
    parts = [
        _mailings(rng, people, records, campaigns),
        _before_orders(rng, records, campaigns, sales),
        _to_leads(rng, campaigns, leads),
        _to_michelle(scale, people, records, campaigns),
    ]
    mailed = parts[0]
    clicked = np.flatnonzero((mailed["kind"] == _EMAIL) & (rng.random(len(mailed["kind"])) < _CLICK_SHARE))
    clicks = {name: values[clicked] for name, values in mailed.items()}
    parts.append(
        {**clicks, "kind": np.full(len(clicked), _CLICK), "is_response": np.ones(len(clicked), dtype=np.int64)}
    )
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    inside = np.flatnonzero((columns["day"] >= 0) & (columns["day"] < scale.days))
    inside = inside[np.argsort(columns["day"][inside], kind="stable")]
    columns = {name: values[inside] for name, values in columns.items()}
    store(connection, "raw_touches", {**columns, "second": rng.integers(7 * 3600, 21 * 3600, len(inside))})
    connection.execute(f"""
        create table final_touches as
        select t.n as _n, 'marketing_hub' as source_system, 'TO' || lpad(cast(t.n + 1 as varchar), 9, '0') as touch_id,
            campaigns.campaign_id, records.customer_id, cast(null as varchar) as customer_source_system, leads.lead_id,
            {list(KINDS)}[1 + t.kind] as touch_kind, at_second(t.day, t.second) as touched_at,
            t.is_response = 1 as is_response, cast(null as boolean) as is_deleted,
            delivery_of(on_day(t.day)) as _delivery
        from raw_touches as t
        inner join campaign_keys as campaigns using (campaign)
        left join record_keys as records on t.record = records.record
        left join lead_keys as leads on t.lead = leads.lead
    """)


def _part(campaign: Ints, day: Ints, kind: Ints, *, record: Ints, lead: Ints, is_response: Ints) -> Columns:
    return {"campaign": campaign, "day": day, "kind": kind, "record": record, "lead": lead, "is_response": is_response}


def _mailings(rng: np.random.Generator, people: People, records: Records, campaigns: Campaigns) -> Columns:
    """Each quarter's mailings, also to those who have long stopped buying."""
    reachable = members(records)
    customers, days, slots = [], [], []
    for first in np.unique(campaigns.first_day[:-1]):
        for slot, share in _REACH:
            touched = reachable[rng.random(len(reachable)) < share]
            day = int(first) + rng.integers(2, 75, len(touched))
            known = people.acquired[touched] <= day
            customers.append(touched[known])
            days.append(day[known])
            slots.append(np.full(known.sum(), slot))
    customer, day, slot_of = np.concatenate(customers), np.concatenate(days), np.concatenate(slots)
    none = np.full(len(customer), -1)
    return _part(
        campaigns.at(day, slot_of),
        day,
        _KIND_OF_SLOT[slot_of],
        record=records.pick(rng, customer, np.full(len(customer), MARKETING)),
        lead=none,
        is_response=(rng.random(len(customer)) < 0.02).astype(np.int64),
    )


def _before_orders(rng: np.random.Generator, records: Records, campaigns: Campaigns, sales: Sales) -> Columns:
    """The touch that an order's offer code came from."""
    orders = sales.orders
    is_told = (sales.campaign >= 0) & (sales.campaign != campaigns.michelles) & ~orders.is_anonymous
    order = np.flatnonzero(is_told & (records.number[orders.customer, MARKETING] >= 0))
    campaign = sales.campaign[order]
    day = np.maximum(orders.day[order] - rng.integers(0, 10, len(order)), campaigns.first_day[campaign])
    return _part(
        campaign,
        day,
        _KIND_OF_SLOT[campaigns.slot[campaign]],
        record=records.number[orders.customer[order], MARKETING],
        lead=np.full(len(order), -1),
        is_response=np.ones(len(order), dtype=np.int64),
    )


def _to_leads(rng: np.random.Generator, campaigns: Campaigns, leads: Leads) -> Columns:
    touches = 1 + rng.poisson(0.8, len(leads.day))
    lead = np.repeat(np.arange(len(leads.day)), touches)
    day = leads.day[lead] + rng.integers(0, 25, len(lead))
    is_first = np.diff(lead, prepend=-1) != 0
    day = np.where(is_first, leads.day[lead], day)
    return _part(
        campaigns.at(leads.day[lead], leads.media[lead]),
        day,
        _KIND_OF_SLOT[leads.media[lead]],
        record=np.full(len(lead), -1),
        lead=lead,
        is_response=(is_first & (leads.status[lead] == 1)).astype(np.int64),
    )


def _to_michelle(scale: Scale, people: People, records: Records, campaigns: Campaigns) -> Columns:
    day = michelle.camera_day(scale) + michelle.E_MAILED
    return _part(
        np.array([campaigns.michelles]),
        np.array([day]),
        np.array([_EMAIL]),
        record=records.number[[people.michelle], MARKETING],
        lead=np.array([-1]),
        is_response=np.array([1]),
    )
