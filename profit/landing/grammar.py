"""How values may be written: one grammar a contract type, for text and for what Parquet has typed already.

What is outside it is refused, and what is inside it is kept to the last digit. docs/own-data.md has it in words.
"""

from __future__ import annotations

import re

from profit.contract import Column
from profit.landing.quoting import quote_name, quote_text

# Texts that stand for a missing value, exactly so: a person may be called Null.
MISSING = ("", "NULL", r"\N", "N/A", "#N/A", "nan", "NaN")
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")

# DuckDB also reads 1_000, 24-3-5, 2024-03-01 (BC) and names of zones.
_NUMBER = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?"
_WHOLE = "[+-]?[0-9]+"
_DATE = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_MIDNIGHT = "[ T]0{1,2}:00(:00([.]0*)?)?( ?(Z|[+-]00(:?00)?))?"
_TIME = "[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
# No clock is further from UTC; DuckDB reads +99 as four days and three hours.
_OFFSET = " ?(Z|[+-]((0[0-9]|1[0-3])(:?[0-5][0-9])?|14(:?00)?))"
_FINER_THAN_KEPT = "[.][0-9]{6}[0-9]*[1-9]"

# Whole numbers up to here are exact.
EXACT = {"DOUBLE": 2**53, "FLOAT": 2**24}
# Beyond fifteen digits the fraction of a double is noise, beyond seven that of a float: less than half of the last
# digit of any number, so that what is cut off is told from what a cast to double makes of the same number.
_DIGITS = {"DOUBLE": 15, "FLOAT": 7}
_LESS_THAN_A_DIGIT = {"DOUBLE": "9e-16", "FLOAT": "9e-9"}
_TEXT_NOISE = "2e-15"
# Above 1,024 the neighbours of a float are further apart than the decimals of an amount: seven digits would cut off
# what it does hold, so it is taken as it is written; from 1,000 on it has eight.
_AS_WRITTEN = 1024
_EIGHT_DIGITS = 1000
# From here on a float holds no hundredths, and a double no four decimals.
_COARSE = {"DOUBLE": "1e11", "FLOAT": "131072"}
# What fits in a word is cast a hundred times as fast as what does not.
_WORD = 18

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)", re.IGNORECASE)


def typed_value(column: Column, source_type: str) -> str:
    """Make the SQL of a value in its contract type, null where the delivered one is missing or cannot be typed.

    Args:
        column: Column of the contract.
        source_type: DuckDB type in which it was delivered.
    """
    raw = quote_name(column.name)
    return _typed_text(column, raw) if source_type == "VARCHAR" else _typed_native(column, raw, source_type)


def is_untypable(column: Column, source_type: str, value: str) -> str | None:
    """Make the condition under which a value is there but cannot be typed; None where that cannot happen.

    Args:
        column: Column of the contract.
        source_type: DuckDB type in which it was delivered.
        value: SQL of the value in its contract type.
    """
    is_checked = column.data_type in {"double", "date", "timestamp"}
    if source_type == column.native_type and not is_checked:
        return None
    if column.data_type == "string" and not is_number(source_type):
        return None
    raw = quote_name(column.name)
    is_there = _is_there(raw) if source_type == "VARCHAR" else f"{raw} is not null"
    return f"{is_there} and {value} is null"


def is_cut(column: Column, source_type: str, value: str) -> str | None:
    """Make the condition under which a number has more decimals than its column keeps; None where it cannot.

    Args:
        column: Column of the contract.
        source_type: DuckDB type in which it was delivered.
        value: SQL of the value in its contract type.
    """
    kept = _DECIMAL.fullmatch(column.data_type)
    if kept is None:
        return None
    raw, scale = quote_name(column.name), int(kept[2])
    if found := _DECIMAL.fullmatch(source_type):
        return f"{raw} <> {value}" if int(found[2]) > scale else None
    if source_type in _DIGITS:
        off = f"abs({{number}} - cast({value} as double)) > {_LESS_THAN_A_DIGIT[source_type]} * abs({raw})"
        digits = f"try_cast({_as_digits(raw, source_type)} as double)"
        return f"case when {off.format(number=raw)} then {off.format(number=digits)} end"
    if source_type != "VARCHAR":
        return None
    number = f"try_cast(trim({raw}) as double)"
    # 1e-400 is nothing as a double, too.
    is_lost = f"{number} = 0 and regexp_matches({raw}, '^[^eE]*[1-9]')"
    return (
        f"{value} is not null and case when contains(lower({raw}), 'e') "
        f"then abs({number} - cast({value} as double)) > {_TEXT_NOISE} * abs({number}) or {is_lost} "
        f"else regexp_matches({raw}, '[.][0-9]{{{scale}}}[0-9]*[1-9]') end"
    )


