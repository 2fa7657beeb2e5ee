"""Charts in colours that the colour-blind tell apart (Okabe and Ito)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#000000",
)
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK, YELLOW)
_ROOM = 0.14
_MILLION, _THOUSAND = 1e6, 1e3
_CONFIG = {"displayModeBar": False}


def draw(figure: go.Figure, key: str, height: int = 360, *, chooses: str | None = None) -> None:
    """Put a figure on the page.

    Args:
        figure: What to draw.
        key: Its name on the page.
        height: In pixels.
        chooses: Key of the choice that a click on a mark makes; what is chosen is the `customdata` of the mark.
    """
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        separators=".,",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        colorway=list(COLOURS),
        hoverlabel={"namelength": -1},
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    name = f"chart_{key}"
    if chooses is None:
        st.plotly_chart(figure, key=name, config=_CONFIG)
        return
    chosen = st.session_state.get(chooses)
    for trace in figure.data:
        marks = list(trace.customdata) if trace.customdata is not None else []
        if chosen is not None and chosen in marks:
            trace.selectedpoints = [marks.index(chosen)]
            if isinstance(trace, go.Bar):
                trace.unselected = {"textfont": {"color": "#777777"}}
    st.plotly_chart(
        figure, key=name, config=_CONFIG, on_select=partial(_choose, name, chooses), selection_mode="points"
    )


def _choose(chart: str, chooses: str) -> None:
    """Take what was clicked for the choice."""
    points = st.session_state[chart]["selection"]["points"]
    chosen = points[0].get("customdata") if points else None
    if chosen is None:
        st.session_state.pop(chooses, None)
    else:
        st.session_state[chooses] = chosen


def waterfall(labels: Sequence[str], kinds: Sequence[str], effects: Sequence[float]) -> go.Figure:
    """Steps from the first line to the last subtotal.

    Args:
        labels: Lines.
        kinds: Of each, whether it is `posted` or `subtotal`.
        effects: What each adds to the result; of a subtotal what it is.
    """
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=list(labels),
            x=list(effects),
            customdata=list(labels),
            measure=["total" if kind == "subtotal" else "relative" for kind in kinds],
            text=[short(value) for value in effects],
            textposition="outside",
            constraintext="none",
            cliponaxis=False,
            increasing={"marker": {"color": GREEN}},
            decreasing={"marker": {"color": RED}},
            totals={"marker": {"color": BLUE}},
            connector={"line": {"color": "#999999", "width": 1}},
            hovertemplate="%{y}: %{x:,.2f}<extra></extra>",
        )
    )
    ends = [0.0]
    for kind, effect in zip(kinds, effects, strict=True):
        ends.append(float(effect) if kind == "subtotal" else ends[-1] + float(effect))
    figure.update_xaxes(title="reporting currency", tickformat="~s", range=with_room(ends))
    figure.update_yaxes(autorange="reversed", tickfont={"size": 12})
    return figure


def with_room(ends: Sequence[float]) -> list[float]:
    """A range of an axis with room for the numbers at the ends of bars.

    Args:
        ends: Where bars end.
    """
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = _ROOM * ((high - low) or 1.0)
    return [low - room, high + room]


def height_of(figure: go.Figure) -> int:
    """Pixels that a figure with its names down the side needs.

    Args:
        figure: One with a bar a name.
    """
    return 90 + 21 * len(figure.data[0].y)


def lines(found: pd.DataFrame, x: str, series: Mapping[str, tuple[str, str, str]], unit: str) -> go.Figure:
    """Lines over one axis.

    Args:
        found: Rows.
        x: Column of the axis.
        series: By column its label, colour and dash (solid, dash, dot).
        unit: Unit of the values, for the axis.
    """
    figure = go.Figure()
    for column, (name, colour, dash) in series.items():
        figure.add_scatter(
            x=found[x],
            y=found[column],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            hovertemplate="%{x}: %{y:,.2f}",
        )
    figure.update_yaxes(title=unit, tickformat="~s", rangemode="tozero")
    return figure


def bars(
    x: Sequence[Any], series: Mapping[str, tuple[Sequence[Any], str]], unit: str, *, is_stacked: bool
) -> go.Figure:
    """Bars beside or upon each other.

    Args:
        x: Categories.
        series: By label the values and the colour.
        unit: Unit of the values, for the axis.
        is_stacked: Whether they stand upon each other, those below zero downwards.
    """
    figure = go.Figure()
    for name, (values, colour) in series.items():
        figure.add_bar(
            x=[wrapped(one) for one in x],
            y=list(values),
            name=name,
            marker_color=colour,
            hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
        )
    figure.update_layout(barmode="relative" if is_stacked else "group", bargap=0.25)
    figure.update_yaxes(title=unit, tickformat="~s")
    return figure


def months(figure: go.Figure) -> go.Figure:
    """Name months on the axis, as many as there is room for.

    Args:
        figure: One with months as texts.
    """
    figure.update_xaxes(type="date", tickformat="%Y-%m", hoverformat="%Y-%m", tickangle=0, nticks=8)
    return figure


def wrapped(text: object, width: int = 16) -> str:
    """A name in lines, so that it stands level below its bar.

    Args:
        text: The name.
        width: Letters of a line.
    """
    return "<br>".join(textwrap.wrap(str(text), width)) or str(text)


def short(value: float | None) -> str:
    """An amount in thousands or millions, below zero in parentheses.

    Args:
        value: The amount.
    """
    if value is None or pd.isna(value):
        return ""
    size = abs(value)
    text = f"{size / 1e6:,.1f}M" if size >= _MILLION else f"{size / 1e3:,.0f}k" if size >= _THOUSAND else f"{size:,.0f}"
    return f"({text})" if value < 0 and text != "0" else text
