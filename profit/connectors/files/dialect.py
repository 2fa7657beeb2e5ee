"""How the numbers and days of one file are written as texts: found in its values, or stated; never guessed by row."""

from __future__ import annotations

from collections.abc import Sequence

import click
import duckdb

from profit.connectors.files.csv_header import unreadable
from profit.connectors.files.layout import TableFile
from profit.connectors.files.stated import Stated
from profit.errors import printable
from profit.landing.quoting import quote_name, quote_text

POINT, COMMA = ".", ","
YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "ymd", "dmy", "mdy"

# 1.299 is a number by both; 1.299,90 and 0,5 and 12,5 only with a comma for decimals, and so the other way round.
_ANY = r"[+-]?[0-9][0-9.,]*"
# Blanks and apostrophes stand between thousands and nowhere else.
_SPACED = r"[+-]?[0-9]{1,3}([ \x{a0}\x{202f}'\x{2019}][0-9]{3})+([.,][0-9]+)?"
_SPACES = r"[ \x{a0}\x{202f}'\x{2019}]"
_BY_COMMA = r"[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+)(,[0-9]+)?"
_BY_POINT = r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?"
_MARKED = "[.,]"
# Day, month and year with points is how days are written where they come first; with strokes it may be either.
_DAYS = r"([0-9]{1,2})([./-])([0-9]{1,2})([./-])([0-9]{4})(.*)"
_LOCAL = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?"
_NAMES = {POINT: "point", COMMA: "comma"}
_ORDERS = {YEAR_FIRST: "year first", DAY_FIRST: "day first", MONTH_FIRST: "month first"}
_EXAMPLES = 3
_DELIVERED_ON = "delivered_on"


def written_plainly(
    connection: duckdb.DuckDBPyConnection,
    table: TableFile,
    names: Sequence[str],
    rows: str,
    stated: Stated,
    *,
    said: Sequence[str] = (),
) -> dict[str, str]:
    """Find how a file is written, say it in one line, and give the SQL of what is not in the contract's own form.

    Args:
        connection: Where the rows are.
        table: The file.
        names: Those of its columns that are texts.
        rows: Table of its rows.
        stated: What is known.
        said: What has been found before and is said with it.

    Returns:
        SQL by column whose values are rewritten into the contract's form: `1299.90`, `2024-03-05`, `2024-03-05 14:30Z`.

    Raises:
        LandingError: Numbers or days of the file can be read in two ways, and nothing says which.
    """
    kinds = {name: table.feed.columns[name].data_type for name in names if name in table.feed.columns}
    numbers = [name for name, kind in kinds.items() if kind.startswith("decimal") or kind == "double"]
    days = [name for name, kind in kinds.items() if kind in {"date", "timestamp"}]
    days += [name for name in names if name == _DELIVERED_ON]
    decimal, has_groups, has_spaces = _decimal(connection, table, rows, numbers, stated.decimal)
    order = stated.days or _order(connection, table, rows, days)
    written: dict[str, str] = {}
    if numbers and (decimal == COMMA or has_groups or has_spaces):
        written |= {name: _number(f"{rows}.{quote_name(name)}", decimal) for name in numbers}
    if days and order != YEAR_FIRST:
        written |= {name: _day(f"{rows}.{quote_name(name)}", order) for name in days}
    if stated.time_zone:
        written |= {
            name: moment_in_utc(written.get(name, f"{rows}.{quote_name(name)}"), stated.time_zone)
            for name in days
            if kinds.get(name) == "timestamp"
        }
    said = list(said)
    if numbers:
        said.append(f"decimals follow a {_NAMES[decimal]}")
    if has_groups:
        said.append(f"a {_NAMES[_other(decimal)]} stands between thousands")
    if has_spaces:
        said.append("a blank or an apostrophe stands between thousands")
    if days:
        said.append(f"days are written {_ORDERS[order]}")
    if stated.time_zone and "timestamp" in kinds.values():
        said.append(f"moments without an offset are {stated.time_zone}'s")
    if said:
        click.echo(f"{printable(table.path)}: {', '.join(said)}")
    return written


