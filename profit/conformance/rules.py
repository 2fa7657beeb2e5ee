"""The rules by which the field judges a dbt project, as dbt-project-evaluator documents them, on the parsed project.

That package comes from a hub which not every checkout can reach; what its rules mean is public. A rule gives the name
of what breaks it and what it found there. Exceptions stand in exceptions.csv, each with a reason; one that nothing
needs any more is a finding too.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

# Importing them registers their rules, the first of all.
from profit.conformance import modelling  # noqa: F401
from profit.conformance.graph import Graph, layer
from profit.conformance.registry import NAMES, RULES, Finding, Found, name_of, names_of, rule

EXCEPTIONS = Path(__file__).with_name("exceptions.csv")
LONGEST_CHAIN = 4
# What tests a key: both of the first, on one column, or the other.
KEY_TESTS = ({"unique", "not_null"}, {"unique_combination"})


# Testing


@rule
def _key_without_test(graph: Graph) -> Found:
    """The key of every model is tested: one column unique and filled, or a unique combination.

    That a column is filled is said by its own test, or by what is required of it where one test holds all that.
    """
    for model in graph.of("model"):
        by_column: dict[str | None, set[str]] = defaultdict(set)
        for test in graph.tests.get(model["unique_id"], []):
            if test.get("test_metadata"):
                by_column[test["column_name"]].add(test["test_metadata"]["name"])
                if test["test_metadata"].get("kwargs", {}).get("key"):
                    by_column[None].add("unique_combination")
        if "keeps_its_rules" in by_column[None]:
            for name, column in model.get("columns", {}).items():
                if column.get("config", {}).get("meta", {}).get("required"):
                    by_column[name].add("not_null")
        if not any(wanted <= tests for wanted in KEY_TESTS for tests in by_column.values()):
            yield model, "neither unique and not_null on one column, nor a key of several"


@rule
def _untested_model(graph: Graph) -> Found:
    """Every model has a test."""
    for model in graph.of("model"):
        if not graph.tests.get(model["unique_id"]):
            yield model, "no test"


@rule
def _source_without_freshness(graph: Graph) -> Found:
    """It is known how old a source may be."""
    for source in graph.of("source"):
        freshness = source.get("freshness") or {}
        limits = [freshness.get(name) or {} for name in ("warn_after", "error_after")]
        if not any(limit.get("count") for limit in limits):
            yield source, "no freshness"


# Documentation


@rule
def _undescribed(graph: Graph) -> Found:
    """Every model, seed, source, table of a source and exposure is described, and every column of them."""
    for kind in ("model", "seed", "source", "exposure"):
        for node in graph.of(kind):
            if not node["description"].strip():
                yield node, "no description"
            if kind == "source" and not node["source_description"].strip():
                yield node, f"no description of {node['source_name']}"
            bare = [name for name, column in node.get("columns", {}).items() if not column["description"].strip()]
            if bare:
                yield node, f"no description of {', '.join(bare)}"


# Structure


@rule
def _name_of_another_layer(graph: Graph) -> Found:
    """The name of a model says its layer."""
    for model in graph.of("model"):
        pattern = NAMES.get(layer(model))
        if pattern is None:
            yield model, f"lies in models/{layer(model)}, which is no layer"
        elif not re.fullmatch(pattern, model["name"]):
            yield model, f"does not match {pattern}"


@rule
def _folder_of_another_source(graph: Graph) -> Found:
    """Staging and source definitions lie in the folder of their source, a model in that of its domain."""
    for model in graph.of("model"):
        folders = Path(model["original_file_path"]).parts
        named = re.match(r"(?:stg|int)_([a-z]+)__", model["name"])
        if named and named[1] not in folders:
            yield model, f"lies in {'/'.join(folders[:-1])}, not below a folder {named[1]}"
    for source in graph.of("source"):
        folders = Path(source["original_file_path"]).parts
        if source["source_name"] not in folders:
            yield source, f"is defined in {'/'.join(folders[:-1])}"


@rule
def _tests_in_another_folder(graph: Graph) -> Found:
    """What is said and tested of a model stands beside it."""
    for model in graph.of("model"):
        folder = Path(model["original_file_path"]).parent
        for test in graph.tests.get(model["unique_id"], []):
            is_generic = test.get("test_metadata") and test.get("attached_node") == model["unique_id"]
            if is_generic and Path(test["original_file_path"]).parent != folder:
                yield model, f"tested in {test['original_file_path']}"
                break


# Performance


@rule
def _chain_of_views(graph: Graph) -> Found:
    """Nothing is computed through a long chain of views."""
    lengths: dict[str, int] = {}

    def length(name: str) -> int:
        if name not in lengths:
            node = graph.nodes[name]
            is_view = node["resource_type"] == "model" and node["config"]["materialized"] in ("view", "ephemeral")
            lengths[name] = 1 + max((length(parent) for parent in graph.parents[name]), default=0) if is_view else 0
        return lengths[name]

    for model in graph.of("model"):
        longest = max((length(parent) for parent in graph.parents[model["unique_id"]]), default=0)
        if longest >= LONGEST_CHAIN:
            yield model, f"reads a chain of {longest} views"


@rule
def _exposure_of_a_view(graph: Graph) -> Found:
    """What is shown outside is a table."""
    for exposure in graph.of("exposure"):
        views = [
            parent
            for parent in graph.parents_of(exposure, "model", "source")
            if parent["resource_type"] == "source" or parent["config"]["materialized"] not in ("table", "incremental")
        ]
        if views:
            yield exposure, f"reads {names_of(views)}"


# Governance


@rule
def _public_model_without_contract(graph: Graph) -> Found:
    """What everybody may read has a contract."""
    for model in graph.of("model"):
        if model["access"] == "public" and not model["contract"]["enforced"]:
            yield model, "no enforced contract"


@rule
def _exposure_of_a_private_model(graph: Graph) -> Found:
    """What is shown outside is public."""
    for exposure in graph.of("exposure"):
        private = [model for model in graph.parents_of(exposure, "model") if model["access"] != "public"]
        if private:
            yield exposure, f"reads {names_of(private)}"


@rule
def _model_without_owner(graph: Graph) -> Found:
    """Somebody answers for every model (ours, not the field's)."""
    for model in graph.of("model"):
        if not model["meta"].get("owner"):
            yield model, "no owner in its meta"


def read_exceptions(path: Path = EXCEPTIONS) -> list[Finding]:
    """Rows of rule, resource (a pattern) and reason."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [Finding(row["rule"], row["resource"], row["reason"]) for row in csv.DictReader(stream)]


def check_project(graph: Graph, exceptions: Iterable[Finding] = ()) -> list[Finding]:
    """What breaks a rule without an exception, and exceptions that nothing needs.

    Args:
        graph: The parsed project.
        exceptions: Rules and resources that may be broken, each with its reason.
    """
    exceptions, used, findings = list(exceptions), set(), []
    for name_of_rule, check in RULES.items():
        for node, found in check(graph):
            name = name_of(node)
            excused = [one for one in exceptions if one.rule == name_of_rule and fnmatchcase(name, one.resource)]
            used.update(excused)
            if not excused:
                findings.append(Finding(name_of_rule, name, found))
    unknown = [one for one in exceptions if one not in used]
    return findings + [Finding("exception_that_nothing_needs", f"{one.rule}: {one.resource}", "") for one in unknown]
