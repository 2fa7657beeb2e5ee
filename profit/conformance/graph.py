"""The parsed dbt project as a graph of its models, seeds, sources and exposures."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

_KINDS = ("model", "seed", "snapshot", "source", "exposure")

Node = Mapping[str, Any]


@dataclass
class Graph:
    """Nodes by their unique ID, and who reads whom.

    Attributes:
        nodes: Models, seeds, snapshots, sources and exposures.
        parents: What each node reads, tests aside.
        tests: Tests by the node that they are about.
    """

    nodes: dict[str, Node]
    parents: dict[str, list[str]]
    tests: dict[str, list[Node]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Node]:
        """All nodes of a kind, by name."""
        found = [node for node in self.nodes.values() if node["resource_type"] == kind]
        return sorted(found, key=lambda node: str(node["name"]))

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """By whom each node is read."""
        found: dict[str, list[str]] = defaultdict(list)
        for node, parents in self.parents.items():
            for parent in parents:
                found[parent].append(node)
        return found

    def parents_of(self, node: Node, *kinds: str) -> list[Node]:
        """What a node reads, of some kinds or all."""
        found = [self.nodes[name] for name in self.parents[node["unique_id"]]]
        return [parent for parent in found if not kinds or parent["resource_type"] in kinds]

    def children_of(self, node: Node, *kinds: str) -> list[Node]:
        """By whom a node is read, of some kinds or all."""
        found = [self.nodes[name] for name in self.children[node["unique_id"]]]
        return [child for child in found if not kinds or child["resource_type"] in kinds]

    @cached_property
    def depth(self) -> int:
        """Models on the longest path."""
        depths: dict[str, int] = {}

        def below(name: str) -> int:
            if name not in depths:
                is_model = self.nodes[name]["resource_type"] == "model"
                depths[name] = int(is_model) + max((below(parent) for parent in self.parents[name]), default=0)
            return depths[name]

        return max((below(name) for name in self.nodes), default=0)


def layer(node: Node) -> str:
    """The first folder below `models`, or of a seed `seeds`."""
    parts = Path(node["original_file_path"]).parts
    return parts[1] if parts[0] == "models" and len(parts) > 1 else parts[0]


def without_jinja(text: str) -> str:
    """SQL without its comments and without what Jinja fills in."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def read_graph(manifest: Path | Mapping[str, Any]) -> Graph:
    """Read dbt's manifest.

    Args:
        manifest: The file, or its content.
    """
    content: Mapping[str, Any] = (
        json.loads(manifest.read_text(encoding="utf-8")) if isinstance(manifest, Path) else manifest
    )
    everything = {**content["nodes"], **content["sources"], **content["exposures"]}
    nodes = {name: node for name, node in everything.items() if node["resource_type"] in _KINDS}
    parents = {
        name: [parent for parent in dict.fromkeys(node.get("depends_on", {}).get("nodes", [])) if parent in nodes]
        for name, node in nodes.items()
    }
    tests: dict[str, list[Node]] = defaultdict(list)
    for test in content["nodes"].values():
        if test["resource_type"] == "test":
            about = [test["attached_node"]] if test.get("attached_node") else test["depends_on"]["nodes"]
            for name in about:
                tests[name].append(test)
    return Graph(nodes, parents, tests)
