"""Whether proposed weights decide better than the governed ones on pairs of which the data say what they are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import duckdb

from profit.training.comparisons import Comparison
from profit.training.weights import Weights

# From this evidence on a pair is a match: probability .95, in bits.
_MATCH_BITS = math.log2(0.95 / 0.05)
# As in identity_thresholds: matches that a record is expected to have, and the least number of records.
_EXPECTED, _FEWEST = 2.0, 4000

# Pairs that the warehouse judged, with what is known of them: what a person decided, else a verified number that
# nothing contradicts, or a contradiction that holds two records apart. The number itself is then no evidence.
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
                when contradiction_id is not null then false
                when match_rule in ('tax_number', 'loyalty_number', 'email') then true
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


def wrong_decisions(
    connection: duckdb.DuckDBPyConnection, kind: str, comparisons: Sequence[Comparison], weights: Weights
) -> tuple[int, int]:
    """Count the known pairs that weights decide wrongly.

    Args:
        connection: Has the tables `known_pairs` and `records`.
        kind: person or organisation.
        comparisons: What is compared.
        weights: A weight for each level.

    Returns:
        Pairs decided wrongly, and pairs known.
    """
    ((known,),) = connection.execute("select count(*) from known_pairs where customer_kind = ?", [kind]).fetchall()
    if not known:
        return 0, 0
    bits = [
        f"case when left_out = '{item.name}' then 0 else case {item.name}_level "
        + " ".join(
            f"when '{level.name}' then {weights[kind, item.name, level.name].bits!r}"
            for level in item.levels
            if (kind, item.name, level.name) in weights
        )
        + " else 0 end end"
        for item in comparisons
        if any((kind, item.name, level.name) in weights for level in item.levels)
    ]
    ((records,),) = connection.execute("select count(*) from records where customer_kind = ?", [kind]).fetchall()
    prior = math.log2(_EXPECTED / max(records, _FEWEST))
    is_decided_match = f"{' + '.join(bits)} + {prior} >= {_MATCH_BITS}"
    ((wrong,),) = connection.execute(
        f"select count(*) from known_pairs where customer_kind = ? and is_match <> ({is_decided_match})", [kind]
    ).fetchall()
    return int(wrong), int(known)


def find_known_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy the pairs of the attached `warehouse` that are known into `known_pairs`, none where it has no pairs."""
    try:
        connection.execute(_KNOWN_PAIRS)
    except duckdb.CatalogException:
        connection.execute("create temp table known_pairs (customer_kind varchar)")
