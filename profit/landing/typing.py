"""SQL that types delivered rows against the contract, and says of each row and value that is refused why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from profit.contract import TECHNICAL_COLUMNS, Column, Feed
from profit.landing.grammar import as_double, as_text, days_known, is_cut, is_untypable, typed_value
from profit.landing.quoting import quote_name, quote_text

LINE = "_line"
DAY = "_day"
# Why a row is refused, on account of which column, and what it held; plainer names are those of delivered columns.
PREFIX = "_landing_"
REASON = f"{PREFIX}reason"
COLUMN = f"{PREFIX}column"
CONTENT = f"{PREFIX}content"
# Values that are left empty while the row is landed: a list of column and reason.
EMPTIED = f"{PREFIX}emptied"
# The others are columns that engines add to what they read from files.
RESERVED = (LINE, DAY, REASON, COLUMN, CONTENT, EMPTIED, "filename", "file_row_number", "file_index", "_metadata")

_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_SHORT_DECIMAL = 18
_MARK = "\ufeff"
# Of any currency, as decimal(18,4) holds it.
_LARGEST_AMOUNT = "1e14"
# Without a key or an amount a row is another one; empty, these would say that a row counts.
_NEVER_EMPTY = ("_id", "amount", "price", "currency_code", "is_deleted", "is_closing")
_EXTENSION_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"), "BIGINT"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "DOUBLE"),
    **dict.fromkeys(("VARCHAR", "UUID"), "VARCHAR"),
    **dict.fromkeys(
        ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"), "TIMESTAMP"
    ),
    "DATE": "DATE",
    "BOOLEAN": "BOOLEAN",
}
# What else can be held against the grammar. Of JSON, variants and whatever comes, DuckDB's own casts would be all.
_ALSO_READ = ("UBIGINT", "HUGEINT", "UHUGEINT", "TIME", "TIME_NS", "TIME WITH TIME ZONE", "INTERVAL", '"NULL"')


def extension_columns(feed: Feed, delivered: Mapping[str, str]) -> list[str]:
    """Columns that the company added under the prefix `x_`, without naming them in the contract; they go to core."""
    return [name for name in delivered if name.startswith("x_") and name not in feed.columns]


def extension_type(delivered: str) -> str | None:
    """Type in which an own column is landed, so that every engine reads it and it stays the same over deliveries.

    Args:
        delivered: DuckDB type of the delivered column.

    Returns:
        DuckDB type; None where there is no such type, as for lists and binary values.
    """
    if found := _DECIMAL.fullmatch(delivered):
        precision, scale = found.groups()
        return f"DECIMAL({_SHORT_DECIMAL if int(precision) <= _SHORT_DECIMAL else 38},{scale})"
    if delivered.startswith("ENUM"):
        return "VARCHAR"
    return _EXTENSION_TYPES.get(delivered)


def is_read(delivered: str) -> bool:
    """Whether values of a delivered type are held against the grammar of the contract's types.

    Args:
        delivered: DuckDB type of the delivered column.
    """
    return extension_type(delivered) is not None or delivered in _ALSO_READ


def unknown_columns(feed: Feed, delivered: Mapping[str, str]) -> list[str]:
    """Columns that the contract does not know."""
    known = {*feed.columns, *TECHNICAL_COLUMNS, LINE, *extension_columns(feed, delivered)}
    return [name for name in delivered if name not in known]


def typed_rows(
    feed: Feed,
    relation: str,
    *,
    delivered: Mapping[str, str],
    extensions: Mapping[str, str],
    day: str,
    longest_value: int,
    has_values: bool = True,
) -> str:
    """Select of every delivered row, typed, with `REASON`, `COLUMN` and `CONTENT` filled where it is refused.

    A row is refused where a value cannot be typed that it cannot do without, where a key or another required value is
    missing, and where its key repeats that of an earlier good line of the same day. Any other value that cannot be
    typed is left empty and listed in `EMPTIED`.

    Args:
        feed: Table of the contract.
        relation: SQL select of the delivered rows.
        delivered: DuckDB type by delivered column, lower case.
        extensions: Type to land by own column.
        day: SQL expression of the day of the delivery.
        longest_value: Bytes that a text may have.
        has_values: Whether reasons say what was delivered, and not only what it is not.
    """
    found = [*_faults(feed, delivered, has_values=has_values), *_no_values(extensions, has_values=has_values)]
    faults = [*_too_long(delivered, longest_value), *(fault for fault in found if not _can_be_empty(feed, fault[0]))]
    emptied = [fault for fault in found if _can_be_empty(feed, fault[0])]
    fault_texts = ", ".join(f"case when {test} then {text} end" for _, test, text in faults)
    fault_columns = " ".join(f"when {test} then {quote_text(name)}" for name, test, _ in faults)
    fault_content = _as_json(name for name in delivered if name != LINE)
    any_emptied = " or ".join(f"coalesce({test}, false)" for _, test, _ in emptied) or "false"
    emptied_values = ", ".join(
        f"case when {test} then struct_pack(column_name := {quote_text(name)}, reason := {text} || ', left empty') end"
        for name, test, text in emptied
    )
    repeat = repeat_reason(feed, "'line ' || _landing_first_line")
    line = LINE if LINE in delivered else f"row_number() over () as {LINE}"
    keys = ", ".join(key_text(feed))
    # Each is worked out once, for its own sake and for the reasons to refuse it.
    values = [
        f"{typed_value(column, delivered[column.name])} as {_value(column.name)}"
        for column in feed.columns.values()
        if column.name in delivered
    ]
    kept = [
        *(
            f"{_unless(emptied, column.name, _typed_or_null(column, delivered))} as {quote_name(column.name)}"
            for column in feed.columns.values()
        ),
        *(
            f"{_unless(emptied, name, _own_value(name, delivered[name], kind))} as {quote_name(name)}"
            for name, kind in extensions.items()
        ),
        *(f"cast({quote_name(name)} as varchar) as {quote_name(name)}" for name in unknown_columns(feed, delivered)),
    ]
    return f"""
        with numbered as (
            select {", ".join(quote_name(name) for name in delivered if name != LINE)}, {line} from ({relation})
        ),
        valued as (
            select *, {", ".join(values)} from numbered
        ),
        checked as (
            select {", ".join(kept)}, {LINE}, {day} as {DAY},
                nullif(concat_ws('; ', {fault_texts}), '') as {REASON},
                case {fault_columns} end as {COLUMN},
                case when {REASON} is null and ({any_emptied}) then list_filter(
                    cast([{emptied_values}] as struct(column_name varchar, reason varchar)[]), each -> each is not null
                ) end as {EMPTIED},
                case when {REASON} is not null or {EMPTIED} is not null then {fault_content} end as {CONTENT}
            from valued
        ),
        compared as (
            select *, min({LINE}) over (partition by {DAY}, {REASON} is null, {keys}) as _landing_first_line,
                {REASON} is null and {LINE} > _landing_first_line as _landing_is_repeat
            from checked
        )
        select * exclude (_landing_first_line, _landing_is_repeat) replace (
            case when _landing_is_repeat then {repeat} else {REASON} end as {REASON},
            case when _landing_is_repeat then {quote_text(", ".join(feed.key))} else {COLUMN} end as {COLUMN},
            case when _landing_is_repeat then {contract_content(feed)} else {CONTENT} end as {CONTENT}
        )
        from compared
    """


def key_text(feed: Feed, relation: str | None = None) -> list[str]:
    """Make the SQL by which two rows are the same: the key's values without the blanks around them."""
    prefix = f"{relation}." if relation else ""
    return [f"trim(cast({prefix}{quote_name(name)} as varchar))" for name in feed.key]


