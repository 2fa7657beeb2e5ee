"""How models build on each other: the rules that the field calls modelling."""

from __future__ import annotations

import re
from collections import Counter

from profit.conformance.graph import Graph, layer, without_jinja
from profit.conformance.registry import NAMES, Found, name_of, names_of, rule

MOST_LEAVES, MOST_PARENTS = 3, 6
_RELATION = re.compile(r"(?<!distinct )\b(?:from|join)\s+([\"`\[]?\w+[\"`\]]?\.[\"`\[\]\w.]+)", re.IGNORECASE)
_EXTRACT = re.compile(r"\bextract\(\s*\w+\s+from\b", re.IGNORECASE)
_FROM_VARIABLE = re.compile(r"\b(?:from|join)\s+\{\{-?\s*var\(", re.IGNORECASE)


@rule
def _source_read_beside_models(graph: Graph) -> Found:
    """A model reads sources or other models, never both."""
    for model in graph.of("model"):
        if graph.parents_of(model, "source") and graph.parents_of(model, "model"):
            yield model, f"reads {names_of(graph.parents_of(model))}"


@rule
def _source_read_outside_staging(graph: Graph) -> Found:
    """Only staging reads sources."""
    for model in graph.of("model"):
        if layer(model) != "staging" and graph.parents_of(model, "source"):
            yield model, f"reads {names_of(graph.parents_of(model, 'source'))}"


@rule
def _source_defined_twice(graph: Graph) -> Found:
    """A table is one source."""
    places = Counter(source["relation_name"] for source in graph.of("source"))
    for source in graph.of("source"):
        if places[source["relation_name"]] > 1:
            yield source, f"{source['relation_name']} is more than one source"


@rule
def _hard_coded_relation(graph: Graph) -> Found:
    """Relations are named by ref and source."""
    for model in graph.of("model"):
        if model["language"] != "sql":
            continue
        relations = _RELATION.findall(_EXTRACT.sub("", without_jinja(model["raw_code"])))
        if relations or _FROM_VARIABLE.search(model["raw_code"]):
            yield model, f"names {', '.join(relations) or 'a relation by a variable'}"


@rule
def _fan_out_of_a_model(graph: Graph) -> Found:
    """Few models that nothing reads hang on one: what they share belongs into it."""
    for model in graph.of("model"):
        leaves = [child for child in graph.children_of(model, "model") if not graph.children_of(child, "model")]
        if len(leaves) > MOST_LEAVES:
            yield model, f"{len(leaves)} models that no model reads: {names_of(leaves)}"


@rule
def _several_sources_in_a_model(graph: Graph) -> Found:
    """A model reads one source."""
    for model in graph.of("model"):
        sources = graph.parents_of(model, "source")
        if len(sources) > 1:
            yield model, f"reads {names_of(sources)}"


@rule
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
            yield between, f"only {name_of(children[0])} reads it, which reads {names_of(again)} as well"


@rule
def _root_model(graph: Graph) -> Found:
    """Every model reads something."""
    for model in graph.of("model"):
        if not graph.parents_of(model):
            yield model, "reads nothing"


@rule
def _fan_out_of_a_source(graph: Graph) -> Found:
    """A source is read once."""
    for source in graph.of("source"):
        children = graph.children_of(source)
        if len(children) > 1:
            yield source, f"read by {names_of(children)}"


@rule
def _staging_on_later_layers(graph: Graph) -> Found:
    """Layers are read in one direction."""
    order = {name: place for place, name in enumerate(NAMES)}
    for model in graph.of("model"):
        if layer(model) == "staging":
            later = [parent for parent in graph.parents_of(model, "model") if order.get(layer(parent), 0) > 0]
            if later:
                yield model, f"reads {names_of(later)}"


@rule
def _staging_on_staging(graph: Graph) -> Found:
    """Models of staging do not read each other."""
    for model in graph.of("model"):
        if layer(model) == "staging":
            others = [parent for parent in graph.parents_of(model, "model") if layer(parent) == "staging"]
            if others:
                yield model, f"reads {names_of(others)}"


@rule
def _unused_source(graph: Graph) -> Found:
    """Every source is read."""
    for source in graph.of("source"):
        if not graph.children_of(source):
            yield source, "read by nobody"


@rule
def _too_many_parents(graph: Graph) -> Found:
    """A model brings a handful of things together."""
    for model in graph.of("model"):
        parents = graph.parents_of(model, "model", "source")
        if len(parents) > MOST_PARENTS:
            yield model, f"reads {len(parents)}: {names_of(parents)}"
