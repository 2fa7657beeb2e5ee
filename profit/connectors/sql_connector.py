"""Run a connector that is a folder of SQL: one select a feed and source system, over the files of a foreign folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from profit.contract import Feed, read_contract
from profit.errors import LandingError, ProfitError, expected
from profit.landing.delivery import Delivery
from profit.landing.quoting import quote_name, quote_path
from profit.landing.receipts import Receipt
from profit.landing.typing import LINE
from profit.paths import Paths

_VIEWS = "views"
_READERS = {
    ".parquet": "read_parquet({})",
    ".csv": "read_csv({}, header = true, delim = ',', quote = '\"', escape = '\"', all_varchar = true)",
    # Lines hold no control characters; with one as the separator a line is one column.
    ".txt": "read_csv({}, header = false, delim = '\x01', quote = '', escape = '', columns = {{'line': 'varchar'}})",
}
_REFUSED = ".refused.sql"


def land_sql(
    paths: Paths,
    folder: Path,
    *,
    connector: Path,
    inputs: Sequence[str] | Mapping[str, str],
    delivered_on: dt.date,
    help_text: str,
) -> list[Receipt]:
    """Land every feed that a connector's SQL makes of a folder of files, as one delivery.

    The connector's folder holds `<department>/<table>.<source_system>.sql`, each one select in the shape of the
    contract, and `views/<name>.sql`, selects that several of these read by name. Rows of the files that look like the
    table's and are none go to quarantine by `<department>/<table>.<source_system>.refused.sql`: `_line`,
    `column_name`, `reason`, `content`. A file `dw/Sales.parquet` is read as `dw.Sales`, `Sales.parquet` as `Sales`;
    the columns of a CSV file are text, and a TXT file has one column `line`.

    Args:
        paths: Where the landing zone and the quarantine are.
        folder: Folder of the foreign files.
        connector: Folder of the SQL.
        inputs: Files that must be in it, relative paths with at most one folder level, Parquet, CSV or TXT; or the
            name `<schema>.<view>` under which the SQL reads a file, with its relative path.
        delivered_on: Day of the delivery.
        help_text: What the folder must look like and where the files come from, for messages.

    Returns:
        One receipt a feed and source system.

    Raises:
        LandingError: A file is missing or cannot be read; nothing was landed.
        ProfitError: The connector's SQL is for a table that is not in the contract.
    """
    if not isinstance(inputs, Mapping):
        inputs = {f"{Path(name).parent.name or 'main'}.{Path(name).stem}": name for name in inputs}
    missing = [name for name in inputs.values() if not (folder / name).is_file()]
    if missing:
        raise LandingError(f"{folder}: missing {', '.join(missing)}. {help_text} Nothing was landed.")
    with (
        expected(LandingError, "Nothing was landed."),
        duckdb.connect() as connection,
        Delivery(paths, connection) as delivery,
    ):
        _create_input_views(connection, folder, inputs)
        for path in sorted((connector / _VIEWS).glob("*.sql")):
            connection.execute(f"create view {quote_name(path.stem)} as {path.read_text(encoding='utf-8')}")
        for path in sorted(connector.glob("*/*.*.sql")):
            if path.name.endswith(_REFUSED):
                continue
            feed, source_system = _target(path)
            refused = path.with_name(path.stem + _REFUSED)
            # A fixed order makes the checksum that of the content: landing the same files again changes nothing.
            key = ", ".join(quote_name(name) for name in feed.key)
            select = path.read_text(encoding="utf-8")
            delivery.add(
                feed,
                f"select *, row_number() over (order by {key}) as {LINE} from ({select}\n)",
                source_system=source_system,
                delivered_on=delivered_on,
                origin=f"{connector.name}/{path.relative_to(connector)}",
                rejected=refused.read_text(encoding="utf-8") if refused.is_file() else None,
            )
        return delivery.commit()


def _create_input_views(connection: duckdb.DuckDBPyConnection, folder: Path, inputs: Mapping[str, str]) -> None:
    for name, file in inputs.items():
        path = folder / file
        schema, view = (quote_name(part) for part in name.split(".", 1))
        reader = _READERS.get(path.suffix, _READERS[".csv"]).format(quote_path(path))
        connection.execute(f"create schema if not exists {schema}")
        try:
            connection.execute(f"create view {schema}.{view} as select * from {reader}")
        except duckdb.Error as error:
            raise LandingError(f"{path}: cannot be read: {error}. Nothing was landed.") from error


def _target(path: Path) -> tuple[Feed, str]:
    table, _, source_system = path.stem.partition(".")
    feed = read_contract().get(table)
    if feed is None or feed.department != path.parent.name:
        raise ProfitError(f"{path}: the contract has no table {path.parent.name}.{table}; see models/staging/.")
    return feed, source_system
