"""Parts of the overview that other pages show too."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from dashboards.common.charts import BLUE, GREEN, RED, draw, short, with_room
from dashboards.common.choices import choice, show_customers
from dashboards.common.filters import Filters, say_left_out
from dashboards.common.formats import label, money, percent
from dashboards.common.published import needs, row, rows
from dashboards.common.tables import meaning_of, show_table

# A curve of so many points looks like one of all customers.
_POINTS = 400
_PERIODS = {"last_12m": "Last 12 months", "all": "All months"}


def show_whale_curve(picked: Filters) -> None:
    """Show who makes the profit: customers from the best to the worst, and what they add up to.

    Args:
        picked: The filters; one segment alone has a curve of its own.
    """
    st.subheader("Who makes the profit: the whale curve")
    if not needs("marts.whale_curve_summary", "It is made of customers who have ordered."):
        return
    segments = picked.members("segment")
    scope = segments[0] if len(segments) == 1 else "all"
    years = rows("select distinct period from marts.whale_curve_summary where scope = 'all' order by period desc")
    names = {_PERIODS.get(period, period): period for period in years["period"]}
    options = sorted(names, key=lambda name: (names[name] != "last_12m", names[name] != "all", name))
    period = names[st.selectbox("Period of the curve", options, key="curve", bind="query-params")]
    of = row("select * from marts.whale_curve_summary where scope = ? and period = ?", [scope, period])
    if of["customer_count"] is None:
        st.info("No customer of this segment has sales or cost in the period.")
        return
    curve = rows(
        f"""
        select customer_share, cumulative_profit_amount, curve_position from marts.whale_curve
        where scope = ? and period = ?
            and (curve_position % greatest(1, customer_count // {_POINTS}) = 0 or curve_position in (1, customer_count)
                or cumulative_profit_amount = peak_profit_amount)
        order by curve_position
        """,
        [scope, period],
    )
    figure = go.Figure(
        go.Scatter(
            x=curve["customer_share"],
            y=curve["cumulative_profit_amount"],
            customdata=list(curve["curve_position"]),
            # Marks that nobody sees: a line cannot be clicked.
            mode="lines+markers",
            marker={"size": 14, "opacity": 0, "color": RED},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 0}},
            fill="tozeroy",
            line={"color": BLUE, "width": 3},
            name="profit so far",
            hovertemplate="best %{x:.1%} of customers: %{y:,.0f}<extra></extra>",
        )
    )
    figure.add_hline(
        y=of["customer_profit_amount"],
        line_dash="dash",
        line_color=RED,
        annotation_text="profit of all customers",
        annotation_position="bottom right",
        annotation_bgcolor="rgba(255,255,255,0.85)",
    )
    figure.update_xaxes(title="customers, best first", tickformat=".0%")
    figure.update_yaxes(title="reporting currency", tickformat="~s", rangemode="tozero")
    draw(figure, "whale", 330, chooses="place")
    st.caption(
        f"{'All customers' if scope == 'all' else label(scope)}: {of['loss_maker_count']:,} of "
        f"{of['customer_count']:,} lose {money(of['loss_amount'])}, {percent(of['loss_share_of_peak'])} of what the "
        f"others earn. The best fifth earns {percent(of['top_fifth_profit_share'])} of the profit. Of the filters, one "
        "segment applies. A click on the curve lists the customers from there on.",
        help=meaning_of("marts.whale_curve", "cumulative_profit_amount"),
    )
    last = int(of["customer_count"])
    if not 1 <= (st.session_state.get("place") or 1) <= last:
        del st.session_state["place"]
    place = st.number_input(
        "Customers from place",
        1,
        last,
        value=None,
        key="place",
        bind="query-params",
        placeholder="a click on the curve, or a number: 1 is the best",
    )
    if place is not None:
        show_customers(
            "whale_customers",
            """
            select curve_position, customer_id, customer_profit_amount, net_revenue_amount, cumulative_profit_amount,
                customer_share
            from marts.whale_curve
            where scope = ? and period = ? and curve_position >= ?::bigint order by curve_position
            """,
            [scope, period, place],
            of="marts.whale_curve",
        )


def show_reconciliation(picked: Filters) -> None:
    """Show whether the ledger agrees, month by month and by kind of difference.

    Args:
        picked: The filters, of which the months count.
    """
    st.subheader("Does the ledger agree?")
    if not needs("marts.profitability_reconciliation", "It needs the ledger (feed finance.ledger_entries)."):
        return
    say_left_out(picked, [], "marts.profitability_reconciliation")
    period = [picked.start, picked.end]
    of = row(
        """
        select count(*) as line_count, count(*) filter (where difference_amount <> 0) as open_count,
            coalesce(sum(abs(difference_amount)), 0) as open_amount, count(distinct month) as month_count,
            coalesce(sum(abs(ledger_amount)), 0) <> 0 as is_posted
        from marts.profitability_reconciliation where line_kind = 'posted' and month between ?::date and ?::date
        """,
        period,
    )
    if not of["is_posted"]:
        st.info("No ledger was delivered for these months (feed finance.ledger_entries): nothing to agree with.")
        return
    if not of["open_amount"]:
        st.success(f"All {of['line_count']:,} lines of {of['month_count']} months agree with the ledger to the cent.")
    else:
        st.warning(f"{money(of['open_amount'], 2)} on {of['open_count']:,} lines differ, each with its reason:")
    show_table(
        "reconciliation",
        """
        select line, sum(customers_amount) as customers_amount, sum(unattributed_amount) as unattributed_amount,
            sum(below_the_line_amount) as below_the_line_amount, sum(ledger_amount) as ledger_amount,
            sum(difference_amount) as difference_amount,
            string_agg(distinct difference_category, ', ') filter (where difference_amount <> 0) as difference_category
        from marts.profitability_reconciliation
        where month between ?::date and ?::date and line_kind <> 'memo'
        group by line, line_order
        order by line_order
        """,
        period,
        of="marts.profitability_reconciliation",
    )


def show_bridge(picked: Filters) -> None:
    """Show what changed the profit of the company from one month to the next.

    Args:
        picked: The filters, of which the last month counts.
    """
    st.subheader("What changed profit since the month before")
    if not needs("marts.profit_bridge", "It compares two months and their articles."):
        return
    found = rows(
        """
        select part, amount from marts.profit_bridge
        where unit_kind = 'company' and period_kind = 'month' and basis = 'actual' and period = ?::date
        order by abs(amount) desc, part
        """,
        [picked.end],
    )
    if found.empty:
        st.info(f"{picked.end[:7]} has no month before it to be compared with.")
        return
    colours = [GREEN if amount >= 0 else RED for amount in found["amount"]]
    figure = go.Figure(
        go.Bar(
            x=found["amount"],
            y=[label(part) for part in found["part"]],
            orientation="h",
            customdata=list(found["part"]),
            marker_color=colours,
            text=[short(amount) for amount in found["amount"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,.2f}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed")
    room = with_room([float(amount) for amount in found["amount"]])
    figure.update_xaxes(title="effect on profit, reporting currency", tickformat="~s", range=room)
    draw(figure, "bridge", 380, chooses="part")
    st.caption(
        f"{picked.end[:7]}, the whole company: together {money(found['amount'].sum(), 2)}. A click on a part lists the "
        "customers behind it.",
        help=meaning_of("marts.profit_bridge", "part"),
    )
    part = choice("Customers behind the part", list(found["part"]), "part", named=label)
    if part:
        show_customers(
            "bridge_customers",
            """
            select bridge.unit_id as customer_id, bridge.amount, customers.segment_id, customers.industry,
                customers.territory_id, customers.sales_rep_id
            from marts.profit_bridge as bridge
            left join marts.customer_profitability as customers on bridge.unit_id = customers.customer_id
            where bridge.unit_kind = 'customer' and bridge.period_kind = 'month' and bridge.basis = 'actual'
                and bridge.period = ?::date and bridge.part = ?
            order by abs(bridge.amount) desc, bridge.unit_id
            """,
            [picked.end, part],
            of="marts.profit_bridge",
        )
        st.caption(
            "Each customer's change is divided by itself: what is mix or new articles to the company may be volume "
            "or a new article to a customer. Over all parts, customers sum to the company's change."
        )


def show_alerts() -> None:
    """Show KPIs of the company that changed their state last."""
    st.subheader("KPIs: state and alerts")
    if not needs("marts.kpi_alerts", "It needs KPIs with bands and targets (seeds kpis and kpi_targets)."):
        return
    show_table(
        "alerts",
        """
        select kpi_name, unit_kind, unit_id, period_name, previous_status, status, entered_on, actual_value,
            target_value, owner
        from marts.kpi_alerts where is_current order by unit_kind <> 'company', entered_on desc, kpi_id, unit_id
        """,
        of="marts.kpi_alerts",
    )
