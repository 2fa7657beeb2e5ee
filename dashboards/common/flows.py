"""Cost flows as a drawing: accounts, pools, activities, groups of customers from left to right."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd
import plotly.graph_objects as go

from dashboards.common.charts import BLUE, GREEN, ORANGE, PURPLE, RED
from dashboards.common.formats import label

_COLOURS = {"account": BLUE, "pool": ORANGE, "activity": GREEN, "customer": PURPLE}
# From the left edge; pools lie between these two, by how far they are from the accounts.
_PLACES = {"account": 0.001, "activity": 0.66}
_POOLS, _END = (0.17, 0.45), 0.999
_OTHER = {"account": "other accounts", "pool": "other pools", "activity": "other activities"}
# What carries less than this share of all cost is drawn together.
THIN = 0.012
_GAP = 0.012

Node = tuple[str, str]


def sankey(found: pd.DataFrame, steps: dict[str, int]) -> go.Figure:
    """Draw flows; of two pools that serve each other, what one owes the other in the end.

    Args:
        found: sender_kind, sender, receiver_kind, receiver, amount; amounts above zero are drawn.
        steps: Place of each pool in the order in which pools are emptied.
    """
    links = _links(found)
    size = _sizes(links)
    names = sorted(size, key=lambda node: (-size[node], node))
    left = {node: _left(node, steps) for node in names}
    tops = _tops(names, left, size)
    places = {node: place for place, node in enumerate(names)}
    figure = go.Figure(
        go.Sankey(
            node={
                "label": [_text(node) for node in names],
                "color": [_COLOURS.get(kind, RED) for kind, _ in names],
                "x": [left[node] for node in names],
                "y": tops,
                "pad": 10,
                "thickness": 14,
                "hovertemplate": "%{label}: %{value:,.2f}<extra></extra>",
            },
            link={
                "source": [places[origin] for origin, _ in links],
                "target": [places[target] for _, target in links],
                "value": list(links.values()),
                "color": "rgba(110,110,110,0.22)",
                "hovertemplate": "%{source.label} → %{target.label}: %{value:,.2f}<extra></extra>",
            },
            # Where they are put, so that what can be clicked lies on them.
            arrangement="fixed",
            textfont={"size": 12, "color": "#222222"},
        )
    )
    # Streamlit hears of clicks on points alone, so there is one that nobody sees on every node.
    figure.add_scatter(
        x=[left[node] for node in names],
        y=tops,
        customdata=[
            f"{kind}:{name}" if kind in _COLOURS and name != _OTHER.get(kind) else None for kind, name in names
        ],
        text=[f"{_text(node)}: {size[node]:,.2f}" for node in names],
        mode="markers",
        marker={"size": 22, "opacity": 0, "color": RED},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(range=[1, 0], visible=False, fixedrange=True)
    return figure


def names_of(found: pd.DataFrame) -> dict[str, str]:
    """Accounts, pools, activities and groups of customers of the flows, by `kind:member`, with their names for people.

    Args:
        found: sender_kind, sender, receiver_kind, receiver.
    """
    nodes = {*zip(found["sender_kind"], found["sender"], strict=True)}
    nodes |= {*zip(found["receiver_kind"], found["receiver"], strict=True)}
    listed = sorted((list(_COLOURS).index(kind), kind, name) for kind, name in nodes if kind in _COLOURS)
    return {
        f"{kind}:{name}": _text((kind, name)) if kind == "customer" else f"{kind}: {_text((kind, name))}"
        for _, kind, name in listed
    }


def _links(found: pd.DataFrame) -> dict[tuple[Node, Node], float]:
    total = float(found[found["sender_kind"] == "account"]["amount"].clip(lower=0).sum()) or 1.0
    through: dict[Node, float] = defaultdict(float)
    drawn = []
    for kind, sender, to, receiver, amount in found.itertuples(index=False, name=None):
        if amount > 0:
            drawn.append(((kind, sender), (to, receiver), float(amount)))
            through[kind, sender] += float(amount)
    summed: dict[tuple[Node, Node], float] = defaultdict(float)
    for sent, received, amount in drawn:
        origin, target = (
            (kind, _OTHER[kind]) if kind in _OTHER and through[kind, name] < THIN * total else (kind, name)
            for kind, name in (sent, received)
        )
        if origin != target:
            summed[origin, target] += amount
    return {
        (origin, target): amount - summed.get((target, origin), 0.0)
        for (origin, target), amount in summed.items()
        if amount > summed.get((target, origin), 0.0)
    }


def _sizes(links: dict[tuple[Node, Node], float]) -> dict[Node, float]:
    sent: dict[Node, float] = defaultdict(float)
    received: dict[Node, float] = defaultdict(float)
    for (origin, target), amount in links.items():
        sent[origin] += amount
        received[target] += amount
    return {node: max(sent[node], received[node]) for node in {*sent, *received}}


def _left(node: Node, steps: dict[str, int]) -> float:
    kind, name = node
    if kind != "pool":
        return _PLACES.get(kind, _END)
    last = max(steps.values(), default=1) or 1
    return _POOLS[0] + (_POOLS[1] - _POOLS[0]) * steps.get(name, last) / last


def _tops(names: list[Node], left: dict[Node, float], size: dict[Node, float]) -> list[float]:
    """Middles of nodes from the top, the largest first, pools in one column though they stand side by side."""
    columns: dict[object, list[Node]] = defaultdict(list)
    for node in names:
        columns["pool" if node[0] == "pool" else left[node]].append(node)
    tops = {}
    for column in columns.values():
        free = 1 - _GAP * (len(column) + 1)
        total = sum(size[node] for node in column) or 1.0
        at = _GAP
        for node in column:
            part = free * size[node] / total
            tops[node] = min(max(at + part / 2, 0.001), 0.999)
            at += part + _GAP
    return [tops[node] for node in names]


def _text(node: Node) -> str:
    kind, name = node
    if name in _OTHER.values() or kind == "account":
        return name
    return f"customers: {label(name)}" if kind == "customer" else label(name)
