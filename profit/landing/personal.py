"""Own columns of a company whose values look like personal data: they would go through to what is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from profit.landing.quoting import quote_name, quote_text
from profit.landing.typing import LINE, REASON

# A few values of these forms may be codes; from this share on they are taken for what they look like.
_ENOUGH = 0.1
_NEEDED = {"phone": _ENOUGH, "tax_number": _ENOUGH}
# One number in ten passes the check digit of cards by chance.
_ENOUGH_CARDS = 0.5

# Where no letter or digit goes before the @ it is a pattern of addresses, and none.
_EMAIL = r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
# +49 170 1234567 anywhere in a text.
_PHONE_IN_TEXT = r"(^|[^0-9+])(\+|00)[1-9][0-9]{0,2}[ ()./-]+[0-9][0-9 ()./-]{5,}[0-9]"
_PHONES = (
    r"\+[1-9][0-9]{9,14}",
    r"\+[1-9][0-9 ()./-]{7,20}[0-9]",
    r"\(?0[1-9][0-9]{1,4}\)?[ /-][0-9]{3,}([ -]?[0-9]{2,})*",
    r"\([0-9]{3}\) ?[0-9]{3}[-. ][0-9]{4}",
    r"(1[-. ])?[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}",
)
_TAX_NUMBERS = (
    r"[0-9]{3}-[0-9]{2}-[0-9]{4}",  # United States, person
    r"[0-9]{2}-[0-9]{7}",  # United States, firm
    r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}",  # Brazil, person
    r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}/[0-9]{4}-[0-9]{2}",  # Brazil, firm
    r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",  # United Kingdom, person
    r"[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]",  # Italy, person
    r"[0-9]{8}[A-HJ-NP-TV-Z]",  # Spain, person
    r"(AT ?U|BE ?[01]?|BG|CY|CZ|DE|DK|EE|EL|ES ?[A-Z]?|FI|FR ?[0-9A-Z]{2}|GB|HR|HU|IT|LT|LU|LV|MT|PL|PT|RO|SE|SI|SK)"
    r" ?[0-9]{7,12}[A-Z]?",  # value-added tax
    r"NL ?[0-9]{9}B[0-9]{2}",
    r"CHE-?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}( (MWST|TVA|IVA))?",
)
_CARD_IN_GROUPS = r"[3-6][0-9]{3}([ -])[0-9]{4}[ -][0-9]{4}[ -][0-9]{1,7}|3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5}"
_CARD = r"(2[2-7]|[3-6][0-9])[0-9]{11,17}"


# What each form of `form_tests` is, in words.
KINDS = {
    "email": "an e-mail address",
    "phone_in_text": "a telephone number",
    "phone": "a telephone number",
    "tax_number": "a tax number",
    "card_in_groups": "the number of a payment card",
    "card": "the number of a payment card",
}


@dataclass(frozen=True)
class Suspect:
    """An own column that looks like personal data.

    Attributes:
        column: The column.
        kind: What its values look like.
        rows: How many rows do.
        line: The first of them.
    """

    column: str
    kind: str
    rows: int
    line: int


def find_personal(connection: duckdb.DuckDBPyConnection, relation: str, columns: list[str]) -> Suspect | None:
    """Find the first own column whose values look like personal data.

    Args:
        connection: Where the relation is.
        relation: Table of typed rows, with `_line` and `_landing_reason`.
        columns: Own columns to look at; those that the contract names are left out by the caller.

    Returns:
        What was found, never a value; None where nothing was.
    """
    for column in columns:
        # Most columns hold nothing that is worth a second look.
        if not connection.execute(
            f"select 1 from ({_filled(relation, column)}) where {_IS_SUSPECT} limit 1"
        ).fetchall():
            continue
        row = connection.execute(_counts(relation, column)).fetchone()
        if row is None:
            continue
        filled, shapes = row[:2]
        found = dict(zip(_TESTS, zip(row[2::2], row[3::2], strict=True), strict=True))
        name = form_of(filled, shapes, {name: rows for name, (rows, _) in found.items()})
        if name:
            rows, line = found[name]
            return Suspect(column, KINDS[name], int(rows), int(line))
    return None


def form_of(filled: int, long_numbers: int, found: Mapping[str, int]) -> str:
    """Decide what the values of a column look like.

    Args:
        filled: Values that are there.
        long_numbers: Those of them that are numbers as long as a card's.
        found: Values of each form of `form_tests`.

    Returns:
        The first form that enough of them have; empty where none has.
    """
    for name in _TESTS:
        total, share = (long_numbers, _ENOUGH_CARDS) if name == "card" else (filled, _NEEDED.get(name, 0))
        if found[name] and found[name] >= share * total:
            return name
    return ""


def form_tests() -> dict[str, str]:
    """SQL conditions on a text `value`, by the name of the form that it has then."""
    return dict(_TESTS)


def is_long_number() -> str:
    """SQL condition on a text `value` that is a number as long as a card's."""
    return _IS_LONG_NUMBER