def is_finer(name: str, column: Column | None, source_type: str) -> str | None:
    """Make the condition under which a moment bears more than the microseconds that are kept; None where it cannot.

    Args:
        name: Name of the delivered column.
        column: Column of the contract; None for an own one.
        source_type: DuckDB type in which it was delivered.
    """
    raw = quote_name(name)
    if column is None and source_type != "TIMESTAMP_NS":
        return None
    if column is not None and column.data_type != "timestamp":
        return None
    if source_type == "TIMESTAMP_NS":
        return f"epoch_ns({raw}) % 1000 <> 0"
    return f"regexp_matches({raw}, '{_FINER_THAN_KEPT}')" if source_type == "VARCHAR" else None


def is_coarse(column: Column | None, source_type: str) -> str | None:
    """Make the condition under which floating point cannot hold the decimals of an amount; None where it always can.

    Args:
        column: Column of the contract; None for an own one.
        source_type: DuckDB type in which it was delivered.
    """
    if column is None or source_type not in _DIGITS or not _DECIMAL.fullmatch(column.data_type):
        return None
    raw = quote_name(column.name)
    is_whole = f"{raw} = trunc({raw}) and abs({raw}) <= {EXACT[source_type]}"
    is_held = f" or try_cast({_as_digits(raw, source_type)} as double) = {raw}" if source_type == "DOUBLE" else ""
    # A case, as digits are dear: they are written of few.
    return f"case when isfinite({raw}) and abs({raw}) >= {_COARSE[source_type]} then not ({is_whole}{is_held}) end"


def is_number(source_type: str) -> bool:
    """Whether values of a DuckDB type can have a fraction."""
    return source_type in _DIGITS or source_type.startswith("DECIMAL")


def days_known(data_type: str) -> str:
    """Make the SQL of the bounds between which every engine and Python know a date or timestamp."""
    if data_type == "date":
        return "between date '0001-01-01' and date '9999-12-31'"
    return "between timestamp '0001-01-01' and timestamp '9999-12-31 23:59:59.999999'"


def as_double(raw: str) -> str:
    """Make the SQL of a float as the double that is written in the same way: 1.1, not 1.100000023841858.

    Args:
        raw: SQL of the float.
    """
    return f"cast(cast({raw} as varchar) as double)"


def as_text(raw: str) -> str:
    """Make the SQL of a text as it was typed, null where it stands for a missing value.

    Args:
        raw: SQL of the text.
    """
    return f"case when {_is_there(raw)} then {raw} end"


def _counts(source_type: str) -> bool:
    """Whether values of a DuckDB type are numbers."""
    return is_number(source_type) or source_type.endswith("INT") or source_type.endswith("INTEGER")


def _is_there(raw: str) -> str:
    # A list of alternatives takes the planner a time that grows with the square of the columns.
    return f"not list_contains([{', '.join(map(quote_text, MISSING))}], trim({raw}))"


def _typed_native(column: Column, raw: str, source_type: str) -> str:
    cast = f"try_cast({raw} as {column.data_type})"
    if column.data_type == "boolean" or source_type == "BOOLEAN":
        return _typed_boolean(column, raw, source_type)
    if column.data_type in {"date", "timestamp"}:
        is_known = f"{cast} {days_known(column.data_type)}"
        if column.data_type == "date" and source_type.startswith("TIMESTAMP"):
            # A time that is cut off may be that of another day elsewhere.
            whole = source_type if source_type == "TIMESTAMP_NS" else "timestamp"
            is_known += f" and try_cast({raw} as {whole}) = cast({cast} as {whole})"
        return f"case when {is_known} then {cast} end"
    if column.data_type == "double":
        cast = as_double(raw) if source_type == "FLOAT" else cast
        return f"case when isfinite({cast}) then {cast} end"
    return _typed_number(column, raw, source_type) if is_number(source_type) else cast


