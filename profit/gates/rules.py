"""The rules of a gate, and how many rows break each: those that look at one row are counted together, in one scan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from profit.landing.quoting import quote_name

# Share of rows above which single bad rows are a systematic fault: a wrong sign, a system whose numbers do not fit.
TOLERATED_SHARE = 0.05

SAMPLES = 5
GATE = "gate"


@dataclass(frozen=True)
class Rule:
    """Something that has to hold.

    Attributes:
        feed: Feed or table that it is about.
        rule: What has to hold, in words.
        severity: stop or warn.
        reason: Why it has this severity, and what to do.
        tolerated_share: Share of the checked rows that may break it.
    """

    feed: str
    rule: str
    severity: str
    reason: str
    tolerated_share: float = 0.0


@dataclass(frozen=True)
class RowRule(Rule):
    """A rule that is judged row by row.

    Attributes:
        failed: SQL condition of a row that breaks it.
        checked: SQL condition of a row that it is about; empty for all.
        sample: SQL expression that names a row, as text.
    """

    failed: str = field(kw_only=True)
    checked: str = field(kw_only=True, default="")
    sample: str = field(kw_only=True)


@dataclass(frozen=True)
class QueryRule(Rule):
    """A rule that needs a query of its own.

    Attributes:
        query: SQL that returns one row: rows checked, rows failed, and a list of text that names some of them. What
            stands for `{batch}` in it is the relation that the rules are counted on.
    """

    query: str = field(kw_only=True)


@dataclass(frozen=True)
class Counted:
    """A rule, and what was found.

    Attributes:
        rule: The rule.
        rows_checked: Rows, or files, that it is about.
        rows_failed: Those that break it.
        sample_keys: Some of them, named.
        tested_by: Who looked: the gate itself, a test of the build, or a constraint that the table could not break.
        error: Why the check itself failed, if it did.
    """

    rule: Rule
    rows_checked: int
    rows_failed: int
    sample_keys: tuple[str, ...] = ()
    tested_by: str = GATE
    error: str = ""

    @property
    def holds(self) -> bool:
        """Whether no more rows break the rule than it tolerates."""
        return not self.error and self.rows_failed <= self.rule.tolerated_share * self.rows_checked


def count_rules(connection: duckdb.DuckDBPyConnection, relation: str, rules: Iterable[Rule]) -> list[Counted]:
    """Count the rows that break each rule.

    Args:
        connection: Where the relation is.
        relation: SQL name of the table or view.
        rules: What has to hold.

    Returns:
        One entry a rule, in the order of the rules; a check that fails itself says why.
    """
    listed = list(rules)
    of_rows = [rule for rule in listed if isinstance(rule, RowRule)]
    found = dict(zip(map(id, of_rows), _count_rows(connection, relation, of_rows), strict=True))
    return [found[id(rule)] if id(rule) in found else _count_query(connection, relation, rule) for rule in listed]


def summary_query(failed: str, sample: str, checked: str = "select count(*) from {batch}") -> str:
    """Query of a `QueryRule` from a select of the failed rows.

    Args:
        failed: Select of the rows that break the rule.
        sample: SQL expression over these rows that names one, as text.
        checked: Select of the number of rows checked.
    """
    return (
        f"with failed_rows as ({failed}) select ({checked}) as rows_checked, count(*) as rows_failed, "
        f"min({sample}, {SAMPLES}) as sample_keys from failed_rows"
    )


def label_of(columns: Sequence[str], value: str = "") -> str:
    """Make the SQL that names a row by its key, with a value in brackets where one is asked for.

    Args:
        columns: Columns of the key.
        value: Column whose value is shown.
    """
    key = f"concat_ws(':', {', '.join(quote_name(column) for column in columns)})" if columns else "'a row'"
    return f"{key} || ' ({value} = ' || {quote_name(value)} || ')'" if value else key


def _count_rows(connection: duckdb.DuckDBPyConnection, relation: str, rules: Sequence[RowRule]) -> Iterator[Counted]:
    if not rules:
        return
    # The same condition, once tolerated in some rows and once in none, is counted once.
    conditions = list(dict.fromkeys(text for rule in rules for text in (rule.failed, rule.checked) if text))
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in conditions)
    try:
        row = connection.execute(f"select count(*){', ' if counts else ''}{counts} from {relation}").fetchone()
    except duckdb.Error:
        # One of them cannot be counted: each by itself says which.
        for rule in rules:
            checked = f"count(*) filter (where {rule.checked})" if rule.checked else "count(*)"
            query = f"select {checked}, count(*) filter (where {rule.failed}), null from {{batch}}"
            alone = QueryRule(rule.feed, rule.rule, rule.severity, rule.reason, rule.tolerated_share, query=query)
            yield _count_query(connection, relation, alone)
        return
    total, *numbers = [int(number) for number in row or (0,)]
    found = dict(zip(conditions, numbers, strict=True))
    for rule in rules:
        failed = found[rule.failed]
        samples = _samples(connection, relation, rule) if failed else ()
        yield Counted(rule, found[rule.checked] if rule.checked else total, failed, samples)


def _samples(connection: duckdb.DuckDBPyConnection, relation: str, rule: RowRule) -> tuple[str, ...]:
    rows = connection.execute(f"select min({rule.sample}, {SAMPLES}) from {relation} where {rule.failed}").fetchone()
    return _texts(rows[0] if rows else ())


def _count_query(connection: duckdb.DuckDBPyConnection, relation: str, rule: Rule) -> Counted:
    if not isinstance(rule, QueryRule):
        raise TypeError(f"{type(rule).__name__} says not how it is counted.")
    try:
        row = connection.execute(rule.query.replace("{batch}", relation)).fetchone()
    except duckdb.Error as error:
        return Counted(rule, 0, 1, error=str(error))
    checked, failed, samples = row or (0, 0, ())
    return Counted(rule, int(checked or 0), int(failed or 0), _texts(samples))


def _texts(samples: Any) -> tuple[str, ...]:
    return tuple(str(sample) for sample in samples or ())
