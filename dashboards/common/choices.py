"""What is chosen of a chart, by a click or beside it; it stands in the address, so that it can be sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboards.common.published import Values
from dashboards.common.tables import show_table


def choice(title: str, options: Sequence[str], key: str, *, named: Callable[[str], str] = str) -> str | None:
    """One of the marks of a chart, or none.

    Args:
        title: What is chosen.
        options: What can be.
        key: Name of the choice in the address; the chart is drawn with `chooses` of that name.
        named: An option for people.

    Returns:
        The option; None where none is chosen.
    """
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]
    found = st.selectbox(
        title,
        options,
        index=None,
        format_func=named,
        key=key,
        bind="query-params",
        placeholder="a click on the chart, or one of these",
    )
    return None if found is None else str(found)


def show_customers(key: str, sql: str, values: Values, *, of: str, empty: str = "No customer is behind it.") -> None:
    """Show customers; of a row that is chosen a link opens the page of its customer.

    Args:
        key: Name of the table on the page, and of the file.
        sql: One statement that reads, with customer_id.
        values: What stands for its `?`.
        of: Published table that the columns are of.
        empty: What to say where there are none.
    """
    found = show_table(
        key, sql, values, of=of, is_choice=True, empty=empty, hint="Choose a row for a link to its customer."
    )
    if found and found["customer_id"]:
        # A link, as Streamlit leaves a page with filters in its address by no other way.
        st.page_link(
            "views/customers.py",
            label=f"Open {found['customer_id']}",
            icon=":material/person:",
            query_params={"customer": found["customer_id"]},
        )
