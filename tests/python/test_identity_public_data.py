"""Identity resolution against labelled public data, with the governed weights and with weights trained on the data.

Febrl 3 (5,000 records, no e-mail, no phone) and fake_1000 (1,000 records, few fields) are landed as customer records of
one system. The figures are printed; docs/training-identity.md has them.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from conftest import Company, public_data

from profit.paths import PROJECT_ROOT
from profit.training.thresholds import FILE as THRESHOLDS
from profit.training.weights import FILE, read_weights

pytestmark = pytest.mark.public

Row = dict[str, str]
Pairs = set[tuple[str, str]]

GOVERNED = PROJECT_ROOT / "seeds" / "identity"
SYSTEM = "register"
MODELS = ("--select", "+customer_crosswalk")
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class Resolved(Company):
    """A company whose customer records have known true links."""

    true_pairs: frozenset[tuple[str, str]]
    rules: Path = GOVERNED

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "PROFIT_IDENTITY_RULES": str(self.rules)}

    def matched(self) -> Pairs:
        """Pairs that are judged a match by themselves."""
        return self._pairs(
            "select left_record_id, right_record_id from intermediate.int_identity__scored_pairs "
            "where outcome = 'match' and valid_to = date '9999-12-31'"
        )

    def clustered(self) -> Pairs:
        """Pairs that are one customer in the end."""
        return self._pairs(
            "select lefts.record_id, rights.record_id "
            "from core.customer_crosswalk as lefts "
            "inner join core.customer_crosswalk as rights "
            "on lefts.customer_id = rights.customer_id and lefts.record_id < rights.record_id"
        )

    def _pairs(self, sql: str) -> Pairs:
        return {ordered(left.split(":")[1], right.split(":")[1]) for left, right in self.query(sql)}


@dataclass(frozen=True)
class Quality:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def __str__(self) -> str:
        return f"precision {self.precision:.4f}, recall {self.recall:.4f}, F1 {self.f1:.4f}"


def ordered(left: str, right: str) -> tuple[str, str]:
    return (left, right) if left < right else (right, left)


def quality(found: Pairs, true_pairs: frozenset[tuple[str, str]]) -> Quality:
    right = len(found & true_pairs)
    return Quality(right / max(len(found), 1), right / len(true_pairs))


def read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def iso_day(text: str) -> str:
    """A day written 19560409 as 1956-04-09; nothing where it is no day, as with 19450230."""
    try:
        return dt.datetime.strptime(text.strip(), "%Y%m%d").date().isoformat()
    except ValueError:
        return ""


def febrl_customer(row: Row) -> Row:
    """Mapping of Febrl's columns to those of crm.customers; address_2 has no counterpart."""
    return {
        "customer_id": row["rec_id"],
        "first_name": row["given_name"],
        "last_name": row["surname"],
        "address_line": f"{row['street_number']} {row['address_1']}".strip(),
        "city": row["suburb"],
        "postal_code": row["postcode"],
        "region": row["state"],
        "birth_date": iso_day(row["date_of_birth"]),
        "tax_number": row["soc_sec_id"],
        "country_code": "AU",
    }


def fake_customer(row: Row) -> Row:
    """Mapping of the columns of fake_1000 to those of crm.customers."""
    return {
        "customer_id": row["unique_id"],
        "first_name": row["first_name"],
        "last_name": row["surname"],
        "birth_date": row["dob"],
        "city": row["city"],
        "email": row["email"],
        "country_code": "GB",
    }


def deliver(folder: Path, customers: list[Row]) -> Path:
    """Customer records, and of the other tables that must be there one row each."""
    folder.mkdir(parents=True)
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, customers[0])
        writer.writeheader()
        writer.writerows(customers)
    first = customers[0]["customer_id"]
    for table, content in {
        "products": "product_id\nP1\n",
        "orders": f"order_id,customer_id,ordered_at\nO1,{first},2025-01-01\n",
        "order_lines": "order_line_id,order_id,product_id,quantity,unit_list_price\nL1,O1,P1,1,1\n",
    }.items():
        (folder / f"{table}.csv").write_text(content, encoding="utf-8")
    return folder


def resolve(folder: Path, customers: list[Row], true_pairs: Pairs) -> Resolved:
    company = Resolved(folder, frozenset(true_pairs))
    delivery = deliver(folder / "delivery", customers)
    company.run(
        *("profit", "land", "files", "--from", str(delivery)),
        *("--source-system", SYSTEM, "--delivered-on", "2025-02-01"),
    )
    company.run("profit", "build", *MODELS, *NO_TESTS)
    return company


