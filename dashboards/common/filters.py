"""Filters of all pages: they stand in the address, and stay when the page is changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboards.common.pages import Page
from dashboards.common.published import has, rows

_LABELS = {
    "territory": "Territory",
    "industry": "Industry",
    "product_group": "Product group",
    "channel": "Channel",
    "segment": "Segment (today)",
    "sales_rep": "Representative",
}
# Members and their names; a name is what stands in the address.
_MEMBERS = {
    "territory": "select territory_id, coalesce(territory_name, territory_id) from core.dim_territory",
    "industry": "select distinct industry, industry from core.dim_customer where industry is not null",
    "product_group": "select distinct product_group, product_group from core.dim_product where product_group > ''",
    "channel": "select channel_id, channel_id from core.dim_channel",
    "segment": "select segment_id, segment_name from reference.segments",
    "sales_rep": "select sales_rep_id, sales_rep_id from core.dim_sales_rep",
}
# Columns of marts.customer_profitability, or of a table that has the same attributes.
_COLUMNS = {"territory": "territory_id", "industry": "industry", "segment": "segment_id", "sales_rep": "sales_rep_id"}
_YEAR = 12


@dataclass
class Filters:
    """What is chosen, and what of it the page can be asked by.

    Attributes:
        chosen: Members by filter; none of them for all.
        start: First day of the first month.
        end: First day of the last month.
    """

    chosen: dict[str, list[str]] = field(default_factory=dict)
    start: str = ""
    end: str = ""

    def members(self, name: str) -> list[str]:
        """Chosen members of a filter.

        Args:
            name: Filter.
        """
        return self.chosen.get(name, [])

    def of_customers(self) -> bool:
        """Whether customers are filtered."""
        return any(self.members(name) for name in _COLUMNS)

    def where(self, columns: dict[str, str] | None = None, alias: str = "") -> tuple[str, list[Any]]:
        """A condition, and the values of its `?`.

        Args:
            columns: Columns by filter; by default those of customers.
            alias: Table that they are of.
        """
        dot = f"{alias}." if alias else ""
        parts, values = ["true"], []
        for name, column in (columns or _COLUMNS).items():
            if self.members(name):
                parts.append(f"{dot}{column} in (select unnest(?::varchar[]))")
                values.append(list(self.members(name)))
        return " and ".join(parts), values


def chosen() -> Filters:
    """The filters as the page that is shown is to apply them."""
    found = st.session_state["_filters"]
    if not isinstance(found, Filters):
        raise TypeError(f"filters are {type(found)}")
    return found


def address_of(group: str, member: str, picked: Filters) -> dict[str, list[str]]:
    """The address of a page of customers that shows one group of them, within what is chosen.

    Args:
        group: Filter by which customers are grouped, or `kind`, by which they are found.
        member: The group.
        picked: What is chosen.

    Returns:
        Parameters of the address; none where no page shows these customers alone.
    """
    wanted = {name: picked.members(name) for name in _COLUMNS}
    if group == "kind":
        found = {"find": [member]}
    else:
        found, wanted[group] = {}, [member]
    for name, members in wanted.items():
        names = {key: label for label, key in _named(name).items()} if members else {}
        if not set(members) <= set(names):
            return {}
        if members:
            found[name] = [names[one] for one in members]
    return found


def say_left_out(picked: Filters, known: Sequence[str], of: str) -> None:
    """Say which filters that are chosen a part of a page cannot be asked by.

    Args:
        picked: The filters.
        known: Those that it can be asked by.
        of: Published table that it is read from.
    """
    left = [name for name in picked.chosen if picked.members(name) and name not in known]
    names = [_LABELS[name].removesuffix(" (today)").lower() for name in left]
    if names:
        st.caption(f":material/filter_alt_off: Not filtered by {' and '.join(names)}: `{of}` is not divided by that.")


def all_months() -> list[str]:
    """Months that are published, as yyyy-mm."""
    if not has("marts.profitability_reconciliation"):
        return ["1970-01"]
    found = rows("select distinct strftime(month, '%Y-%m') as m from marts.profitability_reconciliation order by 1")
    return list(found["m"]) or ["1970-01"]


def incomplete_months() -> list[str]:
    """Months of which not everything is delivered, as yyyy-mm."""
    if not has("marts.segment_kpis"):
        return []
    sql = "select distinct strftime(month, '%Y-%m') as m from marts.segment_kpis where not is_complete_month order by 1"
    return list(rows(sql)["m"])


def show_filters(page: Page) -> None:
    """Put the filters into the sidebar; those that the page cannot be asked by are greyed out.

    Args:
        page: The page that is shown.
    """
    found = Filters()
    is_another = st.session_state.get("_page") != page.name
    st.session_state["_page"] = page.name
    with st.sidebar:
        found.start, found.end = _period("period" in page.filters)
        for name, label in _LABELS.items():
            names = _named(name)
            usable = name in page.filters and bool(names)
            if is_another:
                _take_from_address(name, names)
            why = _hint(page, name) if usable else "This page shows all of them." if names else "None was delivered."
            picked = st.multiselect(
                label,
                list(names),
                key=name,
                bind="query-params",
                disabled=not usable,
                help=why,
                placeholder="all" if usable else "not on this page" if names else "none delivered",
            )
            if usable:
                found.chosen[name] = [names[one] for one in picked]
    st.session_state["_filters"] = found


def _take_from_address(name: str, names: dict[str, str]) -> None:
    """Choose what the link that led to the page says: Streamlit reads the address for filters that are new alone."""
    asked = [one for one in st.query_params.get_all(name) if one in names]
    if asked and name in st.session_state and st.session_state[name] != asked:
        st.session_state[name] = asked


def _hint(page: Page, name: str) -> str | None:
    """Whose territory or representative it is: a customer has them, and an opportunity."""
    if name not in ("territory", "sales_rep"):
        return None
    return "That of the opportunity." if page.name == "pipeline" else "That of the customer, not that of an order."


def _period(is_usable: bool) -> tuple[str, str]:
    months = all_months()
    late = [month for month in months if month not in incomplete_months()] or months
    default = (late[-min(_YEAR, len(late))], late[-1])
    if len(months) == 1:
        st.caption(f"The only month: {months[0]}")
        return f"{months[0]}-01", f"{months[0]}-01"
    first, last = st.select_slider(
        "Months",
        months,
        value=default,
        key="period",
        bind="query-params",
        disabled=not is_usable,
        help=None if is_usable else "This page shows what is known today.",
    )
    return f"{first}-01", f"{last}-01"


def _named(name: str) -> dict[str, str]:
    """Members by their names; a name of several members is followed by the member."""
    table = _MEMBERS[name].split(" from ")[1].split(" ")[0]
    if not has(table):
        return {}
    pairs: Iterable[tuple[str, str]] = rows(f"{_MEMBERS[name]} order by 2, 1").itertuples(index=False, name=None)
    listed = list(pairs)
    names = [label for _, label in listed]
    return {label if names.count(label) == 1 else f"{label} ({key})": key for key, label in listed}
