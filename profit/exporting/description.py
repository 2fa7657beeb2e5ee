"""Describes an export as a Data Package: every table with the type and the meaning of its columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from profit import __version__
from profit.exporting.tables import Column
from profit.exporting.written import Exported

# Frictionless Data, https://datapackage.org: what readers of such folders look for.
PACKAGE_FILE = "datapackage.json"
_PACKAGE = "customer-profitability"
_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
    "DOUBLE": "number",
    "FLOAT": "number",
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "HUGEINT": "integer",
}
_NOTES = {
    "parquet": "Types and values as published; descriptions stand in each file's key-value metadata too.",
    "csv": "UTF-8, comma, days as yyyy-mm-dd, moments in UTC. An empty field is no value. A text that a program could "
    "take for a formula (it begins with =, +, -, @ or a control character) has an apostrophe before it.",
    "xlsx": "One workbook a table, with a sheet of its columns. Texts are never formulas. Numbers of more than 15 "
    "digits and days before March 1900, which a workbook cannot hold, are texts.",
}


def package(published: duckdb.DuckDBPyConnection, written: Sequence[Exported], kind: str) -> dict[str, Any]:
    """The description of an export.

    Args:
        published: The published file, whose manifest says which run it is of.
        written: What was written.
        kind: Format of the files.
    """
    run = published.execute("select run_id, strftime(published_at, '%Y-%m-%dT%H:%M:%SZ') from manifest").fetchone()
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": _PACKAGE,
        "version": __version__,
        "run_id": run[0] if run else None,
        "published_at": run[1] if run else None,
        "description": _NOTES[kind],
        "resources": [_resource(table, kind) for table in written],
    }


def is_ours(folder: Path) -> bool:
    """Whether an export has written this folder.

    Args:
        folder: Any folder.
    """
    try:
        described = json.loads((folder / PACKAGE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(described, dict) and described.get("name") == _PACKAGE and "run_id" in described


def _resource(written: Exported, kind: str) -> dict[str, Any]:
    return {
        "name": str(written.table),
        "path": written.files[0] if len(written.files) == 1 else written.files,
        "format": kind,
        "description": written.table.description,
        "row_count": written.rows,
        "schema": {"fields": [_field(column) for column in written.table.columns], "missingValues": [""]},
    }


def _field(column: Column) -> dict[str, str]:
    kind = "number" if column.scale is not None else _TYPES.get(column.data_type, "any")
    field = {"name": column.name, "type": kind, "sql_type": column.data_type}
    return field | ({"description": column.description} if column.description else {})
