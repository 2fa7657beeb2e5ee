"""Numbers as finance writes them: what is taken away stands in parentheses, what is not known is a dash."""

from __future__ import annotations

from typing import Any

import streamlit as st

from profit.exporting.tables import Column

_RATES = ("_rate", "_share", "_ratio", "_probability", "probability", "_alive", "attainment", "score", "lift")
_NAMES = {
    "last_12m_customer_profit_amount": "Profit, 12 months",
    "child_id": "Unit below",
    "unit_id": "Unit",
    "unit": "Unit of measure",
    "child_value": "Its value",
    "child_compared_value": "Compared with",
}
_WORDS = {"id": "", "kpi": "KPI", "12m": "12 months", "cac": "CAC", "ltv": "LTV", "ytd": "year to date"}


def money(value: Any, decimals: int = 0) -> str:
    """An amount in the reporting currency.

    Args:
        value: The amount; None where it is not known.
        decimals: Decimals to show.
    """
    if value is None:
        return "—"
    text = f"{abs(value):,.{decimals}f}"
    return f"({text})" if value < 0 and text.strip("0.,") else text


def percent(value: Any) -> str:
    """A share of one as a percentage.

    Args:
        value: The share; None where it is not known.
    """
    return "—" if value is None else f"({abs(value):.1%})" if value < 0 else f"{value:.1%}"


def number(value: Any) -> str:
    """A count.

    Args:
        value: The count; None where it is not known.
    """
    return "—" if value is None else f"{value:,.0f}"


def label(name: str) -> str:
    """A column for people: `cost_to_serve_amount` is "Cost to serve".

    Args:
        name: Name of a column.
    """
    if name in _NAMES:
        return _NAMES[name]
    parts = name.removesuffix("_amount").split("_")
    if len(parts) == 1:
        parts = name.split("_")
    text = " ".join(_WORDS.get(part, part) for part in parts).strip()
    return text[:1].upper() + text[1:]


def unit(name: str) -> str:
    """The unit that the name of a column says.

    Args:
        name: Name of a column.
    """
    if name.endswith("_amount") or name == "amount":
        return "reporting currency"
    if name.endswith(_RATES):
        return "share"
    for ending in ("minutes", "days", "months", "count"):
        if name.endswith(ending):
            return ending if ending != "count" else "number"
    return ""


def meaning(name: str, column: Column | None) -> str | None:
    """What a column means and in which unit it is, for a hint beside a number.

    Args:
        name: Name of the column.
        column: The published column; None where it is not of a table.
    """
    parts = [column.description if column else "", f"Unit: {unit(name)}." if unit(name) else ""]
    return " ".join(part for part in parts if part) or None


def configured(name: str, kind: str, column: Column | None) -> Any:
    """How a column of a table is shown.

    Args:
        name: Name of the column.
        kind: Kind of its values as pandas names it: i, u, f, b, M, O.
        column: The published column; None where it is not of a table.
    """
    hint, title = meaning(name, column), label(name)
    if kind == "b":
        return st.column_config.CheckboxColumn(title, help=hint)
    if kind == "M":
        is_month = name in ("month", "period", "first_order_month", "start_month", "compared_period")
        return st.column_config.DateColumn(title, help=hint, format="YYYY-MM" if is_month else "YYYY-MM-DD")
    if kind in "iuf":
        if unit(name) == "share":
            return st.column_config.NumberColumn(title, help=hint, format="percent")
        if unit(name) == "reporting currency":
            return st.column_config.NumberColumn(title, help=hint, format="accounting")
        return st.column_config.NumberColumn(title, help=hint, format="localized")
    return st.column_config.TextColumn(title, help=hint)
