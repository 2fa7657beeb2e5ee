"""`profit explain CUSTOMER`, and what else can be explained."""

from __future__ import annotations

from typing import Any

import click

from profit.explaining import LEVELS, as_json, explain_customer, print_explanation
from profit.explaining.identity_printing import print_identity
from profit.paths import Paths


class DefaultCommandGroup(click.Group):
    """A group whose first argument is a command's name or, where it is none, an argument of the default command."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that begin with no command."""
        if args and args[0] not in self.commands and args[0] not in self.get_help_option_names(ctx):
            args = [self._default, *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=DefaultCommandGroup,
    default="cost",
    subcommand_metavar="[COMMAND] CUSTOMER [OPTIONS]",
    short_help="Say where the cost of a customer comes from.",
)
def explain() -> None:
    """Say where a customer's figures come from. Without a command: its cost.

    `profit explain CUSTOMER --period 2025-Q4` is `profit explain cost CUSTOMER --period 2025-Q4`.
    """


@explain.command("cost")
@click.argument("customer")
@click.option("--period", help="Fiscal year (2025), quarter (2025-Q4) or month (2025-12).  [default: all months]")
@click.option("--depth", type=click.Choice(LEVELS), default="account", show_default=True, help="Last level shown.")
@click.option("--json", "is_json", is_flag=True, help="As JSON, all levels.")
def explain_cost(customer: str, period: str | None, depth: str, is_json: bool) -> None:
    """The cost of CUSTOMER by ledger accounts, through the pools and activities that it passed.

    CUSTOMER is a key, `<system>:<number>`, or that of a record which was merged into another customer. Every amount is
    the sum of those below it; all together are net revenue less customer profit of the marts.
    """
    explanation = explain_customer(Paths.from_environment(), customer, period)
    if is_json:
        click.echo(as_json(explanation))
    else:
        print_explanation(explanation, depth)


@explain.command("identity")
@click.argument("customer")
@click.option("--json", "is_json", is_flag=True, help="As JSON, all links.")
def explain_customer_identity(customer: str, is_json: bool) -> None:
    """Which records are CUSTOMER, what holds them together, and which link is the weakest.

    CUSTOMER is an enterprise ID, of today or retired, or a record as `system:number`. How far two records agree is
    said, not what they hold.
    """
    print_identity(Paths.from_environment(), customer, as_json=is_json)
