"""`profit export`."""

from __future__ import annotations

from pathlib import Path

import click

from profit.exporting import FORMATS, ROWS_PER_PART, export_tables
from profit.paths import Paths


@click.command("export")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@click.option("--format", "kind", type=click.Choice(FORMATS), default="parquet", show_default=True)
@click.option(
    "--table", "tables", multiple=True, metavar="NAME", help="Table, such as marts.scorecard; repeat.  [default: all]"
)
@click.option(
    "--rows-per-part",
    type=click.IntRange(min=1),
    default=ROWS_PER_PART,
    show_default=True,
    help="Rows after which a table goes on in a further file.",
)
def export_command(folder: Path, kind: str, tables: tuple[str, ...], rows_per_part: int) -> None:
    """Copy published tables into a folder of Parquet files, CSV files or workbooks, with what each column means."""
    written = export_tables(Paths.from_environment(), folder, kind, tables=tables, rows_per_part=rows_per_part)
    for table in written:
        if table.as_text:
            click.echo(f"{table.table}: {table.as_text:,} numbers or days that a workbook cannot hold are texts.")
    rows = sum(table.rows for table in written)
    click.echo(f"Exported: {folder}, {len(written)} tables with {rows:,} rows")
