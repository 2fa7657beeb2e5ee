"""Who orders what, when and where: the purchase process and its orders and lines, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profit.connectors.demo import michelle
from profit.connectors.demo.catalogue import (
    CARE_PLAN,
    EXPRESS_FEE,
    GIFT_WRAPPING,
    GROUPS,
    MICHELLES_CAMERA,
    MICHELLES_STEREO,
    PER_GROUP,
    Catalogue,
    variant_of,
)
from profit.connectors.demo.people import COUNTRIES, TAX_RATES, People
from profit.connectors.demo.scale import PHONE, STORES, WEB, Flags, Floats, Ints, Scale
from profit.connectors.demo.story import slow_in_central
from profit.connectors.demo.subscriptions import Subscriptions

ANONYMOUS = -1
# Share of store orders that name nobody, and of all orders that name a number which no system delivers.
_ANONYMOUS_SHARE = 0.30
_UNKNOWN_SHARE = 0.0015
_MOST_PURCHASES = 5_000


@dataclass(frozen=True)
class Orders:
    """Orders in the order of time, and their lines in the order of the orders.

    Attributes:
        customer: True customer, also of anonymous orders.
        day: Day index.
        second: Second of the day, UTC.
        system: `WEB`, `STORES` or `PHONE`.
        country: Number in `COUNTRIES` of the place of sale.
        is_anonymous: The order names no customer.
        is_unknown: The order names a customer number that no system delivers.
        is_subscription: The order bills a term of a contract.
        line_order: Order of each line.
        article: Article of each line.
        bought: Article or variant of it that each line is for.
        quantity: Units of each line.
        price_cents: List price of a unit in hundredths of the order's currency.
        discount_cents: Discount of the whole line.
        tax_cents: Sales tax of the whole line.
        is_still_customer: Whether each true customer would buy again after the window.
    """

    customer: Ints
    day: Ints
    second: Ints
    system: Ints
    country: Ints
    is_anonymous: Flags
    is_unknown: Flags
    is_subscription: Flags
    line_order: Ints
    article: Ints
    bought: Ints
    quantity: Ints
    price_cents: Ints
    discount_cents: Ints
    tax_cents: Ints
    is_still_customer: Flags

    @property
    def currency(self) -> Ints:
        """Currency number of each order."""
        return np.array([currency for *_, currency in COUNTRIES])[self.country]

    @property
    def net_cents(self) -> Ints:
        """Gross less discount of each line."""
        return self.quantity * self.price_cents - self.discount_cents

    def per_order(self, line_values: Ints | Floats) -> Floats:
        """Sum of a value of the lines for each order."""
        return np.bincount(self.line_order, weights=line_values, minlength=len(self.day)).astype(np.float64)


def draw_orders(scale: Scale, people: People, catalogue: Catalogue, subscriptions: Subscriptions) -> Orders:
    """Draw all orders of the window; `Orders` says what comes out."""
    rng = scale.rng("orders")
    customer, day, is_still_customer = _draw_purchases(rng, scale, people)
    system = _draw_systems(rng, people, customer)
    count = len(customer)
    camera = michelle.camera_day(scale)
    extra = len(subscriptions.billed_customer)
    customer = np.concatenate([customer, [people.michelle] * 2, subscriptions.billed_customer])
    day = np.concatenate([day, [camera, camera + michelle.STEREO_ORDERED], subscriptions.billed_day])
    system = np.concatenate([system, [WEB, PHONE], np.full(extra, WEB)])
    is_subscription = np.arange(len(customer)) >= count + 2
    # Shops near midnight UTC make the UTC date matter.
    second = rng.integers(6 * 3600, 24 * 3600, len(customer))
    second[count : count + 2] = [15 * 3600, 16 * 3600 + 1200]
    in_time = np.lexsort((customer, second, day))
    customer, day, second, system = (values[in_time] for values in (customer, day, second, system))
    is_subscription = is_subscription[in_time]
    is_drawn = (customer != people.michelle) & ~is_subscription
    is_anonymous = is_drawn & (system == STORES) & (rng.random(len(customer)) < _ANONYMOUS_SHARE)
    is_unknown = is_drawn & ~is_anonymous & (rng.random(len(customer)) < _UNKNOWN_SHARE)
    country = people.country[customer]

    lines = np.where(is_drawn, 1 + rng.poisson(people.lines_mean[customer]), 1)
    line_order = np.repeat(np.arange(len(customer)), lines)
    of_customer, of_day = customer[line_order], day[line_order]
    article = _draw_articles(rng, people, catalogue, of_customer, of_day)
    article, times = slow_in_central(scale, people, catalogue, customer=of_customer, day=of_day, article=article)
    article[is_subscription[line_order]] = CARE_PLAN
    is_hers = of_customer == people.michelle
    article[is_hers] = [MICHELLES_CAMERA, MICHELLES_STEREO]
    quantity = 1 + rng.poisson(people.quantity_mean[of_customer])
    # Cheap articles go by the dozen to those who buy in quantity.
    is_bulk = (article < CARE_PLAN) & (article % PER_GROUP < 4)
    quantity = np.where(is_bulk & (quantity > 3), quantity * 2, quantity)
    quantity = np.maximum(quantity * times, 1)
    quantity[is_hers | ~is_drawn[line_order]] = 1
    currency = np.array([number for *_, number in COUNTRIES])[country[line_order]]
    price_cents = catalogue.price_in(article, of_day, currency)
    discount_cents = _draw_discounts(rng, people, of_customer, quantity * price_cents)
    discount_cents[~is_drawn[line_order]] = 0
    tax_cents = np.rint((quantity * price_cents - discount_cents) * TAX_RATES[country[line_order]]).astype(np.int64)
    return Orders(
        customer,
        day,
        second,
        system,
        country,
        is_anonymous,
        is_unknown,
        is_subscription,
        line_order,
        article,
        variant_of(scale, article),
        quantity,
        price_cents,
        discount_cents,
        tax_cents,
        is_still_customer,
    )


def _draw_purchases(rng: np.random.Generator, scale: Scale, people: People) -> tuple[Ints, Ints, Flags]:
    """Customer and day of each purchase, and who stays: the first when won, then exponential waiting times."""
    moment = people.acquired.astype(np.float64) + rng.random(len(people.acquired))
    active = np.flatnonzero(people.purchase_rate > 0)
    customers, moments = [active], [moment[active]]
    is_still_customer = np.zeros(len(moment), dtype=bool)
    for _ in range(_MOST_PURCHASES):
        moment[active] += rng.exponential(1 / people.purchase_rate[active])
        is_inside = moment[active] < scale.days
        is_still_customer[active[~is_inside]] = True
        active = active[is_inside]
        if not len(active):
            break
        customers.append(active)
        moments.append(moment[active])
        active = active[rng.random(len(active)) >= people.dropout[active]]
    customer, at = np.concatenate(customers), np.concatenate(moments)
    is_inside = (at >= 0) & (at < scale.days)
    return customer[is_inside], np.floor(at[is_inside]).astype(np.int64), is_still_customer


def _draw_systems(rng: np.random.Generator, people: People, customer: Ints) -> Ints:
    up_to = np.cumsum(people.channel_share, axis=1)[customer]
    system: Ints = np.minimum((rng.random(len(customer))[:, None] > up_to).sum(axis=1), PHONE)
    return system


def _draw_articles(rng: np.random.Generator, people: People, catalogue: Catalogue, customer: Ints, day: Ints) -> Ints:
    count = len(customer)
    popularity = np.array([0.09, 0.06, 0.12, 0.08, 0.09, 0.15, 0.08, 0.12, 0.10, 0.11])
    group = np.where(rng.random(count) < 0.45, people.group[customer], rng.choice(len(GROUPS), count, p=popularity))
    tier = rng.random(count) ** (1.25 / people.spend_level[customer])
    article = group * PER_GROUP + np.floor(tier * PER_GROUP).astype(np.int64)
    is_on_sale = (catalogue.launched[article] <= day) & (catalogue.discontinued[article] >= day)
    article = np.where(is_on_sale, article, group * PER_GROUP)
    extra = rng.random(count)
    article[extra < 0.012] = GIFT_WRAPPING
    article[(extra >= 0.012) & (extra < 0.02)] = EXPRESS_FEE
    return article


def _draw_discounts(rng: np.random.Generator, people: People, customer: Ints, gross_cents: Ints) -> Ints:
    is_given = rng.random(len(customer)) < np.where(people.is_organisation[customer], 0.85, 0.35)
    share = np.clip(people.discount_level[customer] * rng.uniform(0.6, 1.4, len(customer)), 0, 0.45)
    given: Ints = np.where(is_given, np.rint(gross_cents * share), 0).astype(np.int64)
    return given
