"""Runs `dbt build` in this process and shows how far it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg

from profit.deliveries import Deliveries
from profit.engines import DUCKDB
from profit.errors import BuildError, expected, printable
from profit.failing import show_largest_values
from profit.gates.personal import personal_names
from profit.gates.tested import PassedTest, note_tests, passed_tests
from profit.landing.private import make_zone
from profit.machine import collect_garbage_seldom, memory_limit
from profit.opening import open_build
from profit.paths import PROJECT_ROOT, Paths
from profit.rule_files import check_rule_files

_STEPS = 10
# They bring their own rows, so that they say nothing of tonight's: `make test` runs them.
_WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
_SHOWN_ROWS = 5
# Variables by which dbt takes another target, or another profile.
_CHOOSE_TARGET = ("TARGET", "PROFILE", "PROFILES_DIR")


class _Progress:
    """Listens to dbt and prints a line at every tenth of the nodes."""

    def __init__(self) -> None:
        self._total = 0
        self._done = 0

    def __call__(self, event: EventMsg) -> None:
        if event.info.name == "ConcurrencyLine":
            self._total = event.data.node_count
        elif event.info.name == "NodeFinished" and self._total and event.data.node_info.resource_type != "unit_test":
            # Unit tests are left out, as dbt's own total leaves them out.
            before = self._done * _STEPS // self._total
            self._done += 1
            if self._done * _STEPS // self._total > before:
                click.echo(f"  {self._done} of {self._total} models and tests")


def build_warehouse(
    paths: Paths,
    arguments: Sequence[str] = (),
    engine: str = DUCKDB,
    *,
    deliveries: Deliveries,
    run_id: str,
    has_unit_tests: bool = False,
) -> None:
    """Build and test every model into `paths.warehouse`, and note which tests it passed.

    Args:
        paths: Where the landing zone and the warehouse are.
        arguments: Further arguments for `dbt build`, such as `("--select", "core")`.
        engine: duckdb or spark.
        deliveries: What is read, and nothing else.
        run_id: Name of the run, by which tables say which one has built them.
        has_unit_tests: Whether the unit tests of the models run too, whose rows are made up.

    Raises:
        SettingError: A folder of rules is not there, or empty.
        BuildError: A file of rules cannot be used, or a model, test or check failed, dbt has printed which; or a file
            of the deliveries has gone or changed meanwhile.
        RunningError: Another program has the warehouse open.
    """
    check_rule_files()
    memory_limit()
    collect_garbage_seldom()
    deliveries.check("when the build began")
    if engine == DUCKDB:
        make_zone(paths.warehouse.parent)
        open_build(paths.warehouse, read_only=False, kind=BuildError).close()
    fixed = deliveries.write(Path(f"{paths.warehouse}.deliveries"))
    _set_environment(paths)
    os.environ.update({"PROFIT_DELIVERIES": str(fixed), "PROFIT_RUN_ID": run_id})
    try:
        _build_models(paths, arguments, engine, has_unit_tests=has_unit_tests)
    except BuildError:
        # What dbt stumbled over may be a file that is no longer there: then that is what is said.
        deliveries.check("while it was built")
        raise
    finally:
        for name in ("PROFIT_DELIVERIES", "PROFIT_RUN_ID"):
            os.environ.pop(name, None)
    deliveries.check("when the build had ended")


def _build_models(paths: Paths, arguments: Sequence[str], engine: str, *, has_unit_tests: bool) -> None:
    # dbt reads relative paths from the project folder, wherever the command was called.
    os.chdir(PROJECT_ROOT)
    click.echo(f"Building {paths.warehouse} from {paths.landing}")
    if not has_unit_tests:
        arguments = (*arguments, *_WITHOUT_UNIT_TESTS)
    if engine == DUCKDB:
        note_tests(paths, _build(paths, arguments, engine))
        return
    from profit.value.building import FITTED_FROM, write_fits

    fits = paths.warehouse.with_name("value_fits")
    os.environ["PROFIT_VALUE_FITS"] = str(fits) if (fits / "fits.parquet").is_file() else ""
    if "--select" in arguments:
        note_tests(paths, _build(paths, arguments, engine))
        return
    # Where dbt runs no Python, the models of lifetime value are fitted as soon as what they are fitted on is there.
    # Tests that look at tables of both halves wait for the second one.
    before = [f"+{FITTED_FROM}", "--indirect-selection", "cautious"]
    passed = _build(paths, ["--select", *before, *arguments], engine)
    first_results = _results()
    os.environ["PROFIT_VALUE_FITS"] = str(write_fits(paths.warehouse, fits))
    passed += _build(paths, ["--exclude", *before, *arguments], engine)
    _add_results(first_results)
    note_tests(paths, passed)


def _set_environment(paths: Paths) -> None:
    """Tell dbt the paths; those that it finds by itself are left alone, as it parses anew where a variable changes."""
    known = Paths.from_environment().as_environment()
    given = {name: os.environ.get(name, "") for name in known}
    os.environ.update(
        {
            name: value
            for name, value in paths.as_environment().items()
            # dbt takes the sign of a home folder for a name.
            if known[name] != value or given[name].startswith("~")
        }
    )


def _build(paths: Paths, arguments: Sequence[str], engine: str) -> list[PassedTest]:
    """Run dbt and return the tests that passed."""
    try:
        outcome = dbtRunner(callbacks=[_Progress()]).invoke(
            ["--quiet", "build", *_named(engine, arguments), *arguments]
        )
    finally:
        # dbt would keep the warehouse open as long as this process lives, and the gate could not read it.
        DuckDBConnectionManager.close_all_connections()
    if outcome.success:
        if engine == DUCKDB:
            _complete_file(paths)
        return passed_tests(outcome.result)
    if outcome.exception:
        raise _stopped_early(outcome.exception)
    failed = [result for result in outcome.result if result.status in {"error", "fail", "runtime error"}]
    if engine == DUCKDB:
        _show_failed_rows(paths, failed)
        show_largest_values(paths.warehouse, failed, _target() / "manifest.json")
    names = [str(result.node.name) for result in failed]
    log = Path(os.environ.get("DBT_LOG_PATH", PROJECT_ROOT / "logs")) / "dbt.log"
    raise BuildError(
        f"dbt build failed at {len(names)} of its nodes: {', '.join(names[:10])}. "
        f"The messages stand above; details are in {log}."
    )


def _complete_file(paths: Paths) -> None:
    """Have everything in the file itself: on a full disk DuckDB leaves part of it beside the file, without a word."""
    if Path(f"{paths.warehouse}.wal").exists():
        otherwise = f"{paths.warehouse} could not be completed; what is published stays."
        with (
            expected(BuildError, otherwise),
            open_build(paths.warehouse, read_only=False, kind=BuildError) as warehouse,
        ):
            warehouse.execute("checkpoint")


def _stopped_early(error: BaseException) -> BuildError:
    """Why dbt stopped as a whole: it prints some reasons, and keeps others to itself."""
    said = printable(" ".join(str(error).split()), 1000) or type(error).__name__
    return BuildError(f"dbt stopped: {said}")


def _show_failed_rows(paths: Paths, failed: Sequence[Any]) -> None:
    """Print some of the rows that each failed test has found: dbt itself says only how many there are."""
    tests = [result.node for result in failed if result.status == "fail" and result.node.resource_type == "test"]
    if not tests:
        return
    hidden = personal_names()
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        for node in tests[:10]:
            found = connection.execute(f"select * from ({node.compiled_code}) limit {_SHOWN_ROWS}")
            names = [column[0] for column in found.description]
            click.echo(f"\n{node.name} has found")
            for row in found.fetchall():
                shown = zip(names, row, strict=True)
                said = ", ".join(f"{name} = {value}" for name, value in shown if name not in hidden)
                click.echo(f"  {printable(said, 1000)}")


def _named(engine: str, arguments: Sequence[str] = ()) -> list[str]:
    """The engine as an option of dbt, where the profile would not choose it by itself.

    dbt reads the whole project anew where one command names the target and the next does not, though it is the same.
    """
    chosen = (os.environ.get(f"{prefix}_{name}") for prefix in ("DBT", "DBT_ENGINE") for name in _CHOOSE_TARGET)
    is_own = engine == DUCKDB and not any(chosen) and not any(each.startswith("--profile") for each in arguments)
    return [] if is_own else ["--target", engine]


def _target() -> Path:
    return Path(os.environ.get("DBT_TARGET_PATH", PROJECT_ROOT / "target"))


def _results_file() -> Path:
    return _target() / "run_results.json"


def _results() -> list[dict[str, Any]]:
    return list(json.loads(_results_file().read_text(encoding="utf-8"))["results"])


def _add_results(earlier: list[dict[str, Any]]) -> None:
    """What reads dbt's results finds those of both selections."""
    found = json.loads(_results_file().read_text(encoding="utf-8"))
    found["results"] = earlier + found["results"]
    _results_file().write_text(json.dumps(found), encoding="utf-8")


def run_operation(macro: str, arguments: Mapping[str, str], engine: str) -> bool:
    """Run a macro as a dbt operation.

    Args:
        macro: Name of the macro.
        arguments: Its arguments.
        engine: duckdb or spark.

    Returns:
        Whether it succeeded; otherwise dbt has printed why.
    """
    os.chdir(PROJECT_ROOT)
    command = ["--quiet", "run-operation", macro, "--args", json.dumps(dict(arguments)), *_named(engine)]
    return bool(dbtRunner().invoke(command).success)
