"""Contracts with a term: each renewal is a purchase that the web shop bills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profit.connectors.demo.people import People
from profit.connectors.demo.scale import WEB, Flags, Ints, Scale

_DAYS_PER_MONTH = 30.4375
_TERMS = (1, 3, 12)


@dataclass(frozen=True)
class Subscriptions:
    """Contracts, and every term that is billed in the window.

    Attributes:
        customer: True customer of each contract.
        term_months: Length of a term.
        billed_contract: Contract of each billed term.
        billed_customer: Customer of each billed term.
        billed_day: First day of each billed term.
        term: Number of each billed term within its contract, from 0.
        is_last: The contract is not renewed after this term.
        ends: Day after the last day of each billed term.
    """

    customer: Ints
    term_months: Ints
    billed_contract: Ints
    billed_customer: Ints
    billed_day: Ints
    term: Ints
    is_last: Flags
    ends: Ints


def draw_subscriptions(scale: Scale, people: People) -> Subscriptions:
    """Draw contracts of web customers, each renewed with a probability of its own (shifted beta-geometric)."""
    rng = scale.rng("subscriptions")
    is_holder = people.is_subscriber & people.is_member[:, WEB]
    if not is_holder.any():
        # However small the demo, one contract is in it.
        is_holder[np.flatnonzero(people.is_member[:-1, WEB])[:1]] = True
    customer = np.flatnonzero(is_holder)
    count = len(customer)
    term_months = rng.choice(np.array(_TERMS), count, p=[0.5, 0.3, 0.2])
    churn = rng.beta(1.1, 6.0, count)
    started = np.minimum(np.maximum(people.acquired[customer], 0) + rng.integers(0, 90, count), scale.days - 1)
    terms = rng.geometric(churn)
    length = np.rint(term_months * _DAYS_PER_MONTH)
    begun = np.floor((scale.days - 1 - started) / length).astype(np.int64) + 1
    billed = np.minimum(terms, begun)
    contract = np.repeat(np.arange(count), billed)
    term = np.arange(billed.sum()) - np.repeat(np.cumsum(billed) - billed, billed)
    start = started[contract] + np.rint(term * term_months[contract] * _DAYS_PER_MONTH).astype(np.int64)
    ends = started[contract] + np.rint((term + 1) * term_months[contract] * _DAYS_PER_MONTH).astype(np.int64)
    is_inside = start < scale.days
    return Subscriptions(
        customer,
        term_months,
        contract[is_inside],
        customer[contract][is_inside],
        start[is_inside],
        term[is_inside],
        (term == terms[contract] - 1)[is_inside],
        ends[is_inside],
    )
