"""Trust: gates, coverage, reconciliation, data quality with the money at stake, identity review."""

from __future__ import annotations

import streamlit as st

from dashboards.common.filters import Filters, chosen
from dashboards.common.formats import money, number
from dashboards.common.parts import show_reconciliation
from dashboards.common.published import needs, published, row
from dashboards.common.tables import show_table


def _show() -> None:
    picked = chosen()
    _gates()
    show_reconciliation(picked)
    _coverage()
    _quality(picked)
    _reviews()


def _gates() -> None:
    st.subheader("Gates")
    now = published()
    of = row("select checked_results, code_commit from manifest")
    rejected = row(
        "select coalesce(sum(rows_read), 0) as rows_read, coalesce(sum(rows_quarantined), 0) as rows_quarantined, "
        "count(*) as deliveries, max(delivered_on) as last from manifest_deliveries"
    )
    st.success(
        f"What is published has passed the gate out: a file is published in no other way. Run {now.run_id}, "
        f"results {of['checked_results']}, version {now.version}.",
        icon=":material/verified:",
    )
    first, second, third, fourth = st.columns([1, 1, 1, 1.4])
    first.metric("Deliveries", number(rejected["deliveries"]), border=True, help="Deliveries that this run is made of.")
    second.metric("Rows read", number(rejected["rows_read"]), border=True, help="Rows of all deliveries.")
    third.metric(
        "Rows in quarantine",
        number(rejected["rows_quarantined"]),
        border=True,
        help="Rows that the gate in refused; the reason stands beside them in the quarantine folder.",
    )
    last = rejected["last"]
    fourth.metric(
        "Newest delivery", f"{last:%Y-%m-%d}" if last is not None else "—", border=True, help="Day of the delivery."
    )


def _coverage() -> None:
    st.subheader("Which feeds were delivered")
    if not needs("marts.data_coverage", "It lists every feed of the contract."):
        return
    of = row(
        "select count(*) filter (where status <> 'delivered') as missing, "
        "string_agg(feed, ', ' order by feed) filter (where status <> 'delivered') as feeds from marts.data_coverage"
    )
    if of["missing"]:
        st.warning(
            f"{of['missing']} feeds are missing: {of['feeds']}. The metrics that are weaker without them stand below."
        )
    else:
        st.success("Every feed of the contract was delivered.")
    show_table(
        "coverage",
        """
        select feed, department, status, is_required, row_count, first_on, last_on, last_delivered_on, weaker_metrics
        from marts.data_coverage order by status = 'delivered', feed
        """,
        of="marts.data_coverage",
    )


def _quality(picked: Filters) -> None:
    st.subheader("Records that count less than they should, with the money at stake")
    if not needs("marts.data_quality", "Every record counts as it should."):
        return
    consequence = published().column("marts.data_quality", "consequence")
    records = "sum(record_count)" if published().column("marts.data_quality", "record_count") else "count(*)"
    why = "string_agg(distinct consequence, ', ') as consequence," if consequence else ""
    picked_rule = show_table(
        "quality",
        f"""
        select rule, feed, {why} currency_code, {records} as record_count,
            sum(abs(original_amount)) as original_amount
        from marts.data_quality where month is null or month between ?::date and ?::date
        group by rule, feed, currency_code order by original_amount desc nulls last, rule, feed, currency_code
        """,
        [picked.start, picked.end],
        of="marts.data_quality",
        is_choice=True,
        empty="No record of these months counts less than it should.",
    )
    st.caption("Amounts are in the currency of their row, as delivered: they are not added up over currencies.")
    if picked_rule:
        show_table(
            "records",
            "select * from marts.data_quality where rule = ? and feed = ? and currency_code is not distinct from ? "
            "order by abs(original_amount) desc nulls last, record_id",
            [picked_rule["rule"], picked_rule["feed"], picked_rule["currency_code"]],
            of="marts.data_quality",
        )


def _reviews() -> None:
    st.subheader("Identity: pairs that wait for a decision")
    if not needs("marts.identity_review_queue", "No pair of records waits for a decision."):
        return
    of = row(
        "select count(*) as pairs, sum(moved_net_revenue_amount) as revenue, min(waiting_since) as since "
        "from marts.identity_review_queue"
    )
    st.markdown(
        f"**{of['pairs']:,} pairs** wait, the oldest since {of['since']:%Y-%m-%d}; **{money(of['revenue'])}** of net "
        "revenue would move to another customer if all were one."
    )
    show_table(
        "reviews",
        """
        select kept_customer_id, moved_customer_id, customer_kind, match_probability, contradiction_id, waiting_since,
            moved_order_count, moved_net_revenue_amount, moved_profit_amount
        from marts.identity_review_queue
        order by moved_net_revenue_amount desc nulls last, kept_customer_id, moved_customer_id
        """,
        of="marts.identity_review_queue",
    )


_show()
