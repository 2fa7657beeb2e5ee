"""Which customer a number means, also one that a record had before it was merged into another customer."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from profit.errors import ProfitError

_SUGGESTIONS = 3


@dataclass(frozen=True)
class Customer:
    """A customer that was asked for.

    Attributes:
        customer_id: Key of the enterprise customer.
        asked_for: What was asked for.
        record: Source record through which it was found, where the key itself was not given.
    """

    customer_id: str
    asked_for: str
    record: str | None = None


def find_customer(warehouse: duckdb.DuckDBPyConnection, asked_for: str) -> Customer:
    """Find a customer by its key, by the key of one of its records, or by a record's number alone.

    Args:
        warehouse: What dbt built.
        asked_for: `<system>:<number>`, or a number that only one customer's records have.

    Raises:
        ProfitError: No record has it, or records of several customers have it.
    """
    if warehouse.execute("select 1 from core.dim_customer where customer_id = ?", [asked_for]).fetchone():
        return Customer(asked_for, asked_for)
    records = warehouse.execute(
        """
        select customer_id, source_system || ':' || source_customer_id as record
        from core.customer_crosswalk
        where source_system || ':' || source_customer_id = $asked_for or source_customer_id = $asked_for
        order by record <> $asked_for, record
        """,
        {"asked_for": asked_for},
    ).fetchall()
    # A key in full is one record's alone, whatever other systems call theirs.
    if records and records[0][1] == asked_for:
        records = records[:1]
    customers = {customer for customer, _ in records}
    if len(customers) == 1:
        return Customer(customers.pop(), asked_for, records[0][1])
    if customers:
        raise ProfitError(
            f"'{asked_for}' is a number of {len(customers)} customers: {', '.join(sorted(customers))}. "
            "Name the one that you mean with its system."
        )
    near = warehouse.execute(
        """
        select customer_id from core.dim_customer
        order by greatest(
            jaro_winkler_similarity(customer_id, $asked_for),
            jaro_winkler_similarity(split_part(customer_id, ':', 2), $asked_for)
        ) desc, customer_id
        limit $suggestions
        """,
        {"asked_for": asked_for, "suggestions": _SUGGESTIONS},
    ).fetchall()
    similar = f" Similar are: {', '.join(customer for (customer,) in near)}." if near else ""
    raise ProfitError(
        f"No customer and no record of a customer is called '{asked_for}'.{similar} "
        "The keys stand in core.dim_customer, merged records in core.customer_crosswalk."
    )
