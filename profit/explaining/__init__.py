"""Explains the cost of a customer: which ledger accounts it comes from, through which pools and activities."""

from profit.explaining.costs import Explanation, explain_customer
from profit.explaining.printing import as_json, print_explanation
from profit.explaining.tree import LEVELS, Node

__all__ = ["LEVELS", "Explanation", "Node", "as_json", "explain_customer", "print_explanation"]
