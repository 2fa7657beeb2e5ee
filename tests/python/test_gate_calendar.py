"""The gate in against a calendar whose first or last day a company has set: feed, key and the variable to change."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from gate_zone import FEEDS, ROWS, land_clean, one

from profit.errors import ProfitError
from profit.gates import check_landing
from profit.gates.calendar import Calendar, fact_rules, read_calendar
from profit.gates.report import STOP
from profit.gates.rules import Counted, count_rules
from profit.paths import PROJECT_ROOT, Paths
from profit.variables import read_variables

CALENDAR = Calendar(dt.date(2002, 1, 1), dt.date(2024, 12, 31), 366)
FACTS = [
    (feed.name, column.name) for feed in FEEDS.values() for column in feed.columns.values() if column.is_in_calendar
]


def counted(
    feed: str, column: str, rows: list[tuple[str, str, str, bool]], calendar: Calendar = CALENDAR
) -> list[Counted]:
    """What is found among versions: key, day of the fact, day of the delivery, whether it withdraws the row."""
    contract = next(entry for entry in FEEDS.values() if entry.name == feed)
    ((key,),) = [contract.key]
    with duckdb.connect() as connection:
        connection.execute(
            f"create table batch ({key} varchar, {column} {contract.columns[column].data_type}, delivered_on date, "
            "is_deleted boolean, source_system varchar default 'shop')"
        )
        connection.executemany(
            f"insert into batch ({key}, {column}, delivered_on, is_deleted) values (?, ?, ?, ?)", rows
        )
        return count_rules(connection, "batch", fact_rules(contract, calendar))


@pytest.mark.parametrize(("feed", "column"), FACTS)
def test_every_dated_fact_is_held_against_the_calendar(feed: str, column: str) -> None:
    before, after = counted(
        feed,
        column,
        [
            ("in", "2010-05-05", "2010-05-06", False),
            ("early", "2001-12-31", "2010-05-06", False),
            ("late", "2025-01-01", "2024-12-31", False),
            # A day that cannot be counts on that of its delivery.
            ("placeholder", "1900-01-01", "2010-05-06", False),
            ("far", "2099-12-31", "2010-05-06", False),
            # Mended, or withdrawn, by a later delivery.
            ("mended", "2001-01-01", "2010-05-06", False),
            ("mended", "2010-01-01", "2010-05-07", False),
            ("withdrawn", "2001-01-01", "2010-05-06", False),
            ("withdrawn", "2001-01-01", "2010-05-07", True),
        ],
    )
    assert before.rule.feed == feed
    assert before.rule.rule == f"{column} is not before calendar_starts_on, 2002-01-01"
    assert "Widen the variable calendar_starts_on in dbt_project.yml, or empty it" in before.rule.reason
    assert (before.rows_failed, before.sample_keys[0][:24]) == (1, "shop:early at 2001-12-31")
    assert after.rule.rule == f"{column} is not after calendar_ends_on, 2024-12-31"
    assert (after.rows_failed, after.sample_keys[0][:23]) == (1, "shop:late at 2025-01-01")
    assert (before.rule.severity, after.rule.severity) == (STOP, STOP)


def test_a_calendar_that_is_not_set_asks_nothing() -> None:
    assert (
        counted("sales.orders", "ordered_at", [("o", "2001-01-01", "2001-01-01", False)], Calendar(None, None, 366))
        == []
    )
    assert read_calendar(read_variables()) == Calendar(None, None, 366)


def test_a_moment_is_on_the_day_of_the_company() -> None:
    rows = [("new_year", "2002-01-01 01:00:00", "2010-05-06", False)]
    assert [found.rows_failed for found in counted("sales.orders", "ordered_at", rows)] == [0, 0]
    there = Calendar(dt.date(2002, 1, 1), dt.date(2024, 12, 31), 366, "America/Sao_Paulo")
    assert [found.rows_failed for found in counted("sales.orders", "ordered_at", rows, there)] == [1, 0]


def test_variables_below_the_name_of_the_project_go_before_those_of_all(tmp_path: Path) -> None:
    project = tmp_path / "dbt_project.yml"
    project.write_text("name: ours\nvars:\n  days_ahead: 1\n  ours: {days_ahead: 30}\n  other: {days_ahead: 2}\n")
    assert read_variables(project=project)["days_ahead"] == 30
    assert read_variables(("--vars", "{days_ahead: 7}"), project)["days_ahead"] == 7


def test_days_of_the_calendar_are_read_as_written() -> None:
    named = read_variables(("--select", "x", "--vars={calendar_ends_on: 2024-12-31, days_ahead: 30}"))
    assert read_calendar(named) == Calendar(None, dt.date(2024, 12, 31), 30)
    with pytest.raises(ProfitError, match=r"calendar_starts_on is '31\.12\.2024'; write a day as"):
        read_calendar({"calendar_starts_on": "31.12.2024"})
    with pytest.raises(ProfitError, match="days_ahead is 'soon'; write a number of days"):
        read_calendar({"days_ahead": "soon"})
    for wrong in ("a: b: c", "word", "[1]"):
        with pytest.raises(ProfitError, match="--vars"):
            read_variables(("--vars", wrong))


def test_the_calendar_by_itself_spans_every_dated_fact() -> None:
    """The list of columns that `dim_date` is stretched to holds every day that the gate holds against it."""
    macro = (PROJECT_ROOT / "macros/core/calendar_days.sql").read_text(encoding="utf-8")
    assert [column for _, column in FACTS if f"'{column}'" not in macro] == []


def test_the_gate_stops_with_feed_key_and_variable(tmp_path: Path) -> None:
    paths: Paths = land_clean(tmp_path)
    report = check_landing(paths, variables={"calendar_starts_on": "2024-02-01", "days_ahead": 366})
    found = one(report, "sales.orders", "ordered_at is not before calendar_starts_on, 2024-02-01", STOP)
    assert found.rows_failed == ROWS
    assert found.sample_keys[0].startswith("shop:o0 at 2024-01-29")
    assert not report.is_passed
