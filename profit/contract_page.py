"""docs/contract.md: what each department delivers, derived from the source contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from profit.contract import Column, Feed, read_contract
from profit.paths import PROJECT_ROOT
from profit.yaml_files import read_yaml

PAGE = PROJECT_ROOT / "docs" / "contract.md"
_STAGING = PROJECT_ROOT / "models" / "staging"
_HEAD = """# The contract: what each department delivers

<!-- Written by python -m profit.contract_docs from the source YAML in models/staging: change it there. -->

Only customers, orders, order lines and products have to be there; whatever else is missing is there with no rows, and
`marts.data_coverage` says which metrics are weaker for it. A row is delivered by one `source_system`, within which its
key is unique; a newer delivery of a key replaces it, and `is_deleted` withdraws it. Bold columns must be in the file
and filled in every row. Columns named `x_…` are the company's own and pass through. Formats:
[own-data.md](own-data.md).
"""


def render_contract(folder: Path = _STAGING) -> str:
    """The page of the contract.

    Args:
        folder: Folder whose sub-folders hold the source YAML, one file a department.
    """
    return "\n".join([_HEAD, *_lines(folder)])


def _lines(folder: Path) -> Iterator[str]:
    feeds = read_contract(folder)
    for path in sorted(folder.glob("*/_*__sources.yml")):
        for source in read_yaml(path)["sources"]:
            yield f"## {source['name']}"
            yield f"{source['description']}\n"
            for table in source["tables"]:
                yield from _feed(feeds[table["name"]], " ".join(table["description"].split()))


def _feed(feed: Feed, description: str) -> Iterator[str]:
    yield f"### {feed.name}"
    need = "Required." if feed.is_required else "Optional."
    stale = f" Stale after {feed.stale_after_days} days." if feed.stale_after_days else ""
    yield f"{description} Key: {', '.join(f'`{column}`' for column in feed.key)}. {need}{stale}\n"
    yield f"Used by: {', '.join(feed.metrics)}.\n"
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for column in feed.columns.values():
        name = f"**`{column.name}`**" if column.is_required else f"`{column.name}`"
        yield f"| {name} | {column.data_type} | {_meaning(column)} |"
    yield ""


def _meaning(column: Column) -> str:
    rules = []
    if column.accepted_values:
        rules.append(f"One of {', '.join(column.accepted_values)}.")
    if column.above is not None:
        rules.append(f"Above {column.above:g}.")
    if column.minimum is not None:
        rules.append(f"From {column.minimum}.")
    if column.maximum is not None:
        latest = "the day of the delivery" if column.maximum == "delivered_on" else column.maximum
        rules.append(f"Up to {latest}.")
    if column.references:
        rules.append(f"Names a row of {column.references.feed}.")
    if column.is_personal:
        but = f", but for organisations in core.{' and core.'.join(column.published_as)}" if column.published_as else ""
        rules.append(f"Personal: it stays in staging and identity{but}.")
    return " ".join([" ".join(column.description.split()), *rules]).replace("|", "\\|")
