"""Great Expectations on DuckDB: a data source that keeps the one connection that DuckDB needs.

The stock SQL engine closes its connection before it fetches, after which DuckDB returns nothing. Importing this module
registers `context.data_sources.add_duckdb(name, connection_string="duckdb:///...")`.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

import sqlalchemy
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

# Within the data source `type` is a field.
_EngineType = type[SqlAlchemyExecutionEngine]


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Runs every metric on one connection, so that results can be fetched and temporary tables are seen."""

    @contextmanager
    def get_connection(self) -> Generator[sqlalchemy.Connection, None, None]:
        """Give the connection that this engine keeps until it is closed."""
        if not self._connection:
            self._connection = self.engine.connect()
        yield self._connection


class DuckDBDatasource(SQLDatasource):
    """Data source over a DuckDB file or an in-memory database.

    Attributes:
        type: Name under which Great Expectations knows the source.
    """

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> _EngineType:
        """The engine that keeps its connection."""
        return DuckDBExecutionEngine
