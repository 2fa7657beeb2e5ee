"""What follows an order: shipments, payments, returns and refunds, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profit.connectors.demo import michelle
from profit.connectors.demo.catalogue import CARE_PLAN, MICHELLES_CAMERA
from profit.connectors.demo.orders import Orders
from profit.connectors.demo.people import TAX_RATES, People
from profit.connectors.demo.records import Records
from profit.connectors.demo.scale import PHONE, STORES, WEB, Columns, Flags, Floats, Ints, Scale

# How a return is tied to the sale: by order line, not at all, or by an order from before the window.
LINKED, UNLINKED, FORGOTTEN = range(3)
RESALEABLE, SCRAPPED, UNKNOWN = 1, 0, -1
CARD, WALLET, INVOICE, CASH = range(4)
METHODS = ("card", "wallet", "invoice", "cash")
_FEE_SHARES = np.array([0.019, 0.029, 0.0, 0.0])
_FEE_CENTS = np.array([30, 35, 0, 0])


@dataclass(frozen=True)
class Returns:
    """Returned lines in the order of time.

    Attributes:
        line: Line that comes back.
        day: Day index of the return.
        system: Sales system that takes the goods back.
        record: Customer record in the return, -1 for none.
        quantity: Units taken back.
        refund_cents: Refund without tax in the order's currency.
        tax_cents: Tax that is refunded with it.
        link: `LINKED`, `UNLINKED` or `FORGOTTEN`.
        condition: `RESALEABLE`, `SCRAPPED` or `UNKNOWN`.
    """

    line: Ints
    day: Ints
    system: Ints
    record: Ints
    quantity: Ints
    refund_cents: Ints
    tax_cents: Ints
    link: Ints
    condition: Ints


def draw_returns(scale: Scale, people: People, records: Records, orders: Orders, order_record: Ints) -> Returns:
    """Draw which lines come back, where, and in what state; Michelle's camera goes back to a store."""
    rng = scale.rng("returns")
    customer = orders.customer[orders.line_order]
    is_goods = orders.article < CARE_PLAN
    line = np.flatnonzero(is_goods & (rng.random(len(customer)) < people.return_rate[customer]))
    day = orders.day[orders.line_order[line]] + rng.integers(3, 36, len(line))
    line, day = line[day < scale.days], day[day < scale.days]
    # However small the demo, something comes back from the web to a store and something without its order.
    hers = np.flatnonzero(orders.article == MICHELLES_CAMERA)
    line = np.append(line, hers)
    day = np.append(day, [michelle.camera_day(scale) + michelle.RETURNED])
    in_time = np.lexsort((line, day))
    line, day = line[in_time], day[in_time]
    is_hers = orders.article[line] == MICHELLES_CAMERA

    order = orders.line_order[line]
    sold_by = orders.system[order]
    customer = orders.customer[order]
    dice = rng.random((4, len(line)))
    system = np.where((dice[0] < 0.45) | is_hers, STORES, sold_by)
    is_moved = system != sold_by
    own = records.number[customer, STORES]
    elsewhere = np.where(own >= 0, own, np.where(dice[1] < 0.5, order_record[order], -1))
    record = np.where(is_moved, elsewhere, order_record[order])
    link = np.where(dice[2] < 0.10, UNLINKED, np.where(dice[2] < 0.115, FORGOTTEN, LINKED))
    link[is_hers] = LINKED
    condition = np.where(dice[3] < 0.62, RESALEABLE, np.where(dice[3] < 0.92, SCRAPPED, UNKNOWN))
    condition[is_hers] = RESALEABLE
    sold = orders.quantity[line]
    quantity = np.where(rng.random(len(line)) < 0.7, sold, rng.integers(1, sold + 1))
    refund = np.rint(orders.net_cents[line] * quantity / sold).astype(np.int64)
    tax = np.rint(refund * TAX_RATES[orders.country[order]]).astype(np.int64)
    return Returns(line, day, system, record, quantity, refund, tax, link, condition)


