"""Media: what winning customers costs, and when it comes back."""

from __future__ import annotations

import streamlit as st

from dashboards.common.charts import COLOURS, bars, draw, lines
from dashboards.common.filters import Filters, chosen, say_left_out
from dashboards.common.published import needs, rows
from dashboards.common.tables import meaning_of, show_table

_SOURCES = "marts.media_source_performance"


def _show() -> None:
    if not needs(_SOURCES, "It needs media spend, touches or leads (feeds of marketing)."):
        return
    picked = chosen()
    models = rows(
        "select attribution_model, attribution_model_name from reference.attribution_models "
        "order by attribution_model <> 'first_touch', attribution_model"
    )
    names = dict(zip(models["attribution_model_name"], models["attribution_model"], strict=True))
    model = names[st.selectbox("Attribution", list(names), key="attribution", bind="query-params")]
    say_left_out(picked, [], _SOURCES)
    _sources(names, model)
    left, right = st.columns(2)
    with left:
        _payback(model)
    with right:
        _by_month(model, picked)
    _campaigns(model, picked)


def _prefix(model: str) -> str:
    """Columns of the first touch have no prefix."""
    return "" if model == "first_touch" else f"{model}_"


def _sources(names: dict[str, str], model: str) -> None:
    st.subheader("By source: cost of a customer, payback, lifetime value")
    columns = ", ".join(f"{_prefix(one)}cac_amount as {one}" for one in names.values())
    found = rows(f"select media_source_name, {columns} from {_SOURCES} order by media_spend_amount desc, media_source")
    series = {
        name: (list(found[one].astype(float)), COLOURS[place % len(COLOURS)])
        for place, (name, one) in enumerate(names.items())
    }
    if any((found[one].astype(float) > 0).any() for one in names.values()):
        draw(bars(list(found["media_source_name"]), series, "CAC, reporting currency", is_stacked=False), "cac", 330)
    else:
        st.info("No source has a cost of winning a customer: nothing was spent on it, or nobody was won by it.")
    start = _prefix(model)
    show_table(
        "media_sources",
        f"""
        select media_source_name, media_source_kind, media_spend_amount, acquisition_cost_amount,
            {start}new_customer_count, {start}cac_amount, {start}payback_months, {start}net_revenue_amount,
            {start}customer_profit_amount, lifetime_value_amount, ltv_to_cac
        from {_SOURCES} order by media_spend_amount desc, media_source
        """,
        of=_SOURCES,
    )
    st.caption(
        "Since the beginning. LTV to CAC is published for the first touch alone: no attribution changes it.",
        help=meaning_of(_SOURCES, "ltv_to_cac"),
    )


def _payback(model: str) -> None:
    st.subheader("When a customer has paid back what it cost")
    if not needs("marts.acquisition_payback_curve", "It needs complete months after first orders."):
        return
    sources = rows(
        "select member_id, max(observed_customer_count) as customers from marts.acquisition_payback_curve "
        "where attribution_model = ? and grouping_kind = 'media_source' group by 1 "
        "order by member_id in ('none', 'unattributed'), 2 desc, 1",
        [model],
    )
    if sources.empty:
        st.info("No source has won a customer under this attribution.")
        return
    source = st.selectbox("Source", list(sources["member_id"]), key="source", bind="query-params")
    found = rows(
        """
        select months_since_first_order, cumulative_margin_per_customer_amount, cac_amount
        from marts.acquisition_payback_curve
        where attribution_model = ? and grouping_kind = 'media_source' and member_id = ?
        order by months_since_first_order
        """,
        [model, source],
    )
    series = {
        "cumulative_margin_per_customer_amount": ("margin of a customer so far", COLOURS[0], "solid"),
        "cac_amount": ("cost of winning it", COLOURS[1], "dash"),
    }
    figure = lines(found, "months_since_first_order", series, "reporting currency")
    figure.update_xaxes(title="months since the first order")
    draw(figure, "payback")
    st.caption(
        "Paid back where the lines cross; averages of customers who are old enough.",
        help=meaning_of("marts.acquisition_payback_curve", "cumulative_margin_per_customer_amount"),
    )


def _by_month(model: str, picked: Filters) -> None:
    st.subheader("Spend and customers by month")
    if not needs("marts.media_source_performance_monthly", "It needs media spend."):
        return
    show_table(
        "media_months",
        f"""
        select month, media_source, media_spend_amount, acquisition_cost_amount, lead_count,
            {_prefix(model)}new_customer_count, {_prefix(model)}cac_amount
        from marts.media_source_performance_monthly where month between ?::date and ?::date
        order by month desc, media_spend_amount desc, media_source
        """,
        [picked.start, picked.end],
        of="marts.media_source_performance_monthly",
    )


def _campaigns(model: str, picked: Filters) -> None:
    st.subheader("By campaign")
    if not needs("marts.campaign_performance", "It needs campaigns."):
        return
    start = _prefix(model)
    where, values = picked.where({"product_group": "product_group"})
    show_table(
        "campaigns",
        f"""
        select campaign_name, campaign_id, media_source, product_group, starts_on, ends_on, media_spend_amount,
            response_rate, {start}new_customer_count, {start}cac_amount, {start}payback_months,
            {start}customer_profit_amount, credited_order_count, credited_net_revenue_amount
        from marts.campaign_performance where {where} order by media_spend_amount desc, campaign_id
        """,
        values,
        of="marts.campaign_performance",
    )


_show()
