"""The source contract, read from the dbt source YAML of models/staging: the only place where it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT


@dataclass(frozen=True)
class Column:
    """One delivered column.

    Attributes:
        name: Name in the contract, lower case.
        data_type: SQL type that both engines know: string, bigint, double, decimal(p,s), date, timestamp, boolean.
        description: What the column means.
        is_required: Whether a file must have it and every row a value.
        accepted_values: The values allowed, empty where any is.
    """

    name: str
    data_type: str
    description: str
    is_required: bool
    accepted_values: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """One table that a department delivers.

    Attributes:
        department: crm, sales, marketing, service or finance.
        table: Name of the table, unique over all departments.
        key: Columns that identify a row within one source system.
        is_required: Whether the warehouse can do without the table.
        metrics: Governed metrics that are weaker without it.
        columns: The delivered columns by name, without those that landing adds.
    """

    department: str
    table: str
    key: tuple[str, ...]
    is_required: bool
    metrics: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def name(self) -> str:
        """`<department>.<table>`, as messages name the feed."""
        return f"{self.department}.{self.table}"

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Columns that every file must have and every row must fill."""
        return tuple(column.name for column in self.columns.values() if column.is_required)


TECHNICAL_COLUMNS = ("source_system", "delivered_on", "delivery_id")


def _read_feed(department: str, table: dict[str, Any]) -> Feed:
    meta = table["config"]["meta"]
    columns = {}
    for entry in table["columns"]:
        column_meta = entry.get("config", {}).get("meta", {})
        if column_meta.get("technical"):
            continue
        columns[entry["name"]] = Column(
            name=entry["name"],
            data_type=entry["data_type"],
            description=entry["description"],
            is_required=bool(column_meta.get("required", False)),
            accepted_values=tuple(column_meta.get("accepted_values", ())),
        )
    return Feed(
        department=department,
        table=table["name"],
        key=tuple(meta["key"]),
        is_required=bool(meta.get("required", False)),
        metrics=tuple(meta.get("metrics", ())),
        columns=MappingProxyType(columns),
    )


@cache
def read_contract(folder: Path = PROJECT_ROOT / "models" / "staging") -> Mapping[str, Feed]:
    """Read every feed of the contract.

    Args:
        folder: Folder whose sub-folders hold the source YAML, one file a department.

    Returns:
        Feeds by table name, in the order in which the departments' files name them.

    Raises:
        ProfitError: The folder holds no contract, or two departments use the same table name.
    """
    feeds: dict[str, Feed] = {}
    for path in sorted(folder.glob("*/_*__sources.yml")):
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            for table in source["tables"]:
                if table["name"] in feeds:
                    raise ProfitError(f"{path}: table {table['name']} is in the contract twice; rename one of them.")
                feeds[table["name"]] = _read_feed(source["name"], table)
    if not feeds:
        raise ProfitError(f"No source contract found under {folder}; run from a complete checkout of the project.")
    return MappingProxyType(feeds)
