"""The expectations that gates use, each with its rule in words, its severity and the reason for it."""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

from profit.gates.report import STOP

# Share of rows above which single bad rows are a systematic fault: a wrong sign, a system whose numbers do not fit.
TOLERATED_SHARE = 0.05


class ExpectFailedRowsToBeFew(UnexpectedRowsExpectation):
    """Passes where a query that sums up a check reports no more failed rows than tolerated.

    The query returns one row: `rows_checked`, `rows_failed`, and `sample_keys`, a list of text. So a check over
    millions of rows runs once, and no more than the samples reach Python.

    Attributes:
        tolerated_share: Share of the checked rows that may fail.
        metric_dependencies: The one metric that it needs.
        success_keys: Fields that decide on success.
    """

    tolerated_share: float = 0.0

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)
    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "tolerated_share")

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        (summary,) = metrics["unexpected_rows_query.table"]
        checked, failed = int(summary["rows_checked"] or 0), int(summary["rows_failed"] or 0)
        return {
            "success": failed <= self.tolerated_share * checked,
            "result": {
                "observed_value": f"{failed:,} of {checked:,}",
                "rows_checked": checked,
                "rows_failed": failed,
                "sample_keys": [str(key) for key in summary["sample_keys"] or ()],
            },
        }


def described(feed: str, rule: str, severity: str, reason: str) -> dict[str, Any]:
    """Fields that every expectation of a gate has.

    Args:
        feed: Feed or table that the rule is about.
        rule: What has to hold, in words.
        severity: stop or warn.
        reason: Why it has this severity, and what to do.
    """
    return {
        "description": f"{rule} — {severity}: {reason}",
        "severity": "critical" if severity == STOP else "warning",
        "meta": {
            "feed_or_table": feed,
            "rule": rule,
            "severity": severity,
            "reason": reason,
            "notes": {"format": "string", "content": [f"{severity}: {reason}"]},
        },
    }


def summary_query(failed: str, sample: str, checked: str = "select count(*) from {batch}") -> str:
    """Query for `ExpectFailedRowsToBeFew` from a select of the failed rows.

    Args:
        failed: Select of the rows that break the rule.
        sample: SQL expression over these rows that names one, as text.
        checked: Select of the number of rows checked.
    """
    return (
        f"with failed_rows as ({failed}) select ({checked}) as rows_checked, count(*) as rows_failed, "
        f"min({sample}, 5) as sample_keys from failed_rows"
    )
