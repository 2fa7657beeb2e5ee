"""Identity resolution of the demo company against the truth that its generator keeps."""

from __future__ import annotations

import pytest
from conftest import Company

from profit.connectors.demo.truth import truth_folder

MICHELLE = "phone like '%555%0137%' or email = 'michelle.carter@example.org'"


@pytest.fixture(scope="module")
def judged(demo: Company) -> str:
    """Select of every record with the customer that it was given and the one that it is."""
    truth = truth_folder(demo.paths) / "records.parquet"
    return f"""
        select
            crosswalk.record_id, crosswalk.customer_id, truth.record_kind,
            -- A lead that bought nothing, and what is no customer at all, is nobody else.
            coalesce(truth.true_customer_id, crosswalk.record_id) as true_customer_id
        from read_parquet('{truth}') as truth
        full join core.customer_crosswalk as crosswalk
            using (record_kind, source_system, source_customer_id)
    """


def test_every_record_of_the_truth_is_in_the_crosswalk_once(demo: Company, judged: str) -> None:
    (counted,) = demo.query(f"""
        select count(*), count(record_id), count(distinct record_id), count(record_kind) from ({judged})
    """)
    assert len(set(counted)) == 1, counted
    assert counted[0] > 1_000


def test_pairs_are_right_and_complete(demo: Company, judged: str) -> None:
    ((found, true, right),) = demo.query(f"""
        with pairs as (
            select customer_id, true_customer_id, count(*) as records from ({judged}) group by all
        )
        select
            (select sum(n * (n - 1) / 2) from (select sum(records) as n from pairs group by customer_id)),
            (select sum(n * (n - 1) / 2) from (select sum(records) as n from pairs group by true_customer_id)),
            (select sum(records * (records - 1) / 2) from pairs)
    """)
    assert true > 1_500
    assert right / found >= 0.995, f"precision {right / found:.4f} of {found:.0f} pairs"
    assert right / true >= 0.97, f"recall {right / true:.4f} of {true:.0f} pairs"


def test_the_estimate_of_what_pairing_missed_is_near_the_truth(demo: Company, judged: str) -> None:
    true = dict(
        demo.query(f"""
            with records as (
                select judged.record_id, judged.true_customer_id, states.customer_kind
                from ({judged}) as judged
                inner join intermediate.int_identity__record_states as states using (record_id)
                where states.valid_to = date '9999-12-31'
            ),
            compared as (
                select distinct lefts.record_id as left_id, rights.record_id as right_id
                from intermediate.int_identity__pairing_keys as lefts
                inner join intermediate.int_identity__pairing_keys as rights using (rule_id, pairing_key)
                where lefts.record_id < rights.record_id and lefts.dropped_since is null
            )
            select lefts.customer_kind, count(left_id) / count(*)
            from records as lefts
            inner join records as rights
                on lefts.true_customer_id = rights.true_customer_id and lefts.record_id < rights.record_id
                and lefts.customer_kind = rights.customer_kind
            left join compared on left_id = lefts.record_id and right_id = rights.record_id
            group by all
        """)
    )
    for kind, completeness, reduction in demo.query(
        "select customer_kind, pair_completeness, reduction_ratio from marts.identity_pairing"
    ):
        assert completeness == pytest.approx(true[kind], abs=0.03)
        assert 0.9 < reduction < 1
    assert min(true.values()) > 0.98


def test_persons_and_organisations_do_not_merge(demo: Company) -> None:
    mixed = demo.query("""
        select customer_id from core.customer_crosswalk
        inner join intermediate.int_identity__record_states using (record_id)
        group by 1 having count(distinct customer_kind) > 1
    """)
    assert mixed == []


def test_twins_are_two_customers(demo: Company, judged: str) -> None:
    twins = demo.query(f"""
        with records as (
            select judged.customer_id, judged.true_customer_id, customers.last_name, customers.birth_date
            from ({judged}) as judged
            inner join landing_crm.customers as customers
                on judged.record_id = customers.source_system || ':' || customers.customer_id
        )
        select lefts.true_customer_id, bool_or(lefts.customer_id = rights.customer_id)
        from records as lefts
        inner join records as rights using (birth_date, last_name)
        where lefts.true_customer_id < rights.true_customer_id
        group by 1
    """)
    assert twins, "the demo has no twins"
    assert not any(are_one for _, are_one in twins), twins


def test_michelle_is_one_customer_over_all_her_records(demo: Company, judged: str) -> None:
    rows = demo.query(f"""
        select split_part(record_id, ':', 1), customer_id, true_customer_id from ({judged})
        where true_customer_id in (
            select true_customer_id from ({judged})
            inner join landing_crm.customers on record_id = source_system || ':' || customers.customer_id
            where {MICHELLE}
        )
        order by record_id
    """)
    assert [system for system, *_ in rows] == ["marketing_hub", "phone_desk", "rebate_centre", "stores", "web_shop"]
    assert len({customer for _, customer, _ in rows}) == 1
    others = demo.query(f"""
        select count(*) from ({judged}) where customer_id = '{rows[0][1]}' and true_customer_id <> '{rows[0][2]}'
    """)
    assert others == [(0,)]
