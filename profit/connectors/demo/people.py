"""The true customers: who they are, how often they buy, when they stop, and what trouble they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profit.connectors.demo import michelle
from profit.connectors.demo.catalogue import GROUPS
from profit.connectors.demo.scale import (
    CRM,
    MARKETING,
    PHONE,
    REBATES,
    SERVICE,
    STORES,
    SYSTEMS,
    WEB,
    Flags,
    Floats,
    Ints,
    Scale,
)

MEDIA = ("direct_mail", "telemarketing", "internet", "magazine", "television")
ORGANIC = -1
# Country, share of customers, its currency's number.
COUNTRIES = (("US", 0.60, 0), ("GB", 0.14, 2), ("DE", 0.13, 1), ("FR", 0.08, 1), ("NL", 0.05, 1))
TAX_RATES = np.array([0.0725, 0.20, 0.19, 0.20, 0.21])
_DAYS_PER_MONTH = 30.4
_EARLIEST_ACQUISITION = 365


@dataclass(frozen=True)
class People:
    """True parameters of the customers, one entry a customer; Michelle is the last.

    Attributes:
        is_organisation: Organisation rather than person.
        country: Number in `COUNTRIES`.
        acquired: Day index of the first purchase, negative before the window.
        media: Number in `MEDIA` of the media source of acquisition, `ORGANIC` for none.
        purchase_rate: Purchases per day while active.
        dropout: Probability of leaving after a repeat purchase.
        spend_level: Taste for dearer articles, around 1.
        quantity_mean: Mean units per line beyond the first.
        lines_mean: Mean lines per order beyond the first.
        discount_level: Share of the list price given away where a discount is given.
        return_rate: Probability that a line comes back.
        call_rate: Calls per month that end in no sale.
        visit_rate: Visits per month.
        ticket_rate: Service tickets per month.
        is_demanding: Costs more to serve than others of the same size.
        channel_share: Probability of ordering on the web, in a store, by phone; shape (customers, 3).
        is_member: Systems that know the customer; shape (customers, systems).
        parent: Customer number of the parent organisation, -1 for none.
        group: Number of the favourite product group.
        is_subscriber: Holds a contract.
    """

    is_organisation: Flags
    country: Ints
    acquired: Ints
    media: Ints
    purchase_rate: Floats
    dropout: Floats
    spend_level: Floats
    quantity_mean: Floats
    lines_mean: Floats
    discount_level: Floats
    return_rate: Floats
    call_rate: Floats
    visit_rate: Floats
    ticket_rate: Floats
    is_demanding: Flags
    channel_share: Floats
    is_member: Flags
    parent: Ints
    group: Ints
    is_subscriber: Flags

    @property
    def currency(self) -> Ints:
        """Currency number in which the customer buys."""
        return np.array([currency for *_, currency in COUNTRIES])[self.country]

    @property
    def tax_rate(self) -> Floats:
        """Sales tax of the customer's country, as a fraction."""
        return TAX_RATES[self.country]

    @property
    def michelle(self) -> int:
        """Michelle's customer number."""
        return len(self.country) - 1


