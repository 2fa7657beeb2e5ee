"""The best set of initiatives under a limit of money, and what the data say of media."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from planning_zone import model
from variance_zone import fill, tables

pytestmark = pytest.mark.fast

# Name, what it costs, what it is worth.
Initiative = tuple[str, int, int]

_TABLES = {
    "plan_budget_limits": """limit_id varchar, limit_name varchar, purpose varchar, limit_amount decimal(18, 4),
        owner varchar, valid_from date, valid_to date""",
    "int_calendar__as_of": "as_of_month date",
    "initiatives": "initiative_id varchar, cost_amount decimal(28, 4), net_present_value_amount decimal(28, 4)",
    "fct_media_spend": "month date, media_source varchar, media_spend_amount decimal(18, 4)",
    "customer_acquisition": "customer_id varchar, media_source varchar, first_order_month date",
    "customer_lifetime_value": "customer_id varchar, expected_value_amount decimal(18, 4)",
    "value_settings": "setting varchar, setting_value double",
}


def allocated(
    limit: int,
    initiatives: Iterable[Initiative] = (),
    purpose: str = "initiatives",
    media: Iterable[tuple[str, list[int], list[int]]] = (),
) -> dict[str, dict[str, Any]]:
    """What is said of each initiative or media source.

    Args:
        limit: Money that there is.
        initiatives: What could be done with it.
        purpose: What the limit is for.
        media: Media source, its spend by month of 2025, and the customers of each month, who are worth 10.
    """
    company = tables(_TABLES)
    limits = {"limit_id": "L", "purpose": purpose, "limit_amount": limit, "valid_from": "2010-01-01"}
    fill(company, "plan_budget_limits", [limits])
    fill(company, "int_calendar__as_of", [{"as_of_month": "2025-12-01"}])
    fill(company, "value_settings", [{"setting": "interval_level", "setting_value": 0.9}])
    fill(
        company,
        "initiatives",
        [
            {"initiative_id": name, "cost_amount": cost, "net_present_value_amount": value}
            for name, cost, value in initiatives
        ],
    )
    for source, spends, customers in media:
        for number, (spend, count) in enumerate(zip(spends, customers, strict=True), 1):
            month = f"2025-{number:02}-01"
            fill(company, "fct_media_spend", [{"month": month, "media_source": source, "media_spend_amount": spend}])
            ids = [f"{source}-{month}-{customer}" for customer in range(count)]
            won = {"media_source": source, "first_order_month": month}
            fill(company, "customer_acquisition", [{"customer_id": customer, **won} for customer in ids])
            fill(
                company, "customer_lifetime_value", [{"customer_id": name, "expected_value_amount": 10} for name in ids]
            )
    found = company.execute(model("resource_allocation"))
    columns = [column[0] for column in found.description or []]
    rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    return {row["item_id"]: row for row in rows}


def chosen(rows: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, row in rows.items() if row["is_chosen"]}


def best_value(limit: int, initiatives: Iterable[Initiative]) -> int:
    """The best value under a limit, of all sets: by dynamic programming over whole money."""
    best = [0] * (limit + 1)
    for _, cost, value in initiatives:
        if value > 0:
            for room in range(limit, cost - 1, -1):
                best[room] = max(best[room], best[room - cost] + value)
    return best[limit]


def test_what_costs_nothing_is_in_the_set_and_in_the_bound() -> None:
    wished = [("free", 0, 50), ("cheap", 10, 5), ("harmful", 5, -3), ("dear", 100, 7)]
    rows = allocated(10, wished)
    assert chosen(rows) == {"free", "cheap"}
    assert (rows["free"]["set_value_amount"], rows["free"]["bound_amount"]) == (55, 55)
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "free": "exact",
        "cheap": "exact",
        "harmful": "not_worth_it",
        "dear": "above_the_limit",
    }
    rows = allocated(0, wished)
    assert chosen(rows) == {"free"}
    assert (rows["free"]["set_value_amount"], rows["free"]["bound_amount"]) == (50, 50)


def test_of_more_than_25_a_dear_one_stops_nothing_that_is_ranked_after_it() -> None:
    """B does not fit beside A; B alone is worth 900, A and all that are ranked after B 242, A alone 10."""
    small = [(f"small {number}", 1, 8) for number in range(28)]
    rows = allocated(100, [("A", 1, 10), ("B", 100, 900), *small])
    assert chosen(rows) == {"B"}
    rows = allocated(100, [("A", 1, 10), ("B", 100, 190), *small])
    assert rows["A"]["set_value_amount"] == 10 + 28 * 8
    assert chosen(rows) == {"A", *(name for name, _, _ in small)}
    assert {row["verdict"] for row in rows.values()} == {"greedy_within_bound"}


@pytest.mark.parametrize("count", [24, 25, 26, 40, 60])
def test_sets_stay_below_their_limit_and_their_bound_and_come_near_the_best(count: int) -> None:
    numbers = random.Random(count)  # noqa: S311
    wished = [(f"i{number:02}", numbers.randint(0, 60), numbers.randint(-5, 100)) for number in range(count)]
    limit = numbers.randint(50, 600)
    rows = allocated(limit, wished)
    some = next(row for row in rows.values() if row["set_value_amount"] is not None)
    best = best_value(limit, wished)
    assert sum(row["cost_amount"] for row in rows.values() if row["is_chosen"]) <= limit
    assert sum(row["value_amount"] for row in rows.values() if row["is_chosen"]) == some["set_value_amount"]
    assert some["set_value_amount"] <= best <= some["bound_amount"]
    if "exact" in {row["verdict"] for row in rows.values()}:
        assert some["set_value_amount"] == best
    # Far from a rule of thumb: within one in a hundred of the best.
    assert some["set_value_amount"] >= best * 0.99


def test_media_that_do_not_vary_or_are_short_say_nothing_of_the_next_unit() -> None:
    """Twelve months of the same spend, five months, and spend that wins four times as many for four times as much."""
    rising = [100, 200, 400, 100, 200, 400, 100, 200, 400, 100, 200, 400]
    rows = allocated(
        1_000,
        purpose="media",
        media=[
            ("constant", [100] * 12, [3, 4] * 6),
            ("short", [100, 200, 300, 400, 500], [1, 2, 3, 4, 5]),
            ("nobody", rising, [0] * 12),
            ("rising", rising, [spend // 20 for spend in rising]),
        ],
    )
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "constant": "data_cannot_tell",
        "short": "data_cannot_tell",
        "nobody": "data_cannot_tell",
        "rising": "measured",
    }
    assert rows["constant"]["marginal_value"] is None
    alone = allocated(1_000, purpose="media", media=[("constant", [100] * 12, [3, 4] * 6)])
    assert not alone["constant"]["is_chosen"]
