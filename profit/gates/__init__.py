"""Data-quality gates: what crosses the border is checked, on the way in and on the way out.

Great Expectations takes seconds to import, so it is imported only when a gate runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profit.deliveries import Deliveries, fix_deliveries
from profit.gates.passing import note_pass, read_pass
from profit.gates.report import GateReport, Result, print_report
from profit.paths import Paths
from profit.variables import read_variables

__all__ = ["GateReport", "Result", "check_landing", "check_marts", "print_report", "read_pass"]


def check_landing(
    paths: Paths, deliveries: Deliveries | None = None, variables: Mapping[str, Any] | None = None
) -> GateReport:
    """Check the landed files against the source contract, before anything is loaded.

    Writes the results to `<quality>/gate/landing/` and Data Docs to `<quality>/data_docs/landing/`.

    Args:
        paths: Where the landing zone is, and where results go.
        deliveries: The deliveries of the run; those that are there, where none are given.
        variables: Variables of the dbt project that hold for the run; those of its file, where none are given.

    Returns:
        Every rule that was checked; `is_passed` says whether the build may go on.
    """
    from profit.gates.landing import run_landing_gate  # noqa: PLC0415

    return run_landing_gate(
        paths, deliveries or fix_deliveries(paths), read_variables() if variables is None else variables
    )


def check_marts(paths: Paths) -> GateReport:
    """Check core and marts in the warehouse that was built, read-only, before they are published.

    Writes the results to `<quality>/gate/marts/` and Data Docs to `<quality>/data_docs/marts/`.

    Args:
        paths: Where the warehouse is, and where results go.

    Returns:
        Every rule that was checked; `is_passed` says whether the marts may be published.

    Raises:
        ProfitError: There is no warehouse, or it is being written.
    """
    from profit.gates.marts import run_marts_gate  # noqa: PLC0415

    report = run_marts_gate(paths)
    note_pass(paths, report)
    return report
