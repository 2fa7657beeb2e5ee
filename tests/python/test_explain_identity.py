"""`profit explain identity`: the records of a customer, the links with their evidence, and the weakest of them."""

from __future__ import annotations

import json

import pytest
from conftest import Company

from profit.errors import ProfitError
from profit.explaining.identity import Link, explain_identity, weakest_link


def _link(left: str, right: str, strength: float) -> Link:
    return Link(left, right, "scored", 0.99, strength, "2025-01-01", -12.0, ())


def test_the_weakest_link_is_the_one_without_which_the_records_fall_apart() -> None:
    # a and b are held by two links, so that the weaker of the two is not needed; c hangs on one.
    links = (_link("a", "b", 30), _link("b", "c", 9), _link("a", "b", 5))
    assert weakest_link(links) == links[1]
    assert weakest_link(()) is None


def _michelle(demo: Company) -> str:
    return str(
        demo.value("""
            select customer_id
            from core.customer_crosswalk
            where record_id in (
                select 'web_shop:' || customer_id from staging.stg_crm__customers
                where is_current and source_system = 'web_shop' and email = 'michelle.carter@example.org'
            )
        """)
    )


def test_michelle_is_explained_by_every_record_and_the_links_between_them(demo: Company) -> None:
    customer = _michelle(demo)
    identity = explain_identity(demo.paths, customer)
    assert identity.customer_id == customer
    assert {record["source_system"] for record in identity.records} == {
        "web_shop",
        "stores",
        "phone_desk",
        "rebate_centre",
        "marketing_hub",
    }
    # The links reach every record, and the e-mail recipient hangs on the web shop's record alone, by the address.
    linked = {record for link in identity.links for record in (link.left, link.right)}
    assert linked == {record["record"] for record in identity.records}
    (of_recipient,) = [link for link in identity.links if "marketing_hub" in link.left + link.right]
    assert of_recipient.rule == "email"
    assert "web_shop" in of_recipient.left + of_recipient.right
    # Whatever the weakest link is, nothing weaker is needed.
    assert identity.weakest_link in identity.links
    for link in identity.links:
        levels = {each.comparison: each.level for each in link.evidence}
        assert levels
        assert "missing" not in levels.values()
        # Weights add up to the strength of a scored link, to the rounding of what is shown.
        if link.rule == "scored":
            assert link.prior_weight is not None
            told = link.prior_weight + sum(each.weight for each in link.evidence)
            assert told == pytest.approx(link.strength, abs=0.01)
    assert identity.history[0]["event_kind"] == "created"


def test_every_record_of_a_customer_and_its_json_lead_to_the_same_answer(demo: Company) -> None:
    customer = _michelle(demo)
    for record in explain_identity(demo.paths, customer).records:
        assert explain_identity(demo.paths, record["record"]).customer_id == customer
    printed = demo.run("profit", "explain", "identity", customer, "--json")
    told = json.loads(printed)
    assert told["customer_id"] == customer
    assert len(told["records"]) == 5
    text = demo.run("profit", "explain", "identity", customer)
    assert "Weakest link: " in text
    # How far records agree is said, not what they hold.
    assert "example.org" not in text + printed
    assert "Carter" not in text + printed


def test_nobody_and_an_ambiguous_number_are_clear_errors(demo: Company) -> None:
    with pytest.raises(ProfitError, match="Nobody is known as shop:nobody"):
        explain_identity(demo.paths, "shop:nobody")
    number = demo.value("""
        select source_customer_id from core.customer_crosswalk
        group by source_customer_id having count(distinct customer_id) > 1
        order by 1 limit 1
    """)
    with pytest.raises(ProfitError, match=f"{number} is the number of records of"):
        explain_identity(demo.paths, str(number))
