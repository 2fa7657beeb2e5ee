"""The records under which the systems know the customers: numbers of their own, and every system's own mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from profit.connectors.demo import michelle
from profit.connectors.demo.identities import build_identities, build_vocabulary
from profit.connectors.demo.people import People
from profit.connectors.demo.scale import CRM, MARKETING, SYSTEMS, Ints, Scale, store, texts

_DUPLICATE_SHARE = 0.045
_TEST_RECORDS_PER_SYSTEM = 2


@dataclass(frozen=True)
class Records:
    """Record numbers by true customer and system.

    Attributes:
        number: First record, shape (customers, systems), -1 where the system does not know the customer.
        duplicate: Second record of the same customer in the same system, -1 where there is none.
        any_system: A sales system that knows the customer, shape (customers,).
    """

    number: Ints
    duplicate: Ints
    any_system: Ints

    def pick(self, rng: np.random.Generator, customer: Ints, system: Ints) -> Ints:
        """A record of each customer in each system, its duplicate now and then; -1 where there is none."""
        duplicate = self.duplicate[customer, system]
        return np.where((duplicate >= 0) & (rng.random(len(customer)) < 0.4), duplicate, self.number[customer, system])

    def find(self, customer: Ints, system: int) -> Ints:
        """The record of each customer in a system, or else in the first sales system that knows the customer."""
        own = self.number[customer, system]
        return np.where(own >= 0, own, self.number[customer, self.any_system[customer]])


def build_records(connection: duckdb.DuckDBPyConnection, scale: Scale, people: People) -> Records:
    """Make `record_keys`, `final_customers`, `versions_customers` and `final_customer_links`."""
    rng = scale.rng("records")
    build_vocabulary(connection)
    housemate = build_identities(connection, scale, people)
    customer, system = np.nonzero(people.is_member)
    is_duplicated = (rng.random(len(customer)) < _DUPLICATE_SHARE) & (customer != people.michelle)
    is_duplicated[0] = True
    copy = np.concatenate([np.zeros(len(customer), dtype=np.int64), np.ones(is_duplicated.sum(), dtype=np.int64)])
    # Records that somebody made for a test: nobody stands behind them, and they are withdrawn later.
    tests = len(SYSTEMS) * _TEST_RECORDS_PER_SYSTEM
    customer = np.concatenate([customer, customer[is_duplicated], np.full(tests, -1)])
    system = np.concatenate([system, system[is_duplicated], np.arange(tests) % len(SYSTEMS)])
    copy = np.concatenate([copy, np.full(tests, 2)])
    is_sales = system < CRM
    acquired = np.where(customer < 0, scale.days // 2, people.acquired[customer])
    created = np.where(is_sales, acquired, np.where(system == MARKETING, acquired - 10, acquired + 5))
    created = np.minimum(created + copy * rng.integers(0, 60, len(customer)), scale.days - 1)
    created[copy == 2] = np.minimum(scale.days // 2, scale.month_starts[max(scale.months - 2, 0)])
    in_time = np.lexsort((copy, customer, created))
    customer, system, copy, created = customer[in_time], system[in_time], copy[in_time], created[in_time]

    number = np.full(people.is_member.shape, -1)
    duplicate = np.full(people.is_member.shape, -1)
    rows = np.arange(len(customer))
    for target, of_copy in ((number, copy == 0), (duplicate, copy == 1)):
        target[customer[of_copy], system[of_copy]] = rows[of_copy]
    any_system = np.argmax(number[:, :CRM] >= 0, axis=1)

    dice = {name: rng.integers(0, 1000, len(customer)) for name in ("name_die", "place_die", "mail_die", "phone_die")}
    changed = np.maximum(created, 0) + rng.integers(20, 400, len(customer))
    parent = np.where(customer >= 0, people.parent[customer], -1)
    store(
        connection,
        "raw_records",
        {
            **dice,
            "customer": customer,
            "system": system,
            "copy": copy,
            "created": created,
            "spot": rng.integers(0, 1000, len(customer)),
            "changed": changed,
            "parent_record": np.where((parent >= 0) & (system == CRM), number[parent, CRM], -1),
            "territory": np.where(customer >= 0, people.country[customer], 0),
        },
    )
    _store_michelle(connection)
    links = {"left_record": number[:, CRM], "right_record": number[np.arange(len(number)), any_system]}
    store(connection, "raw_links", {**links, "housemate_record": _housemate_records(housemate, number, any_system)})
    connection.execute(Path(__file__).with_name("records.sql").read_text(encoding="utf-8"))
    return Records(number, duplicate, any_system)


def _housemate_records(housemate: Ints, number: Ints, any_system: Ints) -> Ints:
    record = number[housemate, any_system[housemate]]
    return np.where(housemate >= 0, record, -1)


def _store_michelle(connection: duckdb.DuckDBPyConnection) -> None:
    fields = ("first_name", "last_name", "email", "phone", "address_line", "postal_code")
    columns = {
        name: texts([values[place] for values in michelle.RECORDS.values()]) for place, name in enumerate(fields)
    }
    has_address = [bool(values[4]) for values in michelle.RECORDS.values()]
    store(
        connection,
        "michelles_records",
        {
            "source_system": texts(list(michelle.RECORDS)),
            **columns,
            "city": texts([michelle.CITY if known else "" for known in has_address]),
            "region": texts([michelle.REGION if known else "" for known in has_address]),
        },
    )
