"""The rules of the landing gate, derived from the source contract."""

from __future__ import annotations

from collections.abc import Iterator

from profit.contract import Column, Feed
from profit.gates.personal import value_shown
from profit.gates.report import STOP, WARN
from profit.gates.rules import TOLERATED_SHARE, QueryRule, RowRule, Rule, summary_query
from profit.gates.structure import RULES, ZONE, ZONE_RULES
from profit.gates.workspace import (
    DELIVERIES,
    FINDINGS,
    MEANS,
    REFERENCES,
    WITHDRAWN,
    ZERO_SUMS,
    Workspace,
    money_columns,
    row_label,
)
from profit.landing.quoting import quote_name, quote_text
from profit.landing.typing import key_text

# A delivery with less than this share of the rows that the system usually delivers is likely cut off.
_SMALL_DELIVERY = 0.1
_DELIVERIES_BEFORE = 3
# Silence longer than so many times the longest gap before is more than rarity.
_GAPS = 2
# Far enough from 1 for any season, near enough to see cents delivered as dollars.
_MEAN_FACTOR = 5
_ROWS_FOR_A_MEAN = 30

_TOLERATED = f"{TOLERATED_SHARE:.0%}"


def zone_rules(file_count: int) -> Iterator[Rule]:
    """Rules of the landing zone as a whole, over the findings of the structural check.

    Args:
        file_count: Files that lie in it.
    """
    for rule in ZONE_RULES:
        yield _structural(ZONE, rule, f"rule = {quote_text(rule)}", file_count)


def structure_rules(feed: str, file_count: int) -> Iterator[Rule]:
    """Rules of the files of one feed, over the findings of the structural check.

    Args:
        feed: `<department>.<table>`.
        file_count: Files that lie in its folder.
    """
    for rule in RULES:
        if rule not in ZONE_RULES:
            yield _structural(feed, rule, f"feed = {quote_text(feed)} and rule = {quote_text(rule)}", file_count)


def _structural(feed: str, rule: str, condition: str, file_count: int) -> Rule:
    # All of them, not a sample: a person mends them in one go.
    query = (
        f"select {file_count} as rows_checked, count(*) as rows_failed, list(place || ': ' || message order by place) "
        f"as sample_keys from {FINDINGS} where {condition}"
    )
    return QueryRule(feed, rule, STOP, RULES[rule], query=query)