def moment_in_utc(raw: str, zone: str) -> str:
    """Make the SQL of a text that is a moment by the clocks of a zone, as one in UTC; other texts stay as they are.

    Args:
        raw: SQL of the text.
        zone: IANA name of the zone.
    """
    moment = f"try_cast(trim({raw}) as timestamp)"
    return (
        f"case when regexp_full_match(trim({raw}), '{_LOCAL}') and {moment} is not null "
        f"then strftime(timezone('UTC', timezone('{zone}', {moment})), '%Y-%m-%d %H:%M:%S.%fZ') else {raw} end"
    )


def _other(mark: str) -> str:
    return POINT if mark == COMMA else COMMA


def _number(raw: str, decimal: str) -> str:
    group = _other(decimal)
    plain = f"replace(replace(trim({raw}), '{group}', ''), '{decimal}', '.')"
    spaced = f"replace({_without_spaces(f'trim({raw})')}, '{decimal}', '.')"
    # What has the other mark elsewhere than between thousands is no number in this file, and is kept for the reason.
    return (
        f"case when regexp_full_match(trim({raw}), '{_BY_COMMA if decimal == COMMA else _BY_POINT}') then {plain} "
        f"when {_is_spaced(f'trim({raw})')} and not contains({raw}, '{group}') then {spaced} "
        f"when contains({raw}, '{group}') then {raw} || ' where decimals follow a {_NAMES[decimal]}' else {raw} end"
    )


def _is_spaced(value: str) -> str:
    return f"regexp_full_match({value}, {quote_text(_SPACED)})"


def _without_spaces(value: str) -> str:
    return f"regexp_replace({value}, {quote_text(_SPACES)}, '', 'g')"


def _day(raw: str, order: str) -> str:
    day = r"\5-\3-\1" if order == DAY_FIRST else r"\5-\1-\3"
    pattern = f"^ *{_DAYS}$"
    # What is no day in this order is kept, as the reason says what was delivered.
    is_day = f"try_cast(regexp_replace({raw}, '{pattern}', '{day}') as date) is not null"
    return f"case when {is_day} then regexp_replace({raw}, '{pattern}', '{day}\\6') else {raw} end"


def _decimal(
    connection: duckdb.DuckDBPyConnection, table: TableFile, rows: str, columns: list[str], stated: str | None
) -> tuple[str, bool, bool]:
    """The mark before decimals, whether the other one stands between thousands, and whether blanks do."""
    if not columns:
        return POINT, False, False
    written = " union all ".join(f"select trim({quote_name(name)}) as text from {rows}" for name in columns)
    values = f"select text, case when {_is_spaced('text')} then {_without_spaces('text')} else text end as value"
    commas, points, both, samples, has_commas, has_points, has_spaces = connection.execute(f"""
        with marked as (
            select value, regexp_full_match(value, '{_BY_COMMA}') as by_comma,
                regexp_full_match(value, '{_BY_POINT}') as by_point,
                -- Thousands begin with another digit, and after blanks between thousands comes a mark of decimals.
                starts_with(ltrim(value, '+-'), '0') or text <> value as has_no_groups, text <> value as is_spaced
            from ({values} from ({written}))
            where regexp_full_match(value, '{_ANY}') and (regexp_matches(value, '{_MARKED}') or text <> value)
        )
        select
            count(*) filter (where by_comma and (not by_point or has_no_groups and contains(value, ','))),
            count(*) filter (where by_point and (not by_comma or has_no_groups and contains(value, '.'))),
            count(*) filter (where by_comma and by_point and not has_no_groups),
            (list(distinct value order by value) filter (
                where by_comma and by_point and not has_no_groups
            ))[:{_EXAMPLES}],
            coalesce(bool_or(by_point and contains(value, ',')), false),
            coalesce(bool_or(by_comma and contains(value, '.')), false), coalesce(bool_or(is_spaced), false)
        from marked
    """).fetchall()[0]
    if not stated and both and bool(commas) == bool(points):
        raise unreadable(
            table.path,
            f"has numbers that can be read in two ways, such as {', '.join(samples)}, and "
            f"{'both a comma and a point stand before decimals' if commas else 'no other number says which'}; state "
            f"`--csv-decimal ,` or `--csv-decimal .`",
        )
    decimal = stated or (COMMA if commas and not points else POINT)
    return decimal, bool(has_points if decimal == COMMA else has_commas), bool(has_spaces)


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