def with_trained_weights(company: Resolved) -> Resolved:
    """The same company, trained on its own records and resolved anew."""
    pytest.importorskip("splink", reason="the extra `identity` is not installed")
    rules = company.folder / "rules"
    shutil.copytree(GOVERNED, rules, ignore=shutil.ignore_patterns(FILE, THRESHOLDS, "*.proposed"))
    company.run("profit", "train", "identity", "--to", str(rules))
    trained = replace(company, rules=rules)
    trained.run("profit", "build", *MODELS, *NO_TESTS)
    return trained


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print past pytest, which would keep it to itself."""

    def past_pytest(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {text}", end="")

    return past_pytest


def check(company: Resolved, say: Callable[[str], None], name: str) -> tuple[Quality, Quality]:
    pairs, clusters = (quality(found, company.true_pairs) for found in (company.matched(), company.clustered()))
    say(f"{name}: pairs {pairs}; customers {clusters}")
    return pairs, clusters


def test_febrl(tmp_path: Path, say: Callable[[str], None]) -> None:
    data = public_data() / "identity"
    customers = [febrl_customer(row) for row in read(data / "febrl3.csv")]
    true_pairs = {ordered(*row.values()) for row in read(data / "febrl3_true_links.csv")}
    assert (len(customers), len(true_pairs)) == (5000, 6538)

    company = resolve(tmp_path / "febrl", customers, true_pairs)
    pairs, clusters = check(company, say, "Febrl 3, governed weights")
    assert pairs.precision >= 0.999
    assert pairs.f1 >= 0.98
    assert clusters.f1 >= 0.99

    pairs, clusters = check(with_trained_weights(company), say, "Febrl 3, trained on itself")
    assert pairs.f1 >= 0.992
    assert clusters.f1 >= 0.998


def test_fake_1000(tmp_path: Path, say: Callable[[str], None]) -> None:
    rows = list(read(public_data() / "identity" / "fake_1000.csv"))
    members: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        members[row["cluster"]].append(row["unique_id"])
    true_pairs = {ordered(*pair) for ids in members.values() for pair in itertools.combinations(ids, 2)}

    company = resolve(tmp_path / "fake", [fake_customer(row) for row in rows], true_pairs)
    pairs, clusters = check(company, say, "fake_1000, governed weights")
    assert min(pairs.precision, clusters.precision) >= 0.98
    assert clusters.f1 >= 0.75

    # Beside the governed file, a copy of it here, and again into another folder: the same to the last digit.
    copied = replace(company, rules=tmp_path / "copied")
    shutil.copytree(GOVERNED, copied.rules, ignore=shutil.ignore_patterns("*.proposed"))
    printed = copied.run("profit", "train", "identity")
    assert (copied.rules / FILE).read_bytes() == (GOVERNED / FILE).read_bytes()
    assert "Nothing has changed yet" in printed
    assert f"person: 1,000 records of {customers_of(company)} customers" in printed
    assert "organisation: weights stay as they are: 0 organisation records" in printed
    assert "Splink" not in printed

    trained = with_trained_weights(company)
    assert (copied.rules / f"{FILE}.proposed").read_bytes() == (trained.rules / FILE).read_bytes()
    pairs, clusters = check(trained, say, "fake_1000, trained on itself")
    assert min(pairs.precision, clusters.precision) >= 0.97
    assert clusters.f1 >= 0.8

    proposed = read_weights(trained.rules / FILE)
    governed = read_weights(GOVERNED / FILE)
    assert list(proposed) == list(governed)
    changed = {key[:2] for key in proposed if proposed[key] != governed[key]}
    assert changed == {("person", name) for name in ("first_name", "last_name", "birth_date", "email", "place")}
    for key in changed:
        weights = [weight for level, weight in proposed.items() if level[:2] == key]
        assert sum(weight.m for weight in weights) == pytest.approx(1, abs=1e-5)
        assert sum(weight.u for weight in weights) == pytest.approx(1, abs=1e-5)

    before = (trained.rules / FILE).read_bytes()
    assert "is there already" in trained.run("profit", "train", "identity", "--to", str(trained.rules), expect=1)
    assert (trained.rules / FILE).read_bytes() == before


def customers_of(company: Company) -> object:
    return company.value("select count(distinct customer_id) from core.customer_crosswalk")
