"""Compares two sets of cost rules: builds with both, and says what moved."""

from profit.comparing.builds import compare_rules
from profit.comparing.movements import Comparison, Movement, SignChange, WhaleCurve
from profit.comparing.printing import as_json, print_comparison
from profit.comparing.rules import RuleChange, RuleSet

__all__ = [
    "Comparison",
    "Movement",
    "RuleChange",
    "RuleSet",
    "SignChange",
    "WhaleCurve",
    "as_json",
    "compare_rules",
    "print_comparison",
]
