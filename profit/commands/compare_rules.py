"""`profit compare-rules`."""

from __future__ import annotations

import click

from profit.comparing import as_json, compare_rules, print_comparison
from profit.paths import Paths


@click.command("compare-rules")
@click.option("--from", "origin", required=True, metavar="GITREF|DIR", help="Rules to compare with.")
@click.option("--period", help="Fiscal year (2025), quarter (2025-Q4) or month (2025-12).  [default: all months]")
@click.option("--json", "is_json", is_flag=True, help="As JSON, everything.")
def compare_rules_command(origin: str, period: str | None, is_json: bool) -> None:
    """Say what the present cost rules move, compared with those of a folder or a git reference.

    Both are built, in copies of the warehouse that are removed afterwards. The present rules are those of
    PROFIT_COST_RULES, by default seeds/costing.
    """
    comparison = compare_rules(Paths.from_environment(), origin, period, report=lambda text: click.echo(text, err=True))
    if is_json:
        click.echo(as_json(comparison))
    else:
        print_comparison(comparison)
