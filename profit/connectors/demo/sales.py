"""The sales feeds in their final state: orders, lines, returns, shipments, payments and subscriptions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from profit.connectors.demo.campaigns import E_MAIL, Campaigns
from profit.connectors.demo.catalogue import MICHELLES_STEREO, Catalogue
from profit.connectors.demo.field import inside_rep, rep_of
from profit.connectors.demo.orders import Orders, draw_orders
from profit.connectors.demo.people import People
from profit.connectors.demo.records import Records
from profit.connectors.demo.scale import CRM, PHONE, WEB, Columns, Ints, Scale, store
from profit.connectors.demo.subscriptions import Subscriptions, draw_subscriptions
from profit.connectors.demo.transactions import Returns, draw_commissions, draw_payments, draw_returns, draw_shipments

NOBODY, UNKNOWN_NUMBER = -1, -2


@dataclass(frozen=True)
class Sales:
    """What the later stages need to know of the sales.

    Attributes:
        orders: Orders and lines.
        order_record: Customer record that each order names, `NOBODY` or `UNKNOWN_NUMBER`.
        campaign: Campaign that each order names, -1 for none.
        returns: Returns.
    """

    orders: Orders
    order_record: Ints
    campaign: Ints
    returns: Returns


def build_sales(
    connection: duckdb.DuckDBPyConnection,
    scale: Scale,
    *,
    people: People,
    records: Records,
    catalogue: Catalogue,
    campaigns: Campaigns,
) -> Sales:
    """Make the final orders, lines, returns, shipments, payments and subscriptions, and earlier versions of the last.

    Returns:
        What was sold, for what follows from it.
    """
    rng = scale.rng("sales")
    subscriptions = draw_subscriptions(scale, people)
    orders = draw_orders(scale, people, catalogue, subscriptions)
    count = len(orders.day)
    record = records.pick(rng, orders.customer, orders.system)
    in_crm = records.number[orders.customer, CRM]
    is_by_account = (orders.system == PHONE) & (in_crm >= 0) & (rng.random(count) < 0.25)
    record = np.where(is_by_account, in_crm, record)
    record = np.where(orders.is_anonymous, NOBODY, np.where(orders.is_unknown, UNKNOWN_NUMBER, record))
    rep, commission = draw_commissions(scale, people, orders, rep_of(people), inside_rep(rng, count))
    campaign = _draw_campaigns(rng, people, orders, campaigns)
    returns = draw_returns(scale, people, records, orders, record)
    store(
        connection,
        "raw_orders",
        {
            "customer": orders.customer,
            "day": orders.day,
            "second": orders.second,
            "system": orders.system,
            "currency": orders.currency,
            "record": record,
            "rep": rep,
            "commission_cents": commission,
            "campaign": campaign,
            "is_packed": rng.random(count) < 0.06,
        },
    )
    _store_lines(connection, orders)
    _store_returns(connection, orders, returns)
    store(connection, "raw_shipments", draw_shipments(scale, orders, returns))
    store(connection, "raw_payments", draw_payments(scale, people, orders, returns, record))
    _store_subscriptions(connection, people, records, subscriptions)
    store(connection, "wrong_codes", _draw_wrong_codes(scale, orders, returns))
    connection.execute(Path(__file__).with_name("sales.sql").read_text(encoding="utf-8"))
    return Sales(orders, record, campaign, returns)


def _draw_campaigns(rng: np.random.Generator, people: People, orders: Orders, campaigns: Campaigns) -> Ints:
    """Offer codes: a part of the orders name the campaign that was running."""
    count = len(orders.day)
    slot = rng.choice(E_MAIL + 1, count, p=[0.22, 0.13, 0.25, 0.08, 0.07, 0.25])
    is_named = rng.random(count) < np.where(orders.system == PHONE, 0.25, np.where(orders.system == WEB, 0.15, 0.03))
    campaign = np.where(is_named & ~orders.is_subscription, campaigns.at(orders.day, slot), -1)
    is_hers = orders.customer == people.michelle
    campaign[is_hers] = -1
    campaign[orders.line_order[orders.article == MICHELLES_STEREO]] = campaigns.michelles
    return campaign


def _store_lines(connection: duckdb.DuckDBPyConnection, orders: Orders) -> None:
    per_order = np.bincount(orders.line_order, minlength=len(orders.day))
    first_line = np.cumsum(per_order) - per_order
    store(
        connection,
        "raw_lines",
        {
            "order_n": orders.line_order,
            "line_number": np.arange(len(orders.line_order)) - first_line[orders.line_order] + 1,
            "article": orders.bought,
            "quantity": orders.quantity,
            "price_cents": orders.price_cents,
            "discount_cents": orders.discount_cents,
            "tax_cents": orders.tax_cents,
        },
    )


def _store_returns(connection: duckdb.DuckDBPyConnection, orders: Orders, returns: Returns) -> None:
    order = orders.line_order[returns.line]
    store(
        connection,
        "raw_returns",
        {
            "line_n": returns.line,
            "order_n": order,
            "day": returns.day,
            "second": 8 * 3600 + (returns.line * 977) % 43_200,
            "system": returns.system,
            "record": returns.record,
            "quantity": returns.quantity,
            "refund_cents": returns.refund_cents,
            "tax_cents": returns.tax_cents,
            "currency": orders.currency[order],
            "article": orders.bought[returns.line],
            "link": returns.link,
            "condition": returns.condition,
        },
    )


def _store_subscriptions(
    connection: duckdb.DuckDBPyConnection, people: People, records: Records, subscriptions: Subscriptions
) -> None:
    contract = subscriptions.billed_contract
    store(
        connection,
        "raw_subscription_terms",
        {
            "contract": contract,
            "record": records.number[subscriptions.billed_customer, WEB],
            "currency": people.currency[subscriptions.billed_customer],
            "term_months": subscriptions.term_months[contract],
            "term": subscriptions.term,
            "day": subscriptions.billed_day,
            "ends": subscriptions.ends,
            "is_last": subscriptions.is_last,
        },
    )


def _draw_wrong_codes(scale: Scale, orders: Orders, returns: Returns) -> Columns:
    """Two orders with a mistyped currency code: one for good, and one that a later delivery corrects."""
    is_quiet = np.ones(len(orders.day), dtype=bool)
    is_quiet[orders.line_order[returns.line]] = False
    is_quiet &= ~orders.is_subscription & (orders.customer != orders.customer.max())
    half = np.searchsorted(orders.day, scale.days // 2)
    later = np.arange(len(orders.day)) >= half
    wrong_for_good = _first_of(is_quiet & (orders.currency == 1) & later, is_quiet & (orders.currency == 1), is_quiet)
    is_early = orders.day < scale.month_starts[scale.months - 1]
    is_quiet[wrong_for_good] = False
    corrected = _first_of(
        is_quiet & (orders.currency == 2) & is_early & later, is_quiet & (orders.currency == 2) & is_early
    )
    return {"wrong_order": np.array([wrong_for_good, corrected])}


def _first_of(*choices: np.ndarray) -> int:
    """The first true place of the first choice that has one; -1 if none has."""
    for choice in choices:
        if choice.any():
            return int(np.argmax(choice))
    return -1
