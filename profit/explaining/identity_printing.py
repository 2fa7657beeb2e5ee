"""Shows why certain records are one customer: for the terminal, or JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from profit.explaining.identity import Link, explain_identity
from profit.paths import Paths

_SHOWN_LINKS = 40


def print_identity(paths: Paths, customer: str, *, as_json: bool = False) -> None:
    """Print a customer's records, the links between them with the evidence, the weakest link and the history.

    No personal data is printed: how far two records agree, not what they say.

    Args:
        paths: Where the warehouse is.
        customer: As for `explain_identity`.
        as_json: Print JSON instead of text.

    Raises:
        ProfitError: As for `explain_identity`.
    """
    identity = explain_identity(paths, customer)
    if as_json:
        click.echo(json.dumps(asdict(identity), indent=2, default=str))
        return
    asked = "" if identity.asked_for == identity.customer_id else f" (asked for as {identity.asked_for})"
    click.echo(f"{identity.customer_id}{asked}: {identity.customer_kind}, {_count(len(identity.records), 'record')}")
    for record in identity.records:
        withdrawn = ", withdrawn" if record["is_deleted"] else ""
        click.echo(
            f"  {record['record']}  since {record['first_seen_on']}, by {record['match_rule']} "
            f"({record['match_probability']:.4f}){withdrawn}"
        )
    if identity.links:
        click.echo(f"\nHeld together by {_count(len(identity.links), 'link')}, strongest first")
        for link in identity.links[:_SHOWN_LINKS]:
            click.echo(f"  {_describe(link)}")
        if len(identity.links) > _SHOWN_LINKS:
            click.echo(f"  … and {len(identity.links) - _SHOWN_LINKS} more; --json lists them all")
    if identity.weakest_link:
        click.echo(f"\nWeakest link: {_describe(identity.weakest_link)}")
    if identity.cut_links:
        click.echo("\nCut, because a person keeps the customers apart")
        for link in identity.cut_links:
            click.echo(f"  {_describe(link)}")
    click.echo("\nHistory")
    for event in identity.history:
        other = f" {event['other_customer_id']}" if event["other_customer_id"] else ""
        preposition = {"merged": " into", "split": " from", "moved": " from"}.get(event["event_kind"], "")
        delivery = event["caused_by_delivery_id"] or "not known"
        click.echo(
            f"  {event['happened_on']}  {event['customer_id']} {event['event_kind']}{preposition}{other}: "
            f"{event['cause']} (delivery {delivery} of {event['caused_by_system'] or 'no system'})"
        )


def _describe(link: Link) -> str:
    told = ", ".join(f"{each.comparison} {each.level} {each.weight:+.1f}" for each in link.evidence)
    prior = "" if link.prior_weight is None else f", prior {link.prior_weight:+.1f}"
    found = f": {told}{prior}" if told else ""
    return f"{link.left} and {link.right} by {link.rule} ({link.probability:.4f}) since {link.since}{found}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
