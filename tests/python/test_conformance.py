"""The field's rules: the project keeps them, and each of them is broken once in a small project and seen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from in_process import CACHE, parsed_project

from profit.conformance import RULES, Finding, check_project, read_exceptions, read_graph
from profit.conformance.graph import Graph

Node = dict[str, Any]


def model(name: str, *parents: str, folder: str = "intermediate/sales", **more: Any) -> Node:
    return {
        "unique_id": name,
        "resource_type": "model",
        "name": name,
        "language": "sql",
        "raw_code": "select 1 as id",
        "original_file_path": f"models/{folder}/{name}.sql",
        "description": "Grain: one row.",
        "columns": {},
        "config": {"materialized": "table"},
        "access": "protected",
        "contract": {"enforced": False},
        "meta": {"owner": "sales"},
        "depends_on": {"nodes": list(parents)},
        **more,
    }


def source(name: str, **more: Any) -> Node:
    return {
        "unique_id": name,
        "resource_type": "source",
        "source_name": "sales",
        "name": name,
        "relation_name": f"landing.{name}",
        "original_file_path": "models/staging/sales/_sales__sources.yml",
        "description": "Grain: one row.",
        "source_description": "What is sold.",
        "columns": {},
        "freshness": {"warn_after": {"count": 1}},
        **more,
    }


def exposure(name: str, *parents: str) -> Node:
    return {
        "unique_id": name,
        "resource_type": "exposure",
        "name": name,
        "description": "A page.",
        "depends_on": {"nodes": list(parents)},
    }


def key_tests(*names: str, column: str = "id", **more: Any) -> list[Node]:
    folder = "models/intermediate/sales/_models.yml"
    return [
        {"column_name": column, "test_metadata": {"name": name}, "original_file_path": folder, **more} for name in names
    ]


KEY = key_tests("unique", "not_null")


def graph(*nodes: Node, tests: dict[str, list[Node]] | None = None) -> Graph:
    """A project in which every model has a tested key, unless `tests` says otherwise."""
    by_name = {node["unique_id"]: node for node in nodes}
    parents = {name: node.get("depends_on", {}).get("nodes", []) for name, node in by_name.items()}
    return Graph(by_name, parents, {**dict.fromkeys(by_name, KEY), **(tests or {})})


STAGED = (source("orders"), model("stg_sales__orders", "orders", folder="staging/sales"))
VIEW = {"config": {"materialized": "view"}}
LONG = [
    model(f"int_sales__v{n}", *([f"int_sales__v{n - 1}"] if n else ["stg_sales__orders"]), **VIEW) for n in range(4)
]

BROKEN: dict[str, tuple[Graph, str]] = {
    "source_read_beside_models": (
        graph(*STAGED, source("b"), model("int_sales__a", "b", "stg_sales__orders")),
        "int_sales__a",
    ),
    "source_read_outside_staging": (graph(source("orders"), model("int_sales__a", "orders")), "int_sales__a"),
    "source_defined_twice": (graph(source("a", relation_name="x"), source("b", relation_name="x")), "sales.a"),
    "hard_coded_relation": (
        graph(*STAGED, model("int_sales__a", "stg_sales__orders", raw_code="select 1 from core.orders")),
        "int_sales__a",
    ),
    "fan_out_of_a_model": (
        graph(*STAGED, *(model(f"int_sales__{n}", "stg_sales__orders") for n in range(4))),
        "stg_sales__orders",
    ),
    "several_sources_in_a_model": (
        graph(source("a"), source("b"), model("stg_sales__a", "a", "b", folder="staging/sales")),
        "stg_sales__a",
    ),
    "rejoined_concept": (
        graph(*STAGED, model("int_sales__a", "stg_sales__orders"), model("sales", "stg_sales__orders", "int_sales__a")),
        "int_sales__a",
    ),
    "root_model": (graph(model("int_sales__a")), "int_sales__a"),
    "fan_out_of_a_source": (
        graph(*STAGED, model("stg_sales__again", "orders", folder="staging/sales")),
        "sales.orders",
    ),
    "staging_on_later_layers": (
        graph(*STAGED, model("int_sales__a", "stg_sales__orders"), 
            model("stg_b__c", "int_sales__a", folder="staging/b"),
        ),
        "stg_b__c",
    ),
    "staging_on_staging": (
        graph(*STAGED, model("stg_sales__a", "stg_sales__orders", folder="staging/sales")),
        "stg_sales__a",
    ),
    "unused_source": (graph(source("orders")), "sales.orders"),
    "too_many_parents": (
        graph(*STAGED, *(node for n in range(7) for node in [model(f"int_sales__{n}", "stg_sales__orders")]),
              model("int_sales__all", *(f"int_sales__{n}" for n in range(7)))),
        "int_sales__all",
    ),
    "key_without_test": (
        graph(*STAGED, tests={"stg_sales__orders": [*key_tests("unique"), *key_tests("not_null", column="other")]}),
        "stg_sales__orders",
    ),
    "untested_model": (graph(*STAGED, tests={"stg_sales__orders": []}), "stg_sales__orders"),
    "source_without_freshness": (graph(source("orders", freshness={"warn_after": {"count": None}})), "sales.orders"),
    "undescribed": (
        graph(*STAGED, model("int_sales__a", "stg_sales__orders", columns={"id": {"description": ""}})),
        "int_sales__a",
    ),
    "name_of_another_layer": (graph(*STAGED, model("orders_2", "stg_sales__orders")), "orders_2"),
    "folder_of_another_source": (
        graph(*STAGED, model("int_costing__a", "stg_sales__orders")),
        "int_costing__a",
    ),
    "tests_in_another_folder": (
        graph(
            *STAGED,
            tests={"stg_sales__orders": [*KEY, *key_tests("unique", attached_node="stg_sales__orders")]},
        ),
        "stg_sales__orders",
    ),
    "chain_of_views": (graph(*STAGED, *LONG, model("int_sales__end", "int_sales__v3")), "int_sales__end"),
    "exposure_of_a_view": (graph(*STAGED, *LONG[:1], exposure("page", "int_sales__v0")), "page"),
    "public_model_without_contract": (
        graph(*STAGED, model("int_sales__a", "stg_sales__orders", access="public")),
        "int_sales__a",
    ),
    "exposure_of_a_private_model": (graph(*STAGED, exposure("page", "stg_sales__orders")), "page"),
    "model_without_owner": (graph(*STAGED, model("int_sales__a", "stg_sales__orders", meta={})), "int_sales__a"),
}  # fmt: skip


def test_the_project_keeps_the_rules() -> None:
    parsed_project()
    manifest = json.loads((CACHE / "project_duckdb" / "manifest.json").read_text(encoding="utf-8"))
    assert check_project(read_graph(manifest), read_exceptions()) == []


def test_every_exception_says_why() -> None:
    assert {exception.rule for exception in read_exceptions()} <= RULES.keys()
    assert all(len(exception.found) > 10 for exception in read_exceptions())


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_found(rule: str) -> None:
    broken, culprit = BROKEN[rule]
    found = [finding for finding in check_project(broken) if finding.rule == rule]
    assert culprit in {finding.resource for finding in found}
    assert culprit not in {
        finding.resource
        for finding in check_project(broken, [Finding(rule, culprit, "because")])
        if finding.rule == rule
    }


def test_a_sound_project_has_no_finding() -> None:
    assert check_project(graph(*STAGED, model("int_sales__a", "stg_sales__orders"))) == []


def test_an_exception_that_nothing_needs_is_a_finding() -> None:
    (finding,) = check_project(graph(*STAGED), [Finding("root_model", "dim_*", "a calendar")])
    assert (finding.rule, finding.resource) == ("exception_that_nothing_needs", "root_model: dim_*")


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("select 1 from {{ ref('a') }}", False),
        ("select extract(year from months.month) from months", False),
        ("select a is distinct from b.c from b", False),
        ("-- from core.orders\nselect 1", False),
        ("select 1 from a join core.orders using (id)", True),
        ("select 1 from {{ var('table') }}", True),
    ],
)
def test_relations_are_told_from_columns(code: str, is_found: bool) -> None:
    found = check_project(graph(*STAGED, model("int_sales__a", "stg_sales__orders", raw_code=code)))
    assert ("hard_coded_relation" in {finding.rule for finding in found}) == is_found
