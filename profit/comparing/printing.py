"""Shows a comparison of cost rules: tables for the terminal, or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

import click

from profit.comparing.movements import Comparison, Movement, WhaleCurve

_SHOWN = 15
_NAME_WIDTH = 44
_AMOUNT_WIDTH = 16


def print_comparison(comparison: Comparison) -> None:
    """Print what moved, the largest movements of each kind.

    Args:
        comparison: What to print.
    """
    click.echo(
        f"\nBefore: {comparison.before_name}\nAfter:  {comparison.after_name}\n"
        f"Months: {comparison.first:%Y-%m} to {comparison.last:%Y-%m}"
    )
    _print_rule_changes(comparison)
    _print_movements("Result of the ledger, by line", comparison.lines, has_total=True)
    _print_movements("Gross cost of pools", comparison.pools)
    _print_movements("Cost of activities", comparison.activities)
    _print_movements("Profit of customers, by kind", comparison.segments, has_total=True)
    _print_sign_changes(comparison)
    _print_curves(comparison.curve_before, comparison.curve_after)


def as_json(comparison: Comparison) -> str:
    """The whole comparison as JSON; amounts are numbers of at most four decimals, in the reporting currency.

    Args:
        comparison: What to show.
    """
    kinds = {"lines": comparison.lines, "pools": comparison.pools, "activities": comparison.activities}
    content = {
        "before": comparison.before_name,
        "after": comparison.after_name,
        "first_month": f"{comparison.first:%Y-%m}",
        "last_month": f"{comparison.last:%Y-%m}",
        "rule_changes": [asdict(change) for change in comparison.rule_changes],
        **{
            kind: [{**asdict(movement), "change": movement.change} for movement in movements]
            for kind, movements in {**kinds, "segments": comparison.segments}.items()
        },
        "customer_count_moved": comparison.customer_count_moved,
        "sign_changes": [asdict(change) for change in comparison.sign_changes],
        "whale_curve": {"before": asdict(comparison.curve_before), "after": asdict(comparison.curve_after)},
    }
    # The shortest text of a double of fifteen digits or fewer is the decimal that it was made from.
    return json.dumps(content, indent=2, ensure_ascii=False, default=float)


def _print_rule_changes(comparison: Comparison) -> None:
    changes = comparison.rule_changes
    click.echo(f"\nRules that differ: {len(changes):,}")
    for change in changes[:_SHOWN]:
        if not change.before:
            text = f"new: {_pairs(change.after)}"
        elif not change.after:
            text = f"gone: {_pairs(change.before)}"
        else:
            text = f"{_pairs(change.before)} -> {_pairs(change.after)}"
        click.echo(f"  {change.rule_file} {change.key}: {text}")
    _print_rest(len(changes))


def _print_movements(title: str, movements: Sequence[Movement], has_total: bool = False) -> None:
    moved = [movement for movement in movements if movement.change]
    click.echo(f"\n{title}: {len(moved)} of {len(movements)} moved")
    if not moved:
        return
    _print_row("", "before", "after", "change")
    for movement in moved[:_SHOWN]:
        _print_row(movement.name, *_amounts(movement.before, movement.after))
    _print_rest(len(moved))
    if has_total:
        sums = [sum((getattr(one, side) for one in movements), Decimal(0)) for side in ("before", "after")]
        _print_row("All, with those that did not move", *_amounts(*sums))


def _print_sign_changes(comparison: Comparison) -> None:
    changes = comparison.sign_changes
    lost = sum(change.after < 0 for change in changes)
    count = comparison.curve_after.customer_count
    click.echo(
        f"\nCustomers whose profit moved: {comparison.customer_count_moved:,} of {count:,}; "
        f"{lost:,} became unprofitable, {len(changes) - lost:,} became profitable"
    )
    if changes:
        _print_row("", "before", "after", "change")
    for change in changes[:_SHOWN]:
        _print_row(change.customer_id, *_amounts(change.before, change.after))
    _print_rest(len(changes))


def _print_curves(before: WhaleCurve, after: WhaleCurve) -> None:
    click.echo("\nWhale curve: cumulative profit, the most profitable customers first")
    _print_row("", "before", "after", "change")
    for percent, amount in before.points.items():
        _print_row(f"{percent} % of customers", *_amounts(amount, after.points[percent]))
    _print_row("Peak", *_amounts(before.peak, after.peak))
    _print_row("Peak, percent of the total", _percent(before), _percent(after), "")
    counts = (before.profitable_count, after.profitable_count)
    _print_row("Profitable customers", *(f"{count:,}" for count in (*counts, counts[1] - counts[0])))


def _percent(curve: WhaleCurve) -> str:
    return f"{curve.peak / curve.total * 100:,.1f}" if curve.total > 0 else "no profit"


def _amounts(before: Decimal, after: Decimal) -> tuple[str, str, str]:
    return f"{before:,.2f}", f"{after:,.2f}", f"{after - before:+,.2f}"


def _pairs(row: Mapping[str, str]) -> str:
    return ", ".join(f"{column} {value or 'empty'}" for column, value in row.items())


def _print_row(name: str, *cells: str) -> None:
    shown = name if len(name) <= _NAME_WIDTH else name[: _NAME_WIDTH - 1] + "…"
    click.echo(f"  {shown:<{_NAME_WIDTH}}" + "".join(f"{cell:>{_AMOUNT_WIDTH}}" for cell in cells).rstrip())


def _print_rest(count: int) -> None:
    if count > _SHOWN:
        click.echo(f"  … and {count - _SHOWN:,} more, which --json shows")
