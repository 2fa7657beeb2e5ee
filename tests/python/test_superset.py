"""What Superset imports: datasets of every mart with their meaning, charts of columns that are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import Company

from dashboards.superset.bundle import write_bundle
from profit.errors import ProfitError


@pytest.fixture
def bundle(demo: Company, tmp_path: Path) -> dict[str, Any]:
    write_bundle(demo.paths.published, "/data/profitability.duckdb", tmp_path / "bundle")
    with pytest.raises(ProfitError, match="is not empty"):
        write_bundle(demo.paths.published, "/data/profitability.duckdb", tmp_path / "bundle")
    files = sorted((tmp_path / "bundle").rglob("*.yaml"))
    return {str(file.relative_to(tmp_path / "bundle")): yaml.safe_load(file.read_text("utf-8")) for file in files}


def test_the_connection_reads_only(bundle: dict[str, Any]) -> None:
    database = bundle["databases/customer_profitability.yaml"]
    assert database["sqlalchemy_uri"] == "duckdb:////data/profitability.duckdb"
    assert database["extra"]["engine_params"] == {"connect_args": {"read_only": True}}
    assert not any(database[name] for name in ("allow_dml", "allow_ctas", "allow_cvas", "allow_file_upload"))


def test_every_mart_is_a_dataset_with_its_meaning(bundle: dict[str, Any], demo: Company) -> None:
    datasets = {of["table_name"]: of for name, of in bundle.items() if name.startswith("datasets/")}
    with duckdb.connect(str(demo.paths.published), read_only=True) as connection:
        found = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts' and not internal"
        ).fetchall()
    said = {(name, one["column_name"]): one["description"] for name, of in datasets.items() for one in of["columns"]}
    assert said == {(table, column): comment for table, column, comment in found}
    assert all(said.values())
    assert all(of["description"] for of in datasets.values())
    assert len({of["uuid"] for of in datasets.values()}) == len(datasets)


def test_charts_ask_for_columns_that_are_there_and_stand_on_the_dashboard(bundle: dict[str, Any]) -> None:
    datasets = {of["uuid"]: of for name, of in bundle.items() if name.startswith("datasets/")}
    charts = {of["uuid"]: of for name, of in bundle.items() if name.startswith("charts/")}
    for chart in charts.values():
        known = {column["column_name"] for column in datasets[chart["dataset_uuid"]]["columns"]}
        params = chart["params"]
        metrics = [*params.get("metrics", []), *([params["metric"]] if "metric" in params else [])]
        asked = {one["column"]["column_name"] for one in metrics} | {one["subject"] for one in params["adhoc_filters"]}
        asked |= {params[name] for name in ("x_axis", "x_axis_sort") if name in params}
        asked |= {*params.get("all_columns", [])} | {json.loads(one)[0] for one in params.get("order_by_cols", [])}
        assert asked <= known, chart["slice_name"]
    position = bundle["dashboards/customer_profitability.yaml"]["position"]
    placed = [one["meta"]["uuid"] for one in position.values() if isinstance(one, dict) and one["type"] == "CHART"]
    assert sorted(placed) == sorted(charts)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProfitError, match=r"none\.duckdb cannot be read"):
        write_bundle(tmp_path / "none.duckdb", "/x", tmp_path / "bundle")
