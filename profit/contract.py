"""The source contract, read from the dbt source YAML of models/staging: the only place where it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT
from profit.yaml_files import read_yaml

# Types that DuckDB reports under another name than the contract uses.
_NATIVE_NAMES = {"string": "VARCHAR", "bigint": "BIGINT", "double": "DOUBLE"}


@dataclass(frozen=True)
class Reference:
    """The row of another feed that a column names by its key.

    Attributes:
        feed: `<department>.<table>` of the named row; its key is one column.
        system_column: Column that holds the system of the named row; None where the row's own system is meant.
        is_known_elsewhere: Whether a row that names no system may mean the only other system that knows the number.
    """

    feed: str
    system_column: str | None
    is_known_elsewhere: bool


@dataclass(frozen=True)
class Column:
    """One delivered column.

    Attributes:
        name: Name in the contract, lower case.
        data_type: SQL type that both engines know: string, bigint, double, decimal(p,s), date, timestamp, boolean.
        description: What the column means.
        is_required: Whether a file must have it and every row a value.
        accepted_values: The values allowed, empty where any is.
        minimum: Lowest plausible value, days as ISO text; None where any is.
        maximum: Highest plausible value, or `delivered_on` where nothing can happen after its delivery.
        above: Bound that every value must exceed.
        references: The row of another feed that the value names.
        is_personal: Whether it is personal data, which core and marts must not hold.
        published_as: Columns of core, `<table>.<column>`, that hold it of organisations nevertheless, never of persons.
        is_cleared: Whether it only looks like personal data, and the company says that it is none.
        times: Column that it is multiplied by to an amount; None where it is not.
        is_in_calendar: Whether it is the day of a fact, which `core.dim_date` has to hold.
    """

    name: str
    data_type: str
    description: str
    is_required: bool
    accepted_values: tuple[str, ...]
    minimum: float | str | None = None
    maximum: float | str | None = None
    above: float | None = None
    references: Reference | None = None
    is_personal: bool = False
    is_cleared: bool = False
    published_as: tuple[str, ...] = ()
    times: str | None = None
    is_in_calendar: bool = False

    @property
    def native_type(self) -> str:
        """The type as DuckDB reports it of a landed file."""
        return _NATIVE_NAMES.get(self.data_type, self.data_type.upper())


@dataclass(frozen=True)
class ZeroSum:
    """Rows whose amounts cancel out.

    Attributes:
        column: Amount that is summed.
        within: Columns whose values, with the system, make one group; rows without the first of them belong to none.
    """

    column: str
    within: tuple[str, ...]


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
        stale_after_days: Days without a delivery after which the feed counts as stale; None where it is only delivered
            when something changes.
        sums_to_zero: Rows that cancel out, where the feed has such.
        refused_share: Share of the rows of a delivery that may be refused; None for the share of all feeds.
        gone_share: Share of its rows that may be missing from a full extract; None for the share of all feeds.
    """

    department: str
    table: str
    key: tuple[str, ...]
    is_required: bool
    metrics: tuple[str, ...]
    columns: Mapping[str, Column]
    stale_after_days: int | None = None
    sums_to_zero: ZeroSum | None = None
    refused_share: float | None = None
    gone_share: float | None = None

    @property
    def name(self) -> str:
        """`<department>.<table>`, as messages name the feed."""
        return f"{self.department}.{self.table}"

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Columns that every file must have and every row must fill."""
        return tuple(column.name for column in self.columns.values() if column.is_required)


TECHNICAL_COLUMNS = ("source_system", "delivered_on", "delivery_id")
_DAYS = {"hour": 1 / 24, "day": 1.0}


def _read_feed(source: dict[str, Any], table: dict[str, Any]) -> Feed:
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
            minimum=column_meta.get("minimum"),
            maximum=column_meta.get("maximum"),
            above=column_meta.get("above"),
            references=_read_reference(column_meta.get("references")),
            is_personal=bool(column_meta.get("pii", False)),
            is_cleared=column_meta.get("pii") is False,
            published_as=tuple(column_meta.get("published_as", ())),
            times=column_meta.get("times"),
            is_in_calendar=bool(column_meta.get("in_calendar", False)),
        )
    return Feed(
        department=source["name"],
        table=table["name"],
        key=tuple(meta["key"]),
        is_required=bool(meta.get("required", False)),
        metrics=tuple(meta.get("metrics", ())),
        columns=MappingProxyType(columns),
        stale_after_days=None if meta.get("delivered_on_change") else _stale_after_days(source),
        sums_to_zero=_read_zero_sum(meta.get("sums_to_zero")),
        refused_share=meta.get("refused_share"),
        gone_share=meta.get("gone_share"),
    )


def _read_reference(meta: dict[str, Any] | None) -> Reference | None:
    if meta is None:
        return None
    return Reference(meta["feed"], meta.get("system"), bool(meta.get("other_systems", False)))


def _read_zero_sum(meta: dict[str, Any] | None) -> ZeroSum | None:
    return ZeroSum(meta["column"], tuple(meta["within"])) if meta else None


def _stale_after_days(source: dict[str, Any]) -> int | None:
    limit = source.get("config", {}).get("freshness", {}).get("error_after")
    return int(limit["count"] * _DAYS[limit["period"]]) if limit else None


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
        for source in read_yaml(path)["sources"]:
            for table in source["tables"]:
                if table["name"] in feeds:
                    raise ProfitError(f"{path}: table {table['name']} is in the contract twice; rename one of them.")
                feeds[table["name"]] = _read_feed(source, table)
    if not feeds:
        raise ProfitError(f"No source contract found under {folder}; run from a complete checkout of the project.")
    return MappingProxyType(feeds)


def read_source_relations(variables: Mapping[str, Any]) -> Mapping[str, str]:
    """Read which feeds lie in the warehouse already, by the variable `source_relations` of the dbt project.

    Args:
        variables: Variables of the project by name.

    Returns:
        Relation by feed, `<department>.<table>`.
    """
    return MappingProxyType(dict(variables.get("source_relations") or {}))
