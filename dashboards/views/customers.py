"""Customers: find one by ID or attribute, then everything about it."""

from __future__ import annotations

import streamlit as st

from dashboards.common.filters import chosen
from dashboards.common.one_customer import show_customer
from dashboards.common.published import needs
from dashboards.common.tables import show_table

_ORDERS = {
    "highest profit": "customer_profit_amount desc",
    "lowest profit": "customer_profit_amount",
    "highest revenue": "net_revenue_amount desc",
    "last order": "last_ordered_on desc nulls last",
}
# IDs that were given once, and those of source systems, find the customer too.
_FIND = """
    (
        ? = '' or customer_id ilike ? or industry ilike ? or size_class ilike ? or country_code ilike ?
        or customer_kind ilike ?
        or customer_id in (
            select customer_id from core.customer_crosswalk where source_customer_id ilike ? limit 1000
        )
        or customer_id in (select customer_id from core.customer_ids where given_customer_id ilike ? limit 1000)
    )
"""


def _show() -> None:
    if not needs("marts.customer_profitability", "It needs customers (feed crm.customers)."):
        return
    picked = chosen()
    place = st.container()
    left, right = st.columns([3, 1])
    text = left.text_input(
        "Find",
        key="find",
        bind="query-params",
        placeholder="ID (also a former one, or one of a source system), industry, size, country, kind",
    ).strip()
    order = right.selectbox("Order", list(_ORDERS), key="order", bind="query-params")
    where, values = picked.where()
    found = show_table(
        "customers",
        f"""
        select customer_id, customer_profit_amount, net_revenue_amount, customer_margin_amount, segment_id, industry,
            customer_kind, size_class, country_code, territory_id, sales_rep_id, profit_tier, order_count,
            last_ordered_on, contribution_margin_amount, last_12m_customer_profit_amount
        from marts.customer_profitability
        where {where} and {_FIND}
        order by is_unattributed, {_ORDERS[order]}, customer_id
        """,
        [*values, text, *[f"%{text}%"] * 7],
        of="marts.customer_profitability",
        is_choice=True,
        empty="No customer fits. Fewer filters, or another text, find more.",
    )
    if found and found["customer_id"] != st.session_state.get("_row"):
        st.session_state["_row"] = found["customer_id"]
        st.session_state["_next_customer"] = found["customer_id"]
        st.rerun()
    with place:
        if "_next_customer" in st.session_state:
            st.session_state["customer"] = st.session_state.pop("_next_customer")
        customer = st.text_input(
            "Customer",
            key="customer",
            bind="query-params",
            placeholder="customer ID; or choose a row below",
        ).strip()
        if customer:
            show_customer(customer)
            st.divider()


_show()
