"""One story in the sales: good overall, slow in Central, as firms of consumer goods there no longer buy computers."""

from __future__ import annotations

import numpy as np

from profit.connectors.demo.catalogue import CARE_PLAN, GROUPS, PER_GROUP, Catalogue
from profit.connectors.demo.field import territory_of
from profit.connectors.demo.people import People
from profit.connectors.demo.scale import Flags, Ints, Scale

_CENTRAL = 1
_QUARTER = 92
_WANTED, _INSTEAD = GROUPS.index("Computers"), GROUPS.index("Kitchen")
# Of the lines of the quarter before, one in so many becomes a computer.
_EVERY = 6
_MAKES_UP = 2


def is_in_consumer_goods(people: People) -> Flags:
    """Firms of the consumer goods industry: a third of all, and all in Central."""
    members: Flags = people.is_organisation & (np.arange(len(people.country)) % 3 == _CENTRAL)
    return members


def slow_in_central(
    scale: Scale, people: People, catalogue: Catalogue, *, customer: Ints, day: Ints, article: Ints
) -> tuple[Ints, Ints]:
    """What firms at home buy: in Central computers in the quarter before the last, then the cheapest of all else.

    Args:
        scale: Size of the company.
        people: Customers.
        catalogue: Articles.
        customer: Customer of each line.
        day: Day index of each line.
        article: Article of each line, as drawn.

    Returns:
        The article of each line, and how many times as many units of it, 0 for a single one: in the last quarter firms
        of East and West make up for Central.
    """
    age = scale.days - 1 - day
    is_firm = (people.is_organisation & (people.country == 0))[customer] & (article < CARE_PLAN)
    is_central = territory_of(people)[customer] == _CENTRAL
    is_slow = is_firm & is_central & (age < _QUARTER)
    is_turned = is_firm & is_central & (age >= _QUARTER) & (age < 2 * _QUARTER) & (np.arange(len(day)) % _EVERY == 0)
    group = article // PER_GROUP
    group = np.where(is_turned, _WANTED, np.where(is_slow & (group == _WANTED), _INSTEAD, group))
    told = np.where(is_slow, 0, group * PER_GROUP + article % PER_GROUP) * (is_slow | is_turned)
    is_on_sale = (catalogue.launched[told] <= day) & (catalogue.discontinued[told] >= day) & ~is_slow
    told = np.where(is_slow | is_turned, np.where(is_on_sale, told, group * PER_GROUP), article)
    return told, np.where(is_slow, 0, np.where(is_firm & ~is_central & (age < _QUARTER), _MAKES_UP, 1))
