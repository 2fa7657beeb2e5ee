"""Full extracts: what a system had delivered of a feed, and no longer does, is withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb

from profit.contract import Feed, read_contract
from profit.errors import LandingError, printable
from profit.landing.commits import uncommitted_files
from profit.landing.delivery import Delivery
from profit.landing.quoting import quote_name, quote_path, quote_text
from profit.landing.receipts import LAST_OF_ITS_DAY, Receipt, landed_file, partition
from profit.landing.typing import key_text
from profit.paths import Paths

# Share of the rows of a feed and system that may be gone without anybody's word; `gone_share` of a feed goes before it.
GONE_SHARE = 0.1
_NOTHING = "Nothing of this delivery was landed."


@dataclass(frozen=True)
class Full:
    """Feeds that are delivered in full.

    Attributes:
        feeds: Names, with or without their department.
        is_confirmed: Whether any share of the rows may be gone.
    """

    feeds: tuple[str, ...] = ()
    is_confirmed: bool = False


PARTS = Full()


@dataclass(frozen=True)
class _Extract:
    """All that one system has of a feed: receipts, and the files of their rows and of those that are refused."""

    feed: Feed
    tables: Sequence[tuple[Receipt, Path, Path | None]]

    @property
    def source_system(self) -> str:
        return self.tables[0][0].source_system

    @property
    def delivered_on(self) -> str:
        return max(receipt.delivered_on for receipt, *_ in self.tables)

    @property
    def origin(self) -> str:
        return self.tables[0][0].origin


def withdraw_gone(paths: Paths, connection: duckdb.DuckDBPyConnection, delivery: Delivery, full: Full) -> None:
    """Add to a delivery a withdrawn version of every row that it should have and has not.

    Rows that it refuses are there. Versions of a later day than the delivery's stay.

    Args:
        paths: Where the landing zone is.
        connection: That of the delivery.
        delivery: Delivery to which all files have been added.
        full: What is delivered in full.

    Raises:
        LandingError: A feed is unknown or has no file, keys cannot be read, or more rows are gone than may be.
    """
    for feed in [_feed(name) for name in full.feeds]:
        tables = [(each.receipt, each.landed, each.quarantined) for each in delivery.prepared if each.feed == feed]
        for receipt in delivery.repeated:
            if receipt.feed == feed.name and (found := landed_file(paths, feed, receipt)):
                quarantined = paths.quarantine / found.relative_to(paths.landing)
                tables.append((receipt, found, quarantined if quarantined.exists() else None))
        if not tables:
            raise LandingError(
                f"{feed.name}: is said to be delivered in full, and the folder holds no file of it; a file with a "
                f"header alone says that it has no rows any more. {_NOTHING}"
            )
        for system in sorted({receipt.source_system for receipt, *_ in tables}):
            extract = _Extract(feed, [table for table in tables if table[0].source_system == system])
            _withdraw(paths, connection, delivery, extract, is_confirmed=full.is_confirmed)


def _feed(name: str) -> Feed:
    feed = read_contract().get(name.rpartition(".")[2])
    if feed is None or name not in {feed.table, feed.name}:
        raise LandingError(
            f"--full {printable(name, 80)}: the contract has no such feed. "
            f"Known: {', '.join(sorted(read_contract()))}. {_NOTHING}"
        )
    return feed


def _withdraw(
    paths: Paths,
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    extract: _Extract,
    *,
    is_confirmed: bool,
) -> None:
    feed, system, day = extract.feed, extract.source_system, extract.delivered_on
    uncommitted = uncommitted_files(paths.landing)
    days = (paths.landing / partition(feed, system, day)).parent
    held = [path for path in sorted(days.glob("*/*.parquet")) if path not in uncommitted]
    if not held:
        return
    _read_keys(connection, extract)
    key = _key(feed)
    connection.execute(f"""
        create or replace temp table _held as
        with versions as (
            select *, right(parse_filename(filename, true), 12) as _content
            from read_parquet([{", ".join(map(quote_path, held))}], union_by_name = true, filename = true,
                hive_partitioning = true, hive_types = {{'delivered_on': date}})
        )
        select * exclude (filename), {key} as _key, {key} in (select _key from _full_keys) as _is_there
        from versions
        qualify row_number() over (partition by {key} order by delivered_on desc, _content desc) = 1
    """)
    live = "not coalesce(is_deleted, false)"
    gone = f"{live} and not _is_there and delivered_on <= date '{day}'"
    ((rows_live, rows_gone, rows_back, digest),) = connection.execute(f"""
        select count(*) filter ({live}), count(*) filter ({gone}),
            count(*) filter (is_deleted and _is_there and delivered_on = date '{day}'
                and starts_with(_content, '{LAST_OF_ITS_DAY}')),
            md5(string_agg(_key, chr(10) order by _key) filter ({gone}))
        from _held
    """).fetchall()
    what = f"{feed.name} from {system}"
    if rows_back:
        raise LandingError(
            f"{what}: {rows_back:,} rows were withdrawn on {day} by another full extract, and would stay so; take that "
            f"delivery back by `profit land withdraw`, or deliver as of a later day. {_NOTHING}"
        )
    share = GONE_SHARE if feed.gone_share is None else feed.gone_share
    if rows_gone > share * rows_live and not is_confirmed:
        raise LandingError(
            f"{what}: {rows_gone:,} of {rows_live:,} rows are no longer in the full extract, more than {share:.0%} "
            f"(gone_share of the feed): most likely it is cut off, or a filter is wrong. If they are gone, say "
            f"--confirm-gone. {_NOTHING}"
        )
    click.echo(f"{what}: {rows_gone:,} of {rows_live:,} rows are no longer in the full extract: withdrawn")
    if rows_gone:
        columns = [str(name) for (name, *_) in connection.execute("describe _held").fetchall()]
        names = [name for name in columns if (name in feed.columns or name.startswith("x_")) and name != "is_deleted"]
        delivery.add(
            feed,
            f"select {', '.join(map(quote_name, names))}, true as is_deleted from _held where {gone}",
            source_system=system,
            delivered_on=dt.date.fromisoformat(day),
            origin=f"no longer in {extract.origin}",
            checksum=f"{LAST_OF_ITS_DAY}{digest}",
        )


def _read_keys(connection: duckdb.DuckDBPyConnection, extract: _Extract) -> None:
    """Make the table of the keys that a full extract has, those of refused rows included."""
    feed = extract.feed
    selects = [f"select {_key(feed)} as _key from read_parquet({quote_path(file)})" for _, file, _ in extract.tables]
    texts = {name: f"json_extract_string(content, {quote_text(f'$.{name}')})" for name in feed.key}
    for name, text in texts.items():
        if feed.columns[name].data_type == "date":
            texts[name] = f"cast(try_cast({text} as date) as varchar)"
    refused = " || chr(31) || ".join(f"nullif(trim({text}), '')" for text in texts.values())
    selects += [
        f"select case when json_valid(content) then {refused} end as _key from read_parquet({quote_path(file)})"
        for _, _, file in extract.tables
        if file is not None
    ]
    connection.execute(f"create or replace temp table _full_keys as {' union all '.join(selects)}")
    ((unknown,),) = connection.execute("select count(*) from _full_keys where _key is null").fetchall()
    if unknown:
        raise LandingError(
            f"{printable(extract.origin)}: {unknown:,} rows are refused that have no key one can read, so that nobody "
            f"can say which rows of {feed.name} are gone; mend them first. {_NOTHING}"
        )


def _key(feed: Feed) -> str:
    return " || chr(31) || ".join(key_text(feed))
