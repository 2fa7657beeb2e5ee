"""`profit train identity`, and what else is estimated from the data."""

from __future__ import annotations

from pathlib import Path

import click

from profit.paths import Paths


@click.group()
def train() -> None:
    """Estimate governed parameters from the data, for a person to review."""


@train.command("identity")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write identity_weights.csv and identity_thresholds.csv to.  "
    "[default: beside the governed files, as .proposed]",
)
def train_identity_weights(folder: Path | None) -> None:
    """Estimate weights and odds of identity resolution with Splink; needs `make identity` once."""
    from profit.training import train_identity  # noqa: PLC0415 - dbt takes seconds to import

    train_identity(Paths.from_environment(), folder)