def repeat_reason(feed: Feed, earlier: str) -> str:
    """Make the SQL of the reason to refuse a row whose key an earlier row has, which the SQL `earlier` names."""
    return f"'repeats the key ({', '.join(feed.key)}) of ' || {earlier}"


def contract_content(feed: Feed) -> str:
    """Make the SQL of the contract's columns of a row, as the quarantine keeps them."""
    return _as_json(feed.columns)


def _as_json(names: Iterable[str]) -> str:
    return f"to_json(struct_pack({', '.join(f'{quote_name(name)} := {quote_name(name)}' for name in names)}))"


def _shown(name: str, *, has_values: bool) -> str:
    """SQL of the beginning of a reason: the column, and what it holds."""
    shown = f"'''' || left(cast({quote_name(name)} as varchar), 60) || ''''" if has_values else "'what is there'"
    return f"{quote_text(name + ': ')} || {shown}"


def _faults(feed: Feed, delivered: Mapping[str, str], *, has_values: bool) -> list[tuple[str, str, str]]:
    """Column, condition and text of everything that can be wrong with a row by itself."""
    faults: list[tuple[str, str, str]] = []
    if all(delivered.get(name) == "VARCHAR" for name in feed.key):
        is_header = " and ".join(f"lower({_unmarked(name)}) = {quote_text(name)}" for name in feed.key)
        faults.append((feed.key[0], is_header, quote_text("repeats the header of the file")))
    faults += [
        (
            name,
            f"starts_with({quote_name(name)}, {quote_text(_MARK)})",
            quote_text(f"{name}: begins with a byte order mark, as where files were put together"),
        )
        for name in feed.key
        if delivered.get(name) == "VARCHAR"
    ]
    for column in feed.columns.values():
        if column.name not in delivered:
            continue
        untypable = is_untypable(column, delivered[column.name], _value(column.name))
        shown = _shown(column.name, has_values=has_values)
        if untypable:
            faults.append((column.name, untypable, f"{shown} || ' is not a {column.data_type}'"))
        if cut := is_cut(column, delivered[column.name], _value(column.name)):
            faults.append((column.name, cut, f"{shown} || ' has more decimals than {column.data_type} keeps'"))
        if column.times and column.times in delivered:
            product = f"cast({_value(column.name)} as double) * cast({_value(column.times)} as double)"
            text = quote_text(f"{column.name}: times {column.times} is an amount of more than 14 digits")
            faults.append((column.name, f"abs({product}) > {_LARGEST_AMOUNT}", text))
        if column.is_required:
            what = "key" if column.name in feed.key else "required value"
            missing = f"{_value(column.name)} is null"
            if untypable:
                missing = f"{missing} and not coalesce({untypable}, false)"
            faults.append((column.name, missing, f"'{column.name}: {what} is missing'"))
    return faults


