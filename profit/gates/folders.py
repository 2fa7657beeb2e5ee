"""Where a gate works: a folder for the time of it, and DuckDB files that it opens with few rights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from profit.engines import lock_engine
from profit.landing.private import make_zone
from profit.landing.quoting import quote_text
from profit.leftovers import clear_after_runs, gate_folder_name, own_folder
from profit.machine import memory_limit
from profit.paths import Paths


@contextmanager
def gate_folder(paths: Paths) -> Iterator[Path]:
    """Make a folder for the time of a gate; those that killed gates left are cleared away first.

    Args:
        paths: Where results go.

    Yields:
        The folder, which only its owner can look into.
    """
    make_zone(paths.quality)
    clear_after_runs(paths)
    with own_folder(paths.quality / gate_folder_name()) as folder:
        yield folder


@contextmanager
def opened(
    database: Path, folder: Path, readable: Sequence[Path] = (), *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file for a gate, which reads no more than it needs, with the memory that a build has.

    Views are computed when they are counted: those of 100,000 customers take more than a gigabyte.

    Args:
        database: The file.
        folder: Where DuckDB may put what does not fit into memory.
        readable: Folders whose files it may read.
        read_only: Whether the file stays as it is.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit(),
        "preserve_insertion_order": "false",
    }
    with duckdb.connect(str(database), read_only=read_only, config=settings) as connection:
        connection.execute(f"set temp_directory = {quote_text(str(folder / 'spill'))}")
        lock_engine(connection, folders=readable)
        yield connection
