"""Which record's value a customer has on every day, against the rules applied record by record."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from identity_zone import FOREVER, IdentityZone, Row, lead, link, person, record

from profit.paths import PROJECT_ROOT

pytestmark = pytest.mark.build

Values = tuple[Any, ...]

MODELS = ("dim_customer", "dim_customer_history", "customer_attribute_sources")
DAYS = [f"2024-{month:02}-01" for month in range(1, 9)]
PLACE = ("city", "region", "country_code")
RULES = {"industry": "most_trusted", "size_class": "most_trusted", "place": "most_recent", "parent": "most_trusted"}
HISTORY = (
    "select customer_id, valid_from::varchar, valid_to::varchar, industry, size_class, city, region, country_code,"
    " parent_customer_id, is_prospect, is_deleted from core.dim_customer_history order by customer_id, valid_from"
)


def trust(attribute: str, system: str, kind: str) -> int:
    """Rank of the governed seed: the most specific row that fits."""
    with (PROJECT_ROOT / "seeds/identity/identity_source_trust.csv").open(encoding="utf-8") as file:
        fits = [
            (row["attribute"] == "any", row["source_system"] == "any", row["record_kind"] == "any", int(row["rank"]))
            for row in csv.DictReader(file)
            if row["attribute"] in {attribute, "any"}
            and row["source_system"] in {system, "any"}
            and row["record_kind"] in {kind, "any"}
        ]
    return min(fits)[-1]


class Oracle:
    """Deliveries, and what the rules make of them one record after the other."""

    def __init__(self, zone: IdentityZone, deliveries: dict[str, list[tuple[str, Row]]]) -> None:
        self.ages = dict(zone.query("select record_id, record_age from intermediate.int_identity__records"))
        self.memberships = zone.memberships()
        self.said: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for day, rows in sorted(deliveries.items()):
            for kind, row in rows:
                number = row["customer_id"] if kind == "customer" else f"{row['lead_id']}"
                mark = ":" if kind == "customer" else "/lead:"
                self.said[f"{row['source_system']}{mark}{number}"].append((day, {"kind": kind, **row}))

    def members(self, day: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name, customer, _, since, until in self.memberships:
            if since <= day < until:
                found[customer].append(name)
        return found

    def offer(self, name: str, group: str, day: str, owner: dict[str, str]) -> tuple[Values | None, str, bool, Row]:
        """Value of a record on a day, since when, whether the record is withdrawn, and its newest living version."""
        value, since, is_deleted, newest = None, "", False, self.said[name][0][1]
        for delivered_on, row in self.said[name]:
            if delivered_on > day:
                break
            is_deleted = bool(row.get("is_deleted"))
            if is_deleted and since:
                continue
            newest = row
            new = tuple(row.get(part) for part in (PLACE if group == "place" else (group,)))
            if not since or new != value:
                value, since = new, delivered_on
        if group == "parent":
            parent = newest.get("parent_customer_id")
            customer = owner.get(f"{newest['source_system']}:{parent}") if parent else None
            value = (None if customer == owner[name] else customer,)
        return (value if value and any(value) else None), since, is_deleted, newest

    def survivor(self, names: list[str], group: str, day: str, owner: dict[str, str]) -> Values:
        """Surviving value of a group on a day."""
        offers = {name: self.offer(name, group, day, owner) for name in names}
        is_dead = all(is_deleted for _, _, is_deleted, _ in offers.values())
        attribute = "parent_customer_id" if group == "parent" else group
        ranked = []
        for name, (value, since, is_deleted, row) in offers.items():
            if value is None or (is_deleted and not is_dead):
                continue
            rank, newest_first = trust(attribute, row["source_system"], row["kind"]), [-ord(sign) for sign in since]
            rule = (newest_first, rank) if RULES[group] == "most_recent" else (rank, newest_first)
            missing_parts = next(place for place, part in enumerate(value) if part)
            ranked.append((missing_parts, *rule, self.ages[name], value))
        return min(ranked)[-1] if ranked else tuple(None for _ in (PLACE if group == "place" else (group,)))

    def customers(self, day: str) -> dict[str, Values]:
        """Attributes of every customer on a day, as dim_customer_history has them."""
        found, members = {}, self.members(day)
        owner = {name: customer for customer, names in members.items() for name in names}
        for customer, names in members.items():
            values = [part for group in RULES if group != "parent" for part in self.survivor(names, group, day, owner)]
            values += self.survivor(names, "parent", day, owner)
            is_prospect = all("/lead:" in name for name in names)
            is_deleted = all(self.offer(name, "industry", day, owner)[2] for name in names)
            found[customer] = (*values, is_prospect, is_deleted)
        return found


def check_history(zone: IdentityZone, deliveries: dict[str, list[tuple[str, Row]]]) -> None:
    oracle, rows = Oracle(zone, deliveries), zone.query(HISTORY)
    for day in deliveries:
        on_day = [(customer, tuple(values)) for customer, since, until, *values in rows if since <= day < until]
        assert len({customer for customer, _ in on_day}) == len(on_day), "ranges overlap"
        assert dict(on_day) == oracle.customers(day)
    changes = defaultdict(list)
    for customer, since, until, *values in rows:
        changes[customer].append((since, until, values))
    for ranges in changes.values():
        for (_, until, values), (since, _, next_values) in pairwise(ranges):
            assert until < since or values != next_values, "a row without a change"


def deliver(zone: IdentityZone, deliveries: dict[str, list[tuple[str, Row]]], links: dict[str, list[Row]]) -> None:
    zone.without_money()
    for day, rows in deliveries.items():
        feeds = {
            "customers": [row for kind, row in rows if kind == "customer"],
            "leads": [row for kind, row in rows if kind == "lead"],
            "customer_links": links.get(day, []),
        }
        zone.deliver(day, **{table: delivered for table, delivered in feeds.items() if delivered})


@pytest.fixture
def zone(tmp_path: Path) -> IdentityZone:
    return IdentityZone(tmp_path)


def test_a_customer_through_merge_withdrawal_and_split(zone: IdentityZone) -> None:
    company = partial(record, system="crm", customer_kind="organisation")
    anna = partial(person, "Anna", "Weber", 1)
    deliveries = {
        "2024-01-01": [
            ("customer", company("C1", organisation_name="Alpha Steel", city="Ulm", territory_id="T9")),
            *(
                ("customer", company(f"C{number}", organisation_name=name, parent_customer_id=f"C{number - 1}"))
                for number, name in enumerate(["Brook Paper", "Cedar Glass", "Dover Cement", "Elbe Sugar"], start=2)
            ),
            ("customer", company("X", organisation_name="Xenon Lamps", parent_customer_id="Y")),
            ("customer", company("Y", organisation_name="Yarrow Foods", parent_customer_id="X")),
            ("customer", record("A", system="web_shop", industry="nurse", x_rating="old", **anna(city="Bonn"))),
            ("lead", lead("Z", first_name="Zoe", last_name="Quint", email="zoe@example.org", industry="pilot")),
        ],
        "2024-02-01": [
            ("customer", record("B", system="phone_desk", industry="doctor", x_rating="mine", **anna(city="Bonn")))
        ],
        "2024-03-01": [("customer", record("A", system="web_shop", is_deleted=True))],
        "2024-04-01": [("customer", record("B", system="phone_desk", industry="doctor", **anna(city="Köln")))],
        "2024-05-01": [],
    }
    deliver(zone, deliveries, {"2024-05-01": [link("web_shop:A", "phone_desk:B", is_match=False)]})
    zone.build(*MODELS)

    assert zone.query(
        "select valid_from::varchar, valid_to::varchar, industry, city, is_deleted from core.dim_customer_history "
        "where customer_id = 'web_shop:A' order by 1"
    ) == [
        ("2024-01-01", "2024-03-01", "nurse", "Bonn", False),
        ("2024-03-01", "2024-04-01", "doctor", "Bonn", False),
        ("2024-04-01", "2024-05-01", "doctor", "Köln", False),
        ("2024-05-01", FOREVER, "nurse", "Bonn", True),
    ]
    assert zone.query(
        "select valid_from::varchar, valid_to::varchar, industry, city from core.dim_customer_history "
        "where customer_id = 'phone_desk:B' order by 1"
    ) == [("2024-05-01", FOREVER, "doctor", "Köln")]
    tops = {
        name: (top, parent, is_cycle)
        for name, top, parent, is_cycle in zone.query(
            "select customer_id, ultimate_parent_customer_id, parent_customer_id, has_parent_cycle "
            "from core.dim_customer where customer_id like 'crm:%'"
        )
    }
    assert tops == {
        "crm:C1": ("crm:C1", None, False),
        **{f"crm:C{number}": ("crm:C1", f"crm:C{number - 1}", False) for number in range(2, 6)},
        "crm:X": ("crm:X", None, True),
        "crm:Y": ("crm:X", "crm:X", True),
    }
    assert zone.query("select customer_id, industry, lead_count from core.dim_customer where is_prospect") == [
        ("hub/lead:Z", "pilot", 1)
    ]
    # The shop withdrew the record that had the column, so nobody living has one.
    assert zone.query("select x_rating from core.dim_customer where customer_id = 'web_shop:A'") == [(None,)]
    assert zone.query("select x_rating from core.dim_customer where customer_id = 'phone_desk:B'") == [("mine",)]
    # Nobody delivers the territory.
    assert zone.query("select territory_id from core.dim_customer where customer_id = 'crm:C1'") == [("unknown",)]


def random_deliveries(seed: int) -> tuple[dict[str, list[tuple[str, Row]]], dict[str, list[Row]]]:
    """Records of a dozen people in five systems that change, are withdrawn, come back, and are judged by hand."""
    chance = random.Random(seed)  # noqa: S311
    systems = ["crm", "web_shop", "phone_desk", "stores", "elsewhere"]
    records = [(chance.choice(systems), f"{number}", chance.randint(0, 11)) for number in range(40)]
    leads = [("hub", f"L{number}", chance.randint(0, 11)) for number in range(8)]
    deliveries: dict[str, list[tuple[str, Row]]] = {day: [] for day in DAYS}
    known: dict[str, Row] = {}
    for day in DAYS:
        for system, number, who in records + leads:
            name = f"{system}:{number}"
            if chance.random() > (0.3 if name in known else 0.2):
                continue
            row = known.get(name, dict(person(chance.choice(["Ada", "Bo"]), f"Family{who}", who * 5)))
            for column in ("industry", "city", "region", "country_code", "email"):
                if chance.random() < 0.4:
                    row[column] = chance.choice([None, None, f"{column} one", f"{column} two"])
            row = {column: value for column, value in row.items() if column != "is_deleted"}
            row["country_code"] = chance.choice([None, "US", "DE"])
            is_lead = number.startswith("L")
            if is_lead:
                row = {key: value for key, value in row.items() if key not in {"birth_date", "customer_kind"}}
                full = lead(number, system=system, **row)
            else:
                own = [other for place, other, _ in records if place == system]
                row["parent_customer_id"] = chance.choice([None, None, chance.choice(own)])
                row["size_class"] = chance.choice([None, "small", "large"])
                full = record(number, system=system, **row)
            known[name] = row
            if chance.random() < 0.15:
                full["is_deleted"] = True
            deliveries[day].append(("lead" if is_lead else "customer", full))
    links: dict[str, list[Row]] = defaultdict(list)
    for day in DAYS[2:]:
        for _ in range(2):
            one, other = chance.sample([f"{system}:{number}" for system, number, _ in records], 2)
            links[day].append(link(one, other, is_match=chance.random() < 0.6))
    return deliveries, links


@pytest.mark.parametrize("seed", [1, 2])
def test_every_day_of_history_follows_the_rules(zone: IdentityZone, tmp_path: Path, seed: int) -> None:
    deliveries, links = random_deliveries(seed)
    deliver(zone, deliveries, links)
    zone.build(*MODELS)
    check_history(zone, deliveries)
    assert len(zone.query("select 1 from core.dim_customer_history where valid_to < '9999-12-31'")) > len(DAYS)

    # What was said of a day when it was the last one stays said: later deliveries only add to history.
    day = DAYS[4]
    earlier = zone.until(day, tmp_path / "earlier")
    earlier.build(*MODELS)
    cut = [
        (customer, since, FOREVER if until > day else until, *values)
        for customer, since, until, *values in zone.query(HISTORY)
        if since <= day
    ]
    assert earlier.query(HISTORY) == cut
