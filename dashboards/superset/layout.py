"""Where the charts of a dashboard stand, as Superset writes it."""

from __future__ import annotations

from typing import Any


def position(title: str, rows: list[dict[str, Any]], charts: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """Rows of charts from the top.

    Args:
        title: Title of the dashboard.
        rows: Of each its height, in units of 8 pixels, and the width of each chart, of 12.
        charts: Identifier and title of each chart by its name.
    """
    placed: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": title}},
        "GRID_ID": {
            "type": "GRID",
            "id": "GRID_ID",
            "parents": ["ROOT_ID"],
            "children": [f"ROW-{number}" for number, _ in enumerate(rows)],
        },
    }
    for number, row in enumerate(rows):
        parents = ["ROOT_ID", "GRID_ID"]
        placed[f"ROW-{number}"] = {
            "type": "ROW",
            "id": f"ROW-{number}",
            "parents": parents,
            "children": [f"CHART-{name}" for name in row["charts"]],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for name, width in row["charts"].items():
            identifier, label = charts[name]
            placed[f"CHART-{name}"] = {
                "type": "CHART",
                "id": f"CHART-{name}",
                "parents": [*parents, f"ROW-{number}"],
                "children": [],
                # Superset puts its own number of the chart in the place of this one.
                "meta": {"chartId": 0, "uuid": identifier, "sliceName": label, "width": width, "height": row["height"]},
            }
    return placed
