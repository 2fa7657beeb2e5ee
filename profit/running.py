"""The whole run, unattended: check what was landed, build, check what came out, publish; stop at the first failure."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from profit.building import build_warehouse
from profit.engines import DUCKDB, SPARK
from profit.errors import LandingGateError, MartsGateError, ProfitError, RunningError
from profit.gates import GateReport, check_landing, check_marts, print_report
from profit.landing.locking import reading_landing
from profit.paths import Paths
from profit.publishing import print_published, publish_on_spark, publish_warehouse


def run_all(
    paths: Paths, dbt_arguments: Sequence[str] = (), engine: str = DUCKDB, *, has_unit_tests: bool = False
) -> None:
    """Take the landed deliveries through both gates into the published file.

    Args:
        paths: Where everything is.
        dbt_arguments: Further arguments for `dbt build`.
        engine: duckdb or spark.
        has_unit_tests: Whether the unit tests of the models run too.

    Raises:
        RunningError: Another run is at work on the same warehouse.
        LandingGateError: What was landed did not pass.
        BuildError: A model or test failed.
        MartsGateError: What was built did not pass.
        PublishError: The published file could not be swapped in.
    """
    run_id = uuid.uuid4().hex
    steps: list[tuple[str, Callable[[], object]]] = [
        ("check landing", lambda: pass_landing(paths)),
        ("build", lambda: build_warehouse(paths, dbt_arguments, engine, has_unit_tests=has_unit_tests)),
        ("check marts", lambda: pass_marts(paths)),
        ("publish", lambda: _publish(paths, engine, run_id)),
    ]
    with _only_run(paths), reading_landing(paths):
        for number, (name, step) in enumerate(steps, start=1):
            click.echo(f"[{number}/{len(steps)}] {name}")
            _logged(paths, run_id, name, step)


def pass_landing(paths: Paths) -> GateReport:
    """Check the landing zone and print what was found.

    Raises:
        LandingGateError: A rule that stops the run is broken.
    """
    with reading_landing(paths):
        report = check_landing(paths)
    print_report(report)
    if not report.is_passed:
        raise LandingGateError("The landing zone did not pass its gate. Nothing was built; what is published stays.")
    return report


def pass_marts(paths: Paths) -> GateReport:
    """Check core and marts and print what was found.

    Raises:
        MartsGateError: A rule that stops the run is broken.
    """
    report = check_marts(paths)
    print_report(report)
    if not report.is_passed:
        raise MartsGateError("The marts did not pass their gate. What is published stays as it is.")
    return report


def publish(paths: Paths, engine: str = DUCKDB) -> None:
    """Publish what passed, as a step of its own.

    Raises:
        RunningError: Another run is at work on the same warehouse.
        PublishError: This build has not passed its gate, or could not be swapped in.
    """
    with _only_run(paths):
        _publish(paths, engine)


def _publish(paths: Paths, engine: str, run_id: str | None = None) -> None:
    """Publish in the way of the engine: a file of DuckDB, views of Spark."""
    if engine == SPARK:
        publish_on_spark(paths, run_id)
        return
    publish_warehouse(paths, run_id)
    print_published(paths)


def _logged(paths: Paths, run_id: str, name: str, step: Callable[[], object]) -> None:
    """Run a step and append a line to the run log: when, which, how it ended, how long it took."""
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    outcome = "killed or broken"
    try:
        step()
        outcome = "done"
    except ProfitError as error:
        outcome = f"failed with {error.exit_code}: {error}"
        raise
    finally:
        line = {
            "run_id": run_id,
            "started_at": started.isoformat(timespec="seconds"),
            "step": name,
            "outcome": outcome,
            "seconds": round(time.monotonic() - clock, 1),
        }
        log = paths.run_log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


@contextmanager
def _only_run(paths: Paths) -> Iterator[None]:
    """Hold the warehouse's run lock; the system lets go of it when the process ends, however it ends."""
    lock = Path(f"{paths.warehouse}.run")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunningError(f"Another run is at work on {paths.warehouse}; wait for it to end.") from None
        yield
