"""What a rule of conformance is: it gives the nodes that break it, each with what it found there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from profit.conformance.graph import Graph, Node

# How models of a layer are called, and what no other layer's are.
NAMES = {
    "staging": r"stg_[a-z]+__\w+",
    "intermediate": r"int_[a-z]+__\w+",
    "core": r"(dim|fct)_\w+",
    "marts": r"(?!stg_|int_|dim_|fct_)\w+",
    "semantic": r"(?!stg_|int_|dim_|fct_)\w+",
}


class Finding(NamedTuple):
    """What breaks a rule, and how."""

    rule: str
    resource: str
    found: str


Found = Iterator[tuple[Node, str]]
RULES: dict[str, Callable[[Graph], Found]] = {}


def rule(check: Callable[[Graph], Found]) -> Callable[[Graph], Found]:
    """Register a rule under the name of its function."""
    RULES[check.__name__.lstrip("_")] = check
    return check


def name_of(node: Node) -> str:
    """The name that people use: of a source with its schema."""
    return f"{node['source_name']}.{node['name']}" if node["resource_type"] == "source" else str(node["name"])


def names_of(nodes: Iterable[Node]) -> str:
    """The names of several, in order."""
    return ", ".join(sorted(name_of(node) for node in nodes))
