"""Shows an explanation: a tree for the terminal, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import click

from profit.explaining.costs import Explanation
from profit.explaining.tree import LEVELS, Node

_WIDTH = 88
_AMOUNT_WIDTH = 15


def print_explanation(explanation: Explanation, depth: str = "account") -> None:
    """Print the tree.

    Args:
        explanation: What to print.
        depth: Last level that is shown, one of LEVELS.
    """
    customer, cost = explanation.customer, explanation.cost
    if customer.record:
        click.echo(f"{customer.asked_for} is {customer.record}, a record of {customer.customer_id}.")
    click.echo(f"{customer.customer_id}, {explanation.period.name}: {_months(explanation)}\n")
    margins = explanation.margins
    _print_line("Net revenue", margins["net_revenue_amount"])
    _print_line("Cost, by the accounts that it comes from", cost.amount)
    for text, amount in _lines(cost.children, "", LEVELS.index(depth)):
        _print_line(text, amount)
    _print_line("Customer profit", margins["customer_profit_amount"])
    if explanation.order_date_profit != margins["customer_profit_amount"]:
        _print_line("Customer profit by the day of the order", explanation.order_date_profit)
    if explanation.is_only_after_effects:
        when = explanation.period.name
        click.echo(f"No order in {when}: all of this follows from orders of other periods (only after-effects).")
    for gap in explanation.not_known:
        click.echo(f"Not known: {gap}.")


def as_json(explanation: Explanation) -> str:
    """The whole explanation as JSON; amounts are numbers of at most four decimals, in the reporting currency.

    Args:
        explanation: What to show.
    """
    customer, period = explanation.customer, explanation.period
    content = {
        "customer_id": customer.customer_id,
        "asked_for": customer.asked_for,
        "record": customer.record,
        "period": period.name,
        "first_month": f"{period.first:%Y-%m}",
        "last_month": f"{period.last:%Y-%m}",
        "months": [f"{month:%Y-%m}" for month in explanation.months],
        **explanation.margins,
        "order_count": explanation.order_count,
        "order_date_profit_amount": explanation.order_date_profit,
        "is_only_after_effects": explanation.is_only_after_effects,
        "not_known": list(explanation.not_known),
        "cost": _content(explanation.cost),
    }
    # The shortest text of a double of fifteen digits or fewer is the decimal that it was made from.
    return json.dumps(content, indent=2, ensure_ascii=False, default=float)


def _months(explanation: Explanation) -> str:
    if not explanation.months:
        return "it bears no cost in these months"
    first, last = explanation.months[0], explanation.months[-1]
    if first == last:
        return f"activity in {first:%Y-%m}"
    return f"activity in {len(explanation.months)} months from {first:%Y-%m} to {last:%Y-%m}"


def _lines(nodes: Sequence[Node], indent: str, depth: int) -> Iterator[tuple[str, Decimal]]:
    for place, node in enumerate(nodes, start=1):
        is_last = place == len(nodes)
        yield f"{indent}{'└─ ' if is_last else '├─ '}{_text(node)}", node.amount
        # One way that is no detour says nothing that the account's line does not say.
        children = () if node.kind == "account" and len(node.children) == 1 else node.children
        if children and LEVELS.index(children[0].kind) <= depth:
            yield from _lines(children, indent + ("   " if is_last else "│  "), depth)


def _text(node: Node) -> str:
    if node.kind == "activity" and node.minutes:
        return f"{node.name} ({node.minutes:,.1f} minutes)"
    if node.kind == "account":
        label = f"{node.key} {node.name}" if node.key else node.name
        origin = "" if node.pool_name is None else f", from {node.pool_name}"
        return label + origin
    return node.name


def _print_line(text: str, amount: Decimal) -> None:
    room = _WIDTH - _AMOUNT_WIDTH
    shown = text if len(text) <= room else text[: room - 1] + "…"
    # Direct cost has the four decimals of the transactions: cutting them would show lines that do not add up.
    decimals = 2 if amount == round(amount, 2) else 4
    click.echo(f"{shown:<{room}}{amount:>{_AMOUNT_WIDTH},.{decimals}f}")


def _content(node: Node) -> dict[str, Any]:
    content: dict[str, Any] = {"kind": node.kind, "id": node.key, "name": node.name, "amount": node.amount}
    if node.minutes is not None:
        content["minutes"] = node.minutes
    if node.pool_key is not None:
        content["posted_to_pool"] = node.pool_key
    if node.children:
        content["children"] = [_content(child) for child in node.children]
    return content
