"""`profit pipeline`."""

from __future__ import annotations

import datetime as dt

import click

from profit.paths import Paths
from profit.pipeline import FORMATS, UNITS, print_pipeline, read_pipeline

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("pipeline")
@click.option("--on", "on", type=_DAY, required=True, metavar="DATE", help="Day at whose end it is looked at.")
@click.option("--by", type=click.Choice(list(UNITS)), default="stage", show_default=True, help="What it is parted by.")
@click.option(
    "--known-by", type=_DAY, metavar="DATE", help="Count only what was delivered by this day.  [default: everything]"
)
@click.option("--format", "kind", type=click.Choice(FORMATS), default="text", show_default=True)
def pipeline_command(on: dt.datetime, by: str, known_by: dt.datetime | None, kind: str) -> None:
    """Say which opportunities were open on a day: number, value, weighted value, what was overdue."""
    known = known_by.date() if known_by else None
    print_pipeline(read_pipeline(Paths.from_environment(), on.date(), by, known), kind)
