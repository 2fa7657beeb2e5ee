"""How engines plan every model and every test that runs each night: nothing that grows with the square of the data.

And nothing that Spark's analyser, which writes a CTE out wherever it is read, makes a tree of thousands of tables of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Company
from rendered import returned

# Joins that compare every row of one side with every row, or with a stretch, of the other.
NESTED = {"BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN", "CROSS_PRODUCT", "PIECEWISE_MERGE_JOIN", "IE_JOIN"}
# One row, or as many as the query says, whatever lies below.
BOUNDED = {"UNGROUPED_AGGREGATE", "TOP_N", "STREAMING_LIMIT", "LIMIT", "DUMMY_SCAN", "COLUMN_DATA_SCAN", "EMPTY_RESULT"}

# Relations that do not grow with customers, orders, articles or deliveries; seeds need no mention.
SMALL = {
    "core.dim_date": "the days of the calendar",
    "core.dim_activity": "the activities of the costing rules",
    "core.dim_cost_pool": "the pools of the costing rules",
    "intermediate.int_calendar__as_of": "one row",
    "intermediate.int_costing__account_flows": "the accounts and pools of the rules by the months of the ledger",
    "intermediate.int_costing__pool_flows": "the pools of the costing rules by the months of the ledger",
    "intermediate.int_value__bases": "three days from which customers are valued",
}

# Nested loops that are meant, by model or test: the reason.
MEANT: dict[str, str] = {
    "int_planning__base_cells": "months of cohorts and media sources by months of the plan: no customers",
    "int_planning__flows": "months of the plan and scenarios by the pools of the costing rules",
    "int_planning__pool_rates": "months of the plan and scenarios by the pools of the costing rules",
    "int_planning__volumes": "cells of the plan, which do not grow with customers, by drivers and by governed changes",
    "budget_forecast": "months of the plan by the lines of the waterfall",
    "forecast_accuracy": "past months by past months: what each would have said of the others",
    "resource_allocation": "sets of at most 25 initiatives by governed limits",
    "scenario_comparison": "months of the plan and scenarios by the lines of the waterfall",
    "why_sales_are_slow_in_central": "an analysis that is run by hand: the few units of one KPI and one quarter",
}

# Made by statements in a loop: what their last one reads is gone by the end of the build.
LOOPED = {
    "int_identity__contradictions",
    "int_identity__memberships",
    "dim_customer",
    "dim_ledger_account",
    "dim_sales_rep",
    "dim_territory",
}


@dataclass
class Plan:
    """What grows in a plan, and where it compares two things that grow."""

    common: dict[str, bool] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)

    def grows(self, node: dict[str, Any]) -> bool:
        """Whether the rows of a node become more as the data do; notes the nested joins below it."""
        name, facts = node["name"].strip(), node.get("extra_info", {})
        sides = []
        for child in node["children"]:
            sides.append(self.grows(child))
            if name == "CTE" and len(sides) == 1:
                self.common[str(facts["Table Index"])] = sides[0]
        if name in NESTED and all(sides):
            self.found.append(f"{name} {facts.get('Conditions', '')}".strip())
        if name in BOUNDED:
            return False
        if "Table" in facts:
            relation = ".".join(facts["Table"].split(".")[-2:])
            return not relation.startswith("reference.") and relation not in SMALL
        if name == "CTE_SCAN":
            return self.common.get(str(facts["CTE Index"]), True)
        if name == "CTE":
            return sides[-1]
        if not sides:
            # Files, and whatever a later engine reads from; numbers that are counted out do not grow.
            return name not in {"GENERATE_SERIES", "RANGE"}
        return any(sides)


# Tables that a query reads once its CTEs are written out: above it Spark plans for minutes. Of a model's query, what
# is left once the parts that are read often are tables of their own.
WRITTEN_OUT = 300


def written_out(query: Any, known: dict[str, int]) -> int:
    """How many tables a parsed query reads once each CTE is written out wherever it is read.

    Args:
        query: A node of DuckDB's parsed statement.
        known: That number of each CTE of the queries around it.
    """
    if isinstance(query, list):
        return sum(written_out(part, known) for part in query)
    if not isinstance(query, dict):
        return 0
    known = dict(known)
    for cte in (query.get("cte_map") or {}).get("map", []):
        known[cte["key"]] = max(written_out(cte["value"]["query"], known), 1)
    if query.get("type") == "BASE_TABLE":
        return 1 if query["schema_name"] else known.get(query["table_name"], 1)
    return sum(written_out(part, known) for name, part in query.items() if name != "cte_map")


def tables_of(engine: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((parsed,),) = engine.execute("select json_serialize_sql(?)", [sql]).fetchall()
    return written_out(json.loads(parsed)["statements"], {})


def queries_on_spark(sql: str) -> list[str]:
    """The queries by which Spark makes a table: those of its parts that are read often, and what is left."""
    parts = returned("query_parts", sql)
    if not parts:
        return [sql]
    made: dict[str, str] = {}
    queries = []
    for name in [*returned("parts_read_often", parts), ""]:
        queries.append(returned("query_of_part", parts, name, made))
        made[name] = f"made.{name}"
    return queries


def nested_loops(warehouse: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    ((_, plan),) = warehouse.execute(f"explain (format json) {sql}").fetchall()
    seen = Plan()
    for root in json.loads(plan):
        seen.grows(root)
    return seen.found


def compiled(company: Company) -> Iterator[Path]:
    """The SQL of all models and tests of the last build."""
    yield from sorted((company.folder / "target" / "compiled").rglob("*.sql"))


@pytest.fixture
def warehouse(demo: Company) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.paths.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def test_no_join_compares_everything_with_everything(demo: Company, warehouse: duckdb.DuckDBPyConnection) -> None:
    seen, quadratic = 0, {}
    for path in compiled(demo):
        seen += 1
        if path.stem in LOOPED:
            continue
        loops = nested_loops(warehouse, path.read_text(encoding="utf-8"))
        if loops and path.stem not in MEANT:
            quadratic[path.stem] = loops
    assert seen > 300, "the SQL of the build is not where it is looked for"
    assert not quadratic, "\n".join(f"{name}: {loops}" for name, loops in quadratic.items())


def test_the_rule_sees_a_nested_loop_when_there_is_one() -> None:
    with duckdb.connect() as engine:
        engine.execute("create schema reference")
        for table in ("lines", "costs", "reference.rules"):
            engine.execute(f"create table {table} as select range as id, range as since from range(5000)")
        either = "select * from lines left join {} as other on lines.id = other.id or lines.since = other.since"
        assert nested_loops(engine, either.format("costs"))
        assert not nested_loops(engine, either.format("reference.rules"))
        assert not nested_loops(
            engine, "select * from lines left join costs on lines.id = costs.id and lines.since >= costs.since"
        )
        assert not nested_loops(
            engine, "select * from lines cross join (select max(since) as last_one from costs) as ended"
        )
        assert nested_loops(
            engine,
            "with kept as materialized (select * from costs where id > 7) "
            "select * from lines left join kept on lines.id < kept.id or kept.since is null",
        )


def test_no_query_is_written_out_to_thousands_of_tables(demo: Company, warehouse: duckdb.DuckDBPyConnection) -> None:
    sizes = {}
    for path in compiled(demo):
        queries = [path.read_text(encoding="utf-8")]
        if "models" in path.parts:
            queries = queries_on_spark(queries[0])
        sizes[path.stem] = max(tables_of(warehouse, query) for query in queries)
    assert {name: size for name, size in sizes.items() if size > WRITTEN_OUT} == {}


def test_a_cte_counts_as_often_as_it_is_read() -> None:
    with duckdb.connect() as engine:
        assert tables_of(engine, "select * from a join b on a.id = b.id where a.id in (select id from c)") == 3
        assert tables_of(engine, "with x as (from s.a), y as (from x, x as again) from y, y as z") == 4
        assert tables_of(engine, "with x as (with y as (from a, b) from y, y as z) select * from x union from x") == 8
