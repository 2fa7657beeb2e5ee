"""Identity resolution of what real systems deliver, bad input included: one landing zone, a few names a scenario."""

from __future__ import annotations

from itertools import combinations

import pytest
from identity_zone import IdentityZone, assert_sound, cases, lead, person, record, sets

pytestmark = pytest.mark.build

FIRST, SECOND = "2024-01-02", "2024-02-02"
CROWD = 5_000


def crowds() -> list[dict]:
    """Records that share one value with thousands of others, and nothing else."""
    shared = {"email": "info@fairs.example", "country_code": "US"}
    rows = [
        record(f"mail{i}", first_name=f"F{_letters(i)}", last_name=f"L{_letters(7 * i)}", **shared)
        for i in range(CROWD - 2)
    ]
    # Two of the crowd are one person by everything else.
    known = {**person("Paulina", "Crowder", 70), **shared}
    rows += [record("mailtwin1", **known), record("mailtwin2", "desk", **known)]
    rows += [record(f"nameless{i}", email="fair@crowd.example") for i in range(100)]
    board = {"customer_kind": "organisation", "phone": "+1 555 800 9000", "country_code": "US"}
    rows += [
        record(f"board{i}", organisation_name=f"{_letters(31 * i)} Works {_letters(i)}", **board) for i in range(40)
    ]
    few = {**board, "phone": "+1 555 800 7000"}
    rows += [record(f"few{i}", organisation_name=f"{_letters(57 * i + 5)} Trading", **few) for i in range(8)]
    agency = {"customer_kind": "organisation", "email": "office@agency.example"}
    rows += [record(f"agency{i}", organisation_name=f"{_letters(91 * i + 3)} Estates", **agency) for i in range(8)]
    return rows


def _letters(number: int) -> str:
    """A word of its own for every number, unlike that of its neighbours."""
    number = number * 7_919 + 104_729
    word = ""
    while number:
        number, digit = divmod(number, 20)
        word += "bcdfghjklmnpqrstvwxz"[digit] + "aeiou"[digit % 5]
    return word


def nothing_to_go_by() -> list[dict]:
    rows = [
        record(f"empty{i}", "desk", first_name="", last_name="", email="", phone="", tax_number="") for i in range(5)
    ]
    rows += [record(f"blank{i}", "desk", first_name=" ", email=" ", phone="\t") for i in range(5)]
    filled = {
        "first_name": "Unknown",
        "last_name": "UNKNOWN",
        "email": "unknown@example.com",
        "phone": "0000000",
        "tax_number": "0000000",
        "loyalty_number": "0",
    }
    rows += [record(f"filled{i}", "desk", **filled) for i in range(5)]
    rows += [
        record(f"zero{i}", "desk", country_code="US", phone=p) for i, p in enumerate(["000-0000", "(000) 000 0000"])
    ]
    named = {"email": "unknown@shop.example", "phone": "000 00 00"}
    paper = {"tax_number": "n/a", "loyalty_number": "N/A", "country_code": "US"}
    rows += [record("paper1", "desk", first_name="Sven", last_name="Ekberg", **paper)]
    rows += [record("paper2", "desk", first_name="Sofie", last_name="Dupont", **paper)]
    rows += [record("anon1", "desk", first_name="Walter", last_name="Kowalski", **named)]
    rows += [record("anon2", "desk", first_name="Ingrid", last_name="Vestergaard", **named)]
    return rows


def households() -> list[dict]:
    father = person("Harold", "Tillman", 11)
    home = {name: father[name] for name in ("phone", "address_line", "postal_code", "city", "country_code")}
    son = {**person("Dennis", "Tillman", 33), **home}
    return [
        record("house1", **father),
        record("house2", "desk", **father),
        record("house3", **son),
        record("house4", "desk", **{**son, "email": None}),
        record("namesake1", **person("George", "Porter", 20)),
        record(
            "namesake2", **{**person("George", "Porter", 20), "birth_date": "1995-03-17", "email": "gp@else.example"}
        ),
        record("twin1", **person("Emma", "Fisher", 12)),
        record("twin2", **person("Oliver", "Fisher", 12)),
    ]


