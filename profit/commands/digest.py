"""`profit digest`."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from pathlib import Path

import click

from profit.digest import read_digest, render
from profit.errors import ProfitError, expected
from profit.paths import Paths


@click.command("digest")
@click.option(
    "--month",
    type=click.DateTime(formats=["%Y-%m", "%Y-%m-%d"]),
    metavar="YYYY-MM",
    help="[default: last complete month]",
)
@click.option(
    "--to",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.  [default: digest-YYYY-MM.html]",
)
def digest_command(month: dt.datetime | None, file: Path | None) -> None:
    """Write a month on one page for managers: what moved and why, what is off, what to do, what is not known."""
    digest = read_digest(Paths.from_environment(), month.date() if month else None)
    page = render(digest)
    target = file or Path(f"digest-{digest.month:%Y-%m}.html")
    fresh = target.with_name(f".{target.name}-{uuid.uuid4().hex}")
    with expected(ProfitError, "No digest was written."):
        try:
            fresh.write_text(page, encoding="utf-8")
            os.replace(fresh, target)
        finally:
            fresh.unlink(missing_ok=True)
    click.echo(f"Digest: {target}, {digest.month:%Y-%m}, {len(digest.sections)} parts")
    for title, reason in digest.missing:
        click.echo(f"  without {title}: {reason}")
