"""The rows of a CSV file as a table of text with physical line numbers, and the lines that are no rows."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import duckdb

from profit.connectors.files.csv_header import READ_ERRORS, Header, read_header, unreadable
from profit.connectors.files.csv_scan import Records, count_lines, mixed_ends, read_records, too_long
from profit.connectors.files.dialect import written_plainly
from profit.connectors.files.encoding import in_utf8
from profit.connectors.files.layout import TableFile
from profit.connectors.files.stated import Stated
from profit.errors import printable
from profit.landing.limits import Limits
from profit.landing.quoting import quote_name, quote_path, quote_text
from profit.landing.typing import LINE

_ROWS = "_file_rows"
_LINES = "_file_lines"
_REJECTS = "_file_rejects"
_REJECTED_SCANS = "_file_rejected_scans"
_SHIFTS = "_file_shifts"
_TOO_LONG = "_file_too_long"
_MOST_TOO_LONG = 1000
_LONGEST_CONTENT = 2000


def read_csv(
    connection: duckdb.DuckDBPyConnection, table: TableFile, limits: Limits, stated: Stated, workspace: Path
) -> tuple[str, str | None]:
    """Read a CSV file into temporary tables, which the next call replaces.

    The lines are counted without splitting them. Where there is one a record, none was lost; else the records are found
    a second time in another way, and both must find the same.

    Args:
        connection: Where the tables are made.
        table: The file.
        limits: What a file may be.
        stated: What is known of how it is written.
        workspace: Private folder for a copy in UTF-8, where it is written otherwise.

    Returns:
        SQL select of the rows, every column text, numbers and days in the contract's form, with their line; SQL select
        of the lines that could not be split into columns (`_line`, `column_name`, `reason`, `content`), None where
        there are none.

    Raises:
        LandingError: The file is not CSV, is larger than allowed, rows would be lost in it, or its numbers or days can
            be read in two ways.
    """
    table, encoding = in_utf8(table, stated.encoding, limits, workspace)
    header = read_header(table, encoding, stated.delimiter)
    try:
        lines = count_lines(table, limits)
        try:
            _split(connection, table, header, limits)
        except duckdb.Error as error:
            # What the other way to count finds says more to whoever mends the file.
            read_records(table, header, limits, ())
            if mixed := mixed_ends(table):
                raise unreadable(table.path, f"{mixed}; save it with the same throughout") from error
            what = printable(str(error).splitlines()[0])
            advice = "check that its line ends and its encoding are the same throughout"
            raise unreadable(table.path, f"cannot be read as CSV ({what}); {advice}") from error
        rejected = _count(connection, f"select count(distinct line) from {_REJECTS}")
        split = 1 + rejected + _count(connection, f"select count(*) from {_ROWS}")
        malformed = _malformed(connection) if rejected else set()
        # A quote that is open at the end of the file loses no line of it, but the file was cut off there.
        is_plain = lines == split and not malformed
        records = None if is_plain else read_records(table, header, limits, malformed)
    except READ_ERRORS as error:
        raise unreadable(table.path, f"cannot be read as CSV ({printable(error)}); pack or save it again") from error
    if records and records.count != split:
        raise unreadable(
            table.path,
            f"has {records.count - 1:,} rows by one way to count and {split - 1:,} by another; check its quotes and "
            f"line ends, and save it again",
        )
    _check_one_header(connection, table, header)
    said = [
        header.encoding.upper() if header.encoding.startswith("utf") else header.encoding,
        f"fields end with {printable(repr(header.delimiter))}",
    ]
    written = written_plainly(connection, table, header.names, _ROWS, stated, said=said)
    rows = ", ".join(
        f"{written[name]} as {quote_name(name)}" if name in written else f"{_ROWS}.{quote_name(name)}"
        for name in header.names
    )
    refused = _find_too_long(connection, table, header, split - 1)
    if records is None and not rejected:
        accepted, line = f"from {_ROWS}", f"{_ROWS}.rowid + 2"
    else:
        _number_lines(connection, records or Records(split, [], {}))
        accepted, line = f"from {_ROWS} inner join {_LINES} on {_ROWS}.rowid = row_number", f"{_LINES}.line"
    if refused:
        accepted += f" where {line} not in (select line from {_TOO_LONG})"
    no_rows = [*([_rejected_lines()] if rejected else []), *([_too_long_lines()] if refused else [])]
    return f"select {rows}, {line} as {LINE} {accepted}", " union all ".join(no_rows) or None


def _check_one_header(connection: duckdb.DuckDBPyConnection, table: TableFile, header: Header) -> None:
    """Check that no header in another order stands within: the rows behind it would be read under wrong names."""
    if len(header.names) == 1:
        return
    named = [f"lower(trim({quote_name(name)}, ' \ufeff'))" for name in header.names]
    names = ", ".join(map(quote_text, header.names))
    is_header = " and ".join(f"{name} in ({names})" for name in named)
    is_same = " and ".join(f"{value} = {quote_text(name)}" for value, name in zip(named, header.names, strict=True))
    found = connection.execute(
        f"select concat_ws({quote_text(header.delimiter)}, {', '.join(named)}) from {_ROWS} "
        f"where {is_header} and not ({is_same}) limit 1"
    ).fetchall()
    if found:
        raise unreadable(
            table.path,
            f"has a second header, '{printable(found[0][0], 60)}', whose columns are in another order; files were put "
            f"together, so deliver each by itself",
        )


def _find_too_long(connection: duckdb.DuckDBPyConnection, table: TableFile, header: Header, rows: int) -> int:
    """Make the table of the lines with more fields than the header that DuckDB takes for rows, and count them.

    Raises:
        LandingError: That is how the file is written, and not the fault of single lines.
    """
    found = list(islice(too_long(table, header), _MOST_TOO_LONG))
    if found and len(found) in (rows, _MOST_TOO_LONG):
        raise unreadable(
            table.path,
            f"ends its lines with {printable(repr(header.delimiter))}, first in line {found[0][0]:,}, and so has more "
            f"fields than its header; whether a value was split in two cannot be told, so save it without them",
        )
    connection.execute(f"drop table if exists {_TOO_LONG}")
    if found:
        connection.execute(
            f"create temp table {_TOO_LONG} as select unnest($1::bigint[]) as line, unnest($2::varchar[]) as content",
            [[line for line, _ in found], [text.rstrip("\r")[:_LONGEST_CONTENT] for _, text in found]],
        )
    return len(found)


def _malformed(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """Records in which text follows a closing quote; over several lines that is a quote that was not meant as one."""
    found = connection.execute(f"select distinct line from {_REJECTS} where error_type = 'UNQUOTED VALUE'").fetchall()
    return {int(line) for (line,) in found}


def _split(connection: duckdb.DuckDBPyConnection, table: TableFile, header: Header, limits: Limits) -> None:
    columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in header.names)
    packing = "gzip" if table.readable.name.lower().endswith(".gz") else "none"
    for name in (_ROWS, _LINES, _REJECTS, _REJECTED_SCANS, _SHIFTS):
        connection.execute(f"drop table if exists {name}")
    connection.execute(f"""
        create temp table {_ROWS} as
        select *
        from read_csv(
            {quote_path(table.readable)}, auto_detect = false, header = true, columns = {{{columns}}},
            delim = {quote_text(header.delimiter)}, quote = '"', escape = '"', hive_partitioning = false,
            compression = '{packing}', max_line_size = {limits.line_bytes}, store_rejects = true,
            rejects_table = '{_REJECTS}', rejects_scan = '{_REJECTED_SCANS}', rejects_limit = 0
        )
    """)


def _number_lines(connection: duckdb.DuckDBPyConnection, records: Records) -> None:
    """Make the tables of the physical line of every row, and of how far lines run ahead of records.

    DuckDB numbers the lines that it rejects by record: the header is 1, a quoted line break does not count, a blank
    line does. Of the records that are no rows, the j-th, r_j, lies before the n-th row exactly where r_j - j <= n; with
    j the last of these, the row is record n + 1 + j.
    """
    connection.execute(
        f"create temp table {_SHIFTS} as select unnest($1::bigint[]) as record, unnest($2::bigint[]) as shift",
        [list(records.shifts), list(records.shifts.values())],
    )
    connection.execute(
        f"""
        create temp table {_LINES} as
        with no_rows as (
            select line as record from {_REJECTS}
            union
            select unnest($1::bigint[])
        ),
        numbered_no_rows as (
            select record, row_number() over (order by record) as position from no_rows
        ),
        thresholds as (
            select record - position as threshold, max(position) as position from numbered_no_rows group by all
        ),
        records as (
            select {_ROWS}.rowid as row_number, {_ROWS}.rowid + 2 + coalesce(thresholds.position, 0) as record
            from {_ROWS}
            asof left join thresholds on {_ROWS}.rowid + 1 >= thresholds.threshold
        )
        select records.row_number, records.record + coalesce(shifts.shift, 0) as line
        from records
        asof left join {_SHIFTS} as shifts on records.record >= shifts.record
        """,
        [records.blanks],
    )


def _rejected_lines() -> str:
    return f"""
        with rejects as (
            select line as record, string_agg(distinct lower(error_type), ', ' order by lower(error_type)) as fault,
                min(csv_line) as content
            from {_REJECTS}
            group by line
        )
        select rejects.record + coalesce(shifts.shift, 0) as {LINE}, '(whole line)' as column_name,
            'the line cannot be split into columns: ' || rejects.fault as reason,
            left(trim(rejects.content, chr(10) || chr(13)), {_LONGEST_CONTENT}) as content
        from rejects
        asof left join {_SHIFTS} as shifts on rejects.record >= shifts.record
    """


def _too_long_lines() -> str:
    return (
        f"select line as {LINE}, '(whole line)' as column_name, "
        f"'the line cannot be split into columns: too many columns' as reason, content from {_TOO_LONG}"
    )


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