def other_alphabets() -> list[dict]:
    rows = []
    for at, (first, last, other) in enumerate(
        [
            ("Анна", "Кузнецова", "Борис"),
            ("美咲", "佐藤", "健太"),
            ("Ελένη", "Παπαδοπούλου", "Νίκος"),
            ("ليلى", "حداد", "عمر"),
        ]
    ):
        her = {
            "first_name": first,
            "last_name": last,
            "email": f"she{at}@alphabet.example",
            "birth_date": f"1981-04-1{at}",
        }
        rows += [record(f"alpha{at}a", **her), record(f"alpha{at}b", "desk", **her, city="Berlin")]
        rows += [record(f"alpha{at}c", first_name=other, last_name=last, email=f"he{at}@alphabet.example")]
    return rows


def records_of_cases() -> list[dict]:
    return [
        record(f"{case}-{at}", "cases", **row)
        for (case, *_), rows in cases().items()
        for at, row in enumerate(rows, start=1)
    ]


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> IdentityZone:
    zone = IdentityZone(tmp_path_factory.mktemp("identity"))
    zone.without_money()
    anna, olga, carl = person("Annabel", "Quimby", 1), person("Olga", "Brandt", 2), person("Carl", "Unger", 3)
    step = person("Stepwise", "Chainer", 4)
    acme = {"customer_kind": "organisation", "organisation_name": "Acme Anvils Inc.", "tax_number": "US-77 1234 567"}
    zone.deliver(
        FIRST,
        customers=[
            *crowds(),
            *nothing_to_go_by(),
            *households(),
            *other_alphabets(),
            *records_of_cases(),
            record("gone1", **anna),
            record("gone2", "desk", **anna),
            record("never", "desk", **person("Never", "Wanted", 5), is_deleted="true"),
            record("mute", "desk", is_deleted="true"),
            record("mute"),
            record("conv7", "hub", **olga),
            record("same7", "hub", **carl),
            record("step1", first_name="Stepwise", last_name="Chainer", email=step["email"]),
            record(
                "step2", "desk", last_name="Chainer", first_name="Stepwise", email=step["email"], phone=step["phone"]
            ),
            record(
                "step3",
                "till",
                first_name="S.",
                last_name="Chainer",
                phone=step["phone"],
                birth_date=step["birth_date"],
            ),
            record("step4", "club", first_name="Stepwise", birth_date=step["birth_date"], last_name="Chainer-Bond"),
            record("lead:same8", "hub", first_name="Wilhelmina", last_name="Tell"),
            record("acme1", "erp", **acme),
            record("acme2", "crm", **{**acme, "organisation_name": "ACME anvils", "tax_number": "us771234567"}),
        ],
        leads=[
            lead("conv1", first_name="O.", email="olga.b@elsewhere.example", customer_id="conv7"),
            lead("same7", first_name="Rosalind", last_name="Ferrari", email="rosalind@ferrari.example"),
            lead("same8", first_name="Quentin", last_name="Quast"),
            lead("conv2", first_name="Ed", last_name="Anvil", customer_id="acme1", customer_source_system="erp"),
        ],
    )
    zone.deliver(SECOND, customers=[record("gone1", is_deleted="true")])
    zone.build()
    return zone


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        # What nobody typed, or typed because something had to be typed, joins nobody.
        ("empty", sets(*(f"desk:empty{i}" for i in range(5)))),
        ("blank", sets(*(f"desk:blank{i}" for i in range(5)))),
        ("filled", sets(*(f"desk:filled{i}" for i in range(5)))),
        ("zero", sets("desk:zero0", "desk:zero1")),
        ("anon", sets("desk:anon1", "desk:anon2")),
        ("paper", sets("desk:paper1", "desk:paper2")),
        # A switchboard and an office that looks after several firms, below the guard too.
        ("agency", sets(*(f"web:agency{i}" for i in range(8)))),
        ("few", sets(*(f"web:few{i}" for i in range(8)))),
        # Father and son, of different and of the same first name, and twins.
        ("house", sets("web:house1 desk:house2", "web:house3 desk:house4")),
        ("namesake", sets("web:namesake1", "web:namesake2")),
        ("twin", sets("web:twin1", "web:twin2")),
        *((f"alpha{at}", sets(f"web:alpha{at}a desk:alpha{at}b", f"web:alpha{at}c")) for at in range(4)),
        # No two neighbours of the chain share everything, and its ends share hardly anything.
        ("step", sets("web:step1 desk:step2 till:step3 club:step4")),
        ("acme", sets("erp:acme1 crm:acme2 hub/lead:conv2")),
        # A withdrawn record stays with its customer; one that was only ever withdrawn is nobody else's.
        ("gone", sets("web:gone1 desk:gone2")),
        ("never", sets("desk:never")),
        ("mute", sets("web:mute", "desk:mute")),
        ("conv1", sets("hub:conv7 hub/lead:conv1")),
        # The same number in one system, but nothing that says it is the same one.
        ("same7", sets("hub:same7", "hub/lead:same7")),
    ],
)
def test_who_is_one_customer(zone: IdentityZone, prefix: str, expected: set[frozenset[str]]) -> None:
    assert zone.clusters(prefix) == expected


