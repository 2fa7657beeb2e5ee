"""The expectations of the landing gate, derived from the source contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_table_row_count_to_be_between import ExpectTableRowCountToBeBetween
from great_expectations.expectations.expectation import Expectation

from profit.contract import Column, Feed
from profit.gates.expectations import TOLERATED_SHARE, ExpectFailedRowsToBeFew, described, summary_query
from profit.gates.report import STOP, WARN
from profit.gates.structure import RULES, ZONE, ZONE_RULES
from profit.gates.workspace import (
    DELIVERIES,
    FINDINGS,
    MEANS,
    REFERENCES,
    ZERO_SUMS,
    Workspace,
    money_columns,
    row_label,
)
from profit.landing.typing import key_text, quote_text

# A delivery with less than this share of the rows that the system usually delivers is likely cut off.
_SMALL_DELIVERY = 0.1
_DELIVERIES_BEFORE = 3
# Far enough from 1 for any season, near enough to see cents delivered as dollars.
_MEAN_FACTOR = 5
_ROWS_FOR_A_MEAN = 30

_TOLERATED = f"{TOLERATED_SHARE:.0%}"


def zone_expectations(file_count: int) -> Iterator[Expectation]:
    """Expectations on the landing zone as a whole, over the findings of the structural check.

    Args:
        file_count: Files that lie in it.
    """
    for rule in ZONE_RULES:
        yield _structural(ZONE, rule, f"rule = {quote_text(rule)}", file_count)


def structure_expectations(feed: str, file_count: int) -> Iterator[Expectation]:
    """Expectations on the files of one feed, over the findings of the structural check.

    Args:
        feed: `<department>.<table>`.
        file_count: Files that lie in its folder.
    """
    for rule in RULES:
        if rule not in ZONE_RULES:
            yield _structural(feed, rule, f"feed = {quote_text(feed)} and rule = {quote_text(rule)}", file_count)


def _structural(feed: str, rule: str, condition: str, file_count: int) -> Expectation:
    # All of them, not a sample: a person mends them in one go.
    query = (
        f"select {file_count} as rows_checked, count(*) as rows_failed, list(place || ': ' || message order by place) "
        f"as sample_keys from {FINDINGS} where {condition}"
    )
    return ExpectFailedRowsToBeFew(unexpected_rows_query=_guarded(query), **described(feed, rule, STOP, RULES[rule]))


def feed_expectations(feed: Feed, workspace: Workspace) -> Iterator[Expectation]:
    """Expectations on the landed rows of one feed.

    Args:
        feed: Feed of the contract.
        workspace: Where the gate has counted deliveries and references.
    """
    yield from _shape(feed)
    for column in feed.columns.values():
        yield from _values(feed, column)
        yield from _range(feed, column)
    for column in workspace.checked_references[feed.name]:
        yield from _reference(feed, column)
    yield from _volume(feed)
    yield from _freshness(feed)
    if feed.sums_to_zero:
        yield _zero_sum(feed)
    if feed.name in workspace.compared:
        for name in money_columns(feed):
            yield _mean(feed, name)


def _shape(feed: Feed) -> Iterator[Expectation]:
    if feed.is_required:
        reason = "Without these rows there is nothing to compute; land a delivery that has some."
        yield ExpectTableRowCountToBeBetween(min_value=1, **described(feed.name, "the feed has rows", STOP, reason))
    key = f"hash(filename, {', '.join(key_text(feed))})"
    repeated = (
        f"select * from {{batch}} where {key} in (select {key} from {{batch}} group by {key} having count(*) > 1)"
    )
    reason = "Rows that share a key count twice, or one of them not at all; ask the system which of them holds."
    yield ExpectFailedRowsToBeFew(
        unexpected_rows_query=summary_query(repeated, row_label(feed)),
        **described(feed.name, f"{', '.join(feed.key)} is unique within a delivered file", STOP, reason),
    )


def _values(feed: Feed, column: Column) -> Iterator[Expectation]:
    if column.is_required:
        what = "The key" if column.name in feed.key else "A value that every model needs"
        reason = f"{what} is missing: the row cannot be told from others or computed with; land the delivery again."
        yield ExpectColumnValuesToNotBeNull(
            column=column.name, **described(feed.name, f"{column.name} is filled", STOP, reason)
        )
    if column.accepted_values:
        values = list(column.accepted_values)
        rule = f"{column.name} is one of {', '.join(values)}"
        reason = "No model knows what to do with another value; correct it at the source or in the connector."
        yield ExpectColumnValuesToBeInSet(
            column=column.name, value_set=values, **described(feed.name, rule, STOP, reason)
        )


def _range(feed: Feed, column: Column) -> Iterator[Expectation]:
    name = column.name
    if column.above is not None:
        reason = "Amounts are multiplied or divided by it; correct it at the source."
        yield ExpectColumnValuesToBeBetween(
            column=name,
            min_value=column.above,
            strict_min=True,
            **described(feed.name, f"{name} is above {column.above:g}", STOP, reason),
        )
    upper = None if column.maximum == "delivered_on" else column.maximum
    if column.minimum is not None or upper is not None:
        bounds = [
            f"at least {column.minimum}" if column.minimum is not None else "",
            f"at most {upper}" if upper else "",
        ]
        rule = f"{name} is {' and '.join(bound for bound in bounds if bound)}"
        for severity, suffix, tolerated, reason in _two_levels("are out of range", "a sign or a unit is turned round"):
            yield ExpectColumnValuesToBeBetween(
                column=name,
                min_value=_bound(column.minimum),
                max_value=_bound(upper),
                mostly=1 - tolerated,
                **described(feed.name, rule + suffix, severity, reason),
            )
    if column.maximum == "delivered_on":
        # A day of grace, as a moment in UTC may be tomorrow where the file was made.
        late = f"select * from {{batch}} where cast({name} as date) > delivered_on + 1"
        query = summary_query(late, f"{row_label(feed)} || ' at ' || {name}", f"select count({name}) from {{batch}}")
        for severity, suffix, tolerated, reason in _two_levels("lie in the future", "days and months are mixed up"):
            yield ExpectFailedRowsToBeFew(
                unexpected_rows_query=query,
                tolerated_share=tolerated,
                **described(feed.name, f"{name} is not after its delivery{suffix}", severity, reason),
            )


def _bound(value: float | str | None) -> float | dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _reference(feed: Feed, column: Column) -> Iterator[Expectation]:
    if column.references is None:
        return
    query = _counted(REFERENCES, feed, f"column_name = {quote_text(column.name)}")
    rule = f"{column.name} names a row of {column.references.feed}"
    for severity, suffix, tolerated, reason in _two_levels(
        "name a row that nobody delivered", "a delivery or a whole system is missing"
    ):
        yield ExpectFailedRowsToBeFew(
            unexpected_rows_query=query,
            tolerated_share=tolerated,
            **described(feed.name, rule + suffix, severity, reason),
        )


def _two_levels(fault: str, cause: str) -> Iterator[tuple[str, str, float, str]]:
    """Severity, suffix of the rule, tolerated share and reason: many faults stop the run, a few are warned of."""
    yield (
        STOP,
        f" in {1 - TOLERATED_SHARE:.0%} of the rows",
        TOLERATED_SHARE,
        f"More than {_TOLERATED} of the rows {fault}: most likely {cause}. Mend it before it is loaded.",
    )
    yield WARN, "", 0.0, f"Some rows {fault}; they are kept as delivered: have them corrected at the source."


def _volume(feed: Feed) -> Iterator[Expectation]:
    ranked = f"""
        select source_system, rows_delivered, delivered_on, {_newest_first()} as age,
            median(rows_delivered) over earlier as usual_rows, count(*) over earlier as earlier_deliveries
        from (
            select source_system, delivered_on, sum(row_count) as rows_delivered
            from {DELIVERIES} where feed = {quote_text(feed.name)} group by all
        )
        window earlier as (
            partition by source_system order by delivered_on rows between unbounded preceding and 1 preceding
        )
    """
    failed = (
        f"select * from ({ranked}) where age = 1 and usual_rows > 0 and (rows_delivered = 0 or (earlier_deliveries >= "
        f"{_DELIVERIES_BEFORE} and rows_delivered < {_SMALL_DELIVERY} * usual_rows))"
    )
    label = "concat(source_system, ': ', rows_delivered, ' rows on ', delivered_on, ', usually ', usual_rows)"
    reason = "The newest delivery is empty or a tenth of the usual: most likely cut off, or a filter is wrong."
    yield ExpectFailedRowsToBeFew(
        unexpected_rows_query=_guarded(summary_query(failed, label, _deliveries_of(feed))),
        **described(feed.name, "the newest delivery is about as large as usual", WARN, reason),
    )


def _freshness(feed: Feed) -> Iterator[Expectation]:
    if feed.stale_after_days is None:
        return
    # Compared with the newest delivery of all, not with today: the same landing zone gives the same result any day.
    newest = f"select max(delivered_on) from {DELIVERIES}"
    for severity, whose, grouping in ((STOP, "the feed", "feed"), (WARN, "each system", "source_system")):
        failed = (
            f"select {grouping} as who, max(delivered_on) as newest from {DELIVERIES} "
            f"where feed = {quote_text(feed.name)} group by {grouping} "
            f"having max(delivered_on) < ({newest}) - {feed.stale_after_days}"
        )
        rule = f"{whose} delivered within {feed.stale_after_days} days of the newest delivery of all"
        reason = (
            "The last weeks would lack this feed; land what is missing, or raise error_after in the contract."
            if severity == STOP
            else "A system has fallen silent; land what is missing, or leave it if the system was retired."
        )
        yield ExpectFailedRowsToBeFew(
            unexpected_rows_query=_guarded(summary_query(failed, "who || ' last on ' || newest", _deliveries_of(feed))),
            **described(feed.name, rule, severity, reason),
        )


def _zero_sum(feed: Feed) -> Expectation:
    groups = ", ".join(feed.sums_to_zero.within) if feed.sums_to_zero else ""
    reason = "Debits and credits differ: a posting is missing or was changed; finance should look at the journal."
    return ExpectFailedRowsToBeFew(
        unexpected_rows_query=_counted(ZERO_SUMS, feed),
        **described(feed.name, f"the postings of each {groups} sum to zero", WARN, reason),
    )


def _mean(feed: Feed, column: str) -> Expectation:
    ranked = f"""
        select *, {_newest_first()} as age, median(mean_amount) over earlier as usual_mean,
            count(*) over earlier as earlier_deliveries
        from {MEANS}
        where feed = {quote_text(feed.name)} and money_column = {quote_text(column)} and row_count >= {_ROWS_FOR_A_MEAN}
        window earlier as (
            partition by source_system order by delivered_on rows between unbounded preceding and 1 preceding
        )
    """
    failed = (
        f"select * from ({ranked}) where age = 1 and earlier_deliveries >= {_DELIVERIES_BEFORE} and usual_mean > 0 "
        f"and mean_amount not between usual_mean / {_MEAN_FACTOR} and usual_mean * {_MEAN_FACTOR}"
    )
    label = "printf('%s: mean %.2f on %s, usually %.2f', source_system, mean_amount, delivered_on, usual_mean)"
    rule = f"mean of {column} is within a factor of {_MEAN_FACTOR} of earlier deliveries"
    reason = "The newest delivery looks unlike all before: most likely another unit or currency."
    return ExpectFailedRowsToBeFew(
        unexpected_rows_query=_guarded(summary_query(failed, label, _deliveries_of(feed))),
        **described(feed.name, rule, WARN, reason),
    )


def _newest_first() -> str:
    return "row_number() over (partition by source_system order by delivered_on desc)"


def _deliveries_of(feed: Feed) -> str:
    return f"select count(*) from {DELIVERIES} where feed = {quote_text(feed.name)}"


def _counted(table: str, feed: Feed, condition: str = "true") -> str:
    """Query over a check that the workspace has counted, a row a check."""
    return _guarded(
        f"select rows_checked, rows_failed, sample_keys from {table} "
        f"where feed = {quote_text(feed.name)} and {condition}"
    )


def _guarded(query: str) -> str:
    """Tie a query to its batch, as Great Expectations asks of each: `limit 1` keeps it from being read."""
    return f"select * from ({query}) where (select count(*) from (select 1 from {{batch}} limit 1)) >= 0"
