"""Whether proposed weights decide better than the governed ones, without anybody who knows the truth.

Two kinds of evidence: pairs of which the data say what they are, and, of pairs that come to be a match, a field of
one's own that is left out when they are decided. Who is one customer by all other fields agrees in that one as often as
those do whom both weights join; strangers do not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import click
import duckdb

from profit.training.comparisons import Comparison
from profit.training.errors import TrainingError
from profit.training.thresholds import Rules, bits_of, sum_of_bits

# What is one's own, not of a household or a building, and does not change when somebody moves.
_OWN: Mapping[str, tuple[str, ...]] = {
    "person": ("first_name", "birth_date", "email", "tax_number", "loyalty_number"),
    "organisation": ("organisation_name", "address", "phone", "tax_number"),
}
_AGREE = "('exact', 'close', 'new_year', 'nickname', 'swapped', 'part')"
# Pairs from which on a share says something, and how much lower than that of the others it may be beyond chance.
_LEAST_HELD_OUT = 10
_TOLERANCE = 0.01
_MOST_PAIRS = 1_000_000

# Pairs of which the data say what they are: what a person decided, else a verified number that nothing contradicts. The
# number itself is then no evidence.
_KNOWN_PAIRS = """
    create temp table known_pairs as
    select
        pairs.* exclude (known_as),
        case when decided.is_match is null and known_as then pairs.match_rule end as left_out,
        coalesce(decided.is_match, known_as) as is_match
    from (
        select
            *,
            case
                when contradiction_id is null and match_rule in ('tax_number', 'loyalty_number', 'email') then true
            end as known_as
        from warehouse.intermediate.int_identity__scored_pairs
        where valid_to = date '9999-12-31'
    ) as pairs
    left join (
        select left_record_id, right_record_id, bool_and(is_match) as is_match
        from warehouse.intermediate.int_identity__known_links
        where valid_to = date '9999-12-31' and refused_because is null
        group by all
    ) as decided using (left_record_id, right_record_id)
    where decided.is_match is not null or known_as is not null
