"""`profit scorecard`."""

from __future__ import annotations

import click

from profit.paths import Paths
from profit.scorecard import FORMATS, print_scorecard, read_scorecard


@click.command("scorecard")
@click.option(
    "--unit",
    default="company",
    show_default=True,
    help="Unit: its id, its kind and id (territory/crm:T11), or a territory's name.",
)
@click.option(
    "--period",
    help="Month (2025-07), fiscal quarter (2025-Q3), year (2025) or 'to 2025-07'.  [default: last complete quarter]",
)
@click.option("--format", "kind", type=click.Choice(FORMATS), default="text", show_default=True)
def scorecard_command(unit: str, period: str | None, kind: str) -> None:
    """Say whether a unit is on course: objectives, KPIs, targets, states, and what lies behind those that are off."""
    print_scorecard(read_scorecard(Paths.from_environment(), unit, period), kind)
