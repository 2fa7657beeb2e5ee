"""Whether the dbt project keeps the field's rules: names, layers, keys, documentation, governance."""

from profit.conformance.graph import Graph, read_graph
from profit.conformance.registry import RULES, Finding
from profit.conformance.rules import check_project, read_exceptions

__all__ = ["RULES", "Finding", "Graph", "check_project", "read_exceptions", "read_graph"]