def _typed_boolean(column: Column, raw: str, source_type: str) -> str:
    """Booleans of a closed list; DuckDB makes one of every number, and a number of every boolean."""
    if source_type == column.native_type:
        return raw
    is_listed = column.data_type == "boolean" and _counts(source_type)
    return f"case when {raw} in (0, 1) then {raw} = 1 end" if is_listed else f"cast(null as {column.data_type})"


def _typed_number(column: Column, raw: str, source_type: str) -> str:
    cast = f"try_cast({raw} as {column.data_type})"
    if column.data_type == "bigint":
        return f"case when {cast} = {raw} then {cast} end"
    if column.data_type == "string":
        # The digits of whole numbers; a column that holds others is refused before.
        whole = "bigint" if source_type in _DIGITS else "decimal(38,0)"
        return f"cast(try_cast({raw} as {whole}) as varchar)"
    if source_type in _DIGITS and (kept := _DECIMAL.fullmatch(column.data_type)):
        # Where every digit that is kept is one of the number's own, the cast rounds the noise away.
        is_short = f"abs({raw}) < 1e{_DIGITS[source_type] - int(kept[2])}"
        digits = _decimal(_as_digits(raw, source_type), column.data_type)
        # A whole number of a float may have more digits than others, each of them its own.
        whole = f"try_cast(try_cast({raw} as bigint) as {column.data_type})"
        first = f"when {raw} = trunc({raw}) then {whole} " if source_type == "FLOAT" else ""
        return f"case {first}when {is_short} then {cast} else {digits} end"
    return cast


def _as_digits(raw: str, source_type: str) -> str:
    """Text of a floating-point number with the digits that it has."""
    digits = f"format('{{:.{_DIGITS[source_type] - 1}e}}', {raw})"
    if source_type == "DOUBLE":
        return digits
    is_written = f"abs({raw}) >= {_AS_WRITTEN} then cast({raw} as varchar)"
    return f"case when {is_written} when abs({raw}) >= {_EIGHT_DIGITS} then format('{{:.7e}}', {raw}) else {digits} end"


def _decimal(text: str, data_type: str) -> str:
    """Decimal of a text, null where it is none."""
    cast = f"try_cast({text} as {data_type})"
    precision, scale = map(int, _DECIMAL.fullmatch(data_type).groups())  # type: ignore[union-attr]
    if precision <= _WORD or scale > _WORD:
        return cast
    return f"coalesce(cast(try_cast({text} as decimal({_WORD},{scale})) as {data_type}), {cast})"


def _typed_text(column: Column, raw: str) -> str:
    if column.data_type == "string":
        return as_text(raw)
    text = f"case when {_is_there(raw)} then trim({raw}) end"
    cast = f"try_cast({text} as {column.data_type})"
    if column.data_type == "boolean":
        is_true, is_false = (f"lower({text}) in ({', '.join(map(quote_text, words))})" for words in (TRUE, FALSE))
        return f"case when {is_true} then true when {is_false} then false end"
    if column.data_type == "date":
        is_day = f"regexp_full_match({text}, '{_DATE}({_MIDNIGHT})?')"
        return f"case when {is_day} and {cast} {days_known('date')} then {cast} end"
    if column.data_type == "timestamp":
        is_time = f"regexp_full_match({text}, '{_DATE}({_TIME}({_OFFSET})?)?')"
        # A cast straight to timestamp drops the offset; the contract's timestamps are UTC. DuckDB wants seconds before
        # an offset and no blank, as ISO 8601 does not and Ruby and Git do.
        attached = f"replace(replace(replace({text}, ' +', '+'), ' -', '-'), ' Z', 'Z')"
        with_seconds = f"regexp_replace({attached}, '^([^T ]+[T ][0-9]+:[0-9]{{2}})([Z+-].*)$', '\\1:00\\2')"
        instant = f"try_cast({with_seconds} as timestamptz) at time zone 'UTC'"
        return f"case when {is_time} and {instant} {days_known('timestamp')} then {instant} end"
    # DuckDB would round '12.5'; a count with a fraction is an error in the source.
    is_form = f"regexp_full_match({text}, '{_WHOLE if column.data_type == 'bigint' else _NUMBER}')"
    is_finite = f" and isfinite({cast})" if column.data_type == "double" else ""
    if column.data_type.startswith("decimal"):
        cast = _decimal(text, column.data_type)
    return f"case when {is_form}{is_finite} then {cast} end"
