"""A dry run says what a landing would refuse, and writes nothing; a full extract withdraws what it no longer has."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from landing_zone import Zone

from profit.cli import main

CUSTOMERS = "customer_id,first_name,birth_date\n"


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zone:
    zone = Zone(tmp_path)
    for name, value in zone.paths.as_environment().items():
        monkeypatch.setenv(name, value)
    return zone


def run(zone: Zone, *options: str, code: int = 0) -> str:
    result: Result = CliRunner().invoke(main, ["land", "files", "--from", str(zone.folder), *options])
    assert result.exit_code == code, result.output
    return result.output


def files(zone: Zone) -> list[Path]:
    return sorted(path for path in zone.folder.parent.rglob("*") if zone.folder not in path.parents)


def test_a_dry_run_says_what_would_be_refused_and_writes_nothing(zone: Zone) -> None:
    zone.write("customers.csv", CUSTOMERS + "C1,Ann,1980-01-01\nC2,Bo,31.12.1\nC3,Cy,x'y; z\nC1,Di,\n,Ed,\nC4\n")
    zone.write("products.parquet", b"")
    zone.write_parquet(
        "order_lines.parquet", "select 'L1' as order_line_id, 'O1' as order_id, 1 as quantity, 1e-20 as unit_list_price"
    )
    before = files(zone)
    printed = run(zone, "--dry-run", code=3)
    assert files(zone) == before
    lines = printed.splitlines()
    said = "customers.csv: 3 rows would be landed, 3 refused, 2 birth_date left empty"
    assert any(line.endswith(said) for line in lines)
    (at,) = [place for place, line in enumerate(lines) if "2 rows, birth_date: what is there is not a date" in line]
    assert lines[at + 1 : at + 3] == ["  customer_id C2, line 3", "  customer_id C3, line 4"]
    (at,) = [place for place, line in enumerate(lines) if "1 rows, customer_id: key is missing" in line]
    assert lines[at + 1] == "  line 6"
    assert "1 rows, repeats the key (customer_id)\n  customer_id C1, line 5\n" in printed
    assert "1 rows, unit_list_price: what is there has more decimals than decimal(26,12) keeps" in printed
    assert "The delivery would be refused whole: " in printed
    assert "products.parquet: cannot be read" in printed
    for value in ("31.12.1", "x'y", "Bo", "Cy", "1980"):
        assert value not in printed.replace(str(zone.folder), "")


def test_a_dry_run_of_what_is_right_says_so(zone: Zone) -> None:
    zone.write("customers.csv", f"{CUSTOMERS}C1,Ann,1980-01-01\n")
    before = files(zone)
    assert "Nothing would be refused. Nothing was landed." in run(zone, "--dry-run")
    assert files(zone) == before
    run(zone)
    landed = zone.snapshot()
    assert "1 rows would be landed, as before, 0 refused" in run(zone, "--dry-run")
    assert zone.snapshot() == landed


def customers(zone: Zone, *keys: str) -> None:
    zone.write("customers.csv", CUSTOMERS + "".join(f"{key},Ann,\n" for key in keys))


def live(zone: Zone) -> set[str]:
    """Keys whose newest version is not withdrawn, as staging finds them."""
    rows = zone.rows(
        "customer_id, delivered_on, right(parse_filename(filename, true), 12), coalesce(is_deleted, false)",
        "customers",
    )
    newest: dict[str, tuple] = {}
    for key, *version in rows:
        newest[key] = max(newest.get(key, ()), tuple(version))
    return {key for key, (*_, is_deleted) in newest.items() if not is_deleted}


MANY = [f"C{number}" for number in range(20)]


@pytest.mark.parametrize("day", ["2024-05-06", "2024-05-07"])
def test_a_full_extract_withdraws_what_is_gone(zone: Zone, day: str) -> None:
    customers(zone, *MANY)
    run(zone, "--delivered-on", "2024-05-06")
    customers(zone, *MANY[:-1], "C90")
    assert "crm.customers from files: 1 of 20 rows are no longer in the full extract: withdrawn" in run(
        zone, "--delivered-on", day, "--full", "crm.customers", "--dry-run"
    )
    assert live(zone) == set(MANY)
    printed = run(zone, "--delivered-on", day, "--full", "customers")
    assert "crm.customers from files: 1 of 20 rows are no longer in the full extract: withdrawn" in printed
    assert live(zone) == {*MANY[:-1], "C90"}


def test_the_same_full_extract_again_changes_nothing(zone: Zone) -> None:
    customers(zone, *MANY)
    run(zone, "--delivered-on", "2024-05-06")
    customers(zone, *MANY[:-1])
    # Landed as a part first, and said to be all of it only then.
    run(zone, "--delivered-on", "2024-05-07")
    assert live(zone) == set(MANY)
    run(zone, "--delivered-on", "2024-05-07", "--full", "customers")
    assert live(zone) == set(MANY[:-1])
    landed = zone.snapshot()
    assert "0 of 19 rows are no longer" in run(zone, "--delivered-on", "2024-05-07", "--full", "customers")
    assert zone.snapshot() == landed


def test_a_full_extract_that_lacks_too_much_is_refused_until_it_is_confirmed(zone: Zone) -> None:
    customers(zone, *MANY)
    run(zone, "--delivered-on", "2024-05-06")
    landed = zone.snapshot()
    customers(zone, *MANY[:10])
    printed = run(zone, "--delivered-on", "2024-05-07", "--full", "customers", code=3)
    assert "10 of 20 rows are no longer in the full extract, more than 10%" in printed
    assert zone.snapshot() == landed
    run(zone, "--delivered-on", "2024-05-07", "--full", "customers", "--confirm-gone")
    assert live(zone) == set(MANY[:10])


def test_rows_that_are_refused_other_systems_and_later_versions_are_not_gone(zone: Zone) -> None:
    customers(zone, *MANY)
    run(zone, "--delivered-on", "2024-05-06")
    run(zone, "--delivered-on", "2024-05-06", "--source-system", "other")
    customers(zone, "C19")
    run(zone, "--delivered-on", "2024-05-09")
    rows = "".join(f"{key},Ann,\n" for key in MANY[1:-1]) + " C0 ,Ann,perhaps\n"
    zone.write("customers.csv", CUSTOMERS.replace("birth_date", "is_deleted") + rows)
    printed = run(zone, "--delivered-on", "2024-05-07", "--full", "customers")
    assert "0 of 20 rows are no longer" in printed
    assert live(zone) == set(MANY)


def test_a_full_extract_with_rows_whose_key_nobody_can_read_is_refused(zone: Zone) -> None:
    customers(zone, *MANY)
    run(zone, "--delivered-on", "2024-05-06")
    for line in (",Ann,\n", "C0\n"):
        zone.write("customers.csv", CUSTOMERS + "".join(f"{key},Ann,\n" for key in MANY[1:]) + line)
        printed = run(zone, "--delivered-on", "2024-05-07", "--full", "customers", code=3)
        assert "1 rows are refused that have no key one can read" in printed


def test_what_comes_back_on_the_day_on_which_it_was_withdrawn_is_told(zone: Zone) -> None:
    customers(zone, *MANY)
    run(zone, "--delivered-on", "2024-05-06")
    customers(zone, *MANY[:-1])
    run(zone, "--delivered-on", "2024-05-06", "--full", "customers")
    customers(zone, *MANY, "C90")
    printed = run(zone, "--delivered-on", "2024-05-06", "--full", "customers", code=3)
    assert "1 rows were withdrawn on 2024-05-06 by another full extract" in printed
    run(zone, "--delivered-on", "2024-05-07", "--full", "customers")
    assert live(zone) == {*MANY, "C90"}


@pytest.mark.parametrize(("feed", "text"), [("clients", "has no such feed"), ("orders", "holds no file of it")])
def test_a_feed_in_full_has_to_be_there(zone: Zone, feed: str, text: str) -> None:
    customers(zone, *MANY)
    assert text in run(zone, "--full", feed, code=3)


def test_own_columns_and_keys_of_more_than_one_column_are_kept(zone: Zone) -> None:
    day = dt.date(2024, 5, 6)
    rates = "from_currency_code,to_currency_code,rate_on,exchange_rate,x_bank\n"
    lines = [f"EUR,USD,{day + dt.timedelta(days=number)},1.{number:02d},A{number}\n" for number in range(20)]
    zone.write("exchange_rates.csv", rates + "".join(lines))
    run(zone, "--delivered-on", "2024-06-06")
    zone.write("exchange_rates.csv", rates + "".join(lines[:-2]) + lines[-2].replace("1.18", "no rate"))
    assert "1 of 20 rows" in run(zone, "--delivered-on", "2024-06-07", "--full", "exchange_rates")
    withdrawn = zone.rows("rate_on, x_bank, is_deleted", "exchange_rates")
    assert (day + dt.timedelta(days=19), "A19", True) in withdrawn
    assert len(withdrawn) == 20 + 18 + 1
