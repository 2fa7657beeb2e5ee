"""Where each engine keeps what it built, and how the gate reads it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb

from profit.errors import ProfitError
from profit.landing.quoting import quote_name, quote_text
from profit.paths import PROJECT_ROOT, Paths

DUCKDB = "duckdb"
SPARK = "spark"
ENGINES = (DUCKDB, SPARK)


def paths_on(paths: Paths, engine: str) -> Paths:
    """The paths of a run on an engine: on Spark the warehouse is a folder of tables.

    Args:
        paths: The paths of a run on DuckDB.
        engine: duckdb or spark, as the targets of the dbt profile are called.

    Raises:
        ProfitError: Spark's tables lie where this machine has no folder.
    """
    if engine == DUCKDB:
        return paths
    folder = os.environ.get("PROFIT_SPARK_WAREHOUSE", "warehouse/spark/tables")
    if "://" in folder:
        raise ProfitError(
            f"The gate reads Spark's tables from a folder, and PROFIT_SPARK_WAREHOUSE is {folder}. Mount it and name "
            "the folder, or call `dbt build --target spark` and check and publish by means of your own."
        )
    return replace(paths, warehouse=(PROJECT_ROOT / folder).resolve())


def lock_engine(
    connection: duckdb.DuckDBPyConnection, *, folders: Iterable[Path] = (), files: Iterable[Path] = ()
) -> None:
    """Let DuckDB reach nothing but its own database and what is named; no statement can undo that.

    Args:
        connection: Open connection; all of its settings have their values already.
        folders: Folders whose files may be read and written.
        files: Files that may be.
    """
    prefixes = [f"{folder}/" for folder in dict.fromkeys(folders)]
    single = [str(file) for file in dict.fromkeys(files)]
    for setting, paths in (("allowed_directories", prefixes), ("allowed_paths", single)):
        if paths:
            connection.execute(f"set {setting} = [{', '.join(map(quote_text, paths))}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def readable_by_duckdb(warehouse: Path, workspace: Path) -> Path:
    """A DuckDB file with everything that was built: the warehouse itself or, for Spark, views over its tables.

    Args:
        warehouse: DuckDB file, or folder of Spark's tables (`<schema>.db/<table>/*.parquet`).
        workspace: Folder in which the file with the views is made.
    """
    if not warehouse.is_dir():
        return warehouse
    file = workspace / "spark.duckdb"
    with duckdb.connect(str(file)) as connection:
        for table in sorted(path for path in warehouse.glob("*.db/*") if any(path.glob("*.parquet"))):
            schema = table.parent.name.removesuffix(".db")
            connection.execute(f"create schema if not exists {quote_name(schema)}")
            connection.execute(
                f"create view {quote_name(schema)}.{quote_name(table.name)} as "
                f"from read_parquet({quote_text(str(table / '*.parquet'))})"
            )
    return file
