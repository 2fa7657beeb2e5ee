"""The time zone in which a company counts its days, as its project and the command line say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytz  # type: ignore[import-untyped]

from profit.errors import ProfitError, printable
from profit.paths import PROJECT_ROOT
from profit.variables import read_variables

_VARIABLE = "business_time_zone"


def business_time_zone(dbt_arguments: Sequence[str] = (), project: Path = PROJECT_ROOT / "dbt_project.yml") -> str:
    """Read the variable `business_time_zone`.

    Args:
        dbt_arguments: Arguments for dbt, whose `--vars` go before the project file.
        project: The dbt project file.

    Returns:
        IANA name of the zone, UTC where none is set.

    Raises:
        ProfitError: There is no such time zone, or what follows `--vars` is no mapping.
    """
    zone = read_variables(dbt_arguments, project).get(_VARIABLE, "UTC")
    return check_time_zone(zone, f"The variable {_VARIABLE}")


def business_day() -> dt.date:
    """Today where the company keeps its books.

    Raises:
        ProfitError: The project names no known time zone.
    """
    today: dt.date = dt.datetime.now(pytz.timezone(business_time_zone())).date()
    return today


def check_time_zone(zone: object, what: str) -> str:
    """Check that a time zone is known.

    Args:
        zone: Name of the zone.
        what: What names it, for the message.

    Raises:
        ProfitError: There is no such time zone.
    """
    if zone not in pytz.all_timezones_set:
        raise ProfitError(
            f"{what} is '{printable(str(zone), 60)}', which is no time zone. Write one of the IANA names, such as UTC, "
            f"America/Sao_Paulo or Europe/Berlin."
        )
    return str(zone)
