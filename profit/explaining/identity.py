"""Says why certain records are one customer: the links that hold them together, the evidence, and the weakest link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from profit.errors import ProfitError
from profit.paths import Paths
from profit.reading import open_warehouse


@dataclass(frozen=True)
class Evidence:
    """How far two records agree in one comparison.

    Attributes:
        comparison: Field or group of fields.
        level: Level of agreement; `missing` where one of the records lacks the value.
        weight: log2(m/u) of the level as governed, bits; 0 for a missing value.
    """

    comparison: str
    level: str
    weight: float


@dataclass(frozen=True)
class Link:
    """What holds two records together.

    Attributes:
        left, right: Records, as `system:number` or `system/lead:number`.
        rule: Verified rule, scored, known match or lead conversion.
        probability: Probability that the two are one customer, 0 to 1.
        strength: Order in which links are kept, strongest first.
        since: Day of the delivery since which it holds, ISO 8601.
        prior_weight: log2 of the odds of a match before any evidence, with what rare or shared values add or take,
            bits; None for a link that was not scored.
        evidence: One entry a comparison in which both records have a value; empty for a link that was not scored.
    """

    left: str
    right: str
    rule: str
    probability: float
    strength: float
    since: str
    prior_weight: float | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Identity:
    """One customer and what makes it one.

    Attributes:
        customer_id: Enterprise ID of today.
        asked_for: ID or record that was asked for.
        customer_kind: person or organisation.
        records: One entry a record: record, first_seen_on, match_rule, match_probability, is_deleted.
        links: Every link that holds today between two of the records, strongest first.
        weakest_link: The weakest of the links without which the records would fall apart; None for a single record.
        cut_links: Links to records of other customers that a known non-match cuts.
        history: Events of the identity log, oldest first.
    """

    customer_id: str
    asked_for: str
    customer_kind: str
    records: tuple[dict[str, Any], ...]
    links: tuple[Link, ...]
    weakest_link: Link | None
    cut_links: tuple[Link, ...]
    history: tuple[dict[str, Any], ...]


def explain_identity(paths: Paths, customer: str) -> Identity:
    """Collect what makes a customer one.

    Args:
        paths: Where the warehouse is.
        customer: Enterprise ID, of today or retired, or a record as `system:number` or `system/lead:number`.

    Raises:
        ProfitError: There is no warehouse, or nobody is known by that ID.
    """
    with open_warehouse(paths) as warehouse:
        try:
            customer_id, kind = _resolve(warehouse, customer)
            records = _rows(
                warehouse,
                """
                select record_id as record, record_kind, source_system, source_customer_id, first_seen_on, match_rule,
                    match_probability, is_deleted
                from core.customer_crosswalk
                where customer_id = ?
                order by first_seen_on, record_id
                """,
                customer_id,
            )
            links = _links(warehouse, customer_id, is_cut=False)
            return Identity(
                customer_id=customer_id,
                asked_for=customer,
                customer_kind=kind,
                records=records,
                links=links,
                weakest_link=weakest_link(links),
                cut_links=_links(warehouse, customer_id, is_cut=True),
                history=_rows(
                    warehouse,
                    """
                    select happened_on, event_kind, customer_id, other_customer_id, cause,
                        caused_by_system, caused_by_delivery_id
                    from core.customer_identity_log
                    where customer_id = $1 or other_customer_id = $1
                    order by happened_on, event_kind, customer_id
                    """,
                    customer_id,
                ),
            )
        except duckdb.CatalogException as error:
            raise ProfitError(f"The warehouse is not complete; run `profit build` again. {error}") from error


def weakest_link(links: tuple[Link, ...]) -> Link | None:
    """The weakest link of the strongest tree that joins all records (Kruskal 1956): without it they fall apart.

    Args:
        links: Links of one customer, strongest first.

    Returns:
        The link, or None where there are no links.
    """
    part: dict[str, str] = {}

    def root(record: str) -> str:
        while part.setdefault(record, record) != record:
            part[record] = part[part[record]]
            record = part[record]
        return record

    weakest = None
    for link in links:
        left, right = root(link.left), root(link.right)
        if left != right:
            part[left] = right
            weakest = link
    return weakest


def _resolve(warehouse: duckdb.DuckDBPyConnection, customer: str) -> tuple[str, str]:
    # An enterprise ID is the number of a record, also one that was given long ago; a bare number is taken where one
    # customer alone has it.
    found = warehouse.execute(
        """
        select customer_id, min(customer_kind), bool_or(record_id = $1) as is_exact
        from core.customer_crosswalk
        inner join intermediate.int_identity__records using (record_id)
        where record_id = $1 or customer_crosswalk.source_customer_id = $1
        group by customer_id
        order by is_exact desc, customer_id
        """,
        [customer],
    ).fetchall()
    if not found:
        raise ProfitError(
            f"Nobody is known as {customer}. Ask for an enterprise ID or a record as `system:number`; "
            "core.customer_crosswalk lists them all."
        )
    customer_id, kind, is_exact = found[0]
    if len(found) > 1 and not is_exact:
        raise ProfitError(
            f"{customer} is the number of records of {len(found)} customers: "
            f"{', '.join(str(each[0]) for each in found[:10])}. "
            "Ask for one of them, or write the system before the number."
        )
    return str(customer_id), str(kind)


def _links(warehouse: duckdb.DuckDBPyConnection, customer_id: str, *, is_cut: bool) -> tuple[Link, ...]:
    sides = "lefts.customer_id <> rights.customer_id" if is_cut else "lefts.customer_id = rights.customer_id"
    comparisons = _comparisons(warehouse)
    levels = ", ".join(f"max_by(pairs.{name}_level, pairs.valid_from) as {name}" for name in comparisons)
    rows = _rows(
        warehouse,
        f"""
        select links.left_record_id, links.right_record_id, links.match_rule, links.match_probability, links.strength,
            links.valid_from, any_value(records.customer_kind) as customer_kind,
            max_by(pairs.weight, pairs.valid_from) as weight, {levels}
        from intermediate.int_identity__links as links
        inner join core.customer_crosswalk as lefts on links.left_record_id = lefts.record_id
        inner join core.customer_crosswalk as rights on links.right_record_id = rights.record_id
        inner join intermediate.int_identity__records as records on links.left_record_id = records.record_id
        left join intermediate.int_identity__scored_pairs as pairs
            on links.left_record_id = pairs.left_record_id
            and links.right_record_id = pairs.right_record_id
            and links.valid_from = pairs.valid_from
            and links.match_rule = pairs.match_rule
        where (lefts.customer_id = $1 or rights.customer_id = $1) and {sides} and links.valid_to = date '9999-12-31'
        group by all
        order by links.strength desc, links.left_record_id, links.right_record_id
        """,
        customer_id,
    )
    weights = {
        (kind, comparison, level): float(weight)
        for kind, comparison, level, weight in warehouse.execute(
            """
            select customer_kind, comparison, level, log2(m_probability / u_probability)
            from reference.identity_weights
            """
        ).fetchall()
    }
    return tuple(_link(row, comparisons, weights) for row in rows)


def _comparisons(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    # The models write a column for every comparison of the macro comparison_levels, in its order.
    found = warehouse.execute(
        """
        select replace(column_name, '_level', '') from duckdb_columns()
        where schema_name = 'intermediate' and table_name = 'int_identity__scored_pairs'
            and ends_with(column_name, '_level')
        order by column_index
        """
    ).fetchall()
    return [name for (name,) in found]


def _link(row: dict[str, Any], comparisons: list[str], weights: dict[tuple[str, str, str], float]) -> Link:
    evidence = tuple(
        Evidence(name, row[name], round(weights.get((row["customer_kind"], name, row[name]), 0.0), 2))
        for name in comparisons
        if row[name] not in (None, "missing")
    )
    weight = row["weight"]
    return Link(
        left=row["left_record_id"],
        right=row["right_record_id"],
        rule=row["match_rule"],
        probability=row["match_probability"],
        strength=row["strength"],
        since=str(row["valid_from"]),
        prior_weight=None if weight is None else round(weight - sum(each.weight for each in evidence), 2),
        evidence=evidence,
    )


def _rows(warehouse: duckdb.DuckDBPyConnection, query: str, customer_id: str) -> tuple[dict[str, Any], ...]:
    result = warehouse.execute(query, [customer_id])
    names = [column[0] for column in result.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in result.fetchall())
