"""Compares the tables of a DuckDB warehouse with the same tables built by Spark, row by row.

Spark's tables are read as Parquet files from its warehouse folder, so no second Spark session is needed:
`python tests/python/parity.py BUILD.duckdb SPARK_FOLDER` prints what the parity test prints.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

SCHEMAS = ("reference", "core", "marts")
# Sums of doubles may differ in the last bits by the order of rows; everything else is compared exactly.
DOUBLE_TOLERANCE = 1e-12


@dataclass(frozen=True)
class TableParity:
    """How one table compares.

    Attributes:
        table: `<schema>.<table>`.
        rows: Rows of the DuckDB table.
        spark_rows: Rows of the Spark table.
        columns: Columns compared.
        differences: What differs, in words; empty where nothing does.
    """

    table: str
    rows: int
    spark_rows: int
    columns: int
    differences: tuple[str, ...]

    @property
    def line(self) -> str:
        """The table as a line of the report."""
        verdict = "; ".join(self.differences) or "same"
        return f"{self.table:<44} {self.rows:>10,} {self.spark_rows:>10,} {self.columns:>4}  {verdict}"


def compare(warehouse: Path, spark_folder: Path, schemas: Sequence[str] = SCHEMAS) -> list[TableParity]:
    """Compare every table of the schemas.

    Args:
        warehouse: DuckDB file that `dbt build` made.
        spark_folder: Folder of Spark's managed tables (`PROFIT_SPARK_WAREHOUSE`), Parquet.
        schemas: Schemas to compare.

    Returns:
        One entry a table that either engine has, ordered by name.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{warehouse}' as built (read_only)")
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_catalog = 'built' and list_contains(?, table_schema)",
            [list(schemas)],
        ).fetchall()
        names = {name for (name,) in tables} | {
            f"{schema}.{folder.name}"
            for schema in schemas
            for folder in (spark_folder / f"{schema}.db").glob("*")
            if folder.is_dir()
        }
        return [_compare_table(connection, name, spark_folder) for name in sorted(names)]


def report(results: Sequence[TableParity]) -> str:
    """The results as a table of text, with totals."""
    heading = f"{'table':<44} {'duckdb':>10} {'spark':>10} {'cols':>4}  rows"
    rows, spark_rows = sum(result.rows for result in results), sum(result.spark_rows for result in results)
    same = sum(not result.differences for result in results)
    total = f"{len(results)} tables".ljust(44) + f" {rows:>10,} {spark_rows:>10,}       {same} the same"
    return "\n".join([heading, *(result.line for result in results), total])


def _compare_table(connection: duckdb.DuckDBPyConnection, name: str, spark_folder: Path) -> TableParity:
    schema, table = name.split(".")
    folder = spark_folder / f"{schema}.db" / table
    columns = _columns(connection, f"select * from built.{name}") if _exists(connection, schema, table) else None
    if columns is None or not list(folder.glob("*.parquet")):
        engine = "DuckDB" if columns is None else "Spark"
        return TableParity(name, 0, 0, 0, (f"{engine} has no such table",))
    spark = f"read_parquet('{folder}/*.parquet')"
    spark_columns = _columns(connection, f"select * from {spark}")
    rows, spark_rows = _count(connection, f"built.{name}"), _count(connection, spark)
    if columns != spark_columns:
        apart = set(columns.items()) ^ set(spark_columns.items())
        difference = f"columns differ: {sorted(apart)}" if apart else "columns stand in another order"
        return TableParity(name, rows, spark_rows, len(columns), (difference,))
    differences = _row_differences(connection, f"built.{name}", spark, columns)
    return TableParity(name, rows, spark_rows, len(columns), differences)


def _row_differences(
    connection: duckdb.DuckDBPyConnection, table: str, spark: str, columns: dict[str, str]
) -> tuple[str, ...]:
    """Exact columns as multisets of rows; doubles in the rows at the same place of the same order."""
    doubles = [column for column, data_type in columns.items() if data_type in {"DOUBLE", "FLOAT"}]
    exact = ", ".join(f'"{column}"' for column in columns if column not in doubles)
    found = []
    for here, there, where in ((table, spark, "DuckDB"), (spark, table, "Spark")):
        missing = f"select {exact} from {here} except all select {exact} from {there}"
        count = _count(connection, f"({missing})")
        if count:
            sample = connection.execute(f"{missing} order by all limit 1").fetchone()
            found.append(f"{count:,} rows only on {where}, such as {sample}")
    if found or not doubles:
        return tuple(found)
    order = ", ".join([exact, *(f'"{column}"' for column in doubles)])
    for column in doubles:
        apart = _count(
            connection,
            f"""(
                select row_number() over (order by {order}) as place, "{column}" as value from {table}
            ) as a full join (
                select row_number() over (order by {order}) as place, "{column}" as value from {spark}
            ) as b using (place)
            where a.value is distinct from b.value and not coalesce(
                abs(a.value - b.value) <= {DOUBLE_TOLERANCE} * greatest(abs(a.value), abs(b.value)), false
            )""",
        )
        if apart:
            found.append(f"{apart:,} values of {column} differ by more than {DOUBLE_TOLERANCE}")
    return tuple(found)


def _exists(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = "information_schema.tables where table_catalog = 'built' and table_schema = ? and table_name = ?"
    return connection.execute(f"select * from {found}", [schema, table]).fetchone() is not None


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    # Spark's timestamps are moments in time, which its Parquet files say; here all of them are UTC.
    return {
        name: data_type.removesuffix(" WITH TIME ZONE")
        for name, data_type, *_ in connection.execute(f"describe {query}").fetchall()
    }


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    outcome = compare(Path(sys.argv[1]), Path(sys.argv[2]))
    print(report(outcome))
    sys.exit(any(result.differences for result in outcome))
