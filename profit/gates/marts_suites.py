"""The expectations of the marts gate: what the models' YAML promises, and what money must obey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_table_columns_to_match_set import ExpectTableColumnsToMatchSet
from great_expectations.expectations.expectation import Expectation

from profit.gates.expectations import ExpectFailedRowsToBeFew, described, summary_query
from profit.gates.report import STOP
from profit.landing.typing import quote_name
from profit.paths import PROJECT_ROOT

SCHEMAS = ("core", "marts")
# Amounts that may be negative: a share of their sum may be below nothing or above all of it.
_SIGNED = ("profit", "revenue", "peak")


@dataclass(frozen=True)
class Table:
    """A published table, as its YAML describes it.

    Attributes:
        schema: core or marts.
        name: Name of the table.
        columns: dbt type by column.
        required: Columns that are never empty.
        keys: Combinations of columns that are unique.
        accepted_values: Allowed values by column.
    """

    schema: str
    name: str
    columns: dict[str, str]
    required: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    accepted_values: dict[str, tuple[str, ...]]

    @property
    def full_name(self) -> str:
        """`<schema>.<table>`, as reports name it."""
        return f"{self.schema}.{self.name}"


def published_tables(models: Path = PROJECT_ROOT / "models") -> list[Table]:
    """Read the models of core and marts from their YAML.

    Args:
        models: Folder of the dbt models.
    """
    tables = []
    for schema in SCHEMAS:
        for path in sorted((models / schema).rglob("_*.yml")):
            for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
                tables.append(_read_table(schema, model))
    return tables


def table_expectations(table: Table) -> Iterator[Expectation]:
    """Expectations that follow from a table's YAML: columns, keys, required and accepted values.

    Args:
        table: Published table.
    """
    name = table.full_name
    yield ExpectTableColumnsToMatchSet(
        column_set=list(table.columns),
        exact_match=False,
        **described(name, "the documented columns are there", STOP, "Other people's queries rely on their names."),
    )
    for key in table.keys:
        columns = ", ".join(quote_name(column) for column in key)
        repeated = f"select {columns} from {{batch}} group by {columns} having count(*) > 1"
        reason = "Rows that repeat a key are counted twice by every query that joins on it."
        yield ExpectFailedRowsToBeFew(
            unexpected_rows_query=summary_query(repeated, f"concat_ws(':', {columns})"),
            **described(name, f"{', '.join(key)} is unique", STOP, reason),
        )
    for column in table.required:
        yield ExpectColumnValuesToNotBeNull(
            column=column,
            **described(name, f"{column} is filled", STOP, "An empty value drops out of joins and sums unseen."),
        )
    for column, values in table.accepted_values.items():
        rule = f"{column} is one of {', '.join(values)}"
        yield ExpectColumnValuesToBeInSet(
            column=column,
            value_set=list(values),
            **described(name, rule, STOP, "Queries that pick rows by it would lose some."),
        )
    yield from _bounds(table)


def _bounds(table: Table) -> Iterator[Expectation]:
    """What follows from the names of columns: counts, shares, months."""
    key = table.keys[0] if table.keys else ()
    label = f"concat_ws(':', {', '.join(quote_name(column) for column in key)})" if key else "'a row'"
    for column, data_type in table.columns.items():
        if column.endswith("_count"):
            reason = "A count below zero cannot be."
            yield ExpectColumnValuesToBeBetween(
                column=column, min_value=0, **described(table.full_name, f"{column} is at least 0", STOP, reason)
            )
        if data_type == "double" and _is_part_of_a_whole(column):
            reason = "A probability or share outside 0 to 1 cannot be."
            yield ExpectColumnValuesToBeBetween(
                column=column,
                min_value=0,
                max_value=1,
                **described(table.full_name, f"{column} is between 0 and 1", STOP, reason),
            )
        if column == "month":
            outside = "select * from {batch} where month is not null and month not in (select month from core.dim_date)"
            reason = "A month outside the calendar is missing from every report by date; widen calendar_*_on."
            yield ExpectFailedRowsToBeFew(
                unexpected_rows_query=summary_query(outside, f"{label} || ' in ' || month"),
                **described(table.full_name, "month is the first day of a month in dim_date", STOP, reason),
            )


def _is_part_of_a_whole(column: str) -> bool:
    """Whether a column holds a probability or a share of something that is never negative."""
    if column.endswith("_share"):
        return not any(signed in column for signed in _SIGNED)
    return column.endswith(("_probability", "probability_alive"))


def _read_table(schema: str, model: dict[str, Any]) -> Table:
    keys = [
        tuple(arguments["columns"])
        for name, arguments in _tests(model.get("data_tests", ()))
        if name == "unique_combination"
    ]
    columns, required, accepted = {}, [], {}
    for column in model.get("columns", ()):
        columns[column["name"]] = str(column.get("data_type", ""))
        for name, arguments in _tests(column.get("data_tests", ())):
            if name == "unique":
                keys.append((column["name"],))
            elif name == "not_null":
                required.append(column["name"])
            elif name == "accepted_values":
                accepted[column["name"]] = tuple(arguments["values"])
    return Table(schema, model["name"], columns, tuple(required), tuple(keys), accepted)


def _tests(entries: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in entries:
        if isinstance(entry, str):
            yield entry, {}
        else:
            ((name, content),) = entry.items()
            # A test with a `where` holds for some of the rows only.
            if not content.get("config", {}).get("where"):
                yield name, content.get("arguments", {})
