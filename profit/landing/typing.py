"""SQL that types delivered rows against the contract, and says of each row that is refused why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from profit.contract import TECHNICAL_COLUMNS, Column, Feed

LINE = "_line"
DAY = "_day"
# Why a row is refused, on account of which column, and what it held; plainer names are those of delivered columns.
REASON = "_landing_reason"
COLUMN = "_landing_column"
CONTENT = "_landing_content"
RESERVED = (LINE, DAY, REASON, COLUMN, CONTENT)

# Types with values that are no number or no day.
_WITH_INFINITY = ("double", "date", "timestamp")
# Types that DuckDB reports under another name than the contract uses.
_NATIVE_NAMES = {"string": "VARCHAR", "bigint": "BIGINT", "double": "DOUBLE"}


def quote_name(name: str) -> str:
    """Quote an identifier for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(value: str) -> str:
    """Quote a text literal for DuckDB."""
    return "'" + value.replace("'", "''") + "'"


def extension_columns(delivered: Mapping[str, str]) -> list[str]:
    """Columns that the company added under the prefix `x_`; they pass through to core."""
    return [name for name in delivered if name.startswith("x_")]


def unknown_columns(feed: Feed, delivered: Mapping[str, str]) -> list[str]:
    """Columns that the contract does not know."""
    known = {*feed.columns, *TECHNICAL_COLUMNS, LINE, *extension_columns(delivered)}
    return [name for name in delivered if name not in known]


def typed_rows(feed: Feed, relation: str, delivered: Mapping[str, str], day: str) -> str:
    """Select of every delivered row, typed, with `REASON`, `COLUMN` and `CONTENT` filled where it is refused.

    A row is refused where a value cannot be typed, where a key or another required value is missing, and where its key
    repeats that of an earlier good line of the same day.

    Args:
        feed: Table of the contract.
        relation: SQL select of the delivered rows.
        delivered: DuckDB type by delivered column, lower case.
        day: SQL expression of the day of the delivery.
    """
    faults = _faults(feed, delivered)
    fault_texts = ", ".join(f"case when {test} then {text} end" for _, test, text in faults)
    fault_columns = " ".join(f"when {test} then {quote_text(name)}" for name, test, _ in faults)
    fault_content = _as_json(name for name in delivered if name != LINE)
    repeat = repeat_reason(feed, "'line ' || _landing_first_line")
    line = LINE if LINE in delivered else f"row_number() over () as {LINE}"
    keys = ", ".join(key_text(feed))
    kept = [
        *(_typed_or_null(column, delivered) for column in feed.columns.values()),
        *(quote_name(name) for name in extension_columns(delivered)),
        *(f"cast({quote_name(name)} as varchar) as {quote_name(name)}" for name in unknown_columns(feed, delivered)),
    ]
    return f"""
        with numbered as (
            select {", ".join(quote_name(name) for name in delivered if name != LINE)}, {line} from ({relation})
        ),
        checked as (
            select {", ".join(kept)}, {LINE}, {day} as {DAY},
                nullif(concat_ws('; ', {fault_texts}), '') as {REASON},
                case {fault_columns} end as {COLUMN},
                case when {REASON} is not null then {fault_content} end as {CONTENT}
            from numbered
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


def _faults(feed: Feed, delivered: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Column, condition and text of everything that can be wrong with a row by itself."""
    faults: list[tuple[str, str, str]] = []
    for column in feed.columns.values():
        if column.name not in delivered:
            continue
        untypable = _is_untypable(column, delivered[column.name])
        if untypable:
            shown = f"left(cast({quote_name(column.name)} as varchar), 60)"
            text = f"{quote_text(column.name + ': ')} || '''' || {shown} || ''' is not a {column.data_type}'"
            faults.append((column.name, untypable, text))
        if column.is_required:
            what = "key" if column.name in feed.key else "required value"
            missing = f"({_typed_value(column, delivered[column.name])}) is null"
            if untypable:
                missing = f"{missing} and not coalesce({untypable}, false)"
            faults.append((column.name, missing, f"'{column.name}: {what} is missing'"))
    return faults


def _native_name(column: Column) -> str:
    return _NATIVE_NAMES.get(column.data_type, column.data_type.upper())


def _typed_or_null(column: Column, delivered: Mapping[str, str]) -> str:
    if column.name not in delivered:
        return f"cast(null as {column.data_type}) as {quote_name(column.name)}"
    return f"{_typed_value(column, delivered[column.name])} as {quote_name(column.name)}"


def _typed_value(column: Column, source_type: str) -> str:
    """Make the SQL of the value in its contract type, null where the delivered one is empty or cannot be typed."""
    raw = quote_name(column.name)
    return _typed_text(column, raw) if source_type == "VARCHAR" else _typed_native(column, raw, source_type)


def _typed_native(column: Column, raw: str, source_type: str) -> str:
    cast = f"try_cast({raw} as {column.data_type})"
    if column.data_type in _WITH_INFINITY:
        return f"case when isfinite({cast}) then {cast} end"
    if column.data_type == "bigint" and source_type.startswith(("DECIMAL", "DOUBLE", "FLOAT")):
        return f"case when {cast} = {raw} then {cast} end"
    return cast


def _typed_text(column: Column, raw: str) -> str:
    text = f"nullif(trim({raw}), '')"
    cast = f"try_cast({text} as {column.data_type})"
    # DuckDB reads 'infinity' and 'epoch' as days, which other engines do not have.
    is_day = f"regexp_matches({text}, '^[0-9]')"
    # It wants seconds before an offset, which ISO 8601 does not.
    with_seconds = f"regexp_replace({text}, '^([^T ]+[T ][0-9]{{2}}:[0-9]{{2}})(Z|[+-].*)$', '\\1:00\\2')"
    return {
        # The text stays as it was typed; only a blank counts as missing.
        "string": f"case when trim({raw}) <> '' then {raw} end",
        # DuckDB would round '12.5'; a count with a fraction is an error in the source.
        "bigint": f"case when regexp_full_match({text}, '[+-]?[0-9]+') then {cast} end",
        "double": f"case when isfinite({cast}) then {cast} end",
        "date": f"case when {is_day} then {cast} end",
        # A cast straight to timestamp drops the offset; the contract's timestamps are UTC.
        "timestamp": f"case when {is_day} then try_cast({with_seconds} as timestamptz) at time zone 'UTC' end",
    }.get(column.data_type, cast)


def _is_untypable(column: Column, source_type: str) -> str | None:
    """Condition under which a delivered value is there but cannot be typed; None where that cannot happen."""
    raw = quote_name(column.name)
    if column.data_type in _WITH_INFINITY and source_type == _native_name(column):
        return f"{raw} is not null and not isfinite({raw})"
    if column.data_type == "string" or source_type == _native_name(column):
        return None
    is_there = f"trim({raw}) <> ''" if source_type == "VARCHAR" else f"{raw} is not null"
    return f"{is_there} and ({_typed_value(column, source_type)}) is null"
