"""The commands that bring deliveries into the landing zone and take them back."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from profit.errors import LandingError, expected, printable
from profit.landing.commits import WITHDRAWALS
from profit.landing.receipts import Receipt
from profit.paths import Paths

if TYPE_CHECKING:
    from profit.connectors.files import Rehearsed

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
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
@click.option(
    "--full",
    "full_feeds",
    multiple=True,
    metavar="FEED",
    help="Feed that is delivered in full: landed rows that are no longer in its file are withdrawn. May be repeated.",
)
@click.option("--confirm-gone", is_flag=True, help="Withdraw them however many they are.")
@click.option("--dry-run", is_flag=True, help="Say what would be refused and why, and land, quarantine, write nothing.")
def land_contract_files(
    folder: Path, source_system: str, delivered_on: dt.datetime | None, *, dry_run: bool, **options: Any
) -> None:
    """Land files that already have the contract's shape.

    What is said of the files by options may also stand beside them, in _dialect.yml. A dry run exits with 3 where a
    row, or all of the delivery, would be refused.
    """
    from profit.connectors.files import Full, Stated, ignored_files, land_files, rehearse_files

    delimiter = "\t" if options["csv_delimiter"] == "tab" else options["csv_delimiter"]
    stated = Stated(
        options["csv_encoding"], delimiter, options["csv_decimal"], options["csv_days"], options["time_zone"]
    )
    full = Full(options["full_feeds"], options["confirm_gone"])
    day = delivered_on.date() if delivered_on else None
    ignored: list[Path] = []

    if dry_run:
        with expected(LandingError, "Nothing would be landed."):
            rehearsed = rehearse_files(Paths.from_environment(), folder, source_system, day, stated, full=full)
        _report_rehearsal(rehearsed)
        return

    def landed(paths: Paths) -> list[Receipt]:
        receipts = land_files(paths, folder, source_system, day, stated, full=full)
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
        for said, attribute in (("quarantined for", "refused_by_column"), ("left empty,", "emptied_by_column")):
            counts: Counter[str] = Counter()
            for receipt in of_feed:
                counts.update(getattr(receipt, attribute))
            for column, count in sorted(counts.items()):
                click.echo(f"  {said} {column}: {count:,}")
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
    if refused or any(receipt.emptied_by_column for receipt in new):
        click.echo(
            f"Refused rows and values left empty, each with system, file, line, column and reason: "
            f"{Paths.from_environment().quarantine}"
        )


def _sums(receipts: list[Receipt]) -> tuple[int, int, int]:
    return (
        sum(receipt.rows_read for receipt in receipts),
        sum(receipt.rows_landed for receipt in receipts),
        sum(receipt.rows_quarantined for receipt in receipts),
    )


def _report_rehearsal(rehearsed: Rehearsed) -> None:
    """Print what a delivery would come to; anything that would be refused ends the command with code 3."""
    for receipt in rehearsed.receipts:
        again = ", as before" if receipt.is_repeat else ""
        click.echo(
            f"{receipt.feed} from {receipt.source_system}, {printable(receipt.origin)}: {receipt.rows_landed:,} rows "
            f"would be landed{again}, {receipt.rows_quarantined:,} refused"
            + "".join(f", {count:,} {column} left empty" for column, count in receipt.emptied_by_column.items())
        )
    for refusal in rehearsed.refusals:
        click.echo(f"{printable(refusal.origin)}: {refusal.rows:,} rows, {printable(refusal.reason, 200)}")
        for example in refusal.examples:
            click.echo(f"  {printable(example, 200)}")
    for failure in rehearsed.failures:
        click.echo(f"The delivery would be refused whole: {failure}")
    refused = sum(receipt.rows_quarantined for receipt in rehearsed.receipts)
    if rehearsed.failures or refused:
        whole = ", and the delivery as a whole," if rehearsed.failures else ""
        raise LandingError(f"{refused:,} rows{whole} would be refused. Nothing was landed.")
    click.echo("Nothing would be refused. Nothing was landed.")
