"""Charts in colours that the colour-blind tell apart (Okabe and Ito)."""

from __future__ import annotations

from collections.abc import Sequence
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
_CONFIG = {"displayModeBar": False}


def draw(figure: go.Figure, key: str, height: int = 360, **options: Any) -> Any:
    """Put a figure on the page.

    Args:
        figure: What to draw.
        key: Its name on the page.
        height: In pixels.
        options: Passed on to Streamlit.
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
    return st.plotly_chart(figure, key=f"chart_{key}", config=_CONFIG, **options)


def waterfall(labels: Sequence[str], kinds: Sequence[str], effects: Sequence[float]) -> go.Figure:
    """Steps from the first line to the last subtotal.

    Args:
        labels: Lines.
        kinds: Of each, whether it is `posted` or `subtotal`.
        effects: What each adds to the result; of a subtotal what it is.
    """
    figure = go.Figure(
        go.Waterfall(
            x=list(labels),
            y=list(effects),
            measure=["total" if kind == "subtotal" else "relative" for kind in kinds],
            text=[short(value) for value in effects],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": GREEN}},
            decreasing={"marker": {"color": RED}},
            totals={"marker": {"color": BLUE}},
            connector={"line": {"color": "#999999", "width": 1}},
            hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(tickangle=-40)
    figure.update_yaxes(title="reporting currency", tickformat="~s")
    return figure


def lines(found: pd.DataFrame, x: str, series: dict[str, tuple[str, str, str]], unit: str) -> go.Figure:
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


def bars(x: Sequence[Any], series: dict[str, tuple[Sequence[Any], str]], unit: str, *, is_stacked: bool) -> go.Figure:
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
            x=list(x), y=list(values), name=name, marker_color=colour, hovertemplate="%{x}: %{y:,.2f}<extra></extra>"
        )
    figure.update_layout(barmode="relative" if is_stacked else "group")
    figure.update_yaxes(title=unit, tickformat="~s")
    return figure


def months(figure: go.Figure) -> go.Figure:
    """Name months on the axis, as many as there is room for.

    Args:
        figure: One with months as texts.
    """
    figure.update_xaxes(type="category", tickangle=0, nticks=12)
    return figure


def short(value: float | None) -> str:
    """An amount in thousands or millions, below zero in parentheses.

    Args:
        value: The amount.
    """
    if value is None or pd.isna(value):
        return ""
    size = abs(value)
    text = f"{size / 1e6:,.1f}M" if size >= 1e6 else f"{size / 1e3:,.0f}k" if size >= 1e3 else f"{size:,.0f}"
    return f"({text})" if value < 0 and text != "0" else text
