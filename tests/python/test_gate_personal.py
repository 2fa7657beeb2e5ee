"""Personal data in the gates: keys are written, values never, and what reached core and marts is found by value."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import pytest
from gate_zone import FEEDS, copied, land_clean, write_file

from profit.gates import check_landing, personal
from profit.gates.personal import (
    IS_PERSONAL,
    KEY_IS_PERSONAL,
    KEY_LOOKS_PERSONAL,
    LOOKS_PERSONAL,
    count_personal,
)
from profit.gates.report import STOP, WARN

PEOPLE = """
    create schema core; create schema marts; create schema intermediate; create schema staging;
    create table intermediate.int_identity__contact_points as select
        'web:' || i as record_id, 'Given' || i as first_name_typed, 'Family' || i as last_name_typed,
        'given' || i || '@example.org' as email_typed, '+49 170 55' || (10000 + i) as phone_typed,
        'L' || (70000 + i) as loyalty_number_typed, 'Long Street ' || i as address_line_typed, 'Ulm' as city_typed,
        'Acme Works ' || i as organisation_name_typed
    from range(50) as t(i);
    create table staging.stg_crm__sales_reps as select 'r' || i as sales_rep_id, 'Agent Number' || i as sales_rep_name
    from range(10) as t(i);
    create table core.dim_customer as select 'web:' || i as customer_id, 'person' as customer_kind, 'Ulm' as city
    from range(50) as t(i);
    create table core.fct_returns as select 'web:' || i as return_id, 'too small, order 24-0001234 of 2024' as reason
    from range(50) as t(i);
    create table marts.data_quality as select 'bank:EUR>USD@2024-06-01' as record_id, 'rates_contradict' as rule;
"""


def sabotaged(sql: str) -> dict[str, tuple[str, ...]]:
    """What the rules find after a change of a sound warehouse, by rule; every rule is there, with its severity."""
    with duckdb.connect() as warehouse:
        warehouse.execute(PEOPLE)
        warehouse.execute(sql)
        counted = count_personal(warehouse)
    severities = {one.rule.rule: one.rule.severity for one in counted}
    assert severities == {LOOKS_PERSONAL: STOP, KEY_LOOKS_PERSONAL: WARN, IS_PERSONAL: STOP, KEY_IS_PERSONAL: WARN}
    assert all(one.rows_failed == len(one.sample_keys) for one in counted)
    return {one.rule.rule: one.sample_keys for one in counted if one.sample_keys}


def _column(column: str, value: str) -> str:
    return (
        f"alter table core.dim_customer add column {column} varchar; update core.dim_customer set {column} = {value};"
    )


NUMBER = "split_part(customer_id, ':', 2)"
FOUND = {
    "addresses in an own column": (
        _column("x_contact", f"'buyer' || {NUMBER} || '@example.com'"),
        LOOKS_PERSONAL,
        "core.dim_customer.x_contact: what looks like an e-mail address, in 50 rows",
    ),
    "one address in a text": (
        "update core.fct_returns set reason = 'asked by a@b.example' where return_id = 'web:7';",
        LOOKS_PERSONAL,
        "core.fct_returns.reason: what looks like an e-mail address, in 1 of 2 values looked at",
    ),
    "tax numbers": (
        _column("x_number", f"'DE1234567' || (10 + {NUMBER}::int)"),
        LOOKS_PERSONAL,
        "core.dim_customer.x_number: what looks like a tax number, in 50 rows",
    ),
    "customer numbers that are addresses": (
        "update core.dim_customer set customer_id = customer_id || '@example.com';",
        KEY_LOOKS_PERSONAL,
        "core.dim_customer.customer_id: what looks like an e-mail address, in 50 of 50 values looked at",
    ),
    "family names": (
        _column("x_note", f"'FAMILY' || {NUMBER}"),
        IS_PERSONAL,
        "core.dim_customer.x_note: 50 of 50 values looked at are those of last_name in staging",
    ),
    "whole names": (
        _column("label", f"'Family' || {NUMBER} || ', Given' || {NUMBER}"),
        IS_PERSONAL,
        "core.dim_customer.label: 50 of 50 values looked at are those of first_name and last_name in staging",
    ),
    "streets in some rows": (
        _column("region", f"case when {NUMBER}::int < 20 then 'Long Street ' || {NUMBER} else 'Area ' || {NUMBER} end"),
        IS_PERSONAL,
        "core.dim_customer.region: 20 of 50 values looked at are those of address_line in staging",
    ),
    "representatives": (
        _column("owner", f"'Agent Number' || ({NUMBER}::int % 10)"),
        IS_PERSONAL,
        "core.dim_customer.owner: 10 of 10 values looked at are those of sales_rep_name in staging",
    ),
    "loyalty numbers as keys": (
        _column("card_id", f"'l' || (70000 + {NUMBER}::int)"),
        KEY_IS_PERSONAL,
        "core.dim_customer.card_id: 50 of 50 values looked at are those of loyalty_number in staging",
    ),
}


def test_a_sound_warehouse_is_no_case() -> None:
    assert sabotaged("") == {}


def test_names_of_organisations_stand_where_the_contract_publishes_them_and_nowhere_else() -> None:
    name = f"'Acme Works ' || {NUMBER}"
    assert sabotaged(_column("organisation_name", name) + _column("customer_label", name)) == {}
    said = "50 of 50 values looked at are those of organisation_name in staging"
    assert sabotaged(_column("owner", name)) == {IS_PERSONAL: (f"core.dim_customer.owner: {said}",)}
    # A label that holds persons' names is found there, too.
    found = sabotaged(_column("customer_label", f"'Given' || {NUMBER} || ' Family' || {NUMBER}"))
    assert list(found) == [IS_PERSONAL]
    # It holds the number of the customer, so it is judged by its form as the number is.
    mail = "update core.dim_customer set customer_label = 'Person ' || customer_id || '@example.com'"
    assert list(sabotaged(_column("customer_label", "null") + mail)) == [KEY_LOOKS_PERSONAL]
    assert sabotaged(_column("organisation_name", f"'Family' || {NUMBER}")).keys() == {IS_PERSONAL}


@pytest.mark.parametrize("kind", FOUND)
def test_personal_values_are_found_and_not_written(kind: str) -> None:
    sql, rule, what = FOUND[kind]
    found = sabotaged(sql)
    assert found.pop(rule) == (what,)
    assert found == {}


def test_a_column_that_the_contract_clears_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = FEEDS["customers"]
    cleared = dataclasses.replace(feed.columns["city"], name="x_contact", is_personal=False, is_cleared=True)
    columns = {**feed.columns, "x_contact": cleared}
    monkeypatch.setattr(personal, "read_contract", lambda: {"customers": dataclasses.replace(feed, columns=columns)})
    assert sabotaged(FOUND["addresses in an own column"][0]) == {}


def test_the_gate_in_writes_the_key_of_a_row_and_not_its_birth_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = copied(land_clean(tmp_path / "clean"), tmp_path / "company")
    write_file(
        paths, "customers", "select 'c0' as customer_id, 'person' as customer_kind, date '0850-01-02' as birth_date"
    )
    report = check_landing(paths)
    (result,) = [
        result
        for result in report.results
        if result.rule.startswith("birth_date") and not result.is_success and result.severity == WARN
    ]
    assert result.sample_keys == ("shop:c0",)
    written = [path for path in paths.quality.rglob("*") if path.is_file()]
    assert len(written) > 2
    assert not [path for path in written if b"0850-01-02" in path.read_bytes()]
    assert "0850-01-02" not in capsys.readouterr().out