def _unmarked(name: str) -> str:
    """SQL of a text without the mark of an encoding, which stands before the second of two files that were joined."""
    return f"trim(ltrim({quote_name(name)}, {quote_text(_MARK)}))"


def _can_be_empty(feed: Feed, name: str) -> bool:
    """Whether a row is worth having without the value: not without keys and money, nor what says whether it counts."""
    if name.endswith(_NEVER_EMPTY):
        return False
    column = feed.columns.get(name)
    return column is None or not (column.is_required or column.references or column.times or name in feed.key)


def _unless(emptied: Sequence[tuple[str, str, str]], name: str, value: str) -> str:
    """SQL of a value, null where one of the conditions holds under which it is left empty."""
    tests = [f"coalesce({test}, false)" for column, test, _ in emptied if column == name]
    return f"case when not ({' or '.join(tests)}) then {value} end" if tests else value


def _own_value(name: str, delivered: str, kind: str) -> str:
    """SQL of the value of an own column in the type in which it is landed."""
    raw = quote_name(name)
    if delivered == "VARCHAR":
        # A text is landed as something else only where all of them are empty.
        return as_text(raw) if kind == "VARCHAR" else f"cast({as_text(raw)} as {kind})"
    return as_double(raw) if (delivered, kind) == ("FLOAT", "DOUBLE") else f"cast({raw} as {kind})"


def _typed_or_null(column: Column, delivered: Mapping[str, str]) -> str:
    return _value(column.name) if column.name in delivered else f"cast(null as {column.data_type})"


def _value(name: str) -> str:
    """Name of a column's value in its contract type, beside the delivered one."""
    return quote_name(f"{PREFIX}value_{name}")


def _too_long(delivered: Mapping[str, str], longest: int) -> list[tuple[str, str, str]]:
    """Column, condition and text of every text that is longer than a value may be."""
    return [
        (
            name,
            f"strlen({quote_name(name)}) > {longest}",
            f"{quote_text(name + ': ')} || strlen({quote_name(name)}) || ' bytes, more than the {longest} of a value'",
        )
        for name, kind in delivered.items()
        if kind == "VARCHAR" and name not in TECHNICAL_COLUMNS
    ]


def _no_values(extensions: Mapping[str, str], *, has_values: bool) -> list[tuple[str, str, str]]:
    """Column, condition and text of own columns whose values are no number or no day on every engine."""
    faults = []
    for name, kind in extensions.items():
        raw = quote_name(name)
        if kind == "DOUBLE":
            is_value = f"isfinite(try_cast({raw} as double))"
        elif kind in {"DATE", "TIMESTAMP"}:
            is_value = f"try_cast({raw} as {kind}) {days_known(kind.lower())}"
        else:
            continue
        shown = f"{_shown(name, has_values=has_values)} || ' is not a {kind.lower()}'"
        faults.append((name, f"{raw} is not null and coalesce(not ({is_value}), true)", shown))
    return faults
