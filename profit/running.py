"""The whole run, unattended: check what was landed, build, check what came out, publish; stop at the first failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from profit.building import build_warehouse
from profit.deliveries import Deliveries, fix_deliveries
from profit.engines import DUCKDB, SPARK
from profit.errors import (
    BuildError,
    LandingError,
    LandingGateError,
    MartsGateError,
    ProfitError,
    PublishError,
    expected,
)
from profit.gates import GateReport, check_landing, check_marts, print_report
from profit.gates.refused import print_refused
from profit.journal import only_run
from profit.landing.locking import reading_landing
from profit.paths import Paths
from profit.publishing import left_in_place, print_published, publish_on_spark, publish_warehouse
from profit.time_zone import business_time_zone
from profit.variables import read_variables

_NOT_BUILT = "Nothing was built; what is published stays."
_NOT_PUBLISHED = "What is published stays as it is."


def run_all(
    paths: Paths,
    dbt_arguments: Sequence[str] = (),
    engine: str = DUCKDB,
    *,
    has_unit_tests: bool = False,
    is_partial: bool = False,
) -> None:
    """Take the landed deliveries through both gates into the published file.

    The deliveries are those that are there when the run starts: gate, build and manifest read this set, and a file of
    it that vanishes or changes meanwhile stops the run.

    Args:
        paths: Where everything is.
        dbt_arguments: Further arguments for `dbt build`.
        engine: duckdb or spark.
        has_unit_tests: Whether the unit tests of the models run too.
        is_partial: Whether tables may be published that were built from other deliveries than those of this run.

    Raises:
        RunningError: Another run is at work on the same warehouse.
        LandingGateError: What was landed did not pass.
        BuildError: A model or test failed.
        MartsGateError: What was built did not pass.
        PublishError: The published file could not be swapped in.
    """
    _check_time_zone(dbt_arguments)
    with only_run(paths, BuildError) as journal, _fixed(paths, LandingGateError) as deliveries:
        steps: list[tuple[str, Callable[[], object]]] = [
            ("check landing", lambda: _pass_landing(paths, deliveries, read_variables(dbt_arguments))),
            (
                "build",
                lambda: _build(paths, deliveries, dbt_arguments, engine, journal.run_id, has_unit_tests=has_unit_tests),
            ),
            ("check marts", lambda: pass_marts(paths)),
            ("publish", lambda: _publish(paths, engine, journal.run_id, is_partial=is_partial)),
        ]
        for number, (name, step) in enumerate(steps, start=1):
            click.echo(f"[{number}/{len(steps)}] {name}")
            journal.step(name, step)
        print_refused(paths)


def _check_time_zone(arguments: Sequence[str]) -> None:
    """Check the setting on which every month rests before anything is read."""
    try:
        business_time_zone(arguments)
    except ProfitError as error:
        raise BuildError(f"{error} {_NOT_BUILT}") from error


def pass_landing(paths: Paths) -> GateReport:
    """Check the landing zone and print what was found.

    Raises:
        LandingGateError: A rule that stops the run is broken.
    """
    with _fixed(paths, LandingGateError) as deliveries:
        report = _pass_landing(paths, deliveries, read_variables())
        print_refused(paths)
    return report


@contextmanager
def _fixed(paths: Paths, kind: type[ProfitError]) -> Iterator[Deliveries]:
    """Keep landings away, and give what is delivered, as it is now."""
    with ExitStack() as stack:
        try:
            with expected(kind, _NOT_BUILT):
                stack.enter_context(reading_landing(paths))
                deliveries = fix_deliveries(paths)
        except LandingError as error:
            raise kind(f"{error} {_NOT_BUILT}") from error
        yield deliveries


def _pass_landing(paths: Paths, deliveries: Deliveries, variables: Mapping[str, Any]) -> GateReport:
    with expected(LandingGateError, _NOT_BUILT):
        report = check_landing(paths, deliveries, variables)
        print_report(report)
    if not report.is_passed:
        raise LandingGateError(f"The landing zone did not pass its gate. {_NOT_BUILT}")
    return report


def build(paths: Paths, dbt_arguments: Sequence[str], engine: str, *, has_unit_tests: bool) -> None:
    """Build, as a step of its own.

    Raises:
        RunningError: Another run, or a landing, is at work.
        BuildError: A model or test failed.
    """
    _check_time_zone(dbt_arguments)
    with only_run(paths, BuildError) as journal, _fixed(paths, BuildError) as deliveries:
        _build(paths, deliveries, dbt_arguments, engine, journal.run_id, has_unit_tests=has_unit_tests)


def _build(
    paths: Paths, deliveries: Deliveries, arguments: Sequence[str], engine: str, run_id: str, *, has_unit_tests: bool
) -> None:
    with expected(BuildError, "The warehouse holds what was built before; what is published stays."):
        build_warehouse(paths, arguments, engine, deliveries=deliveries, run_id=run_id, has_unit_tests=has_unit_tests)


def pass_marts(paths: Paths) -> GateReport:
    """Check core and marts and print what was found.

    Raises:
        MartsGateError: A rule that stops the run is broken.
    """
    with expected(MartsGateError, _NOT_PUBLISHED):
        report = check_marts(paths)
        print_report(report)
    if not report.is_passed:
        raise MartsGateError(f"The marts did not pass their gate. {_NOT_PUBLISHED}")
    return report


def publish(paths: Paths, engine: str = DUCKDB, *, is_partial: bool = False) -> None:
    """Publish what passed, as a step of its own.

    Args:
        paths: Where everything is.
        engine: duckdb or spark.
        is_partial: Whether tables may be published that were built from other deliveries than the last build read.

    Raises:
        RunningError: Another run is at work on the same warehouse.
        PublishError: This build has not passed its gate, or could not be swapped in.
    """
    with only_run(paths, PublishError) as journal:
        _publish(paths, engine, journal.run_id, is_partial=is_partial)


def _publish(paths: Paths, engine: str, run_id: str, *, is_partial: bool) -> None:
    """Publish in the way of the engine: a file of DuckDB, views of Spark."""
    with expected(PublishError, left_in_place(paths)):
        if engine == SPARK:
            publish_on_spark(paths, run_id, is_partial=is_partial)
            return
        publish_warehouse(paths, run_id, is_partial=is_partial)
        print_published(paths)