def draw_shipments(scale: Scale, orders: Orders, returns: Returns) -> Columns:
    """Columns of the shipments: `order` and `back` (number of the return, -1 on the way out), day, mode and freight."""
    rng = scale.rng("shipments")
    net = orders.per_order(orders.net_cents)
    is_sent = (orders.system != STORES) | (rng.random(len(net)) < 0.04)
    out = np.flatnonzero(is_sent & ~orders.is_subscription)
    out_day = orders.day[out] + rng.integers(1, 4, len(out))
    back = np.flatnonzero(returns.system != STORES)
    back_order = orders.line_order[returns.line[back]]
    back_day = np.maximum(returns.day[back] - rng.integers(1, 4, len(back)), orders.day[back_order])
    order = np.concatenate([out, back_order])
    value = np.concatenate([net[out], returns.refund_cents[back].astype(np.float64)])
    freight = 420 + value * rng.uniform(0.008, 0.03, len(order)) + rng.gamma(1.5, 160, len(order))
    columns = {
        "order_n": order,
        "return_n": np.concatenate([np.full(len(out), -1), back]),
        "day": np.concatenate([out_day, back_day]),
        "mode": rng.choice(3, len(order), p=[0.82, 0.13, 0.05]),
        "freight_cents": np.rint(np.minimum(freight, 90_000)).astype(np.int64),
        "currency": orders.currency[order],
    }
    return _in_time(columns, scale)


def draw_payments(scale: Scale, people: People, orders: Orders, returns: Returns, order_record: Ints) -> Columns:
    """Columns of the payments: order, record, kind (0 receipt, 1 refund), method, day, amount and fee."""
    rng = scale.rng("payments")
    due = orders.per_order(orders.net_cents + orders.tax_cents)
    method = _draw_methods(rng, people.is_organisation[orders.customer], orders.system)
    method[orders.customer == people.michelle] = CARD
    delay = np.where(method == INVOICE, rng.integers(8, 60, len(due)), 0)
    # Invoices are paid late or not before the end of the window: those are receivables.
    received = np.arange(len(due))
    refunded = np.flatnonzero(returns.link != FORGOTTEN)
    refund_order = orders.line_order[returns.line[refunded]]
    refund_record = np.where(returns.link[refunded] == LINKED, -1, returns.record[refunded])
    order = np.concatenate([received, refund_order])
    kind = np.concatenate([np.zeros(len(due), dtype=np.int64), np.ones(len(refunded), dtype=np.int64)])
    amount = np.concatenate([due, (returns.refund_cents + returns.tax_cents)[refunded].astype(np.float64)])
    methods = np.concatenate([method, method[refund_order]])
    fee = np.rint(amount * _FEE_SHARES[methods]) + _FEE_CENTS[methods]
    fee = np.where(kind == 1, np.where(_FEE_CENTS[methods] > 0, 25, 0), fee).astype(np.int64)
    is_named = (rng.random(len(due)) < 0.2) & (order_record >= 0)
    linked_order = np.where(returns.link[refunded] == LINKED, refund_order, -1)
    columns = {
        "order_n": np.concatenate([received, linked_order]),
        "record": np.concatenate([np.where(is_named, order_record, -1), refund_record]),
        "kind": kind,
        "method": methods,
        "day": np.concatenate([orders.day + delay, returns.day[refunded] + rng.integers(0, 6, len(refunded))]),
        "amount_cents": amount.astype(np.int64),
        "fee_cents": fee,
        "currency": orders.currency[order],
    }
    columns = {name: values[amount > 0] for name, values in columns.items()}
    return _in_time(columns, scale)


def draw_commissions(scale: Scale, people: People, orders: Orders, field_rep: Ints, inside: Ints) -> tuple[Ints, Ints]:
    """Representative of each order, -1 for none, and the commission in hundredths of the order's currency."""
    rng = scale.rng("commissions")
    dice = rng.random(len(orders.customer))
    is_org = people.is_organisation[orders.customer]
    by_field = is_org & (orders.system != STORES) & (dice < 0.45) & ~orders.is_subscription
    by_phone = (orders.system == PHONE) & ~by_field
    rep = np.where(by_field, field_rep[orders.customer], np.where(by_phone, inside, -1))
    share: Floats = np.where(by_field, 0.03, np.where(by_phone, 0.01, 0.0))
    return rep, np.rint(orders.per_order(orders.net_cents) * share).astype(np.int64)


def _draw_methods(rng: np.random.Generator, is_org: Flags, system: Ints) -> Ints:
    die = rng.random(len(system))
    web = np.where(die < 0.62, CARD, np.where(die < 0.93, WALLET, INVOICE))
    stores = np.where(die < 0.66, CARD, CASH)
    phone = np.where(die < 0.70, CARD, INVOICE)
    method = np.where(system == WEB, web, np.where(system == STORES, stores, phone))
    return np.where(is_org & (system != STORES) & (die < 0.85), INVOICE, method)


def _in_time(columns: Columns, scale: Scale) -> Columns:
    """The rows inside the window, in the order of time."""
    day = columns["day"]
    rows = np.flatnonzero((day >= 0) & (day < scale.days))
    rows = rows[np.argsort(day[rows], kind="stable")]
    return {name: values[rows] for name, values in columns.items()}