def test_ordinary_situations_are_decided_as_a_person_would(zone: IdentityZone) -> None:
    """One customer, two, or a question to a person; `apart12` is about the first two of three records."""
    waiting = {
        frozenset(pair)
        for pair in zone.query(
            "select left_record_id, right_record_id from intermediate.int_identity__scored_pairs "
            "where outcome = 'possible'"
        )
    }
    wrong = []
    for (case, about, expected), rows in cases().items():
        names = [f"cases:{case}-{at}" for at in range(1, len(rows) + 1)]
        asked = names[:2] if expected == "apart12" else names
        found = len({zone.customers()[name] for name in asked})
        is_waiting = any(frozenset(pair) in waiting for pair in combinations(names, 2))
        right = {"same": found == 1, "any": True, "review": found > 1 and is_waiting}.get(expected, found == len(asked))
        if not right:
            wrong.append(f"{case} {about}: {expected}")
    assert wrong == []


def test_every_record_is_one_customer_of_the_oldest_record(zone: IdentityZone) -> None:
    assert_sound(zone)
    delivered = zone.query("""
        select count(distinct (source_system, customer_id)) from landing_crm.customers
        union all select count(distinct (source_system, lead_id)) from landing_marketing.leads
    """)
    assert len(zone.customers()) == sum(count for (count,) in delivered)


def test_a_customer_number_that_looks_like_that_of_a_lead_is_another_record(zone: IdentityZone) -> None:
    rows = zone.query("""
        select record_kind, count(distinct customer_id) from core.customer_crosswalk
        where source_customer_id in ('same8', 'lead:same8') group by 1 order by 1
    """)
    assert rows == [("customer", 1), ("lead", 1)]
    assert len({zone.customers()[name] for name in zone.customers() if name.endswith("same8")}) == 2


def test_one_address_on_5000_records_joins_none_of_them_and_hides_no_other_evidence(zone: IdentityZone) -> None:
    clusters = zone.clusters("mail")
    assert len(clusters) == CROWD - 1
    assert frozenset({"web:mailtwin1", "desk:mailtwin2"}) in clusters
    assert {len(members) for members in zone.clusters("nameless")} == {1}
    shared = zone.query("""
        select field, contact_value, record_count, shared_since::varchar
        from intermediate.int_identity__shared_contact_points order by record_count, field
    """)
    assert shared == [
        # Eight firms are more families than one customer has.
        ("email", "office@agency.example", 8, FIRST),
        ("phone", "+15558007000", 8, FIRST),
        ("phone", "+15558009000", 40, FIRST),
        ("email", "fair@crowd.example", 100, FIRST),
        ("email", "info@fairs.example", CROWD, FIRST),
    ]


def test_a_switchboard_of_40_organisations_joins_none_of_them(zone: IdentityZone) -> None:
    assert {len(members) for members in zone.clusters("board")} == {1}


def test_the_crosswalk_says_by_which_rule_and_how_sure(zone: IdentityZone) -> None:
    rows = {
        name: (rule, probability, kind)
        for name, rule, probability, kind in zone.query("""
            select record_id, match_rule, match_probability, arg_max(customer_kind, valid_from)
            from core.customer_crosswalk left join intermediate.int_identity__record_states using (record_id)
            where source_customer_id similar to '(empty0|conv1|conv2|acme.|gone.|never)'
            group by all
        """)
    }
    assert rows["desk:empty0"] == ("own record", 1.0, "person")
    assert rows["hub/lead:conv1"] == ("lead conversion", 1.0, "person")
    # The lead named a person only; what came of it is an organisation.
    assert rows["hub/lead:conv2"] == ("lead conversion", 1.0, "organisation")
    rule, probability, kind = rows["crm:acme2"]
    assert (rule, kind) == ("tax_number", "organisation")
    assert probability >= 0.9995
    assert rows["desk:never"] == ("own record", 1.0, "person")
    rule, probability, _ = rows["web:gone1"]
    assert rule in {"email", "scored"}
    assert 0.95 <= probability <= 1
