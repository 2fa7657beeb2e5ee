"""What a delivery would come to: which rows would be refused and why, without anything being landed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from profit.contract import Feed
from profit.landing.prepared import Prepared
from profit.landing.quoting import quote_path, quote_text

_EXAMPLES = 5
# Which row it repeats says nothing of why a row is refused; what stands in quotes is a value.
_OF_A_ROW = " of (line [0-9]+|a row in .*)$"
_VALUE = "'.*'"


@dataclass(frozen=True)
class Refusal:
    """Rows of a file that would be refused for one reason.

    Attributes:
        origin: The file.
        reason: Why, without what the rows hold.
        rows: How many.
        examples: A few of them, by key where they have one that is not personal, else by line.
    """

    origin: str
    reason: str
    rows: int
    examples: tuple[str, ...]


def refusals(connection: duckdb.DuckDBPyConnection, tables: Sequence[Prepared]) -> list[Refusal]:
    """Say of what a delivery has prepared which rows are refused, by file and reason, the most frequent first.

    Args:
        connection: Any connection.
        tables: What a rehearsed delivery has prepared.
    """
    found: list[Refusal] = []
    for table in tables:
        if table.quarantined:
            rows = connection.execute(_query(table.feed, quote_path(table.quarantined))).fetchall()
            found.extend(Refusal(str(origin), str(why), int(count), tuple(keys)) for origin, why, count, keys in rows)
    return found


def _query(feed: Feed, file: str) -> str:
    return f"""
        with reasons as (
            -- A row may have more than one.
            select file_name, line_number, {_label(feed)} as label, unnest(string_split(reason, '; ')) as reason
            from read_parquet({file})
        ),
        kinds as (
            select file_name, line_number, label,
                regexp_replace({_shown()}, ': [0-9]+ bytes', ': a text') as kind
            from reasons
        )
        select file_name, kind, count(*) as row_count, list(label order by line_number)[:{_EXAMPLES}] as examples
        from kinds
        group by file_name, kind
        order by row_count desc, kind
    """


def _shown() -> str:
    return f"regexp_replace(regexp_replace(reason, {quote_text(_OF_A_ROW)}, ''), {quote_text(_VALUE)}, '…')"


def _label(feed: Feed) -> str:
    line = "'line ' || line_number"
    if any(feed.columns[name].is_personal for name in feed.key):
        return line
    values = [
        f"{quote_text(f'{name} ')} || left(json_extract_string(content, {quote_text(f'$.{name}')}), 40) || ', '"
        for name in feed.key
    ]
    return f"case when json_valid(content) then coalesce({' || '.join(values)}, '') else '' end || {line}"