"""

# Pairs that a rule makes today; of many a part, the same one each time.
_PAIRED = f"""
    create temp table paired as
    with keys as (
        select rule_id, pairing_key, record_id
        from warehouse.intermediate.int_identity__pairing_keys
        where valid_to = date '9999-12-31' and dropped_since is null
    ),
    counted as (
        select greatest(cast(sum(n * (n - 1) // 2) as bigint) // {_MOST_PAIRS}, 1) as parts
        from (select count(*) as n from keys group by rule_id, pairing_key)
    )
    select distinct lefts.record_id as left_record_id, rights.record_id as right_record_id
    from keys as lefts
    inner join keys as rights using (rule_id, pairing_key)
    cross join counted
    where lefts.record_id < rights.record_id and md5_number_lower(pairing_key) % counted.parts = 0
"""


def find_known_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy what judges weights from the attached `warehouse`: known pairs, paired records, what contradicts what.

    Args:
        connection: Gets the tables `known_pairs`, `paired` and `contradiction_rules`, empty where there are none.
    """
    for query, empty in (
        (_KNOWN_PAIRS, "create temp table known_pairs (customer_kind varchar)"),
        (_PAIRED, "create temp table paired (left_record_id varchar, right_record_id varchar)"),
        (
            "create temp table contradiction_rules as from warehouse.reference.identity_contradictions",
            "create temp table contradiction_rules (contradiction_id varchar)",
        ),
    ):
        try:
            connection.execute(query)
        except duckdb.CatalogException:
            connection.execute(empty)


def compare_pairs(connection: duckdb.DuckDBPyConnection, comparisons: Sequence[Comparison], contradicted: str) -> None:
    """Compare the paired records into `compared_pairs`, those left out that contradict each other.

    Args:
        connection: Has the tables `records`, `paired` and `contradiction_rules`.
        comparisons: What is compared.
        contradicted: Select of the levels of `all_pairs` that contradict each other.
    """
    if connection.execute("select count(*) from paired").fetchall() == [(0,)]:
        connection.execute("create or replace temp table compared_pairs (customer_kind varchar)")
        return
    columns = sorted({column for item in comparisons for column in item.columns})
    sides = ", ".join(f"lefts.{name} as {name}_l, rights.{name} as {name}_r" for name in columns)
    levels = ", ".join(
        f"case when not coalesce({item.levels[-1].condition}, false) then 'missing' "
        + " ".join(f"when {level.condition} then '{level.name}'" for level in item.levels[:-1])
        + f" else '{item.levels[-1].name}' end as {item.name}_level"
        for item in comparisons
    )
    connection.execute(f"""
        create or replace temp table all_pairs as
        select left_state_number, right_state_number, customer_kind, {levels}
        from (
            select
                lefts.state_number as left_state_number,
                rights.state_number as right_state_number,
                lefts.customer_kind,
                {sides}
            from paired
            inner join records as lefts on paired.left_record_id = lefts.record_id
            inner join records as rights
                on paired.right_record_id = rights.record_id and lefts.customer_kind = rights.customer_kind
        )
    """)
    names = ", ".join(f"{item.name}_level" for item in comparisons)
    connection.execute(f"""
        create or replace temp table compared_pairs as
        from all_pairs
        anti join ({contradicted}) as contradicted using (customer_kind, {names})
    """)


def check_better(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    comparisons: Sequence[Comparison],
    governed: Rules,
    proposed: Rules,
) -> None:
    """Say how both weights decide.

    Args:
        connection: Has the tables `known_pairs`, `records` and `compared_pairs`.
        kind: person or organisation.
        comparisons: What is compared.
        governed: The present rules.
        proposed: The trained ones.

    Raises:
        TrainingError: The proposed ones are not better, or nothing says that they are.
    """
    before, known = wrong_decisions(connection, kind, comparisons, governed)
    after, _ = wrong_decisions(connection, kind, comparisons, proposed)
    if after > before:
        raise TrainingError(
            f"of {known:,} pairs of {kind} records that are known, by decisions and verified numbers, the trained "
            f"weights decide {after:,} wrongly, those that are there {before:,}"
        )
    if known:
        click.echo(f"  of {known:,} pairs that are known {after:,} are decided wrongly, {before:,} before")
    decided = [_decision(connection, kind, comparisons, rules) for rules in (governed, proposed)]
    shared, won, lost = _counts(connection, kind, *decided)
    said = f"of {shared + lost:,} pairs that are a match {lost:,} would be none, and {won:,} would become one"
    if won <= lost:
        raise TrainingError(f"{said}: nothing is gained")
    said_of = []
    for name in _OWN[kind]:
        decided = [_decision(connection, kind, comparisons, rules, name) for rules in (governed, proposed)]
        usual, share, count = _agreement(connection, kind, name, *decided)
        if usual is None or share is None or count < _LEAST_HELD_OUT:
            continue
        if share < usual - _TOLERANCE - 2 * math.sqrt(usual * (1 - usual) / count):
            raise TrainingError(
                f"{said}; but those that become one without a look at {name} agree in it in {share:.1%} of {count:,} "
                f"cases, those that both weights join so in {usual:.1%}: strangers would be joined"
            )
        said_of.append(f"{name} {share:.1%} ({usual:.1%})")
    if not said_of:
        raise TrainingError(f"{said}; nothing says whether these are right")
    click.echo(f"  {said}; left out of the evidence agrees, in parentheses where both join: {', '.join(said_of)}")


def wrong_decisions(
    connection: duckdb.DuckDBPyConnection, kind: str, comparisons: Sequence[Comparison], rules: Rules
) -> tuple[int, int]:
    """Count the known pairs that weights decide wrongly.

    Args:
        connection: Has the tables `known_pairs` and `records`.
        kind: person or organisation.
        comparisons: What is compared.
        rules: What a pair is judged by.

    Returns:
        Pairs decided wrongly, and pairs known.
    """
    ((known,),) = connection.execute("select count(*) from known_pairs where customer_kind = ?", [kind]).fetchall()
    if not known:
        return 0, 0
    decision = _decision(connection, kind, comparisons, rules, of_known=True)
    ((wrong,),) = connection.execute(
        f"select count(*) from known_pairs where customer_kind = ? and is_match <> ({decision})", [kind]
    ).fetchall()
    return int(wrong), int(known)


def _decision(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    comparisons: Sequence[Comparison],
    rules: Rules,
    without: str = "",
    *,
    of_known: bool = False,
) -> str:
    """Condition under which the rules make a pair a match, a comparison left out."""
    names = [item.name for item in comparisons if item.name != without]
    known_by = "left_out" if of_known else ""
    shared, own = (
        sum_of_bits(
            kind, [name for name in names if (name in rules.shared) is is_shared], rules.weights, known_by=known_by
        )
        for is_shared in (True, False)
    )
    ((records,),) = connection.execute("select count(*) from records where customer_kind = ?", [kind]).fetchall()
    prior = rules.thresholds.prior_bits(int(records))
    most = bits_of(rules.thresholds.shared)
    return f"least({shared} + {prior!r}, {most!r}) + {own} >= {bits_of(rules.thresholds.match)!r}"


def _counts(connection: duckdb.DuckDBPyConnection, kind: str, before: str, after: str) -> tuple[int, int, int]:
    """Pairs that both decisions make a match, that only the second one does, and only the first one."""
    ((shared, won, lost),) = connection.execute(
        f"""
        select
            count(*) filter (({before}) and ({after})),
            count(*) filter (not ({before}) and ({after})),
            count(*) filter (({before}) and not ({after}))
        from compared_pairs where customer_kind = ?
        """,
        [kind],
    ).fetchall()
    return int(shared), int(won), int(lost)


def _agreement(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, before: str, after: str
) -> tuple[float | None, float | None, int]:
    """Share that agrees in a field of the pairs that both make a match, of those that the second adds; their number."""
    ((usual, share, count),) = connection.execute(
        f"""
        select
            avg(cast({name}_level in {_AGREE} as integer)) filter (({before}) and ({after})),
            avg(cast({name}_level in {_AGREE} as integer)) filter (not ({before}) and ({after})),
            count(*) filter (not ({before}) and ({after}))
        from compared_pairs where customer_kind = ? and {name}_level <> 'missing'
        """,
        [kind],
    ).fetchall()
    return usual, share, int(count)
