"""Writes what Superset imports: connection, datasets with the meaning of every column, charts and a dashboard."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dashboards.superset.layout import position
from profit.errors import ProfitError, explained, printable
from profit.exporting.tables import Column, Table, published_tables

_FOLDER = Path(__file__).resolve().parent
_NAME = "Customer profitability"
# The same names give the same identifiers, so that a later import replaces what an earlier one made.
_NAMESPACE = uuid.UUID("6f1f1c1e-6a0e-5c0e-9a55-2f6f0d5b7a11")
# Of these every amount may be summed, whatever it is looked at by.
_SUMMED = (
    "channel_profitability",
    "customer_product_group_profitability",
    "customer_profitability",
    "customer_profitability_monthly",
    "product_profitability",
)
_VERSION = "1.0.0"


def write_bundle(published: Path, seen_as: str, target: Path) -> int:
    """Write the folder that Superset imports.

    Args:
        published: The published file, for names and meanings.
        seen_as: Its path as Superset sees it.
        target: Folder to write, new or empty.

    Returns:
        How many datasets it has.

    Raises:
        ProfitError: The published file cannot be read or lacks a table of a chart, or the folder is not empty.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ProfitError(f"{printable(str(target))} is not empty. Name a new folder, or remove it.")
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            tables = [table for table in published_tables(connection) if table.schema == "marts"]
    except duckdb.Error as error:
        raise ProfitError(
            f"{printable(str(published))} cannot be read: {explained(error)}. Run `profit run`."
        ) from error
    for name, content in _files(tables, seen_as):
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return len(tables)


def _files(tables: list[Table], seen_as: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "metadata.yaml", {"version": _VERSION, "type": "Dashboard", "timestamp": "1980-01-01T00:00:00+00:00"}
    yield "databases/customer_profitability.yaml", _database(seen_as)
    for table in tables:
        yield f"datasets/customer_profitability/{table.name}.yaml", _dataset(table)
    known = {str(table) for table in tables}
    charts = yaml.safe_load((_FOLDER / "charts.yaml").read_text(encoding="utf-8"))
    for name, chart in charts.items():
        if chart["table"] not in known:
            raise ProfitError(f"The published file has no {chart['table']}, which the chart {name} shows.")
        yield f"charts/{name}.yaml", _chart(name, chart)
    dashboard = yaml.safe_load((_FOLDER / "dashboard.yaml").read_text(encoding="utf-8"))
    identifiers = {name: (_identifier("chart", name), chart["title"]) for name, chart in charts.items()}
    yield (
        "dashboards/customer_profitability.yaml",
        {
            "dashboard_title": dashboard["title"],
            "description": dashboard["description"],
            "slug": dashboard["slug"],
            "uuid": _identifier("dashboard", dashboard["slug"]),
            "published": True,
            "position": position(dashboard["title"], dashboard["rows"], identifiers),
            "metadata": {"color_scheme": "supersetColors", "cross_filters_enabled": True},
            "version": _VERSION,
        },
    )


def _identifier(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind} {name}"))


def _database(seen_as: str) -> dict[str, Any]:
    return {
        "database_name": _NAME,
        "sqlalchemy_uri": f"duckdb:///{seen_as}",
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {"engine_params": {"connect_args": {"read_only": True}}, "allows_virtual_table_explore": True},
        "uuid": _identifier("database", _NAME),
        "version": _VERSION,
    }


def _dataset(table: Table) -> dict[str, Any]:
    days = [column.name for column in table.columns if column.data_type == "DATE"]
    summed = [column for column in table.columns if table.name in _SUMMED and column.name.endswith("_amount")]
    return {
        "table_name": table.name,
        "schema": table.schema,
        "main_dttm_col": "month" if "month" in days else days[0] if days else None,
        "description": table.description,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "sql": None,
        "filter_select_enabled": True,
        "uuid": _identifier("dataset", str(table)),
        "metrics": [
            {
                "metric_name": "count",
                "verbose_name": "Rows",
                "expression": "count(*)",
                "description": table.description,
            },
            *(
                {
                    "metric_name": f"sum_{column.name}",
                    "verbose_name": f"Sum of {column.name}",
                    "expression": f"sum({column.name})",
                    "description": column.description,
                    "d3format": ",.2f",
                }
                for column in summed
            ),
        ],
        "columns": [_column(column) for column in table.columns],
        "version": _VERSION,
        "database_uuid": _identifier("database", _NAME),
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "column_name": column.name,
        "type": column.data_type,
        "is_dttm": column.data_type.startswith(("DATE", "TIMESTAMP")),
        "is_active": True,
        "groupby": True,
        "filterable": True,
        "description": column.description,
    }


def _chart(name: str, chart: dict[str, Any]) -> dict[str, Any]:
    params = {key: _with_metrics(key, value) for key, value in chart["params"].items()}
    params["viz_type"] = chart["kind"]
    params["adhoc_filters"] = [
        {
            "clause": "WHERE",
            "expressionType": "SIMPLE",
            "subject": column,
            "operator": "==",
            "operatorId": "EQUALS",
            "comparator": value,
        }
        for column, value in chart.get("where", {}).items()
    ]
    return {
        "slice_name": chart["title"],
        "description": f"From {chart['table']}.",
        "viz_type": chart["kind"],
        "params": params,
        "uuid": _identifier("chart", name),
        "version": _VERSION,
        "dataset_uuid": _identifier("dataset", chart["table"]),
    }


def _with_metrics(key: str, value: Any) -> Any:
    """Metrics in full where they are written as `sum column`."""
    if key == "metric":
        return _metric(value)
    return [_metric(one) for one in value] if key == "metrics" else value


def _metric(text: str) -> dict[str, Any]:
    aggregate, column = text.split(" ")
    return {
        "expressionType": "SIMPLE",
        "aggregate": aggregate.upper(),
        "column": {"column_name": column},
        "label": column.removesuffix("_amount").replace("_", " "),
        "hasCustomLabel": True,
        "optionName": f"metric_{json.dumps(text)}",
    }
