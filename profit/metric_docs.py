"""The list of governed metrics in docs/metrics.md, derived from models/semantic so that no metric is described twice.

`python -m profit.metric_docs` writes the list; with `--check` it writes nothing and exits 1 where the page is not what
the YAML gives.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profit.errors import ProfitError
from profit.paths import PROJECT_ROOT
from profit.yaml_files import read_yaml

SEMANTIC = PROJECT_ROOT / "models" / "semantic"
PAGE = PROJECT_ROOT / "docs" / "metrics.md"
BEGIN = "<!-- metrics: written by python -m profit.metric_docs -->"
END = "<!-- end of metrics -->"

# Heading of each file of metrics, in the order of the page.
TOPICS = {
    "waterfall": "The waterfall",
    "rates": "Rates and averages",
    "counts": "Orders, articles, active customers",
    "segments": "Customers at the end of the month, retention, satisfaction",
    "customers": "Customers to date, acquisition",
    "values": "What customers are worth",
    "marts": "The company's result, contacts, media",
    "time": "Moving years and growth",
}


@dataclass(frozen=True)
class Metric:
    """One governed metric.

    Attributes:
        name: What queries call it.
        label: What people call it.
        owner: Department that owns the definition.
        unit: Unit of the value: `reporting currency`, `fraction`, or what is counted.
        description: Definition in plain words.
        topic: What the metrics of its file are about, a heading of the page.
    """

    name: str
    label: str
    owner: str
    unit: str
    description: str
    topic: str


def read_metrics(folder: Path = SEMANTIC) -> list[Metric]:
    """Read every metric of the semantic models, in the order of the page.

    Args:
        folder: Folder of the YAML.

    Returns:
        One entry a metric.

    Raises:
        ProfitError: A metric lacks an owner, a unit, a label or a description.
    """
    metrics = []
    for path in sorted(folder.glob("*_metrics.yml"), key=_order):
        document = read_yaml(path)
        metrics += [_metric(path, TOPICS.get(_topic(path), _topic(path)), entry) for entry in document["metrics"]]
    return metrics


def render_metrics(metrics: list[Metric]) -> str:
    """Render the metrics as one table a topic, for the page.

    Args:
        metrics: What `read_metrics` gives.

    Returns:
        Markdown, without the marks around it.
    """
    return "\n".join(_lines(metrics))


def _topic(path: Path) -> str:
    return path.stem.removeprefix("_semantic__").removesuffix("_metrics")


def _order(path: Path) -> tuple[int, str]:
    known = list(TOPICS)
    return known.index(_topic(path)) if _topic(path) in TOPICS else len(known), path.name


def _metric(path: Path, topic: str, entry: Mapping[str, Any]) -> Metric:
    name = entry["name"]
    given = {**entry.get("config", {}).get("meta", {}), **entry}
    missing = [key for key in ("label", "description", "owner", "unit") if not given.get(key)]
    if missing:
        raise ProfitError(
            f"{path.name}: metric {name} has no {', '.join(missing)}; owner and unit stand in config.meta."
        )
    return Metric(
        name=name,
        label=str(given["label"]),
        owner=str(given["owner"]),
        unit=str(given["unit"]),
        description=" ".join(str(given["description"]).split()),
        topic=topic,
    )


def _lines(metrics: list[Metric]) -> Iterator[str]:
    topic = ""
    for metric in metrics:
        if metric.topic != topic:
            topic = metric.topic
            yield f"\n### {topic}\n"
            yield "| metric | owner | unit | meaning |"
            yield "|---|---|---|---|"
        yield f"| `{metric.name}` | {metric.owner} | {metric.unit} | {metric.description} |"


def render_page(page: str) -> str:
    """Put the list of metrics between the marks of the page.

    Args:
        page: The page as it is.

    Returns:
        The page as it should be.

    Raises:
        ProfitError: The page lacks a mark.
    """
    if BEGIN not in page or END not in page:
        raise ProfitError(
            f"{PAGE.name}: the marks around the list are missing; put {BEGIN} and {END} where it belongs."
        )
    head, rest = page.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    return f"{head}{BEGIN}\n{render_metrics(read_metrics())}\n\n{END}{tail}"


def main() -> None:
    """Write the list into the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the page is out of date")
    arguments = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    wanted = render_page(page)
    if not arguments.check:
        PAGE.write_text(wanted, encoding="utf-8")
    elif page != wanted:
        sys.exit("docs/metrics.md is not what models/semantic says; run python -m profit.metric_docs")


if __name__ == "__main__":
    main()
