"""Hand-written customer records, leads and known links of several systems, and who is one customer among them."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from conftest import Company

from profit.contract import read_contract
from profit.landing.delivery import Delivery

Row = dict[str, Any]
ONLY_MODELS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
FOREVER = "9999-12-31"
CASES = Path(__file__).with_name("identity_cases.csv")
FEEDS = read_contract()


def record(number: str, system: str = "web", **fields: Any) -> Row:
    """A customer record as its system delivers it."""
    return {"source_system": system, "customer_id": number, **fields}


def lead(number: str, system: str = "hub", **fields: Any) -> Row:
    """A lead as its system delivers it."""
    return {"source_system": system, "lead_id": number, **fields}


def link(one: str, other: str, *, is_match: bool = True, by: str = "stewards", **fields: Any) -> Row:
    """A decision on two records, each named `<system>:<number>`."""
    names = {}
    for side, name in (("left", one), ("right", other)):
        names[f"{side}_source_system"], _, names[f"{side}_customer_id"] = name.partition(":")
    return {"source_system": by, **names, "is_match": is_match, **fields}


class IdentityZone:
    """A company of which only what decides on identity is delivered and built."""

    def __init__(self, folder: Path) -> None:
        self.company = Company(folder)
        self._customers: dict[str, str] = {}

    def deliver(self, day: str, **feeds: Iterable[Row]) -> None:
        """Land rows of any feeds and systems in one landing command, in the order given.

        Args:
            day: Day of the delivery, ISO 8601.
            feeds: Rows by table of the contract; each row names its `source_system`.
        """
        with duckdb.connect() as connection, Delivery(self.company.paths, connection) as delivery:
            for table, rows in feeds.items():
                by_system: dict[str, list[Row]] = defaultdict(list)
                for row in rows:
                    by_system[row["source_system"]].append(row)
                for system, own in by_system.items():
                    columns = list(dict.fromkeys(name for row in own for name in row if name != "source_system"))
                    texts = {name: [_text(row.get(name)) for row in own] for name in columns}
                    connection.register("rows", pd.DataFrame(texts, dtype="string"))
                    delivery.add(
                        FEEDS[table],
                        "select * from rows",
                        source_system=system,
                        delivered_on=dt.date.fromisoformat(day),
                        origin=f"{system} {table} {day}",
                    )
                    connection.unregister("rows")
            for receipt in delivery.commit():
                assert not receipt.rows_quarantined, receipt

    def without_money(self) -> None:
        """Deliver the feeds that a build demands, empty but for one row each."""
        day = "2020-01-01"
        only = {"source_system": "ledger"}
        self.deliver(
            day,
            products=[{**only, "product_id": "P"}],
            orders=[{**only, "order_id": "O", "ordered_at": day}],
            order_lines=[
                {**only, "order_line_id": "L", "order_id": "O", "product_id": "P", "quantity": 1, "unit_list_price": 1}
            ],
        )

    def build(self, *models: str) -> None:
        """Build what the models need, in this process: dbt reads the project once for all zones.

        Args:
            models: Models to build with all that they read; by default those that decide on identity.
        """
        selected = [f"+{model}" for model in models or ("customer_crosswalk",)]
        self.company.run("dbt", "--quiet", "--no-write-json", "build", *ONLY_MODELS, "--select", *selected)
        self._customers = {}

    def until(self, day: str, folder: Path) -> IdentityZone:
        """A zone with the deliveries up to a day."""
        zone = IdentityZone(folder)
        mine, theirs = self.company.paths.landing, zone.company.paths.landing
        for path in mine.rglob("delivered_on=*"):
            if path.name <= f"delivered_on={day}":
                shutil.copytree(path, theirs / path.relative_to(mine))
        return zone

    def query(self, sql: str) -> list[tuple]:
        return self.company.query(sql)

    def customers(self) -> dict[str, str]:
        """The customer of every record."""
        if not self._customers:
            rows = self.query("select record_id, customer_id from core.customer_crosswalk")
            self._customers = dict(rows)
            assert len(self._customers) == len(rows), "a record is in the crosswalk more than once"
        return self._customers

    def clusters(self, prefix: str = "") -> set[frozenset[str]]:
        """The records of each customer that has a record whose number begins with `prefix`, whatever its system."""
        members: dict[str, set[str]] = defaultdict(set)
        for record_id, customer_id in self.customers().items():
            members[customer_id].add(record_id)
        return {
            frozenset(records)
            for records in members.values()
            if any(name.rpartition(":")[2].startswith(prefix) for name in records)
        }

    def memberships(self) -> list[tuple]:
        """Which record belonged to which customer from which day until before which: all of history, in order."""
        return self.query(
            "select record_id, customer_id, customer_id_before, valid_from::varchar, valid_to::varchar "
            "from intermediate.int_identity__memberships order by record_id, valid_from"
        )

    def history(self, record_id: str) -> list[tuple[str, str]]:
        """The customers of one record, each with the day from which it belonged to it."""
        return [(since, customer) for name, customer, _, since, _ in self.memberships() if name == record_id]


def as_of(memberships: Iterable[tuple], day: str) -> list[tuple]:
    """What memberships looked like on a day: later changes did not exist, and the last one before was open."""
    return [
        (name, customer, before, since, FOREVER if until > day else until)
        for name, customer, before, since, until in memberships
        if since <= day
    ]


def assert_sound(zone: IdentityZone) -> None:
    """Whatever was delivered: one customer a record, an unbroken history, and IDs that lead somewhere for ever."""
    customers = zone.customers()
    ages = dict(zone.query("select record_id, record_age from intermediate.int_identity__records"))
    assert customers.keys() == ages.keys()
    for name, customer in customers.items():
        assert customers[customer] == customer, f"{customer} is no customer of its own"
        assert ages[customer] <= ages[name], f"{name} is older than its customer"
    by_record: dict[str, list[tuple]] = defaultdict(list)
    for name, *row in zone.memberships():
        by_record[name].append(tuple(row))
    assert by_record.keys() == ages.keys()
    for name, rows in by_record.items():
        assert rows[0][1] is None
        assert rows[0][2] == ages[name][:10]
        assert rows[-1][3] == FOREVER
        assert rows[-1][0] == customers[name]
        for earlier, later in pairwise(rows):
            assert earlier[3] == later[2], f"{name}: a gap or an overlap"
            assert later[1] == earlier[0] != later[0]
        # Whatever number it was once known by, that number still leads to one customer.
        assert all(customer in customers for customer, *_ in rows)


def cut_links(zone: IdentityZone, day: str = "9999-01-01") -> set[frozenset[str]]:
    """The links that hold on a day although their two records are different customers."""
    rows = zone.query(f"""
        select distinct links.left_record_id, links.right_record_id
        from intermediate.int_identity__links as links
        inner join intermediate.int_identity__memberships as lefts on links.left_record_id = lefts.record_id
            and date '{day}' >= lefts.valid_from and date '{day}' < lefts.valid_to
        inner join intermediate.int_identity__memberships as rights on links.right_record_id = rights.record_id
            and date '{day}' >= rights.valid_from and date '{day}' < rights.valid_to
        where date '{day}' >= links.valid_from and date '{day}' < links.valid_to
            and lefts.customer_id <> rights.customer_id
    """)
    return {frozenset(row) for row in rows}


def components(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    """Union-find: what hangs together over any number of pairs."""
    parents = {name: name for name in names}

    def root(name: str) -> str:
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    for one, other in pairs:
        if one in parents and other in parents:
            parents[root(one)] = root(other)
    found: dict[str, set[str]] = defaultdict(set)
    for name in parents:
        found[root(name)].add(name)
    return {frozenset(members) for members in found.values()}


def sets(*groups: str) -> set[frozenset[str]]:
    """Groups of records, each written as their names with spaces between."""
    return {frozenset(names.split()) for names in groups}


def person(first: str, last: str, spot: int, **fields: Any) -> Mapping[str, Any]:
    """A person of whom everything is known, so that two records of the same spot are one beyond doubt."""
    return {
        "customer_kind": "person",
        "first_name": first,
        "last_name": last,
        "birth_date": f"19{50 + spot % 50:02}-{1 + spot % 12:02}-{1 + spot % 28:02}",
        "email": f"{first}.{last}{spot}@example.org".lower(),
        "phone": f"+1 555 {200 + spot:03} {3000 + 7 * spot:04}",
        "address_line": f"{spot + 3} {last} Street",
        "postal_code": f"{10000 + 37 * spot}",
        "city": "Springfield",
        "country_code": "US",
        **fields,
    }


def cases() -> dict[tuple[str, str, str], list[dict[str, str]]]:
    """Ordinary situations, each with its number, what it is about, what a person would decide, and its records."""
    found: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    with CASES.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            about = f"{row['kind_of_case']}: {row['situation']}"
            found[row["case_id"], about, row["expected"]].append(
                {name: value for name, value in list(row.items())[5:] if value}
            )
    return found


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
