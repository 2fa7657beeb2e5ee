"""What people decided on pairs of records: it overrides everything, over any number of steps, and says what it cost."""

from __future__ import annotations

import pytest
from identity_zone import IdentityZone, Row, assert_sound, cut_links, link, record, sets

pytestmark = pytest.mark.build

FIRST, SECOND = "2024-01-02", "2024-02-02"
CHAIN, STAR = 1_000, 10_000


def plain(prefix: str, count: int) -> list[Row]:
    """Records of which nothing but the number is known: only a link joins them."""
    return [record(f"{prefix}{i}") for i in range(count)]


def chained(prefix: str, count: int) -> list[Row]:
    return [link(f"web:{prefix}{i}", f"web:{prefix}{i + 1}") for i in range(count - 1)]


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> IdentityZone:
    zone = IdentityZone(tmp_path_factory.mktemp("links"))
    zone.without_money()
    fair = {"email": "fair@trade.example"}
    zone.deliver(
        FIRST,
        customers=[
            *plain("chain", CHAIN),
            *plain("star", STAR),
            *plain("abcd", 4),
            *plain("self", 1),
            *plain("pair", 2),
            *plain("third", 2),
            *plain("three", 3),
            *plain("apart", 6),
            *plain("firm", 1),
            *plain("late", 1),
            record("firm9", customer_kind="organisation", organisation_name="Firmament Ltd"),
            record("fair0", **fair, first_name="Nobody", last_name="Else"),
            *[record(f"fair{i}", **fair) for i in range(1, 70)],
        ],
        customer_links=[
            *chained("chain", CHAIN),
            *[link("web:star0", f"web:star{i}") for i in range(1, STAR)],
            *chained("abcd", 4),
            link("web:self0", "web:self0"),
            link("web:self0", "web:self0", is_match=False, by="auditors"),
            link("web:pair0", "web:pair1", decided_on="2024-01-01"),
            link("web:pair1", "web:pair0", is_match=False, decided_on="2024-01-01", by="auditors"),
            link("web:third0", "web:third1", decided_on="2023-12-31", is_match=False),
            link("web:third1", "web:third0", decided_on="2024-01-01"),
            link("web:three0", "web:three1"),
            link("web:three1", "web:three2"),
            link("web:three0", "web:three2", is_match=False),
            *chained("apart", 6),
            link("web:apart0", "web:apart5", is_match=False),
            link("web:firm0", "web:firm9"),
            link("web:late0", "web:late1"),
            link("web:nobody", "web:nowhere"),
        ],
    )
    zone.deliver(SECOND, customers=[record("late1")])
    zone.build("identity_exceptions")
    assert_sound(zone)
    return zone


@pytest.mark.parametrize(("prefix", "size"), [("chain", CHAIN), ("star", STAR), ("abcd", 4)])
def test_long_chains_and_wide_stars_are_one_customer(zone: IdentityZone, prefix: str, size: int) -> None:
    (members,) = zone.clusters(prefix)
    assert len(members) == size


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("self", sets("web:self0")),
        # Match and non-match of one day: kept apart. Of two days the later decision counts.
        ("pair", sets("web:pair0", "web:pair1")),
        ("third", sets("web:third0 web:third1")),
        # A non-match holds against a chain of matches, which is cut where it is weakest; here at its end.
        ("three", sets("web:three0 web:three1", "web:three2")),
        ("apart", sets("web:apart0 web:apart1 web:apart2 web:apart3 web:apart4", "web:apart5")),
        # A person is no organisation, whoever says so.
        ("firm", sets("web:firm0", "web:firm9")),
        # The record came a month after the decision on it.
        ("late", sets("web:late0 web:late1")),
    ],
)
def test_who_is_one_customer(zone: IdentityZone, prefix: str, expected: set[frozenset[str]]) -> None:
    assert zone.clusters(prefix) == expected


def test_a_link_holds_from_the_day_on_which_both_records_are_there(zone: IdentityZone) -> None:
    assert zone.history("web:late1") == [(SECOND, "web:late0")]


def test_the_link_that_a_known_non_match_cut_is_found_in_the_tables(zone: IdentityZone) -> None:
    assert cut_links(zone) == sets("web:apart4 web:apart5", "web:three1 web:three2")


def test_whatever_was_cut_refused_or_dropped_is_listed(zone: IdentityZone) -> None:
    listed = zone.query("""
        select exception_kind, rule, left_source_customer_id, right_source_customer_id, record_count
        from marts.identity_exceptions order by 1, 2, 3 nulls first
    """)
    assert listed == [
        ("contradicted link", "known match", "third0", "third1", 2),
        ("contradicted link", "known non-match", "pair0", "pair1", 2),
        ("cut link", "known match", "apart4", "apart5", 2),
        ("cut link", "known match", "three1", "three2", 2),
        ("refused link", "known match", None, None, 2),
        ("refused link", "known match", "firm0", "firm9", 2),
        ("refused link", "known non-match", "self0", "self0", 2),
        ("shared contact point", "email", "fair0", None, 70),
    ]


def test_known_links_that_cannot_hold_say_why(zone: IdentityZone) -> None:
    refused = zone.query("""
        select distinct left_record_id, right_record_id, refused_because
        from intermediate.int_identity__known_links where refused_because is not null order by all
    """)
    assert refused == [
        ("web:firm0", "web:firm9", "a person linked to an organisation"),
        ("web:nobody", "web:nowhere", "a record that no system delivers"),
        ("web:self0", "web:self0", "a record linked to itself"),
    ]


def test_a_known_match_is_the_rule_of_its_records(zone: IdentityZone) -> None:
    rules = zone.query("""
        select distinct match_rule, match_probability from core.customer_crosswalk
        where source_customer_id similar to '(chain|star|abcd).*'
    """)
    assert rules == [("known match", 1.0)]