def may_be_personal(value: str) -> str:
    """Make the SQL condition that a text has to meet before it is worth looking at as personal data.

    Args:
        value: SQL expression of the text.
    """
    return f"regexp_matches({value}, {_SUSPECT})"


def _counts(relation: str, column: str) -> str:
    """Select of the filled rows, and of rows and first line of each kind; every distinct value is tested once."""
    flags = ", ".join(f"{test} as {name}" for name, test in _TESTS.items())
    counted = ", ".join(
        f"coalesce(sum(row_count) filter (where {name}), 0), coalesce(min(line) filter (where {name}), 0)"
        for name in _TESTS
    )
    return f"""
        with filled as (
            {_filled(relation, column)}
        ),
        suspects as (
            select value, count(*) as row_count, min(line) as line from filled where {_IS_SUSPECT} group by value
        )
        select (select count(*) from filled), coalesce(sum(row_count) filter (where {_IS_LONG_NUMBER}), 0), {counted}
        from (select value, row_count, line, {flags} from suspects)
    """


def _filled(relation: str, column: str) -> str:
    """Select of the values of a column that is filled, in rows that are landed, with their line."""
    value = f"trim(cast({quote_name(column)} as varchar))"
    return f"select {value} as value, {LINE} as line from {relation} where {REASON} is null and {value} <> ''"


def _passes_luhn(form: str) -> str:
    """Make the SQL that tests the check digit: every second digit from the right counts twice, nines cast out."""
    return f"""
        case when regexp_full_match(value, {quote_text(form)}) then list_sum(list_transform(
            range(1, length({_DIGITS}) + 1),
            lambda i: case
                when i % 2 = 0 then [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][cast(reverse({_DIGITS})[i] as int) + 1]
                else cast(reverse({_DIGITS})[i] as int)
            end
        )) % 10 = 0 else false end
    """


_DIGITS = "regexp_replace(value, '[^0-9]', '', 'g')"
# Few texts hold as many digits as a number of any kind, or an at sign.
_SUSPECT = "'@|([0-9][^0-9]{0,2}){6}'"
_IS_SUSPECT = f"regexp_matches(value, {_SUSPECT})"
_IS_LONG_NUMBER = "regexp_full_match(value, '[0-9]{13,19}')"
# Conditions on a text `value`.
_TESTS = {
    "email": f"contains(value, '@') and regexp_matches(value, {quote_text(_EMAIL)})",
    "phone_in_text": f"regexp_matches(value, {quote_text(_PHONE_IN_TEXT)})",
    "phone": (
        f"case when regexp_full_match(value, {quote_text('|'.join(_PHONES))}) then length({_DIGITS}) between 8 and 15 "
        f"else false end"
    ),
    "tax_number": f"regexp_full_match(value, {quote_text('|'.join(_TAX_NUMBERS))})",
    "card_in_groups": _passes_luhn(_CARD_IN_GROUPS),
    "card": _passes_luhn(_CARD),
}
