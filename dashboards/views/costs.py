"""Costs: from accounts through pools and activities to groups of customers; capacity and rates."""

from __future__ import annotations

import streamlit as st

from dashboards.common.charts import BLUE, ORANGE, bars, draw
from dashboards.common.choices import choice, show_customers
from dashboards.common.filters import Filters, address_of, chosen, say_left_out
from dashboards.common.flows import THIN, names_of, sankey
from dashboards.common.formats import label, money
from dashboards.common.published import has, needs, published, rows
from dashboards.common.tables import meaning_of, show_table

_FLOWS = """
    select
        flows.sender_kind, flows.sender, flows.receiver_kind,
        case when flows.receiver_kind = 'customer' then {group} else flows.receiver end as receiver,
        sum(flows.amount) as amount
    from core.fct_cost_flows as flows
    left join marts.customer_profitability as customers on flows.customer_id = customers.customer_id
    where flows.period between ?::date and ?::date and {where}
    group by all
"""
# The same by month and segment, once for all filters: what takes time is to look up the customer of each flow.
_MONTHLY = """
    select
        flows.period, flows.sender_kind, flows.sender, flows.receiver_kind,
        case when flows.receiver_kind = 'customer' then {group} else flows.receiver end as receiver,
        case when flows.receiver_kind = 'customer' then customers.segment_id end as segment_id,
        sum(flows.amount) as amount
    from core.fct_cost_flows as flows
    left join marts.customer_profitability as customers on flows.customer_id = customers.customer_id
    where {where}
    group by all
"""
_CENT = 0.01
_POOLS = "core.fct_cost_pool_rates"
_PLANNED = """, planned_minutes, assigned_at_plan_amount, planned_idle_amount, utilisation_variance_amount,
            spending_variance_amount"""
_GROUPS = {"segment": "segment_id", "industry": "industry", "kind": "customer_kind", "territory": "territory_id"}


def _show() -> None:
    if not needs("core.fct_cost_flows", "It needs the ledger and cost rules (feed finance.ledger_entries)."):
        return
    picked = chosen()
    _sankey(picked)
    say_left_out(picked, [], "core.fct_cost_pool_rates")
    left, right = st.columns(2)
    with left:
        _capacity(picked)
    with right:
        _rates(picked)
    _balance(picked)


def _sankey(picked: Filters) -> None:
    st.subheader("Where cost comes from and where it goes")
    left, right = st.columns(2)
    group = left.selectbox("Customers by", list(_GROUPS), key="group", bind="query-params")
    is_direct = right.toggle(
        "With direct cost (goods, freight, commission, fees)", key="direct", bind="query-params", value=False
    )
    where = "true" if is_direct else "flows.sender not like 'direct:%' and flows.receiver not like 'direct:%'"
    column = f"coalesce(customers.{_GROUPS[group]}, 'none')"
    monthly = rows(f"{_MONTHLY.format(group=column, where=where)} order by all")
    members = picked.members("segment")
    values: list[object] = [picked.start, picked.end]
    wanted = monthly["period"].between(picked.start, picked.end)
    if members:
        wanted &= (monthly["receiver_kind"] != "customer") | monthly["segment_id"].isin(members)
        where += " and (flows.receiver_kind <> 'customer' or customers.segment_id in (select unnest(?::varchar[])))"
        values.append(members)
    ends = ["sender_kind", "sender", "receiver_kind", "receiver"]
    found = monthly[wanted].groupby(ends, as_index=False)["amount"].sum()
    found = found[found["amount"].abs() >= _CENT / 2]
    if found.empty:
        st.info("No cost of the ledger flowed in these months; direct cost is left out unless it is asked for.")
        return
    steps = rows("select pool_id, coalesce(step_order, 99) as step from core.dim_cost_pool order by 2, 1")
    # The points that can be clicked lie below what is drawn.
    st.html(
        "<style>.st-key-chart_sankey .sankey-node, .st-key-chart_sankey .bgsankey "
        "{pointer-events: none !important}</style>"
    )
    draw(sankey(found, {pool: place for place, pool in enumerate(steps["pool_id"])}), "sankey", 700, chooses="node")
    below = found[found["amount"] < 0]["amount"].sum()
    st.caption(
        f"Blue: ledger accounts, orange: pools, green: activities, purple: {group}s of customers, red: what stays. "
        f"What carries less than {THIN:.1%} is drawn together; of pools that serve each other, what is left of "
        f"both; {money(below)} of credits cannot be drawn and stand in the table.",
        help=meaning_of("core.fct_cost_flows", "amount"),
    )
    # Asked only when it is wanted: the flows are the largest table of all.
    if st.toggle("The flows as a table", key="flows", bind="query-params"):
        sql = _FLOWS.format(group=column, where=where)
        show_table("flows", f"{sql} order by amount desc, sender, receiver", values, of="core.fct_cost_flows")
    names = names_of(found)
    node = choice("Account, pool, activity or customers", list(names), "node", named=lambda one: names[one])
    if node and node.startswith("customer:"):
        _show_group(node.partition(":")[2], group, where, values, picked)
    elif node:
        _show_node(node, picked)


