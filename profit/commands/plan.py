"""`profit plan`, `profit scenario` and `profit what-if`."""

from __future__ import annotations

import click

from profit.paths import Paths
from profit.planning.changes import parsed
from profit.planning.showing import PERIODS, plan_json, plan_text, read_plan, tried_json, tried_text
from profit.planning.trying import try_changes, try_named

_JSON = click.option("--json", "is_json", is_flag=True, help="As JSON.")


@click.command("plan")
@click.option("--scenario", default="base", show_default=True, help="Scenario of the build.")
@click.option(
    "--by",
    type=click.Choice(list(PERIODS)),
    default="year",
    show_default=True,
    help="Both methods side by side for the whole plan, or the activity-based one by period.",
)
@_JSON
def plan_command(scenario: str, by: str, is_json: bool) -> None:
    """Say what the coming months will bring, line by line down to the operating result."""
    plan = read_plan(Paths.from_environment(), scenario, by)
    click.echo(plan_json(plan) if is_json else plan_text(plan))


@click.command("scenario")
@click.argument("name")
@_JSON
def scenario_command(name: str, is_json: bool) -> None:
    """Try a scenario of PROFIT_PLANNING_RULES, as its files are now, on the last build, beside the base."""
    tried = try_named(Paths.from_environment(), name)
    click.echo(tried_json(tried) if is_json else tried_text(tried))


@click.command("what-if")
@click.option(
    "--change",
    "changes",
    multiple=True,
    required=True,
    metavar="TEXT",
    help='Such as "price + 3 % where segment_id=champions from 2026-03"; may be given again.',
)
@_JSON
def what_if_command(changes: tuple[str, ...], is_json: bool) -> None:
    """Try changes that no file has on the last build, beside the base.

    A change is LEVER *|+|-|= VALUE [to CHANNEL] [where FILTER=VALUE, …] [from YYYY-MM] [until YYYY-MM].
    """
    found = [parsed(text, number, "what_if") for number, text in enumerate(changes, start=1)]
    tried = try_changes(Paths.from_environment(), found)
    click.echo(tried_json(tried) if is_json else tried_text(tried))
