"""Publishes what passed the gates: one read-only DuckDB file, swapped in whole."""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path

import click
import duckdb

from profit import __version__
from profit.building import run_operation
from profit.copying import commit, fill, read_state
from profit.engines import SPARK, readable_by_duckdb
from profit.errors import PublishError, explained
from profit.gates import read_pass
from profit.leftovers import clear_after_runs, copy_folder_name, own_folder
from profit.opening import open_build
from profit.paths import Paths
from profit.stopping import ending

_READ_ONLY = 0o444


def publish_warehouse(paths: Paths, run_id: str | None = None, *, is_partial: bool = False) -> Path:
    """Copy core, marts and governed reference data into a new file and put it in the place of the published one.

    A reader who has the old file open goes on reading it. Killed at any moment, the published file is the old one or
    the new one, whole; what a killed run left beside it is cleared away by the next.

    Args:
        paths: Where the warehouse, the gates' results and the published file are.
        run_id: Run that publishes, as the run log names it; by default one of its own.
        is_partial: Whether tables may be published that were built from other deliveries than the manifest names.

    Returns:
        The published file.

    Raises:
        PublishError: The gate has not passed this very build, a table is older than its deliveries, or the warehouse
            cannot be read.
    """
    passed = _passed(paths, left_in_place(paths))
    open_build(paths.warehouse, read_only=True, kind=PublishError).close()
    folder = paths.published.parent
    folder.mkdir(parents=True, exist_ok=True)
    if paths.published.is_dir():
        raise PublishError(f"{paths.published} is a folder, and PROFIT_PUBLISHED names a file. Nothing was published.")
    clear_after_runs(paths)
    with own_folder(folder / copy_folder_name(paths.published)) as workspace:
        fresh = workspace / "copy.duckdb"
        try:
            fill(
                fresh,
                paths,
                checked_results=passed,
                run_id=run_id or uuid.uuid4().hex,
                is_partial=is_partial,
                otherwise=left_in_place(paths),
            )
        except duckdb.Error as error:
            said = f"The copy of {paths.warehouse} failed: {explained(error)}. {left_in_place(paths)}"
            raise PublishError(said) from error
        fresh.chmod(_READ_ONLY)
        _to_disk(fresh)
        with ending.not_within():
            os.replace(fresh, paths.published)
    _to_disk(folder)
    return paths.published


def publish_on_spark(paths: Paths, run_id: str | None = None, *, is_partial: bool = False) -> None:
    """Copy core, marts and reference data into a schema of their own and switch the views of `published` to it.

    Args:
        paths: Where Spark's tables and the gates' results are.
        run_id: Run that publishes, as the run log names it; by default one of its own.
        is_partial: Whether tables may be published that were built from other deliveries than the manifest names.

    Raises:
        PublishError: The gate has not passed this very build, a table is older than its deliveries, or Spark failed.
    """
    passed = _passed(paths, "The views of published stay as they are.")
    with (
        tempfile.TemporaryDirectory() as name,
        duckdb.connect(str(readable_by_duckdb(paths.warehouse, Path(name)))) as warehouse,
    ):
        state = read_state(warehouse)
    state.check(is_partial=is_partial, otherwise="The views of published stay as they are.")
    manifest = {
        "run_id": run_id or uuid.uuid4().hex,
        "version": __version__,
        "code_commit": commit() or "",
        "checked_results": passed,
        "is_partial": "true" if state.older else "false",
    }
    if not run_operation("switch_published_views", manifest, engine=SPARK):
        raise PublishError("Spark could not publish; it has said why above. Run `profit publish --target spark` again.")
    click.echo(f"Published: the views of schema published, run {manifest['run_id']}")


def _passed(paths: Paths, otherwise: str) -> str:
    """Name of the results of the check that this very build passed."""
    passed = read_pass(paths)
    if passed is None:
        raise PublishError(
            f"{paths.warehouse} has not passed the gate since it was built; run `profit check marts`, or `profit run` "
            f"for all steps. {otherwise}"
        )
    return passed


def left_in_place(paths: Paths) -> str:
    """What a failure to publish leaves, for messages."""
    # Not the method of the path, which raises where the name itself is at fault.
    if os.path.exists(paths.published):
        return f"{paths.published} stays as it is."
    return "Nothing was published."


def _to_disk(path: Path) -> None:
    """Have the system write a file, or the entries of a folder, to the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def print_published(paths: Paths) -> None:
    """Print where the published file is and what it holds.

    Args:
        paths: Where the published file is.
    """
    with duckdb.connect(str(paths.published), read_only=True) as published:
        row = published.execute("select count(*), sum(row_count) from manifest_tables").fetchone()
    tables, rows = row or (0, 0)
    click.echo(f"Published: {paths.published}, {tables} tables with {rows:,} rows, read-only")
