"""How the numbers and days of one CSV file are written: found in its values, or stated; never guessed row by row."""

from __future__ import annotations

from dataclasses import dataclass

import click
import duckdb

from profit.connectors.files.csv_header import Header, unreadable
from profit.connectors.files.layout import TableFile
from profit.errors import printable
from profit.landing.quoting import quote_name

POINT, COMMA = ".", ","
YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "ymd", "dmy", "mdy"

# 1.299 is a number by both; 1.299,90 and 0,5 and 12,5 only with a comma for decimals, and so the other way round.
_ANY = r"[+-]?[0-9][0-9.,]*"
_BY_COMMA = r"[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+)(,[0-9]+)?"
_BY_POINT = r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?"
_MARKED = "[.,]"
# Day, month and year with points is how days are written where they come first; with strokes it may be either.
_DAYS = r"([0-9]{1,2})([./-])([0-9]{1,2})([./-])([0-9]{4})(.*)"
_EXAMPLES = 3


@dataclass(frozen=True)
class Stated:
    """What whoever delivers says of the files; None where it is to be found.

    Attributes:
        decimal: Mark before the decimals, `.` or `,`.
        days: Order of day, month and year, `ymd`, `dmy` or `mdy`.
    """

    decimal: str | None = None
    days: str | None = None


FOUND = Stated()


def written_plainly(
    connection: duckdb.DuckDBPyConnection, table: TableFile, header: Header, rows: str, stated: Stated
) -> dict[str, str]:
    """Find how numbers and days are written, say it where it is not the contract's own form, and give the SQL of it.

    Args:
        connection: Where the rows are.
        table: The file.
        header: Its header.
        rows: Table of its rows, all text.
        stated: What is known.

    Returns:
        SQL by column whose values are rewritten into the contract's form: `1299.90`, `2024-03-05`.

    Raises:
        LandingError: Numbers or days of the file can be read in two ways, and nothing says which.
    """
    kinds = {name: table.feed.columns[name].data_type for name in header.names if name in table.feed.columns}
    numbers = [name for name, kind in kinds.items() if kind.startswith("decimal") or kind == "double"]
    days = [name for name, kind in kinds.items() if kind in {"date", "timestamp"}]
    decimal = stated.decimal or _decimal(connection, table, rows, numbers)
    order = stated.days or _order(connection, table, rows, days)
    said = [f"fields end with {printable(repr(header.delimiter))}"] if header.delimiter != "," else []
    written: dict[str, str] = {}
    if decimal == COMMA and numbers:
        said.append("decimals follow a comma")
        written |= {name: _number(f"{rows}.{quote_name(name)}") for name in numbers}
    if order != YEAR_FIRST and days:
        said.append("days are written day first" if order == DAY_FIRST else "days are written month first")
        written |= {name: _day(f"{rows}.{quote_name(name)}", order) for name in days}
    if said:
        click.echo(f"{printable(table.path)}: {', '.join(said)}")
    return written


def _number(raw: str) -> str:
    plain = f"replace(replace(trim({raw}), '.', ''), ',', '.')"
    # What has a point elsewhere than between thousands is no number in this file, and is kept as it is for the reason.
    return (
        f"case when regexp_full_match(trim({raw}), '{_BY_COMMA}') then {plain} "
        f"when contains({raw}, '.') then {raw} || ' where decimals follow a comma' else {raw} end"
    )


def _day(raw: str, order: str) -> str:
    parts = r"\5-\3-\1\6" if order == DAY_FIRST else r"\5-\1-\3\6"
    return f"regexp_replace({raw}, '^ *{_DAYS}$', '{parts}')"


def _decimal(connection: duckdb.DuckDBPyConnection, table: TableFile, rows: str, columns: list[str]) -> str:
    if not columns:
        return POINT
    values = " union all ".join(f"select trim({quote_name(name)}) as value from {rows}" for name in columns)
    commas, points, both, samples = connection.execute(f"""
        with marked as (
            select value, regexp_full_match(value, '{_BY_COMMA}') as by_comma,
                regexp_full_match(value, '{_BY_POINT}') as by_point
            from ({values}) where regexp_full_match(value, '{_ANY}') and regexp_matches(value, '{_MARKED}')
        )
        select
            count(*) filter (where by_comma and (not by_point or starts_with(ltrim(value, '+-'), '0'))
                and contains(value, ',')),
            count(*) filter (where by_point and (not by_comma or starts_with(ltrim(value, '+-'), '0'))
                and contains(value, '.')),
            count(*) filter (where by_comma and by_point and not starts_with(ltrim(value, '+-'), '0')),
            (list(distinct value order by value) filter (
                where by_comma and by_point and not starts_with(ltrim(value, '+-'), '0')
            ))[:{_EXAMPLES}]
        from marked
    """).fetchall()[0]
    if both and bool(commas) == bool(points):
        raise unreadable(
            table.path,
            f"has numbers that can be read in two ways, such as {', '.join(samples)}, and "
            f"{'both a comma and a point stand before decimals' if commas else 'no other number says which'}; state "
            f"`--csv-decimal ,` or `--csv-decimal .`",
        )
    return COMMA if commas and not points else POINT


def _order(connection: duckdb.DuckDBPyConnection, table: TableFile, rows: str, columns: list[str]) -> str:
    if not columns:
        return YEAR_FIRST
    values = " union all ".join(f"select trim({quote_name(name)}) as value from {rows}" for name in columns)
    days_first, months_first, found = connection.execute(f"""
        with parts as (
            select regexp_extract(value, '^{_DAYS}$', ['first', 'mark', 'second', 'other', 'year', 'rest']) as part
            from ({values}) where regexp_full_match(value, '{_DAYS}')
        )
        select
            count(*) filter (where part.first::int > 12 or part.mark = '.'),
            count(*) filter (where part.second::int > 12),
            count(*)
        from parts where part.mark = part.other and part.first::int <= 31 and part.second::int <= 31
    """).fetchall()[0]
    if found and bool(days_first) == bool(months_first):
        raise unreadable(
            table.path,
            f"has {found:,} days such as 05/03/2024, and "
            f"{'some are day first and some month first' if days_first else 'none says whether the day comes first'}; "
            f"state `--csv-days dmy` or `--csv-days mdy`, or deliver them as 2024-03-05",
        )
    return DAY_FIRST if days_first else MONTH_FIRST if months_first else YEAR_FIRST
