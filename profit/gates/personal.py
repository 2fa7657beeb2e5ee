"""Personal data: gates write keys, never values of it, and look by value for what of it reached core and marts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import duckdb

from profit.contract import Column, read_contract
from profit.gates.report import STOP, WARN
from profit.gates.rules import SAMPLES, Counted, Rule
from profit.landing.personal import KINDS, find_personal, form_of, form_tests, is_long_number, may_be_personal
from profit.landing.quoting import quote_name, quote_text
from profit.landing.typing import LINE, REASON

_WAREHOUSE = "warehouse"
_SCHEMAS = ("core", "marts", "reference")
_HELD_IN = ("staging", "intermediate")
# Own columns are looked at in full, as anything may stand in them; of the others, which models make, a sample tells.
_SAMPLED_ROWS = 20_000
_SAMPLED_VALUES = 1_000
# Names and codes also stand in columns that are about nobody; that many of one column are no chance.
_ENOUGH_SHARE = 0.3
_ENOUGH_VALUES = 3
_SHORTEST = 5
_ROWS = "_personal_rows"
_VALUES = "_personal_values"

_REASON = (
    "What is published is read by everybody. Drop the column or its values at the source; an own column that the "
    "contract names with `pii: true` stays in the landing zone, one that it names with `pii: false` is let through."
)
_KEY_REASON = (
    "The numbers of a system are keys, so they stand in every table, report and log. If they are people's, have the "
    "system deliver other ones."
)
LOOKS_PERSONAL = "no text of core and marts looks like personal data"
KEY_LOOKS_PERSONAL = "no key of core and marts looks like personal data"
IS_PERSONAL = "no column of core and marts holds personal values of staging"
KEY_IS_PERSONAL = "no key of core and marts holds personal values of staging"


@dataclass(frozen=True)
class _Text:
    """A published column that holds text."""

    schema: str
    table: str
    column: str

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}.{self.column}"

    @property
    def is_key(self) -> bool:
        return self.column.endswith("_id") or self.column == "record_id"

    @property
    def holds_key(self) -> bool:
        """Whether a key stands in it, perhaps among words."""
        return self.is_key or self.column == "customer_label"


def value_shown(column: Column) -> str:
    """SQL text that shows a value of a column beside the key of its row: none of a column that is personal.

    Args:
        column: Column of the contract.
    """
    return "''" if column.is_personal else f"' ({column.name} = ' || {quote_name(column.name)} || ')'"


def personal_names() -> frozenset[str]:
    """Names of the columns that the contract marks as personal, in the landing zone and in staging."""
    return frozenset(
        column.name for feed in read_contract().values() for column in feed.columns.values() if column.is_personal
    )


def published_names() -> dict[str, frozenset[str]]:
    """Published columns, `<table>.<column>`, that may hold personal columns nevertheless, with the names of these."""
    found: dict[str, set[str]] = {}
    for feed in read_contract().values():
        for column in feed.columns.values():
            for place in column.published_as:
                found.setdefault(place, set()).add(column.name)
    return {place: frozenset(names) for place, names in found.items()}


def count_personal(connection: duckdb.DuckDBPyConnection) -> list[Counted]:
    """Look at the values of core and marts for personal data, by their form and beside what staging holds.

    Args:
        connection: The warehouse, opened for reading.

    Returns:
        Four rules: form and comparison, of columns (stop) and of keys (warn). They name columns and how many values
        look so, and no value.
    """
    columns = _texts(connection)
    by_form: dict[_Text, str] = {}
    connection.execute(f"create or replace temp table {_VALUES} (place integer, value varchar, value_count bigint)")
    tables: dict[tuple[str, str], dict[int, _Text]] = {}
    for place, text in enumerate(columns):
        tables.setdefault((text.schema, text.table), {})[place] = text
    sizes = {
        (schema, table): int(rows)
        for schema, table, rows in connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables() "
            "where database_name = current_database()"
        ).fetchall()
    }
    for (schema, table), texts in tables.items():
        relation = f"{quote_name(schema)}.{quote_name(table)}"
        _keep_values(connection, relation + _sample(sizes.get((schema, table), 0)), texts)
        own = [text for text in texts.values() if text.column.startswith("x_")]
        by_form.update(_judge_in_full(connection, relation, own))
    by_form = {**_judge_values(connection, columns), **by_form}
    compared = _compare(connection, columns)
    connection.execute(f"drop table if exists {_ROWS}")
    connection.execute(f"drop table {_VALUES}")
    return [
        counted
        for found, keys, rule, key_rule in (
            (by_form, {text for text in columns if text.holds_key}, LOOKS_PERSONAL, KEY_LOOKS_PERSONAL),
            (compared, {text for text in columns if text.is_key}, IS_PERSONAL, KEY_IS_PERSONAL),
        )
        for counted in (
            _counted(Rule(_WAREHOUSE, rule, STOP, _REASON), set(columns) - keys, found),
            _counted(Rule(_WAREHOUSE, key_rule, WARN, _KEY_REASON), keys, found),
        )
    ]


def _counted(rule: Rule, columns: Set[_Text], found: dict[_Text, str]) -> Counted:
    failed = sorted(f"{text.name}: {what}" for text, what in found.items() if text in columns)
    return Counted(rule, len(columns), len(failed), tuple(failed[:SAMPLES]))


def _texts(connection: duckdb.DuckDBPyConnection) -> list[_Text]:
    """Text columns of what is published, without those that the contract says are no personal data."""
    cleared = {
        column.name for feed in read_contract().values() for column in feed.columns.values() if column.is_cleared
    }
    rows = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal "
        "and data_type = 'VARCHAR' and database_name = current_database() "
        "and schema_name in (select unnest($1)) order by all",
        [list(_SCHEMAS)],
    ).fetchall()
    return [_Text(*row) for row in rows if row[2] not in cleared]


def _sample(rows: int) -> str:
    """The clause that takes a sample of a table; a large one gives whole blocks, so that not all of it is read."""
    if rows > 10 * _SAMPLED_ROWS:
        return f" using sample {100 * _SAMPLED_ROWS / rows:.4f}% (system, 1)"
    return f" using sample reservoir({_SAMPLED_ROWS} rows) repeatable (1)"


def _keep_values(connection: duckdb.DuckDBPyConnection, relation: str, texts: Mapping[int, _Text]) -> None:
    """Keep some values of each column, those first that may be personal, with the number of different ones."""
    names = ", ".join(f"trim({quote_name(text.column)}) as v{place}" for place, text in texts.items())
    connection.execute(f"create or replace temp table {_ROWS} as select {names} from {relation}")
    values = " union all ".join(
        f"(select {place}, value, count(*) over () from (select distinct v{place} as value from {_ROWS}) "
        f"where value <> '' order by {may_be_personal('value')} desc, hash(value) limit {_SAMPLED_VALUES})"
        for place in texts
    )
    connection.execute(f"insert into {_VALUES} {values}")


def _judge_in_full(
    connection: duckdb.DuckDBPyConnection, relation: str, own: Sequence[_Text]
) -> Iterator[tuple[_Text, str]]:
    if not own:
        return
    names = ", ".join(quote_name(text.column) for text in own)
    connection.execute(
        f"create or replace temp table {_ROWS} as select {names}, 0 as {LINE}, null as {REASON} from {relation}"
    )
    for text in own:
        if suspect := find_personal(connection, _ROWS, [text.column]):
            yield text, f"what looks like {suspect.kind}, in {suspect.rows:,} rows"


def _judge_values(connection: duckdb.DuckDBPyConnection, columns: Sequence[_Text]) -> dict[_Text, str]:
    """Judge the values that were kept by their form."""
    tests = form_tests()
    flags = ", ".join(f"count(*) filter (where {test})" for test in tests.values())
    rows = connection.execute(
        f"select place, max(value_count), (select count(*) from {_VALUES} as numbers where numbers.place = kept.place "
        f"and {is_long_number()}), {flags} from {_VALUES} as kept where {may_be_personal('value')} group by place"
    ).fetchall()
    found = {}
    for place, total, long_numbers, *counts in rows:
        seen = min(total, _SAMPLED_VALUES)
        by_name = dict(zip(tests, counts, strict=True))
        name = form_of(seen, long_numbers, by_name)
        # Some of a million numbers look like a telephone's.
        is_chance = columns[place].holds_key and name != "email" and by_name.get(name, 0) < _ENOUGH_SHARE * seen
        if name and not is_chance:
            found[columns[place]] = f"what looks like {KINDS[name]}, in {by_name[name]:,} of {seen:,} values looked at"
    return found


def _compare(connection: duckdb.DuckDBPyConnection, columns: Sequence[_Text]) -> dict[_Text, str]:
    """Say of each column how many of its values are some person's in staging, where they are too many for chance."""
    held = " union all ".join(
        f"select {quote_text(name)} as name, lower(trim(cast(value as varchar))) as value from ({values}) as held"
        for name, values in _held(connection)
    )
    if not held:
        return {}
    rows = connection.execute(
        f"with kept as (select place, lower(value) as value from {_VALUES} where length(value) >= {_SHORTEST}), "
        f"totals as (select place, count(*) as total from kept group by place), "
        f"held as (select distinct name, value from ({held}) where value in (select value from kept)) "
        f"select place, name, count(*) as matches, max(total) from kept inner join held using (value) "
        f"inner join totals using (place) group by place, name order by place, matches desc, name"
    ).fetchall()
    found: dict[_Text, str] = {}
    published = published_names()
    for place, name, matches, total in rows:
        if name in published.get(f"{columns[place].table}.{columns[place].column}", ()):
            continue
        if matches >= max(_ENOUGH_VALUES, _ENOUGH_SHARE * total):
            what = f"{matches:,} of {total:,} values looked at are those of {name} in staging"
            found.setdefault(columns[place], what)
    return found


def _held(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Personal columns that staging and what is made of it hold, each with the select of its values.

    Views over landed files are left out: the tables made of them hold the same values.
    """
    personal = personal_names()
    rows = connection.execute(
        "select schema_name, table_name, list(column_name order by column_index) from duckdb_columns() "
        "where not internal and database_name = current_database() and schema_name in (select unnest($1)) "
        "and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables() union all "
        "select (schema_name, view_name) from duckdb_views() where sql like '%read_parquet(%') "
        "group by all order by all",
        [list(_HELD_IN)],
    ).fetchall()
    for schema, table, names in rows:
        relation = f"{quote_name(schema)}.{quote_name(table)}"
        by_name = {
            name.removesuffix("_typed"): name for name in sorted(names) if name.removesuffix("_typed") in personal
        }
        for name, column in by_name.items():
            yield name, f"select {quote_name(column)} as value from {relation}"
        if {"first_name", "last_name"} <= by_name.keys():
            first, last = quote_name(by_name["first_name"]), quote_name(by_name["last_name"])
            for words in (f"{first} || ' ' || {last}", f"{last} || ' ' || {first}", f"{last} || ', ' || {first}"):
                yield "first_name and last_name", f"select {words} as value from {relation}"
