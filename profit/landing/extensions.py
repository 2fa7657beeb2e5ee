"""Own columns of a company (`x_…`): they go through to core, so they keep their type and hold nothing personal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
import duckdb

from profit.contract import Feed
from profit.errors import LandingError, printable
from profit.landing.commits import uncommitted_files
from profit.landing.grammar import EXACT, as_text, is_coarse, is_finer, is_number
from profit.landing.personal import find_personal
from profit.landing.quoting import quote_name, quote_path
from profit.landing.typing import extension_columns, extension_type, is_read

_NOTHING_LANDED = "Nothing of this delivery was landed."
_FINER = "moments with more than microseconds; what is below is left off."
_COARSE = (
    "numbers that are too large for floating point to hold all decimals of an amount; they are taken with the digits "
    "that it has. Deliver decimals or text where they matter."
)


def landed_types(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, str]:
    """Types of the own columns that a feed has in the landing zone.

    Args:
        connection: Any connection.
        folder: Folder of the feed.

    Raises:
        LandingError: A landed file cannot be read, or two have the same column in different types.
    """
    files = _landed(folder)
    if not files:
        return {}
    listed = ", ".join(map(quote_path, files))
    try:
        described = connection.execute(
            f"describe select * from read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        ).fetchall()
    except duckdb.Error as error:
        raise LandingError(
            f"{folder}: what is landed there cannot be read together ({printable(str(error).splitlines()[0])}). Find "
            f"the file by `profit check landing` and take its delivery back by `profit land withdraw`. "
            f"{_NOTHING_LANDED}"
        ) from error
    types = {str(name).lower(): str(kind) for name, kind, *_ in described if str(name).lower().startswith("x_")}
    return {name: extension_type(kind) or kind for name, kind in types.items()}


def _landed(folder: Path) -> list[Path]:
    """Landed files of a feed, the oldest deliveries first."""
    uncommitted = uncommitted_files(folder.parent.parent)
    files = [path for path in folder.glob("*/*/*.parquet") if path not in uncommitted]
    return sorted(files, key=lambda path: (path.parent.name, path.name, path.parent.parent.name))


def _first_delivery(connection: duckdb.DuckDBPyConnection, folder: Path, column: str) -> str:
    """Say which delivery brought an own column first."""
    for path in _landed(folder):
        described = connection.execute(f"describe select * from read_parquet({quote_path(path)})").fetchall()
        if column in {str(name).lower() for name, *_ in described}:
            system, day = (part.partition("=")[2] for part in path.relative_to(folder).parts[:2])
            return f"the delivery {path.stem} of {printable(system)} on {day}"
    return "an earlier file of this delivery"


def types_to_land(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    *,
    origin: str,
    relation: str,
    delivered: Mapping[str, str],
    landed: Mapping[str, str],
    folder: Path,
) -> dict[str, str]:
    """Types in which the own columns of a delivered table are landed.

    Args:
        connection: Where the relation can be read.
        feed: Table of the contract.
        origin: File or generator, for messages.
        relation: SQL select of the delivered rows.
        delivered: DuckDB type by delivered column.
        landed: Type by own column of the feed that lies in the landing zone already.
        folder: Folder of the feed in the landing zone.

    Returns:
        Type by own column. A column without any value that nobody has delivered before is left out, as its type says
        nothing.

    Raises:
        LandingError: A type is none that every engine reads, or not the one in which the column was first landed.
    """
    types: dict[str, str] = {}
    for name, kind in delivered.items():
        is_text = name in feed.columns and feed.columns[name].data_type == "string"
        if is_text and is_number(kind):
            _check_digits(connection, relation, name, kind, origin)
        if finer := is_finer(name, feed.columns.get(name), kind):
            _tell(connection, relation, finer, f"{printable(origin)}: column {name}", _FINER)
        if coarse := is_coarse(feed.columns.get(name), kind):
            _tell(connection, relation, coarse, f"{printable(origin)}: column {name}", _COARSE)
        if name in feed.columns and (not is_read(kind) or (is_text and kind == "BOOLEAN")):
            raise LandingError(
                f"{printable(origin)}: column {name} is {printable(kind, 60)}, of which no "
                f"{feed.columns[name].data_type} can "
                f"be made; deliver one value a row. {_NOTHING_LANDED}"
            )
    for name in extension_columns(feed, delivered):
        landed_as = extension_type(delivered[name])
        # A column of a CSV file is text because the file is; where it is empty, that says nothing either.
        may_be_other = landed_as != landed.get(name, "VARCHAR")
        if may_be_other and not _has_values(connection, relation, name, delivered[name]):
            if name in landed:
                types[name] = landed[name]
            continue
        if landed_as is None:
            raise LandingError(
                f"{printable(origin)}: own column {name} is {printable(delivered[name], 60)}, which not every engine "
                f"reads; deliver it as text, number, date, timestamp or boolean. {_NOTHING_LANDED}"
            )
        if landed.get(name, landed_as) != landed_as:
            raise LandingError(
                f"{printable(origin)}: own column {name} is {landed_as} here, and {landed[name]} since {feed.name} was "
                f"first delivered with it, by {_first_delivery(connection, folder, name)}; deliver it in that type, or "
                f"under another name. {_NOTHING_LANDED}"
            )
        types[name] = landed_as
    return types


def check_personal(
    connection: duckdb.DuckDBPyConnection, feed: Feed, *, origin: str, relation: str, columns: list[str]
) -> None:
    """Check that no own column looks like personal data, as it would be published.

    Args:
        connection: Where the relation is.
        feed: Table of the contract.
        origin: File or generator, for messages.
        relation: Table of typed rows.
        columns: Own columns that the contract does not name.

    Raises:
        LandingError: One does; the message names no value.
    """
    suspect = find_personal(connection, relation, columns)
    if suspect is None:
        return
    contract = f"models/staging/{feed.department}/_{feed.department}__sources.yml"
    raise LandingError(
        f"{printable(origin)}: own column {suspect.column} holds what looks like {suspect.kind} in {suspect.rows:,} "
        f"rows, first in line {suspect.line}, and own columns are published. Leave it out, or name it among the "
        f"columns of {feed.table} in {contract}: "
        f"`{{name: {suspect.column}, data_type: string, description: …, config: {{meta: {{pii: true}}}}}}` keeps it in "
        f"the landing zone, `pii: false` lets it through. {_NOTHING_LANDED}"
    )


def _check_digits(connection: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str, origin: str) -> None:
    """Check that the numbers of a text column are whole and exact: another column may have made them so."""
    raw = quote_name(column)
    is_whole = f"{raw} = trunc({raw})"
    if not kind.startswith("DECIMAL"):
        is_whole += f" and isfinite({raw}) and abs({raw}) < {EXACT[kind]}"
    ((count,),) = connection.execute(
        f"select count(*) from ({relation}) where {raw} is not null and not coalesce({is_whole}, false)"
    ).fetchall()
    if count:
        below = f" below 2^{EXACT[kind].bit_length() - 1}" if kind in EXACT else ""
        raise LandingError(
            f"{printable(origin)}: column {column} is text, and was delivered as numbers of which {count:,} are no "
            f"whole ones{below}, so that their digits are not certain. "
            f"Deliver it as text. {_NOTHING_LANDED}"
        )
    click.echo(f"{printable(origin)}: column {column} is text, and was delivered as numbers; their digits were taken.")


def _tell(connection: duckdb.DuckDBPyConnection, relation: str, condition: str, column: str, text: str) -> None:
    """Say of how many values of a column, if any, something has to be known."""
    ((count,),) = connection.execute(f"select count(*) from ({relation}) where {condition}").fetchall()
    if count:
        click.echo(f"{column} has {count:,} {text}")


def _has_values(connection: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str) -> bool:
    value = as_text(quote_name(column)) if kind == "VARCHAR" else quote_name(column)
    query = f"select 1 from ({relation}) where {value} is not null limit 1"
    return bool(connection.execute(query).fetchall())
