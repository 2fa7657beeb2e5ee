"""The command `profit`: a thin layer over landing, dbt and the marts."""

from __future__ import annotations

import datetime as dt
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import click

from profit import __version__
from profit.commands.compare_rules import compare_rules_command
from profit.commands.explain import explain
from profit.commands.train import train
from profit.engines import DUCKDB, ENGINES, paths_on
from profit.errors import EXPECTED, LandingError, ProfitError, expected, explained, printable
from profit.landing.commits import WITHDRAWALS
from profit.landing.receipts import Receipt
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
main.add_command(explain)
main.add_command(train)


@main.group()
def land() -> None:
    """Bring deliveries into the landing zone, typed against the source contract."""


@land.command("demo")
@click.option("--customers", default=3000, show_default=True, help="True customers of the generated company.")
@click.option("--months", default=24, show_default=True, help="Months of history, the last one being December 2025.")
@click.option("--seed", default=7, show_default=True, help="Seed; the same seed gives the same company.")
@click.option(
    "--articles", default=125, show_default=True, help="Articles of the catalogue: 125, and variants of them."
)
def land_demo_company(customers: int, months: int, seed: int, articles: int) -> None:
    """Generate and land a company with several systems, currencies and years of dirt."""
    from profit.connectors.demo import land_demo

    _land(lambda paths: land_demo(paths, customers=customers, months=months, seed=seed, articles=articles))


@land.command("adventureworks")
@click.option("--from", "folder", required=True, type=_FOLDER, help="Folder with dw/*.parquet and oltp/*.csv.")
def land_adventureworks_company(folder: Path) -> None:
    """Land Microsoft's sample company from its data warehouse and its operational database."""
    from profit.connectors.adventureworks import land_adventureworks

    _land(lambda paths: land_adventureworks(paths, folder))


@land.command("cdnow")
@click.option("--from", "folder", required=True, type=_FOLDER, help="Folder with CDNOW_sample.txt or CDNOW_master.txt.")
@click.option(
    "--extent",
    type=click.Choice(["sample", "master"]),
    default="sample",
    show_default=True,
    help="One customer in ten, or all of them.",
)
def land_cdnow_purchases(folder: Path, extent: str) -> None:
    """Land the public purchases on which models of lifetime value are tested."""
    from profit.connectors.cdnow import land_cdnow

    _land(lambda paths: land_cdnow(paths, folder, extent=extent))


@land.command("online_retail")
@click.option("--from", "folder", required=True, type=_FOLDER, help="Folder with online_retail.parquet.")
def land_online_retail_shop(folder: Path) -> None:
    """Land a year of a British web shop, published by the UCI repository."""
    from profit.connectors.online_retail import land_online_retail

    _land(lambda paths: land_online_retail(paths, folder))


@land.command("files")
@click.option("--from", "folder", required=True, type=_FOLDER, help="Folder of CSV or Parquet files in contract shape.")
@click.option(
    "--source-system", default="files", show_default=True, help="System, where neither path nor file names it."
)
@click.option(
    "--delivered-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of delivery, where neither path nor file names it.  [default: today]",
)
@click.option("--csv-decimal", type=click.Choice([".", ","]), help="Mark before decimals.  [default: found per file]")
@click.option("--csv-days", type=click.Choice(["ymd", "dmy", "mdy"]), help="Order of days.  [default: found per file]")
@click.option("--csv-encoding", help="Encoding, such as windows-1252 or utf-16.  [default: by its mark, else UTF-8]")
@click.option("--csv-delimiter", help="What ends a field: , ; | or tab.  [default: found per file]")
@click.option("--time-zone", help="Zone of moments that bear no offset, such as Europe/Berlin.  [default: UTC]")
def land_contract_files(  # noqa: PLR0917 - click gives every option by its name
    folder: Path,
    source_system: str,
    delivered_on: dt.datetime | None,
    csv_decimal: str | None,
    csv_days: str | None,
    csv_encoding: str | None,
    csv_delimiter: str | None,
    time_zone: str | None,
) -> None:
    """Land files that already have the contract's shape."""
    from profit.connectors.files import Stated, ignored_files, land_files

    day = delivered_on.date() if delivered_on else None
    delimiter = "\t" if csv_delimiter == "tab" else csv_delimiter
    stated = Stated(csv_encoding, delimiter, csv_decimal, csv_days, time_zone)
    ignored: list[Path] = []

    def landed(paths: Paths) -> list[Receipt]:
        receipts = land_files(paths, folder, source_system, day, stated)
        ignored.extend(ignored_files(folder))
        return receipts

    _land(landed, ignored)


