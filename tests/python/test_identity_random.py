"""Random companies, many in one landing zone, built after each day: what must hold whatever is delivered."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations

import pytest
from identity_zone import IdentityZone, Row, as_of, assert_sound, components, cut_links, link, person, record

pytestmark = pytest.mark.build

DAYS = ["2024-01-02", "2024-01-03", "2024-02-02", "2024-03-02"]
# Worlds with an even number know no non-matches: there a plain union-find says who is one customer.
WORLDS = 60
SYSTEMS = ("aaa", "web", "zed")

Pair = tuple[str, str]


@dataclass
class World:
    """A few records that share nothing with those of other worlds, and what was decided on them."""

    number: int
    people: dict[str, int | None] = field(default_factory=dict)
    decided: dict[Pair, bool] = field(default_factory=dict)

    @property
    def knows_non_matches(self) -> bool:
        return self.number % 2 == 1

    def matches(self) -> list[Pair]:
        """The pairs that are one by a decision or by everything that is known of them."""
        spots = defaultdict(list)
        for name, spot in self.people.items():
            if spot is not None:
                spots[spot].append(name)
        alike = {pair for names in spots.values() for pair in combinations(sorted(names), 2)}
        known = {pair for pair, is_match in self.decided.items() if is_match}
        return [pair for pair in alike | known if self.decided.get(pair, True) and set(pair) <= self.people.keys()]

    def opponents(self) -> list[Pair]:
        return [pair for pair, match in self.decided.items() if not match and set(pair) <= self.people.keys()]

    def deliver(self, chance: random.Random, day: str) -> tuple[list[Row], list[Row]]:
        """Some new records, some delivered again or withdrawn, and some decisions, also on records that come later."""
        rows: list[Row] = []
        for at in range(chance.randint(1, 4)):
            number, system = f"r{self.number}x{day[5:7]}{day[8:]}{at}", chance.choice(SYSTEMS)
            spot = chance.choice([None, None, 0, 1])
            self.people[f"{system}:{number}"] = spot
            rows.append(record(number, system, **self._described(spot)))
        for name in chance.sample(sorted(self.people), chance.randint(0, 1)):
            system, _, number = name.partition(":")
            again = record(number, system, **self._described(self.people[name]))
            if again not in rows:
                rows.append(chance.choice([again, record(number, system, is_deleted="true")]))
        links: list[Row] = []
        for at in range(chance.randint(0, 3)):
            names = sorted(chance.sample([*sorted(self.people), f"web:r{self.number}x{DAYS[-1][5:7]}020"], 2))
            pair = (names[0], names[1])
            if at and any(pair == (_name(row, "left"), _name(row, "right")) for row in links):
                continue
            is_match = not self.knows_non_matches or chance.random() < 0.6
            if pair in self.decided and chance.random() < 0.5:
                links.append(link(*pair, is_match=self.decided.pop(pair), is_deleted="true"))
            else:
                links.append(link(*pair, is_match=is_match))
                self.decided[pair] = is_match
        return rows, links

    def _described(self, spot: int | None) -> Row:
        if spot is None:
            return {}
        letters = "bcdfghjklm"
        name = "".join(letters[int(digit)] + "aeiou"[int(digit) % 5] for digit in f"{self.number:03}")
        return dict(
            person(f"{name}{'an' if spot else 'or'}", f"{name}{'ski' if spot else 'well'}", 2 * self.number + spot)
        )


def _name(row: Row, side: str) -> str:
    return f"{row[f'{side}_source_system']}:{row[f'{side}_customer_id']}"


@dataclass
class Day:
    """What a build on a day found, and what it should have found."""

    customers: dict[str, str]
    memberships: list[tuple]
    expected: set[frozenset[str]]
    opponents: list[Pair]
    matches: list[Pair]


@dataclass
class Built:
    zone: IdentityZone
    worlds: list[World]
    days: list[Day] = field(default_factory=list)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    chance = random.Random(4)  # noqa: S311
    built = Built(IdentityZone(tmp_path_factory.mktemp("random")), [World(number) for number in range(WORLDS)])
    built.zone.without_money()
    for day in DAYS:
        rows: list[Row] = []
        links: list[Row] = []
        for world in built.worlds:
            more_rows, more_links = world.deliver(chance, day)
            rows += more_rows
            links += more_links
        chance.shuffle(rows)
        built.zone.deliver(day, customers=rows, customer_links=links)
        built.zone.build()
        assert_sound(built.zone)
        expected: set[frozenset[str]] = set()
        for world in built.worlds:
            if not world.knows_non_matches:
                expected |= components(world.people, world.matches())
        opponents = [pair for world in built.worlds for pair in world.opponents()]
        matches = [pair for world in built.worlds for pair in world.matches()]
        customers = dict(built.zone.customers())
        built.days.append(Day(customers, built.zone.memberships(), expected, opponents, matches))
    return built


def _clusters(customers: dict[str, str]) -> dict[str, frozenset[str]]:
    members = defaultdict(set)
    for name, customer in customers.items():
        members[customer].add(name)
    return {customer: frozenset(names) for customer, names in members.items()}


def test_the_sequences_hold_what_they_are_meant_to(built: Built) -> None:
    last = built.days[-1]
    assert len(last.opponents) > 20
    assert max(len(names) for names in _clusters(last.customers).values()) > 4
    assert len(cut_links(built.zone)) > 5
    changes = [row for row in last.memberships if row[2] is not None]
    assert len(changes) > 30


def test_without_known_non_matches_customers_are_what_union_find_says(built: Built) -> None:
    for day in built.days:
        clusters = set(_clusters(day.customers).values())
        assert day.expected <= clusters


def test_known_non_matches_are_never_one_customer(built: Built) -> None:
    for day in built.days:
        for one, other in day.opponents:
            assert day.customers[one] != day.customers[other]


def test_everything_else_that_matches_is_one_customer(built: Built) -> None:
    for day in built.days:
        clusters = _clusters(day.customers)
        apart = {frozenset((day.customers[one], day.customers[other])) for one, other in day.opponents}
        for one, other in day.matches:
            mine, theirs = day.customers[one], day.customers[other]
            assert mine == theirs or {mine, theirs} in apart, (one, other)
        # And nothing is one customer that is not held together by its own matches.
        held = components(day.customers, [pair for pair in day.matches if _same(day.customers, pair)])
        assert held == set(clusters.values())


def _same(customers: dict[str, str], pair: Pair) -> bool:
    return customers[pair[0]] == customers[pair[1]]


def test_a_later_day_never_changes_an_earlier_one(built: Built) -> None:
    final = built.days[-1].memberships
    for day, found in zip(DAYS, built.days, strict=True):
        assert found.memberships == as_of(final, day)
