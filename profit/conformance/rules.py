"""The rules by which the field judges a dbt project, as dbt-project-evaluator documents them, on the parsed project.

That package comes from a hub which not every checkout can reach; what its rules mean is public. A rule gives the name
of what breaks it and what it found there. Exceptions stand in exceptions.csv, each with a reason; one that nothing
needs any more is a finding too.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from profit.conformance.graph import Graph, Node, layer, without_jinja

EXCEPTIONS = Path(__file__).with_name("exceptions.csv")
MOST_LEAVES, MOST_PARENTS, LONGEST_CHAIN = 3, 6, 4
# What tests a key: both of the first, on one column, or the other.
KEY_TESTS = ({"unique", "not_null"}, {"unique_combination"})
# How models of a layer are called, and what no other layer's are.
NAMES = {
    "staging": r"stg_[a-z]+__\w+",
    "intermediate": r"int_[a-z]+__\w+",
    "core": r"(dim|fct)_\w+",
    "marts": r"(?!stg_|int_|dim_|fct_)\w+",
    "semantic": r"(?!stg_|int_|dim_|fct_)\w+",
}
_RELATION = re.compile(r"(?<!distinct )\b(?:from|join)\s+([\"`\[]?\w+[\"`\]]?\.[\"`\[\]\w.]+)", re.IGNORECASE)
_EXTRACT = re.compile(r"\bextract\(\s*\w+\s+from\b", re.IGNORECASE)
_FROM_VARIABLE = re.compile(r"\b(?:from|join)\s+\{\{-?\s*var\(", re.IGNORECASE)


class Finding(NamedTuple):
    """What breaks a rule, and how."""

    rule: str
    resource: str
    found: str


Found = Iterator[tuple[Node, str]]
RULES: dict[str, Callable[[Graph], Found]] = {}


def _rule(check: Callable[[Graph], Found]) -> Callable[[Graph], Found]:
    RULES[check.__name__.lstrip("_")] = check
    return check


def name_of(node: Node) -> str:
    """The name that people use: of a source with its schema."""
    return f"{node['source_name']}.{node['name']}" if node["resource_type"] == "source" else str(node["name"])


def _names(nodes: Iterable[Node]) -> str:
    return ", ".join(sorted(name_of(node) for node in nodes))


# Modelling


@_rule
def _source_read_beside_models(graph: Graph) -> Found:
    """A model reads sources or other models, never both."""
    for model in graph.of("model"):
        if graph.parents_of(model, "source") and graph.parents_of(model, "model"):
            yield model, f"reads {_names(graph.parents_of(model))}"


@_rule
def _source_read_outside_staging(graph: Graph) -> Found:
    """Only staging reads sources."""
    for model in graph.of("model"):
        if layer(model) != "staging" and graph.parents_of(model, "source"):
            yield model, f"reads {_names(graph.parents_of(model, 'source'))}"


@_rule
def _source_defined_twice(graph: Graph) -> Found:
    """A table is one source."""
    places = Counter(source["relation_name"] for source in graph.of("source"))
    for source in graph.of("source"):
        if places[source["relation_name"]] > 1:
            yield source, f"{source['relation_name']} is more than one source"


@_rule
def _hard_coded_relation(graph: Graph) -> Found:
    """Relations are named by ref and source."""
    for model in graph.of("model"):
        if model["language"] != "sql":
            continue
        relations = _RELATION.findall(_EXTRACT.sub("", without_jinja(model["raw_code"])))
        if relations or _FROM_VARIABLE.search(model["raw_code"]):
            yield model, f"names {', '.join(relations) or 'a relation by a variable'}"


@_rule
def _fan_out_of_a_model(graph: Graph) -> Found:
    """Few models that nothing reads hang on one: what they share belongs into it."""
    for model in graph.of("model"):
        leaves = [child for child in graph.children_of(model, "model") if not graph.children_of(child, "model")]
        if len(leaves) > MOST_LEAVES:
            yield model, f"{len(leaves)} models that no model reads: {_names(leaves)}"


@_rule
def _several_sources_in_a_model(graph: Graph) -> Found:
    """A model reads one source."""
    for model in graph.of("model"):
        sources = graph.parents_of(model, "source")
        if len(sources) > 1:
            yield model, f"reads {_names(sources)}"


@_rule
def _rejoined_concept(graph: Graph) -> Found:
    """Of A -> B -> C and A -> C, B is read by somebody else too; otherwise it belongs into C."""
    for between in graph.of("model"):
        children = graph.children_of(between)
        if len(children) != 1 or children[0]["resource_type"] != "model":
            continue
        again = [
            parent
            for parent in graph.parents_of(between, "model")
            if parent["unique_id"] in graph.parents[children[0]["unique_id"]]
        ]
        if again:
            yield between, f"only {name_of(children[0])} reads it, which reads {_names(again)} as well"


@_rule
def _root_model(graph: Graph) -> Found:
    """Every model reads something."""
    for model in graph.of("model"):
        if not graph.parents_of(model):
            yield model, "reads nothing"


@_rule
def _fan_out_of_a_source(graph: Graph) -> Found:
    """A source is read once."""
    for source in graph.of("source"):
        children = graph.children_of(source)
        if len(children) > 1:
            yield source, f"read by {_names(children)}"


@_rule
def _staging_on_later_layers(graph: Graph) -> Found:
    """Layers are read in one direction."""
    order = {name: place for place, name in enumerate(NAMES)}
    for model in graph.of("model"):
        if layer(model) == "staging":
            later = [parent for parent in graph.parents_of(model, "model") if order.get(layer(parent), 0) > 0]
            if later:
                yield model, f"reads {_names(later)}"


@_rule
def _staging_on_staging(graph: Graph) -> Found:
    """Models of staging do not read each other."""
    for model in graph.of("model"):
        if layer(model) == "staging":
            others = [parent for parent in graph.parents_of(model, "model") if layer(parent) == "staging"]
            if others:
                yield model, f"reads {_names(others)}"


@_rule
def _unused_source(graph: Graph) -> Found:
    """Every source is read."""
    for source in graph.of("source"):
        if not graph.children_of(source):
            yield source, "read by nobody"


@_rule
def _too_many_parents(graph: Graph) -> Found:
    """A model brings a handful of things together."""
    for model in graph.of("model"):
        parents = graph.parents_of(model, "model", "source")
        if len(parents) > MOST_PARENTS:
            yield model, f"reads {len(parents)}: {_names(parents)}"


# Testing


@_rule
def _key_without_test(graph: Graph) -> Found:
    """The key of every model is tested: one column unique and filled, or a unique combination.

    That a column is filled is said by its own test, or by what is required of it where one test holds all that.
    """
    for model in graph.of("model"):
        by_column: dict[str | None, set[str]] = defaultdict(set)
        for test in graph.tests.get(model["unique_id"], []):
            if test.get("test_metadata"):
                by_column[test["column_name"]].add(test["test_metadata"]["name"])
        if "keeps_its_rules" in by_column[None]:
            for name, column in model.get("columns", {}).items():
                if column.get("config", {}).get("meta", {}).get("required"):
                    by_column[name].add("not_null")
        if not any(wanted <= tests for wanted in KEY_TESTS for tests in by_column.values()):
            yield model, "neither unique and not_null on one column, nor unique_combination"


@_rule
def _untested_model(graph: Graph) -> Found:
    """Every model has a test."""
    for model in graph.of("model"):
        if not graph.tests.get(model["unique_id"]):
            yield model, "no test"


@_rule
def _source_without_freshness(graph: Graph) -> Found:
    """It is known how old a source may be."""
    for source in graph.of("source"):
        freshness = source.get("freshness") or {}
        limits = [freshness.get(name) or {} for name in ("warn_after", "error_after")]
        if not any(limit.get("count") for limit in limits):
            yield source, "no freshness"


# Documentation


@_rule
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


@_rule
def _name_of_another_layer(graph: Graph) -> Found:
    """The name of a model says its layer."""
    for model in graph.of("model"):
        pattern = NAMES.get(layer(model))
        if pattern is None:
            yield model, f"lies in models/{layer(model)}, which is no layer"
        elif not re.fullmatch(pattern, model["name"]):
            yield model, f"does not match {pattern}"


@_rule
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


@_rule
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


@_rule
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


@_rule
def _exposure_of_a_view(graph: Graph) -> Found:
    """What is shown outside is a table."""
    for exposure in graph.of("exposure"):
        views = [
            parent
            for parent in graph.parents_of(exposure, "model", "source")
            if parent["resource_type"] == "source" or parent["config"]["materialized"] not in ("table", "incremental")
        ]
        if views:
            yield exposure, f"reads {_names(views)}"


# Governance


@_rule
def _public_model_without_contract(graph: Graph) -> Found:
    """What everybody may read has a contract."""
    for model in graph.of("model"):
        if model["access"] == "public" and not model["contract"]["enforced"]:
            yield model, "no enforced contract"


@_rule
def _exposure_of_a_private_model(graph: Graph) -> Found:
    """What is shown outside is public."""
    for exposure in graph.of("exposure"):
        private = [model for model in graph.parents_of(exposure, "model") if model["access"] != "public"]
        if private:
            yield exposure, f"reads {_names(private)}"


@_rule
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
    for rule, check in RULES.items():
        for node, found in check(graph):
            name = name_of(node)
            excused = [one for one in exceptions if one.rule == rule and fnmatchcase(name, one.resource)]
            used.update(excused)
            if not excused:
                findings.append(Finding(rule, name, found))
    unknown = [one for one in exceptions if one not in used]
    return findings + [Finding("exception_that_nothing_needs", f"{one.rule}: {one.resource}", "") for one in unknown]
