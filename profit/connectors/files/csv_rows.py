"""The rows of a CSV file as a table of text with physical line numbers, and the lines that are no rows."""

from __future__ import annotations

import csv
import io
import sys

import duckdb

from profit.connectors.files.csv_header import READ_ERRORS, Header, open_binary, read_header, unreadable
from profit.connectors.files.layout import TableFile
from profit.landing.typing import LINE, quote_name, quote_text

_ROWS = "_file_rows"
_LINES = "_file_lines"
_REJECTS = "_file_rejects"
_REJECTED_SCANS = "_file_rejected_scans"
_SHIFTS = "_file_shifts"
_BLOCK = 1 << 20
_LONGEST_CONTENT = 2000


def read_csv(connection: duckdb.DuckDBPyConnection, table: TableFile) -> tuple[str, str | None]:
    """Read a CSV file into temporary tables, which the next call replaces.

    Args:
        connection: Where the tables are made.
        table: The file.

    Returns:
        SQL select of the rows, every column text, with their line; SQL select of the lines that could not be split into
        columns (`_line`, `column_name`, `reason`, `content`), None where there are none.

    Raises:
        LandingError: The file is not CSV.
    """
    header = read_header(table.path)
    columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in header.names)
    for name in (_ROWS, _LINES, _REJECTS, _REJECTED_SCANS, _SHIFTS):
        connection.execute(f"drop table if exists {name}")
    try:
        connection.execute(f"""
            create temp table {_ROWS} as
            select *
            from read_csv(
                {quote_text(str(table.path))}, auto_detect = false, header = true, columns = {{{columns}}},
                delim = {quote_text(header.delimiter)}, quote = '"', escape = '"', hive_partitioning = false,
                store_rejects = true, rejects_table = '{_REJECTS}', rejects_scan = '{_REJECTED_SCANS}'
            )
        """)
        lines = _count_lines(table)
    except (duckdb.Error, *READ_ERRORS) as error:
        what = str(error).splitlines()[0]
        advice = "check that its line ends and its encoding are the same throughout"
        raise unreadable(table.path, f"cannot be read as CSV ({what}); {advice}") from error
    rejected = _count(connection, f"select count(distinct line) from {_REJECTS}")
    has_line_per_record = lines == 1 + rejected + _count(connection, f"select count(*) from {_ROWS}")
    rows = ", ".join(f"{_ROWS}.{quote_name(name)}" for name in header.names)
    if has_line_per_record and not rejected:
        return f"select {rows}, {_ROWS}.rowid + 2 as {LINE} from {_ROWS}", None
    _number_lines(connection, *(([], {}) if has_line_per_record else _uneven_lines(table, header)))
    accepted = f"select {rows}, {_LINES}.line as {LINE} from {_ROWS} inner join {_LINES} on {_ROWS}.rowid = row_number"
    return accepted, _rejected_lines() if rejected else None


def _number_lines(connection: duckdb.DuckDBPyConnection, blanks: list[int], shifts: dict[int, int]) -> None:
    """Make the tables of the physical line of every row, and of how far lines run ahead of records.

    DuckDB numbers the lines that it rejects by record: the header is 1, a quoted line break does not count, a blank
    line does. Of the records that are no rows, the j-th, r_j, lies before the n-th row exactly where r_j - j <= n; with
    j the last of these, the row is record n + 1 + j.
    """
    connection.execute(
        f"create temp table {_SHIFTS} as select unnest($1::bigint[]) as record, unnest($2::bigint[]) as shift",
        [list(shifts), list(shifts.values())],
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
        [blanks],
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


def _uneven_lines(table: TableFile, header: Header) -> tuple[list[int], dict[int, int]]:
    """Records that are blank lines, and by record how many more lines than records there are from it on.

    Read only where a file has blank lines or quoted line breaks, since DuckDB does not tell where they are.
    """
    blanks: list[int] = []
    shifts: dict[int, int] = {}
    shift = 0
    limit = csv.field_size_limit(sys.maxsize)
    try:
        with io.TextIOWrapper(open_binary(table.path), encoding="utf-8-sig", errors="replace", newline="") as text:
            reader = csv.reader(text, delimiter=header.delimiter, skipinitialspace=True)
            for record, row in enumerate(reader, start=1):
                if not row and len(header.names) > 1:
                    blanks.append(record)
                if reader.line_num - record != shift:
                    shift = reader.line_num - record
                    shifts[record + 1] = shift
    finally:
        csv.field_size_limit(limit)
    return blanks, shifts


def _count_lines(table: TableFile) -> int:
    count = 0
    last = b"\n"
    with open_binary(table.path) as stream:
        while block := stream.read(_BLOCK):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