@land.command("withdraw")
@click.argument("delivery")
@click.option("--reason", required=True, help="Why, for the log.")
def withdraw_delivery(delivery: str, reason: str) -> None:
    """Take a delivery back: it is kept aside, where no run reads it, and may be landed again.

    DELIVERY is the name that landing printed, the delivery_id of a row, or a landed file below the landing zone.
    """
    from profit.landing.withdrawing import withdraw

    receipts, folder = withdraw(Paths.from_environment(), delivery, reason)
    for receipt in receipts:
        click.echo(
            f"withdrawn: {receipt.feed} from {receipt.source_system}, delivered on {receipt.delivered_on}, "
            f"{receipt.rows_landed:,} rows landed + {receipt.rows_quarantined:,} quarantined"
        )
    click.echo(f"Kept in {folder}; the log is {folder.parent.parent / WITHDRAWALS}")


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


def _land(landed: Callable[[Paths], list[Receipt]], ignored: Sequence[Path] = ()) -> None:
    """Land, and report what became of it; whatever goes wrong before the report means that nothing was landed."""
    with expected(LandingError, "Nothing of this delivery was landed."):
        receipts = landed(Paths.from_environment())
    for path in ignored:
        click.echo(f"ignored, no table of the contract: {printable(path)}")
    _report(receipts)


def _report(receipts: list[Receipt]) -> None:
    """Print what became of a delivery: a line per feed and system, refused rows by column, and the sum."""
    repeated = sum(receipt.is_repeat for receipt in receipts)
    if repeated:
        click.echo(f"{repeated} table{'s' * (repeated > 1)} had been landed before: nothing changes by them.")
    new = [receipt for receipt in receipts if not receipt.is_repeat]
    for feed, system in sorted({(receipt.feed, receipt.source_system) for receipt in new}):
        of_feed = [receipt for receipt in new if (receipt.feed, receipt.source_system) == (feed, system)]
        read, landed, refused = _sums(of_feed)
        click.echo(f"{feed} from {system}: {landed:,} landed + {refused:,} quarantined = {read:,} read")
        for column in sorted({column for receipt in of_feed for column in receipt.refused_by_column}):
            count = sum(receipt.refused_by_column.get(column, 0) for receipt in of_feed)
            click.echo(f"  quarantined for {column}: {count:,}")
        if otherwise := sum(receipt.rows_otherwise for receipt in of_feed):
            click.echo(
                f"  {otherwise:,} of them had been delivered for their day with other values: content decides which "
                f"version counts, not the order of landing; `profit land withdraw` takes the wrong one back"
            )
        unknown = sorted({column for receipt in of_feed for column in receipt.unknown_columns})
        if unknown:
            click.echo(f"  not in the contract, read by no model: {', '.join(unknown)} (x_ columns pass through)")
    read, landed, refused = _sums(new)
    click.echo(f"{len(new):,} tables: {landed:,} rows landed + {refused:,} quarantined = {read:,} read")
    for name in sorted({receipt.delivery for receipt in new if receipt.delivery}):
        click.echo(f"Delivery {name}; `profit land withdraw {name} --reason …` takes it back.")
    if refused:
        click.echo(
            f"Refused rows, each with system, file, line, column and reason: {Paths.from_environment().quarantine}"
        )


def _sums(receipts: list[Receipt]) -> tuple[int, int, int]:
    return (
        sum(receipt.rows_read for receipt in receipts),
        sum(receipt.rows_landed for receipt in receipts),
        sum(receipt.rows_quarantined for receipt in receipts),
    )
