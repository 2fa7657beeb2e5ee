"""The macro `allocate` against the largest-remainder method in exact fractions: random groups, weights and amounts."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import duckdb
import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from properties import cases

from profit.paths import PROJECT_ROOT


class Receiver(NamedTuple):
    """One row to allocate to; key is unique within its group, and orders receivers with equal remainders."""

    group: str
    key: str
    amount: Decimal | None
    weight: Decimal


Shares = dict[tuple[str, str], Decimal | None]

MACRO = (PROJECT_ROOT / "macros" / "money" / "allocate.sql").read_text(encoding="utf-8")
CALL = "{{ allocate('receivers', 'amount', 'weight', group_by=['group_id'], ties=['receiver']) }}"
SELECT = jinja2.Environment(autoescape=False).from_string(MACRO + CALL).render()  # noqa: S701
CENT = Decimal("0.01")

# Two decimals of a weight are enough to make remainders collide often, which is where the ties decide.
weights = st.one_of(
    st.sampled_from([Decimal(0), Decimal(1), Decimal(1)]),
    st.decimals(min_value=0, max_value=10_000, places=2),
    st.decimals(min_value=0, max_value=10_000_000, places=4),
    st.decimals(min_value=0, max_value=10**13, places=4),
)
amounts = st.one_of(
    st.decimals(min_value=-10, max_value=10, places=2),
    st.decimals(min_value=-1_000_000_000, max_value=1_000_000_000, places=4),
    # To the end of the type, where floating point no longer counts single cents.
    st.decimals(min_value=-99_999_999_999_999, max_value=99_999_999_999_999, places=4),
)


@st.composite
def groups(draw: st.DrawFn) -> list[Receiver]:
    """One to three groups of one to twelve receivers."""
    receivers: list[Receiver] = []
    for number in range(draw(st.integers(min_value=1, max_value=3))):
        amount = draw(amounts)
        for key, weight in enumerate(draw(st.lists(weights, min_size=1, max_size=12))):
            receivers.append(Receiver(f"g{number}", f"r{key:02}", amount, weight))
    return receivers


@pytest.fixture(scope="module")
def connection() -> Iterable[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def allocated(connection: duckdb.DuckDBPyConnection, receivers: Sequence[Receiver]) -> Shares:
    connection.execute(
        "create or replace temp table receivers "
        "(group_id varchar, receiver varchar, amount decimal(18, 4), weight decimal(18, 4))"
    )
    connection.executemany("insert into receivers values (?, ?, ?, ?)", [list(receiver) for receiver in receivers])
    rows = connection.execute(f"select group_id, receiver, allocated_amount from ({SELECT}) as allocation").fetchall()
    assert len(rows) == len(receivers)
    return {(group, key): share for group, key, share in rows}


def cents_of(amount: Decimal) -> int:
    """The amount in cents, half away from zero."""
    magnitude = int(abs(Fraction(amount)) * 100 + Fraction(1, 2))
    return magnitude if amount >= 0 else -magnitude


def expected(receivers: Sequence[Receiver]) -> Shares:
    """Largest remainder (Hamilton) in exact fractions: floors first, left-over cents by remainder, ties by key."""
    by_group: dict[str, list[Receiver]] = defaultdict(list)
    for receiver in receivers:
        by_group[receiver.group].append(receiver)
    shares: Shares = {}
    for group, members in by_group.items():
        total = sum(Fraction(member.weight) for member in members)
        if total == 0 or members[0].amount is None:
            shares.update({(group, member.key): None for member in members})
            continue
        cents = cents_of(members[0].amount)
        exact = {member.key: Fraction(member.weight) * cents / total for member in members}
        whole = {key: share.numerator // share.denominator for key, share in exact.items()}
        by_remainder = sorted(exact, key=lambda key: (whole[key] - exact[key], key))
        for key in by_remainder[: cents - sum(whole.values())]:
            whole[key] += 1
        shares.update({(group, key): whole[key] * CENT for key in whole})
    return shares


def one_group(amount: str, *shares: str) -> list[Receiver]:
    return [Receiver("g0", f"r{key:02}", Decimal(amount), Decimal(weight)) for key, weight in enumerate(shares)]


@cases(150)
@given(receivers=groups())
@example(receivers=one_group("100.00", "1", "1", "1"))
@example(receivers=one_group("-100.00", "1", "1", "1"))
# Remainders of equal size at unequal weights: 10 cents over 1 : 1 : 4 are 1 2/3, 1 2/3 and 6 2/3.
@example(receivers=one_group("0.10", "1", "1", "4"))
@example(receivers=one_group("0.01", "0", "0.0001", "9999999.9999"))
def test_shares_are_those_of_exact_fractions(connection: duckdb.DuckDBPyConnection, receivers: list[Receiver]) -> None:
    assert allocated(connection, receivers) == expected(receivers)


@cases(100)
@given(receivers=groups())
def test_shares_of_a_group_sum_to_its_amount_and_are_within_a_cent_of_exact(
    connection: duckdb.DuckDBPyConnection, receivers: list[Receiver]
) -> None:
    shares = allocated(connection, receivers)
    for group in {receiver.group for receiver in receivers}:
        members = [receiver for receiver in receivers if receiver.group == group]
        total = sum(Fraction(member.weight) for member in members)
        if total == 0:
            assert {shares[group, member.key] for member in members} == {None}
            continue
        assert members[0].amount is not None
        cents = cents_of(members[0].amount)
        given_out = {member: Fraction(shares[group, member.key] or 0) * 100 for member in members}
        assert sum(given_out.values()) == cents
        for member, share in given_out.items():
            assert abs(share - cents * Fraction(member.weight) / total) < 1
            assert member.weight != 0 or share == 0


@cases(60)
@given(receivers=groups(), seed=st.integers(min_value=0, max_value=2**32))
def test_the_order_of_rows_does_not_matter(
    connection: duckdb.DuckDBPyConnection, receivers: list[Receiver], seed: int
) -> None:
    shuffled = random.Random(seed).sample(receivers, len(receivers))  # noqa: S311
    first = allocated(connection, receivers)
    assert allocated(connection, shuffled) == first
    assert allocated(connection, receivers) == first


@cases(60)
@given(receivers=groups(), factor=st.sampled_from([Decimal(2), Decimal(10), Decimal("0.5")]))
def test_only_the_proportion_of_weights_matters(
    connection: duckdb.DuckDBPyConnection, receivers: list[Receiver], factor: Decimal
) -> None:
    # A tenth, so that ten times as much still fits the type of a weight.
    coarse = [receiver._replace(weight=(receiver.weight / 10).quantize(CENT)) for receiver in receivers]
    scaled = [receiver._replace(weight=receiver.weight * factor) for receiver in coarse]
    assert allocated(connection, scaled) == allocated(connection, coarse)


def test_an_unknown_amount_is_given_to_nobody(connection: duckdb.DuckDBPyConnection) -> None:
    receivers = [Receiver("g0", "a", None, Decimal(1)), Receiver("g0", "b", None, Decimal(2))]
    assert allocated(connection, receivers) == {("g0", "a"): None, ("g0", "b"): None}


@pytest.mark.parametrize("count", [1, 3, 7, 999])
def test_equal_weights_differ_by_a_cent_at_most_and_the_first_keys_take_it(
    connection: duckdb.DuckDBPyConnection, count: int
) -> None:
    receivers = [Receiver("g0", f"c{key:04}", Decimal("1000000.00"), Decimal(1)) for key in range(count)]
    shares = allocated(connection, receivers)
    floor, left_over = divmod(100_000_000, count)
    assert [shares["g0", f"c{key:04}"] for key in range(count)] == [
        (floor + (key < left_over)) * CENT for key in range(count)
    ]
