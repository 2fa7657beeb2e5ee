"""The time zone of the company: every day of a moment is taken in it, and an unknown one stops a run at its start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Company

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT
from profit.time_zone import business_time_zone


def test_no_model_takes_the_day_of_a_moment_but_by_the_macro() -> None:
    """A cast, a truncation or a month of a column `_at` would be that of UTC."""
    taken = re.compile(
        r"cast\((\w+\.)?\w+_at as date\)|(date_trunc|month_of)\([^()]*_at\b|\b(day|month|year)\(\w*_at\)"
    )
    found = [
        path.name
        for folder in ("models", "macros", "analyses", "tests")
        for path in (PROJECT_ROOT / folder).rglob("*.sql")
        if taken.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_command_line_goes_before_the_project_and_the_default_is_utc(tmp_path: Path) -> None:
    project = tmp_path / "dbt_project.yml"
    project.write_text("vars:\n  business_time_zone: Asia/Kolkata\n", encoding="utf-8")
    assert business_time_zone((), project) == "Asia/Kolkata"
    assert business_time_zone(("--vars", "{business_time_zone: America/Sao_Paulo}"), project) == "America/Sao_Paulo"
    assert business_time_zone(("--vars={business_time_zone: UTC}", "-s", "x"), project) == "UTC"
    project.write_text("vars: {}\n", encoding="utf-8")
    assert business_time_zone((), project) == "UTC"


@pytest.mark.parametrize("zone", ["Brasil", "GMT+25", "''; drop table x", ""])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ProfitError, match=r"which is no time zone\. Write one of the IANA names"):
        business_time_zone(("--vars", f"business_time_zone: {zone!r}"))


@pytest.mark.parametrize("command", ["run", "build"])
def test_a_run_with_an_unknown_time_zone_stops_before_it_reads_anything(company: Company, command: str) -> None:
    printed = company.run("profit", command, "--vars", "{business_time_zone: Mars/Base}", expect=4)
    assert "The variable business_time_zone is 'Mars/Base', which is no time zone." in printed
    assert "check landing" not in printed