def _show_group(member: str, group: str, where: str, values: list[object], picked: Filters) -> None:
    """What the customers of a group bear, of what, and who they are."""
    column = f"coalesce(customers.{_GROUPS[group]}, 'none')"
    source = f"""
        from core.fct_cost_flows as flows
        left join marts.customer_profitability as customers on flows.customer_id = customers.customer_id
        where flows.period between ?::date and ?::date and {where} and flows.receiver_kind = 'customer' and {column} = ?
    """
    show_table(
        "node",
        f"""
        select flows.sender_kind, flows.sender, count(distinct flows.customer_id) as customers,
            sum(flows.amount) as amount
        {source} group by all order by amount desc, 1, 2
        """,
        [*values, member],
        of="core.fct_cost_flows",
    )
    if address := address_of(group, member, picked):
        st.page_link(
            "views/customers.py",
            label=f"All customers of {group} {address.get(group, [label(member)])[0]}",
            icon=":material/group:",
            query_params=address,
        )
    show_customers(
        "group_customers",
        f"""
        select flows.customer_id, any_value(customers.segment_id) as segment_id, sum(flows.amount) as amount
        {source} group by flows.customer_id order by amount desc, flows.customer_id
        """,
        [*values, member],
        of="core.fct_cost_flows",
        empty="No customer bore cost in these months.",
    )


def _show_node(node: str, picked: Filters) -> None:
    """Where the cost of one account, pool or activity comes from, where it goes, and which customers bear it."""
    kind, _, name = node.partition(":")
    span = [picked.start, picked.end]
    show_table(
        "node",
        """
        select sender_kind, sender, receiver_kind,
            case when receiver_kind = 'customer' then 'customers' else receiver end as receiver, sum(amount) as amount
        from core.fct_cost_flows
        where period between ?::date and ?::date
            and ((sender_kind = ? and sender = ?) or (receiver_kind = ? and receiver = ?))
        group by all order by amount desc, 1, 2, 3, 4
        """,
        [*span, kind, name, kind, name],
        of="core.fct_cost_flows",
    )
    if kind != "activity":
        return
    where, values = picked.where({"segment": "segment_id"}, alias="customers")
    show_customers(
        "activity_customers",
        f"""
        select costs.customer_id, any_value(customers.segment_id) as segment_id,
            sum(costs.practical_minutes) as practical_minutes, sum(costs.cost_amount) as cost_amount
        from core.fct_activity_costs as costs
        inner join marts.customer_profitability as customers on costs.customer_id = customers.customer_id
        where costs.activity_id = ? and costs.month between ?::date and ?::date and {where}
        group by costs.customer_id order by cost_amount desc, costs.customer_id
        """,
        [name, *span, *values],
        of="core.fct_activity_costs",
        empty="No customer bore cost of it in these months.",
    )


def _capacity(picked: Filters) -> None:
    st.subheader("Capacity: used and unused")
    if not needs("core.fct_cost_pool_rates", "It needs pools with a practical capacity."):
        return
    found = rows(
        """
        select pool_id, sum(capacity_minutes) / 60 as there, sum(used_minutes) / 60 as used
        from core.fct_cost_pool_rates where period between ?::date and ?::date and capacity_minutes is not null
        group by 1 having sum(capacity_minutes) > 0 order by 2 desc
        """,
        [picked.start, picked.end],
    )
    found = found.dropna()
    if found.empty:
        st.info("No pool has a governed capacity (seed pool_capacities).")
        return
    series = {
        "practical capacity": (list(found["there"]), BLUE),
        "used": (list(found["used"]), ORANGE),
    }
    draw(bars([label(pool) for pool in found["pool_id"]], series, "hours", is_stacked=False), "capacity")
    st.caption(
        "Above practical capacity, more is charged than there is.",
        help=meaning_of("core.fct_cost_pool_rates", "utilisation_ratio"),
    )


def _rates(picked: Filters) -> None:
    st.subheader("Pools: cost, use, rate of a minute")
    if not has("core.fct_cost_pool_rates"):
        return
    # Against the plan only where the budget plans the use of a pool.
    plan = ""
    if published().column(_POOLS, "planned_minutes"):
        span = [picked.start, picked.end]
        sql = f"select 1 from {_POOLS} where period between ?::date and ?::date and planned_minutes is not null limit 1"
        plan = "" if rows(sql, span).empty else _PLANNED
    show_table(
        "rates",
        f"""
        select period, pool_id, method, gross_amount, assigned_amount, idle_amount, over_driven_amount,
            unassigned_amount, utilisation_ratio, minute_rate as cost_a_minute{plan}
        from core.fct_cost_pool_rates where period between ?::date and ?::date
        order by period desc, gross_amount desc, pool_id
        """,
        [picked.start, picked.end],
        of="core.fct_cost_pool_rates",
    )


def _balance(picked: Filters) -> None:
    st.subheader("Cost rules: what each took, sent on and left")
    if not needs("marts.rule_balance", "It says of every cost rule what it did in a month."):
        return
    show_table(
        "rule_balance",
        """
        select rule_id, stage, any_value(sender) as sender, sum(taken_amount) as taken_amount,
            sum(sent_amount) as sent_amount, sum(received_amount) as received_amount, sum(idle_amount) as idle_amount,
            sum(remainder_amount) as remainder_amount
        from marts.rule_balance where period between ?::date and ?::date
        group by rule_id, stage order by taken_amount desc, rule_id, stage
        """,
        [picked.start, picked.end],
        of="marts.rule_balance",
    )


_show()