def draw_people(scale: Scale) -> People:
    """Draw the customers.

    Purchases follow a Poisson process whose rate is gamma-distributed over the customers, and each repeat purchase is
    the last with a probability that is beta-distributed (Fader, Hardie and Lee 2005, "Counting your customers the easy
    way": BG/NBD).
    """
    rng = scale.rng("people")
    n = scale.customers
    is_org = rng.random(n) < 0.15
    is_org[:4] = True
    is_org[-1] = False
    country = rng.choice(len(COUNTRIES), n, p=[share for _, share, _ in COUNTRIES])
    acquired = _draw_acquisition(rng, scale)
    rate = np.where(is_org, rng.gamma(0.85, 1.45, n), rng.gamma(0.9, 0.42, n)) / _DAYS_PER_MONTH
    dropout = np.where(is_org, rng.beta(0.8, 9.0, n), rng.beta(0.9, 4.5, n))
    # Large buyers have the bargaining power to be costly: discounts, visits, calls and returns.
    size_rank = np.argsort(np.argsort(rate * np.where(is_org, 4, 1))) / n
    is_demanding = rng.random(n) < np.where(is_org, 0.08 + 0.22 * size_rank**3, 0.05)
    demand = np.where(is_demanding, 1.0, 0.0)
    channel_share = _draw_channels(rng, is_org)
    people = People(
        is_organisation=is_org,
        country=country,
        acquired=acquired,
        media=rng.choice(np.array([ORGANIC, 0, 1, 2, 3, 4]), n, p=[0.35, 0.13, 0.10, 0.27, 0.08, 0.07]),
        purchase_rate=rate,
        dropout=dropout,
        spend_level=np.exp(rng.normal(0, 0.35, n)),
        quantity_mean=np.where(is_org, rng.gamma(1.1, 1.7, n), 0.12),
        lines_mean=np.where(is_org, rng.gamma(2.5, 1.25, n), 0.95),
        discount_level=np.where(is_org, rng.beta(2, 16, n), rng.beta(1.5, 15, n)) + demand * rng.uniform(0.05, 0.16, n),
        return_rate=np.clip(rng.beta(1.2, 18, n) + demand * rng.uniform(0.06, 0.2, n), 0, 0.5),
        call_rate=np.where(is_org, rng.gamma(1.0, 0.4, n), rng.gamma(0.7, 0.12, n)) * (1 + 3 * demand),
        visit_rate=np.where(is_org, rng.gamma(0.9, 0.22, n), 0.0) * (1 + 3 * demand),
        ticket_rate=np.where(is_org, rng.gamma(1.0, 0.16, n), rng.gamma(0.7, 0.09, n)) * (1 + 2 * demand),
        is_demanding=is_demanding,
        channel_share=channel_share,
        is_member=_draw_membership(rng, is_org, channel_share),
        parent=_draw_parents(rng, is_org),
        group=rng.integers(0, len(GROUPS), n),
        is_subscriber=rng.random(n) < 0.06,
    )
    _fix_michelle(people, scale)
    return people


def _draw_acquisition(rng: np.random.Generator, scale: Scale) -> Ints:
    n = scale.customers
    is_old = rng.random(n) < 0.42
    # The later months win a little more customers than the earlier ones.
    inside = np.floor(scale.days * rng.random(n) ** 0.9).astype(np.int64)
    return np.where(is_old, -rng.integers(1, _EARLIEST_ACQUISITION, n), np.minimum(inside, scale.days - 1))


def _draw_channels(rng: np.random.Generator, is_org: Flags) -> Floats:
    n = len(is_org)
    primary = np.where(
        is_org,
        rng.choice(3, n, p=[0.30, 0.06, 0.64]),
        rng.choice(3, n, p=[0.50, 0.30, 0.20]),
    )
    shares = rng.dirichlet([0.25, 0.2, 0.2], n)
    shares[shares < 0.15] = 0
    shares = 0.25 * shares
    shares[np.arange(n), primary] += 0.75
    normalised: Floats = shares / shares.sum(axis=1, keepdims=True)
    return normalised


def _draw_membership(rng: np.random.Generator, is_org: Flags, channel_share: Floats) -> Flags:
    n = len(is_org)
    is_member = np.zeros((n, len(SYSTEMS)), dtype=bool)
    is_member[:, [WEB, STORES, PHONE]] = channel_share > 0
    is_member[:, CRM] = is_org | (rng.random(n) < 0.10)
    is_member[:, MARKETING] = rng.random(n) < 0.60
    is_member[:, REBATES] = rng.random(n) < 0.25
    is_member[:, SERVICE] = rng.random(n) < np.where(is_org, 0.60, 0.30)
    return is_member


def _draw_parents(rng: np.random.Generator, is_org: Flags) -> Ints:
    """A third of the organisations have a parent, which has a lower number, so that no one is its own ancestor."""
    organisations = np.flatnonzero(is_org)
    parent = np.full(len(is_org), -1)
    places = np.arange(len(organisations))
    heads = np.maximum(1, len(organisations) // 8)
    has_parent = (rng.random(len(organisations)) < 0.33) & (places >= 1)
    parent_place = np.floor(rng.random(len(organisations)) * np.minimum(places, heads)).astype(np.int64)
    parent[organisations[has_parent]] = organisations[parent_place[has_parent]]
    # At least one group of companies, however small the demo.
    parent[organisations[1]] = organisations[0]
    return parent


def _fix_michelle(people: People, scale: Scale) -> None:
    """Take chance out of Michelle: all that happens to her is written in `michelle`."""
    last = people.michelle
    for column in (people.purchase_rate, people.call_rate, people.visit_rate, people.ticket_rate, people.return_rate):
        column[last] = 0.0
    people.country[last] = 0
    people.acquired[last] = michelle.camera_day(scale)
    people.media[last] = ORGANIC
    people.is_subscriber[last] = False
    people.is_demanding[last] = False
    people.is_member[last] = [name in michelle.RECORDS for name in SYSTEMS]
