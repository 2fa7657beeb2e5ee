"""Which delivered values lie behind a model that failed: the engine names a number, not where it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import duckdb

from profit.contract import Feed, read_contract
from profit.landing.quoting import quote_name

_NUMBER_FAILED = re.compile(r"Conversion Error|Out of Range Error|[Oo]verflow|NUMERIC_VALUE_OUT_OF_RANGE|CAST_OVERFLOW")
_STAGING = "model.profit_warehouse.stg_"
_MODELS, _VALUES = 3, 5


def show_largest_values(warehouse: Path, failed: Sequence[Any], manifest: Path) -> None:
    """Print, of each model that a number has stopped, the largest numbers that were delivered to it.

    Args:
        warehouse: Build file, which holds staging.
        failed: Results of dbt that are no success.
        manifest: Manifest of the project, which says what a model reads.
    """
    stopped = [
        result.node
        for result in failed
        if result.node.resource_type == "model" and _NUMBER_FAILED.search(str(result.message or ""))
    ]
    if not stopped:
        return
    parents = json.loads(manifest.read_text(encoding="utf-8"))["parent_map"]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for node in stopped[:_MODELS]:
            found = [
                value
                for feed in _feeds_of(node.unique_id, parents)
                for value in _largest(connection, feed, f"staging.stg_{feed.department}__{feed.table}")
            ]
            click.echo(f"\n{node.name} could not hold a number. The largest that were delivered to it:")
            for _, where, key, column, text in sorted(found, reverse=True)[:_VALUES]:
                click.echo(f"  {where} {key}: {column} = {text}")


def _feeds_of(node: str, parents: Mapping[str, Sequence[str]]) -> list[Feed]:
    seen, todo = {node}, [node]
    while todo:
        new = set(parents.get(todo.pop(), ())) - seen
        seen |= new
        todo.extend(new)
    tables = {name.removeprefix(_STAGING).partition("__")[2] for name in seen if name.startswith(_STAGING)}
    return [feed for table, feed in sorted(read_contract().items()) if table in tables]


def _largest(
    connection: duckdb.DuckDBPyConnection, feed: Feed, relation: str
) -> Iterator[tuple[float, str, str, str, str]]:
    """Of each column of numbers the row in which it is largest: size, feed, key, column, value."""
    key = " || '/' || ".join(f"cast({quote_name(name)} as varchar)" for name in feed.key)
    for column in feed.columns.values():
        if column.is_personal or not column.data_type.startswith(("decimal", "bigint", "double")):
            continue
        raw = quote_name(column.name)
        row = connection.execute(
            f"select abs(cast({raw} as double)), source_system || ':' || {key}, cast({raw} as varchar) "
            f"from {relation} where {raw} is not null order by 1 desc, 2 limit 1"
        ).fetchone()
        if row is not None:
            yield float(row[0]), feed.name, str(row[1]), column.name, str(row[2])
