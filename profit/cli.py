"""The command `profit`: a thin layer over landing, dbt and the marts."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import click

from profit import __version__
from profit.commands.compare_rules import compare_rules_command
from profit.commands.digest import digest_command
from profit.commands.explain import explain
from profit.commands.export import export_command
from profit.commands.land import land
from profit.commands.pipeline import pipeline_command
from profit.commands.plan import plan_command, scenario_command, what_if_command
from profit.commands.scorecard import scorecard_command
from profit.commands.train import train
from profit.engines import DUCKDB, ENGINES, paths_on
from profit.errors import EXPECTED, ProfitError, explained
from profit.paths import Paths
from profit.stopping import SIGNALS, ended_by_signals, exit_code, interrupted_by_signals

_FOLDER = click.Path(path_type=Path, file_okay=False)
_TARGET = click.option("--target", type=click.Choice(ENGINES), default=DUCKDB, show_default=True, help="Engine.")
_UNIT_TESTS = click.option("--unit-tests", is_flag=True, help="Run the models' unit tests too, on rows made for them.")
_PARTIAL = click.option(
    "--partial", is_flag=True, help="Publish, though tables are from other deliveries than those that were read last."
)


class _Commands(click.Group):
    """Turns expected failures into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        for stream in (sys.stdout, sys.stderr):
            # A name that this session cannot show does not end the command.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        with interrupted_by_signals() as came:
            try:
                return super().invoke(ctx)
            except click.exceptions.Exit:
                # How a command ends that has said its --help: a RuntimeError to whoever looks.
                raise
            except BaseException as error:
                if came:
                    # Whatever a library has made of it.
                    _say(f"stopped by {SIGNALS[signal.Signals(came[0])]}. What is landed and published stays as it is.")
                    sys.exit(exit_code(came[0]))
                if isinstance(error, ProfitError):
                    _say(str(error))
                    sys.exit(error.exit_code)
                if isinstance(error, BrokenPipeError):
                    # Who reads the output has gone; the interpreter would say so again at its end.
                    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                    sys.exit(1)
                if isinstance(error, EXPECTED):
                    _say(explained(error))
                    sys.exit(1)
                raise


def _say(text: str) -> None:
    with suppress(OSError):
        click.echo(f"profit: {text}", err=True)


@click.group(cls=_Commands)
@click.version_option(__version__)
def main() -> None:
    """Customer-profitability warehouse: land deliveries, build the marts, read them.

    Paths come from PROFIT_LANDING, PROFIT_QUARANTINE, PROFIT_QUALITY, PROFIT_WAREHOUSE and PROFIT_PUBLISHED, with
    defaults inside the project folder.

    Exit codes: 0 done, 1 other errors, 2 wrong usage, 3 a delivery cannot be landed, 4 the build failed, 5 the landing
    gate stopped, 6 the marts gate stopped, 7 not published, 8 another run, landing or program is at work, 130 stopped
    by Ctrl-C, 143 by SIGTERM.
    """


main.add_command(compare_rules_command)
main.add_command(digest_command)
main.add_command(explain)
main.add_command(export_command)
main.add_command(land)
main.add_command(pipeline_command)
main.add_command(plan_command)
main.add_command(scenario_command)
main.add_command(scorecard_command)
main.add_command(train)
main.add_command(what_if_command)


@main.command(context_settings={"ignore_unknown_options": True})
@_TARGET
@_UNIT_TESTS
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def build(target: str, unit_tests: bool, dbt_arguments: tuple[str, ...]) -> None:
    """Run `dbt build` without unit tests; further arguments, such as --select, go to dbt."""
    with ended_by_signals():
        from profit import running

        running.build(paths_on(Paths.from_environment(), target), dbt_arguments, target, has_unit_tests=unit_tests)


@main.command()
@_TARGET
@click.argument("gate", type=click.Choice(["landing", "marts"]))
def check(target: str, gate: str) -> None:
    """Check a gate: what was landed against the source contract, or what was built before it is published."""
    with ended_by_signals():
        from profit.running import pass_landing, pass_marts

        (pass_landing if gate == "landing" else pass_marts)(paths_on(Paths.from_environment(), target))


@main.command()
@_TARGET
@_PARTIAL
def publish(target: str, partial: bool) -> None:
    """Publish core and marts, if this very build passed its gate: a read-only file, or on Spark a schema of views."""
    with ended_by_signals():
        from profit import running

        running.publish(paths_on(Paths.from_environment(), target), target, is_partial=partial)


@main.command(context_settings={"ignore_unknown_options": True})
@_TARGET
@_UNIT_TESTS
@_PARTIAL
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def run(target: str, unit_tests: bool, partial: bool, dbt_arguments: tuple[str, ...]) -> None:
    """Check what was landed, build, check what came out, publish; stop at the first failure."""
    with ended_by_signals():
        from profit.running import run_all

        run_all(
            paths_on(Paths.from_environment(), target),
            dbt_arguments,
            target,
            has_unit_tests=unit_tests,
            is_partial=partial,
        )


@main.command()
def summary() -> None:
    """Say where the result is, how many customers, and who is most and least profitable."""
    from profit.reading import print_summary

    print_summary(Paths.from_environment())


@main.command()
def coverage() -> None:
    """Say of each feed what was delivered, and which metrics are weaker for what was not."""
    from profit.reading import print_coverage

    print_coverage(Paths.from_environment())
