"""Tables with their meaning at hand, and a download of all their rows."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.common.formats import configured, meaning
from dashboards.common.published import Values, csv_of, published, rows

SHOWN = 500
_ROW, _MOST = 35, 12


def meaning_of(table: str, column: str) -> str | None:
    """What a column of a published table means, with its unit and who answers for the table.

    Args:
        table: Schema and name of the table.
        column: Name of the column.
    """
    said = meaning(column, published().column(table, column))
    return f"{said} ({table}{_owner(table)})" if said else None


def _owner(table: str) -> str:
    """Who answers for a table: what it says of itself ends with that."""
    found = published().tables.get(table)
    owner = found.description.rpartition(" Owner: ")[2] if found and " Owner: " in found.description else ""
    return f", owner: {owner.removesuffix('.')}" if owner else ""


def show_table(
    key: str,
    sql: str,
    values: Values = (),
    *,
    of: str,
    hidden: tuple[str, ...] = (),
    is_choice: bool = False,
    hint: str = "",
    empty: str = "Nothing in this selection.",
) -> dict[str, Any] | None:
    """Show the first rows of a query, with a download of all of them.

    Args:
        key: Name of the table on the page, and of the file.
        sql: One statement that reads.
        values: What stands for its `?`.
        of: Published table that the columns are of.
        hidden: Columns that are not shown, though downloaded.
        is_choice: Whether a row can be chosen.
        hint: What choosing one does.
        empty: What to say where there are no rows.

    Returns:
        The chosen row, or None.
    """
    found = rows(f"select * from ({sql}) as found limit {SHOWN + 1}", values)
    if found.empty:
        st.info(empty)
        return None
    shown = found.head(SHOWN)
    config = {
        name: configured(name, shown[name].dtype.kind, published().column(of, name))
        for name in shown.columns
        if name not in hidden
    }
    picked = st.dataframe(
        shown,
        hide_index=True,
        column_order=list(config),
        column_config=config,
        key=f"table_{key}",
        height=_ROW * (min(len(shown), _MOST) + 1) + 3,
        on_select="rerun" if is_choice else "ignore",
        selection_mode="single-row",
        placeholder="—",
    )
    left, right = st.columns([4, 1], vertical_alignment="center")
    rest = f"; the first {SHOWN} of more are shown" if len(found) > SHOWN else ""
    left.caption(f"{hint} From `{of}`{_owner(of)}{rest}. What a column means is said at its head.".lstrip())
    right.download_button(
        "CSV",
        data=partial(csv_of, sql, values),
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"csv_{key}",
        icon=":material/download:",
        on_click="ignore",
        help="All rows of this table, exact amounts, in the order shown.",
        width="stretch",
    )
    return _picked(shown, picked) if is_choice else None


def _picked(shown: pd.DataFrame, picked: Any) -> dict[str, Any] | None:
    places = picked["selection"]["rows"] if picked else []
    if not places or places[0] >= len(shown):
        return None
    return {name: None if pd.isna(value) else value for name, value in shown.iloc[places[0]].items()}
