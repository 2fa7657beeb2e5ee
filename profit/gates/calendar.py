"""The rule that what happened lies in the calendar, where a company has set its first or last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from profit.contract import Feed
from profit.errors import ProfitError
from profit.gates.report import STOP
from profit.gates.rules import QueryRule, Rule, summary_query
from profit.gates.workspace import row_label
from profit.landing.quoting import quote_name
from profit.landing.typing import key_text
from profit.time_zone import check_time_zone

_STARTS, _ENDS = "calendar_starts_on", "calendar_ends_on"
# As macros/core/counted_day.sql: what is dated before or after counts on the day of its delivery.
_FIRST_DAY = "1980-01-01"
_LEDGER_DAYS_AHEAD = 1826
_LEDGER = "finance.ledger_entries"


@dataclass(frozen=True)
class Calendar:
    """The days that `core.dim_date` holds.

    Attributes:
        starts_on: First day; None where it follows from what was delivered.
        ends_on: Last day; None likewise.
        days_ahead: Days after its delivery that something may have happened.
        time_zone: IANA name of the zone in which the company counts its days.
    """

    starts_on: dt.date | None
    ends_on: dt.date | None
    days_ahead: int
    time_zone: str = "UTC"


def read_calendar(variables: Mapping[str, Any]) -> Calendar:
    """Read the calendar from the variables of the project.

    Args:
        variables: Variables of the project by name.

    Raises:
        ProfitError: A day is not written yyyy-mm-dd, days_ahead is no number, or there is no such time zone.
    """
    ahead = str(variables.get("days_ahead") or 0)
    if not ahead.isdecimal():
        raise ProfitError(f"The variable days_ahead is '{ahead}'; write a number of days.")
    zone = check_time_zone(variables.get("business_time_zone", "UTC"), "The variable business_time_zone")
    return Calendar(_day(variables, _STARTS), _day(variables, _ENDS), int(ahead), zone)


def fact_rules(feed: Feed, calendar: Calendar) -> Iterator[Rule]:
    """Rules of the days of a feed that facts are dated by; none where the calendar spans what was delivered.

    Args:
        feed: Feed of the contract.
        calendar: The days of the company.
    """
    for column in feed.columns.values():
        if not column.is_in_calendar:
            continue
        name = quote_name(column.name)
        day = f"cast({_on_clocks(name, column.data_type, calendar.time_zone)} as date)"
        ahead = _LEDGER_DAYS_AHEAD if feed.name == _LEDGER else calendar.days_ahead
        counted = (
            f"case when {day} < date '{_FIRST_DAY}' or {day} > delivered_on + {ahead} then delivered_on else {day} end"
        )
        for variable, words, outside, bound in (
            (_STARTS, "not before", "<", calendar.starts_on),
            (_ENDS, "not after", ">", calendar.ends_on),
        ):
            if bound is not None:
                reason = (
                    f"What lies outside core.dim_date is missing from every report. Widen the variable {variable} in "
                    f"dbt_project.yml, or empty it: the calendar then spans all that was delivered."
                )
                query = summary_query(
                    _newest(feed, f"{counted} {outside} date '{bound}'"), f"{row_label(feed)} || ' at ' || {name}"
                )
                yield QueryRule(feed.name, f"{column.name} is {words} {variable}, {bound}", STOP, reason, query=query)


def _on_clocks(name: str, data_type: str, zone: str) -> str:
    """A moment as the clocks of the company show it, as macros/core/business_day.sql; a day is a day."""
    return f"timezone('{zone}', timezone('UTC', {name}))" if data_type == "timestamp" and zone != "UTC" else name


def _newest(feed: Feed, failed: str) -> str:
    """Select of the rows that a condition fails for, and that no later delivery has mended or withdrawn."""
    key = f"hash(source_system, {', '.join(key_text(feed))})"
    return (
        f"with outside as (select *, {key} as version_key from {{batch}} "
        f"where not coalesce(is_deleted, false) and {failed}), "
        f"newest as (select {key} as version_key, max(delivered_on) as newest_on from {{batch}} "
        f"where {key} in (select version_key from outside) group by all) "
        f"select outside.* from outside inner join newest on outside.version_key = newest.version_key "
        f"where outside.delivered_on = newest.newest_on"
    )


def _day(variables: Mapping[str, Any], variable: str) -> dt.date | None:
    written = variables.get(variable)
    if not written:
        return None
    try:
        return dt.date.fromisoformat(str(written))
    except ValueError as error:
        raise ProfitError(
            f"The variable {variable} is '{written}'; write a day as 2005-01-31, or leave it empty."
        ) from error
