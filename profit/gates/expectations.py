"""The expectation of the gates: a feed or table keeps all its rules, as they were counted."""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

from profit.gates.report import STOP


class ExpectRulesToHold(UnexpectedRowsExpectation):
    """Passes where no rule that stops the run is broken by more rows than it tolerates.

    The query returns a row a rule: `place`, `severity`, `tolerated_share`, `rows_checked`, `rows_failed` and `error`.
    The rows were counted before, all rules of a table in one scan, so that judging a rule costs next to nothing.

    Attributes:
        metric_dependencies: The one metric that it needs.
        success_keys: Fields that decide on success.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)
    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query",)

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        rules = metrics["unexpected_rows_query.table"]
        broken = [rule["place"] for rule in rules if not _holds(rule)]
        stops = [rule["place"] for rule in rules if rule["place"] in broken and rule["severity"] == STOP]
        return {
            "success": not stops,
            "result": {"observed_value": f"{len(rules)} rules, {len(broken)} broken", "broken": broken},
        }


def _holds(rule: dict[str, Any]) -> bool:
    return not rule["error"] and rule["rows_failed"] <= rule["tolerated_share"] * rule["rows_checked"]
