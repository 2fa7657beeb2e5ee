"""Governed metrics asked in process: MetricFlow writes the SQL, the company's warehouse answers it, read-only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from conftest import Company


class Metrics:
    """The metrics of a built company.

    Args:
        company: Company that was built; its target folder holds the semantic manifest.
    """

    def __init__(self, company: Company) -> None:
        pytest.importorskip("metricflow", reason="the extra `metrics` is not installed")
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        text = (company.folder / "target" / "semantic_manifest.json").read_text(encoding="utf-8")
        self.manifest = parse_manifest_from_dbt_generated_manifest(text)
        self._engine = MetricFlowEngine(SemanticManifestLookup(self.manifest), _renderer())
        self._company = company

    @property
    def names(self) -> list[str]:
        """Every metric that the project defines; what MetricFlow adds for its own use is private."""
        return sorted(metric.name for metric in self.manifest.metrics if not metric.type_params.is_private)

    def sql(self, metrics: Sequence[str], by: Sequence[str] = (), where: Sequence[str] = ()) -> str:
        """The SQL of a query."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        request = MetricFlowQueryRequest.create(
            metric_names=list(metrics), group_by_names=list(by), where_constraints=list(where)
        )
        return str(self._engine.explain(request).sql_statement.sql)

    def ask(self, *metrics: str, by: Sequence[str] = (), where: Sequence[str] = ()) -> dict[tuple, tuple]:
        """The answer: the values of the metrics, by the values of what they are asked by.

        Days and months come as ISO dates, amounts as they are summed.
        """
        sql = self.sql(metrics, by, where)
        with duckdb.connect(str(self._company.paths.warehouse), read_only=True) as warehouse:
            found = warehouse.execute(sql)
            columns = [column[0] for column in found.description]
            keys = [columns.index(name) for name in by]
            values = [columns.index(name) for name in metrics]
            answer = {
                tuple(_plain(row[key]) for key in keys): tuple(row[value] for value in values)
                for row in found.fetchall()
            }
        return answer

    def value(self, metric: str, where: Sequence[str] = ()) -> Any:
        """The one value of a metric over everything."""
        (((value,),)) = self.ask(metric, where=where).values()
        return value


def by_key(rows: Sequence[tuple], keys: int) -> dict[tuple, tuple]:
    """Rows of a mart in the shape of an answer: the first columns are the key."""
    return {tuple(_plain(value) for value in row[:keys]): tuple(row[keys:]) for row in rows}


def without_zeros(answer: dict[tuple, tuple]) -> dict[tuple, tuple]:
    """Only what says something: a metric has no row, or an empty value, where a mart has 0."""
    filled = {key: tuple(value or Decimal(0) for value in values) for key, values in answer.items()}
    return {key: values for key, values in filled.items() if any(values)}


def _plain(value: Any) -> Any:
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value


def _renderer() -> Any:
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

    class Renderer:
        """As much of a client as writing SQL takes."""

        sql_engine_type = SqlEngine.DUCKDB
        sql_plan_renderer = DuckDbSqlPlanRenderer()

        def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
            return f"${bind_parameter_key}"

    return Renderer()