def feed_rules(feed: Feed, workspace: Workspace) -> Iterator[Rule]:
    """Rules of the landed rows of one feed.

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


def _shape(feed: Feed) -> Iterator[Rule]:
    if feed.is_required:
        reason = "Without these rows there is nothing to compute; land a delivery that has some."
        rows = "select count(*), case when count(*) = 0 then 1 else 0 end, null from {batch}"
        yield QueryRule(feed.name, "the feed has rows", STOP, reason, query=rows)
    key = f"hash(filename, {', '.join(key_text(feed))})"
    # Only where a key repeats are the rows looked at again, to name them.
    query = (
        f"with repeated as (select {key} as repeated_key from {{batch}} group by {key} having count(*) > 1), "
        f"failed_rows as (select {row_label(feed)} as label from {{batch}} where {key} in (select * from repeated)) "
        f"select (select count(*) from {{batch}}), count(*), min(label, 5) from failed_rows"
    )
    reason = "Rows that share a key count twice, or one of them not at all; ask the system which of them holds."
    rule = f"{', '.join(feed.key)} is unique within a delivered file"
    yield QueryRule(feed.name, rule, STOP, reason, query=query)


def _values(feed: Feed, column: Column) -> Iterator[Rule]:
    name = quote_name(column.name)
    if column.is_required:
        what = "The key" if column.name in feed.key else "A value that every model needs"
        reason = f"{what} is missing: the row cannot be told from others or computed with; land the delivery again."
        rule = f"{column.name} is filled"
        yield RowRule(feed.name, rule, STOP, reason, failed=f"{name} is null", sample=row_label(feed))
    if column.accepted_values:
        rule = f"{column.name} is one of {', '.join(column.accepted_values)}"
        reason = "No model knows what to do with another value; correct it at the source or in the connector."
        values = ", ".join(quote_text(value) for value in column.accepted_values)
        yield _value_rule(feed, column, rule, (STOP, reason, 0.0), f"{name} not in ({values})")


def _range(feed: Feed, column: Column) -> Iterator[Rule]:
    name = quote_name(column.name)
    if column.above is not None:
        reason = "Amounts are multiplied or divided by it; correct it at the source."
        rule = f"{column.name} is above {column.above:g}"
        yield _value_rule(feed, column, rule, (STOP, reason, 0.0), f"{name} <= {column.above}")
    upper = None if column.maximum == "delivered_on" else column.maximum
    bounds = [("at least", "<", column.minimum), ("at most", ">", upper)]
    given = [(words, outside, bound) for words, outside, bound in bounds if bound is not None]
    if given:
        rule = f"{column.name} is {' and '.join(f'{words} {bound}' for words, _, bound in given)}"
        failed = " or ".join(f"{name} {outside} {_literal(bound)}" for _, outside, bound in given)
        for severity, suffix, tolerated, reason in _two_levels("are out of range", "a sign or a unit is turned round"):
            yield _value_rule(feed, column, rule + suffix, (severity, reason, tolerated), failed)
    if column.maximum == "delivered_on":
        for severity, suffix, tolerated, reason in _two_levels("lie in the future", "days and months are mixed up"):
            yield RowRule(
                feed.name,
                f"{column.name} is not after its delivery{suffix}",
                severity,
                reason,
                tolerated,
                # A day of grace, as a moment in UTC may be tomorrow where the company is, whatever its time zone.
                failed=f"cast({name} as date) > delivered_on + 1",
                checked=f"{name} is not null",
                sample=f"{row_label(feed)} || {value_shown(column)}"
                if column.is_personal
                else f"{row_label(feed)} || ' at ' || {name}",
            )


def _value_rule(feed: Feed, column: Column, rule: str, level: tuple[str, str, float], failed: str) -> Rule:
    """Make a rule over the values of a column that are there; severity, reason and tolerated share are its level."""
    name = quote_name(column.name)
    sample = f"{row_label(feed)} || {value_shown(column)}"
    return RowRule(feed.name, rule, *level, failed=failed, checked=f"{name} is not null", sample=sample)


def _literal(bound: float | str) -> str:
    return f"date {quote_text(bound)}" if isinstance(bound, str) else str(bound)


def _reference(feed: Feed, column: Column) -> Iterator[Rule]:
    if column.references is None:
        return
    query = _counted(REFERENCES, feed, f"column_name = {quote_text(column.name)}")
    rule = f"{column.name} names a row of {column.references.feed}"
    for severity, suffix, tolerated, reason in _two_levels(
        "name a row that nobody delivered", "a delivery or a whole system is missing"
    ):
        yield QueryRule(feed.name, rule + suffix, severity, reason, tolerated, query=query)
    query = _counted(WITHDRAWN, feed, f"column_name = {quote_text(column.name)}")
    reason = (
        "Some rows name a row that was withdrawn; marts.data_quality (withdrawn_reference) says what became of them."
    )
    yield QueryRule(feed.name, f"{rule} that is not withdrawn", WARN, reason, query=query)


def _two_levels(fault: str, cause: str) -> Iterator[tuple[str, str, float, str]]:
    """Severity, suffix of the rule, tolerated share and reason: many faults stop the run, a few are warned of."""
    yield (
        STOP,
        f" in {1 - TOLERATED_SHARE:.0%} of the rows",
        TOLERATED_SHARE,
        f"More than {_TOLERATED} of the rows {fault}: most likely {cause}. Mend it before it is loaded.",
    )
    yield WARN, "", 0.0, f"Some rows {fault}; they are kept as delivered: have them corrected at the source."


def _volume(feed: Feed) -> Iterator[Rule]:
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
    query = summary_query(failed, label, _deliveries_of(feed))
    yield QueryRule(feed.name, "the newest delivery is about as large as usual", WARN, reason, query=query)


def _freshness(feed: Feed) -> Iterator[Rule]:
    """Silence stops the run where the warehouse needs the feed, or where it breaks the rhythm that the feed had.

    What happens rarely, such as referrals to a small company, comes when it happens: its silence is told.
    """
    if feed.stale_after_days is None:
        return
    limit = str(feed.stale_after_days)
    # A feed that came once has no rhythm to break: the bound is empty.
    rhythm = limit if feed.is_required else f"case when max(gap) > 0 then greatest({limit}, {_GAPS} * max(gap)) end"
    levels = (
        (STOP, "the feed", "feed", rhythm, "The last weeks would lack this feed; land it, or raise error_after."),
        (
            WARN,
            "each system",
            "source_system",
            limit,
            "A system has fallen silent; land it, or leave it if it is rare.",
        ),
    )
    # Compared with the newest delivery of all, not with today: the same landing zone gives the same result any day.
    newest = f"select max(delivered_on) from {DELIVERIES}"
    for severity, whose, grouping, limits, reason in levels:
        days = f"select distinct {grouping} as who, delivered_on from {DELIVERIES} where feed = {quote_text(feed.name)}"
        before = "lag(delivered_on) over (partition by who order by delivered_on)"
        gaps = f"select *, date_diff('day', {before}, delivered_on) as gap from ({days})"
        failed = (
            f"select who, max(delivered_on) as newest from ({gaps}) "
            f"group by who having date_diff('day', max(delivered_on), ({newest})) > {limits}"
        )
        rule = f"{whose} delivered within {limit} days of the newest delivery of all"
        query = summary_query(failed, "who || ' last on ' || newest", _deliveries_of(feed))
        yield QueryRule(feed.name, rule, severity, reason, query=query)


def _zero_sum(feed: Feed) -> Rule:
    groups = ", ".join(feed.sums_to_zero.within) if feed.sums_to_zero else ""
    reason = "Debits and credits differ: a posting is missing or was changed; finance should look at the journal."
    rule = f"the postings of each {groups} sum to zero"
    return QueryRule(feed.name, rule, WARN, reason, query=_counted(ZERO_SUMS, feed))


def _mean(feed: Feed, column: str) -> Rule:
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
    query = summary_query(failed, label, _deliveries_of(feed))
    return QueryRule(feed.name, rule, WARN, reason, query=query)


def _newest_first() -> str:
    return "row_number() over (partition by source_system order by delivered_on desc)"


def _deliveries_of(feed: Feed) -> str:
    return f"select count(*) from {DELIVERIES} where feed = {quote_text(feed.name)}"


def _counted(table: str, feed: Feed, condition: str = "true") -> str:
    """Query over a check that the workspace has counted, a row a check."""
    return (
        f"select rows_checked, rows_failed, sample_keys from {table} "
        f"where feed = {quote_text(feed.name)} and {condition}"
    )
