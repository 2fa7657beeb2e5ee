"""The enterprise ID over time: built after every landing, it never depends on when, how often or in which order."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from identity_zone import IdentityZone, Row, as_of, assert_sound, cut_links, lead, link, person, record

pytestmark = pytest.mark.build

DAYS = [f"2024-0{month}-02" for month in range(1, 7)]
FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = DAYS
JOINER, BRIDGED, OTHER = person("Ulla", "Joiner", 31), person("Mia", "Bridger", 32), person("Sam", "Splitter", 33)
TWICE, GUARDED = person("Tom", "Twice", 34), person("Gus", "Guarded", 35)
BACK, DAILY, KIND = person("Bea", "Backman", 36), person("Dan", "Daily", 37), person("Kim", "Kinder", 38)
FAIR = {"email": "fair@trade.example"}


def dumps() -> dict[str, list[Row]]:
    """What a system delivers that sends everything every time."""
    return {
        "customers": [record("dump1", "erp", **DAILY), record("dump2", "crm", **DAILY), *_mute("dump3", "dump4")],
        "leads": [lead("dump5", first_name="D.", customer_id="dump1", customer_source_system="erp")],
        "customer_links": [link("web:dump3", "web:dump4"), link("erp:dump1", "web:dump3", is_match=False)],
    }


def landings() -> list[tuple[str, dict[str, list[Row]]]]:
    """Every landing command: its day and what it delivers. The second day has three."""
    late = {"customer_id": "late1", "customer_source_system": "web"}
    return [
        (
            FIRST,
            {
                "customers": [
                    record("join1", "web", **JOINER),
                    record("bridge1", "web", first_name="Mia", last_name="Bridger", email=BRIDGED["email"]),
                    record("split1", "web", **OTHER),
                    record("split2", "aaa", **OTHER, created_on="2023-12-24"),
                    *_mute("merge1", "kind1", "kind2", "late1", "oath1", "oath2", "oath3"),
                    record("guard1", "web", first_name="Gus", last_name="Guarded", **FAIR),
                    record("guard2", "aaa", first_name="Gus", last_name="G.", **FAIR),
                    record("kind3", "web", **KIND),
                    record("kind4", "desk", **KIND),
                    record("back1", "web", **BACK, is_deleted="true"),
                    record("back2", "desk", **BACK),
                ],
                "leads": [
                    lead("late2", first_name="Lara", **late),
                    lead("late3", first_name="Lena"),
                    lead("late4", first_name="Lou", **{**late, "customer_id": "late5"}),
                ],
                "customer_links": [
                    link("web:kind1", "web:kind2"),
                    *[link(f"web:oath{i}", f"web:oath{i + 1}") for i in range(1, 4)],
                ],
            },
        ),
        (SECOND, {"customers": [record("twice1", "web", **TWICE), *_mute("merge2", "merge3")]}),
        # The system of the second landing created its record earlier than that of the first.
        (SECOND, {"customers": [record("twice2", "aaa", **TWICE, created_on="2001-01-01")]}),
        (SECOND, {"customers": [record("twice1", "web", **{**TWICE, "city": "Shelbyville"}), *_mute("merge2")]}),
        (
            THIRD,
            {
                "customers": [
                    record("join2", "aaa", **JOINER),
                    record("bridge2", "aaa", first_name="Mia", last_name="Bridger", phone=BRIDGED["phone"]),
                    record("split3", "desk", **OTHER),
                    record("kind2", "web", organisation_name="Kindred Ltd"),
                    record("kind3", "web", **{**KIND, "customer_kind": "organisation", "organisation_name": "Kinder"}),
                    record("back1", "web", **BACK),
                    record("late5", "web", organisation_name="Latecomers Ltd"),
                    *_mute("oath4"),
                ],
                "leads": [lead("late2", is_deleted="true"), lead("late3", first_name="Lena", **late)],
            },
        ),
        (
            FOURTH,
            {
                "customers": [
                    record("bridge3", "desk", **BRIDGED),
                    record("join1", "web", is_deleted="true"),
                    *[record(f"crowd{i}", first_name=f"N{i:b}", last_name=f"W{i:o}", **FAIR) for i in range(70)],
                ],
                "customer_links": [link("web:merge2", "web:merge1"), link("web:merge2", "web:merge3")],
            },
        ),
        (
            FIFTH,
            {
                "customer_links": [
                    link("web:merge2", "web:merge1", is_match=False),
                    link("aaa:split2", "web:split1", is_match=False, by="auditors"),
                    link("web:oath1", "web:oath4", is_match=False),
                ]
            },
        ),
        (
            SIXTH,
            {
                "customer_links": [
                    link("web:merge2", "web:merge1", is_match=True),
                    link("aaa:split2", "web:split1", is_match=False, by="auditors", is_deleted="true"),
                ]
            },
        ),
    ]


def _mute(*numbers: str) -> list[Row]:
    """Records that nothing but a link can join."""
    return [record(number) for number in numbers]


@dataclass
class Built:
    """The zone with all landings, and what was built after each of them."""

    zone: IdentityZone
    customers: list[dict[str, str]] = field(default_factory=list)
    memberships: list[list[tuple]] = field(default_factory=list)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    built = Built(IdentityZone(tmp_path_factory.mktemp("history")))
    built.zone.without_money()
    days = set()
    for day, feeds in landings():
        daily = dumps() if day not in days else {}
        days.add(day)
        built.zone.deliver(
            day, **{table: [*feeds.get(table, []), *daily.get(table, [])] for table in {**feeds, **daily}}
        )
        built.zone.build("customer_crosswalk", "customer_ids", "customer_identity_log")
        assert_sound(built.zone)
        built.customers.append(dict(built.zone.customers()))
        built.memberships.append(built.zone.memberships())
    return built


def test_what_was_built_on_a_day_stays_the_truth_of_that_day(built: Built) -> None:
    final = built.memberships[-1]
    days = [day for day, _ in landings()]
    for at, day in enumerate(days):
        if day not in days[at + 1 :]:
            assert built.memberships[at] == as_of(final, day), day


def test_every_id_that_was_ever_given_still_leads_to_one_customer(built: Built) -> None:
    final = built.customers[-1]
    leads_to = dict(built.zone.query("select given_customer_id, customer_id from core.customer_ids"))
    for customers in built.customers:
        for customer in customers.values():
            assert leads_to[customer] == final[customer]
    assert set(leads_to.values()) == set(final.values())


def test_the_log_says_what_happened_and_which_delivery_caused_it(built: Built) -> None:
    rows = built.zone.query("""
        select customer_id, event_kind, happened_on::varchar, other_customer_id, cause, caused_by_system
        from core.customer_identity_log order by happened_on, event_kind
    """)
    events = {
        number: [row[1:] for row in rows if row[0] == number]
        for number in ("web:merge1", "web:merge2", "web:merge3", "web:oath4", "aaa:join2", "aaa:bridge2", "web:kind2")
    }
    assert events == {
        "web:merge1": [("created", FIRST, None, "new record", "web")],
        "web:merge2": [
            ("created", SECOND, None, "new record", "web"),
            ("merged", FOURTH, "web:merge1", "known match", "stewards"),
            ("split", FIFTH, "web:merge1", "known non-match", "stewards"),
            ("merged", SIXTH, "web:merge1", "known match", "stewards"),
        ],
        # It goes along with the customer that it belongs to: no events of its own after its merge.
        "web:merge3": [
            ("created", SECOND, None, "new record", "web"),
            ("merged", FOURTH, "web:merge1", "known match", "stewards"),
        ],
        "web:oath4": [("split", FIFTH, "web:oath1", "known non-match", "stewards")],
        # It was never a customer of its own.
        "aaa:join2": [],
        "aaa:bridge2": [
            ("created", THIRD, None, "new record", "aaa"),
            # The record that is like both came from a third system.
            ("merged", FOURTH, "web:bridge1", "scored", "desk"),
        ],
        "web:kind2": [("split", THIRD, "web:kind1", "changed record", "web")],
    }


def test_a_customer_changes_its_id_only_where_the_deliveries_say_so(built: Built) -> None:
    expected = {
        "web:merge2": [(SECOND, "web:merge2"), (FOURTH, "web:merge1"), (FIFTH, "web:merge2"), (SIXTH, "web:merge1")],
        "web:merge3": [(SECOND, "web:merge3"), (FOURTH, "web:merge1"), (FIFTH, "web:merge2"), (SIXTH, "web:merge1")],
        "aaa:join2": [(THIRD, "web:join1")],
        "aaa:bridge2": [(THIRD, "aaa:bridge2"), (FOURTH, "web:bridge1")],
        "desk:bridge3": [(FOURTH, "web:bridge1")],
        # Both came in one landing: the one that its system created first is the older one.
        "web:split1": [(FIRST, "aaa:split2"), (FIFTH, "web:split1"), (SIXTH, "aaa:split2")],
        # A record that turns out to be an organisation leaves the person that it was taken for.
        "web:kind3": [(FIRST, "desk:kind4"), (THIRD, "web:kind3")],
        "web:kind2": [(FIRST, "web:kind1"), (THIRD, "web:kind2")],
        "hub/lead:late2": [(FIRST, "hub/lead:late2")],
        "hub/lead:late3": [(FIRST, "hub/lead:late3"), (THIRD, "hub/lead:late2")],
        "web:late1": [(FIRST, "hub/lead:late2")],
        # A lead that names a person becomes an organisation that is delivered only later.
        "web:late5": [(THIRD, "hub/lead:late4")],
        "web:oath3": [(FIRST, "web:oath1")],
        "web:oath4": [(THIRD, "web:oath1"), (FIFTH, "web:oath4")],
        "web:back1": [(FIRST, "desk:back2")],
        "aaa:guard2": [(FIRST, "aaa:guard2")],
        # The address that they share turns out to be everybody's.
        "web:guard1": [(FIRST, "aaa:guard2"), (FOURTH, "web:guard1")],
    }
    changed = {row[0] for row in built.memberships[-1] if row[2] is not None}
    assert {name: built.zone.history(name) for name in expected} == expected
    assert changed - expected.keys() == set()


def test_the_oldest_record_keeps_the_id_through_a_join_a_merge_and_a_split(built: Built) -> None:
    for at, customers in enumerate(built.customers):
        for number in ("web:join1", "web:bridge1", "aaa:split2", "web:merge1", "web:oath1", "web:kind1"):
            assert customers[number] == number, landings()[at][0]


def test_a_withdrawn_record_stays_with_its_customer(built: Built) -> None:
    assert built.customers[-1]["web:join1"] == built.customers[-1]["aaa:join2"] == "web:join1"


def test_of_one_day_the_record_that_its_system_created_first_names_the_customer(built: Built) -> None:
    """In whatever order they are landed: an ID given by a build between two landings of the day still resolves."""
    assert [customers["web:twice1"] for customers in built.customers[1:]] == ["web:twice1"] + ["aaa:twice2"] * 6
    assert {customers["aaa:twice2"] for customers in built.customers[2:]} == {"aaa:twice2"}
    ids = "select customer_id, is_current from core.customer_ids where given_customer_id = 'web:twice1'"
    assert built.zone.query(ids) == [("aaa:twice2", False)]


def test_the_cut_of_a_known_non_match_is_visible_on_the_days_on_which_it_holds(built: Built) -> None:
    pairs = {day: {tuple(sorted(pair)) for pair in cut_links(built.zone, day)} for day in DAYS}
    assert ("web:oath3", "web:oath4") not in pairs[FOURTH]
    assert ("web:oath3", "web:oath4") in pairs[FIFTH]
    assert ("web:oath3", "web:oath4") in pairs[SIXTH]


def test_a_system_that_delivers_everything_every_day_multiplies_nothing(built: Built) -> None:
    for table, column, per_record in [
        ("contact_points", "record_id", 1),
        ("record_states", "record_id", 1),
        ("links", "left_record_id || right_record_id", 1),
        ("known_links", "left_record_id || right_record_id", 1),
        ("scored_pairs", "left_record_id || right_record_id", 1),
        ("memberships", "record_id", 1),
    ]:
        counted = built.zone.query(
            f"select {column}, count(*) from intermediate.int_identity__{table} where {column} like '%dump%' group by 1"
        )
        assert counted, table
        assert {count for _, count in counted} == {per_record}, table


def test_neither_the_order_of_rows_and_files_nor_one_build_of_everything_changes_anything(
    built: Built, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = IdentityZone(tmp_path_factory.mktemp("reordered"))
    other.without_money()
    days = set()
    for day, feeds in landings():
        daily = dumps() if day not in days else {}
        days.add(day)
        tables = reversed(sorted({**feeds, **daily}))
        other.deliver(day, **{name: [*daily.get(name, []), *feeds.get(name, [])][::-1] for name in tables})
    other.build()
    assert other.memberships() == built.memberships[-1]
    assert other.customers() == built.customers[-1]
