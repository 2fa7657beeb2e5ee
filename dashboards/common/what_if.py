"""Sliders for governed changes: what `profit what-if` answers, on the build that lies beside the published file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.common.formats import configured, label, money
from dashboards.common.published import has, published, row, rows
from profit.errors import ProfitError, printable
from profit.paths import Paths
from profit.planning.changes import CHANGE_COLUMNS, FILTERS, Change
from profit.planning.trying import Tried, try_changes

_MART = "marts.scenario_comparison"
_OWN = "own"
_CENT = 0.01
_POOLS = (
    "pool_id",
    "demand_minutes",
    "supply_minutes",
    "shortage_minutes",
    "saved_amount",
    "moved_to_idle_amount",
)
# Levers for everybody, and how far each goes to either side, in percent or percentage points.
_LEVERS = {
    "price": ("multiply", 30.0),
    "volume": ("multiply", 50.0),
    "discount_rate": ("multiply", 100.0),
    "unit_cost": ("multiply", 50.0),
    "retention": ("add", 20.0),
    "new_customers": ("multiply", 100.0),
    "media_spend": ("multiply", 100.0),
    "resource_price": ("multiply", 50.0),
}
# Shares of one; what else is added or set is a number of its own: steps, customers, amounts.
_SHARES = ("retention", "order_channel_mix", "drop_segment", "discount_rate", "customer_terms")


@dataclass(frozen=True)
class Reach:
    """How a change stands on a slider.

    Attributes:
        low: Left end.
        high: Right end.
        start: The governed value; nothing for a change of one's own.
        step: Smallest move.
        unit: Unit of the slider.
    """

    low: float
    high: float
    start: float
    step: float
    unit: str

    def value(self, operation: str, at: float) -> float:
        """The value of the change at a place of the slider.

        Args:
            operation: multiply, add or set.
            at: Place.
        """
        if self.unit == "number":
            return at
        return 1 + at / 100 if operation == "multiply" else at / 100


def reach(lever: str, operation: str, governed: float) -> Reach:
    """The slider of a change.

    Args:
        lever: What is changed.
        operation: multiply, add or set.
        governed: Its value in the rule file.
    """
    if operation == "multiply":
        start = round((governed - 1) * 100, 6)
        edge = max(_LEVERS.get(lever, ("", 100.0))[1], 2 * abs(start))
        return Reach(max(-100.0, -edge), edge, start, 0.5, "%")
    if lever in _SHARES:
        start = round(governed * 100, 6)
        low = 0.0 if operation == "set" else min(-20.0, 2 * start)
        return Reach(low, 100.0 if operation == "set" else max(20.0, 2 * start), start, 0.5, "percentage points")
    edge = max(10.0, 2 * abs(governed))
    return Reach(0.0 if operation == "set" else -edge, edge, governed, 1.0, "number")


def show_sliders() -> None:
    """Show sliders for the changes of a scenario, or for own ones, and what they would bring."""
    st.subheader("What if: try other values")
    warehouse = Paths.from_environment().warehouse
    if not (has("reference.plan_changes") and os.access(warehouse, os.R_OK)):
        st.info(
            f"Sliders plan anew on the build, and {printable(warehouse)} is not at hand here: pages read the published "
            "file alone. Where the build is (PROFIT_WAREHOUSE), the sliders are here; `profit what-if` does the same."
        )
        return
    names = dict(
        rows("select scenario_id, scenario_name from reference.plan_scenarios order by 2").itertuples(index=False)
    )
    picked = st.selectbox(
        "Start from",
        [_OWN, *names],
        format_func=lambda one: names.get(one, "Own changes for everybody"),
        key="start",
        bind="query-params",
    )
    governed = _own() if picked == _OWN else _governed(str(picked))
    with st.form("what_if", border=True):
        places = st.columns(2, gap="large")
        changes = []
        for number, one in enumerate(governed):
            with places[number % 2]:
                change = _slider(one)
            if change is not None:
                changes.append(change)
        is_asked = st.form_submit_button("Plan anew", icon=":material/play_arrow:")
    st.caption("Takes a few seconds, and the build is open meanwhile. Nothing is written or published.")
    # Once asked it stays answered, until the scenario is another.
    if is_asked:
        st.session_state["_asked"] = picked
    if st.session_state.get("_asked") != picked:
        return
    if not changes:
        st.info("Every slider stands at none: nothing would change.")
        return
    try:
        found = warehouse.stat()
        show_tried(_tried(str(warehouse), found.st_ino, found.st_mtime_ns, tuple(changes)))
    except (ProfitError, OSError) as error:
        st.warning(str(error))


@st.cache_data(max_entries=50, show_spinner="Planning anew …")
def _tried(warehouse: str, inode: int, changed_ns: int, changes: tuple[Change, ...]) -> Tried:
    """Remembered until the build is another."""
    return try_changes(Paths.from_environment(), changes)


def _own() -> list[Change]:
    return [
        Change(lever, "what_if", lever, operation, "1" if operation == "multiply" else "0", owner="pages")
        for lever, (operation, _) in _LEVERS.items()
    ]


def _governed(scenario: str) -> list[Change]:
    """Changes of a scenario, and of the one that it starts from."""
    found = rows(
        f"""
        select {", ".join(f"cast({column} as varchar) as {column}" for column in CHANGE_COLUMNS)}
        from reference.plan_changes
        where scenario_id = ? or scenario_id in (
            select base_scenario_id from reference.plan_scenarios where scenario_id = ?
        )
        order by change_id
        """,
        [scenario, scenario],
    )
    kept = found.astype(object).where(found.notna(), None)
    return [Change(**{**one, "scenario_id": "what_if"}) for one in kept.to_dict("records")]


def _slider(change: Change) -> Change | None:
    """The slider of a change, and the change as it stands there; None where it changes nothing."""
    governed = float(change.change_value)
    of = reach(change.lever, change.operation, governed)
    is_own = change.change_id == change.lever
    where = ", ".join(f"{name} = {value}" for name in FILTERS if (value := getattr(change, name)))
    text = label(change.lever) + (f" to {change.to_channel_id}" if change.to_channel_id else "")
    at = st.slider(
        f"{text}, {of.unit}",
        of.low,
        of.high,
        of.start,
        of.step,
        key=f"try_{change.change_id}",
        bind="query-params",
        help=f"{'Set to' if change.operation == 'set' else 'Changed by'} this. "
        + (f"Where {where}. " if where else "For all. ")
        + ("" if is_own else f"The governed value is {of.start:g}; change {change.change_id} of {change.owner}."),
    )
    if at == of.start:
        return None if is_own else change
    value = repr(round(of.value(change.operation, float(at)), 9))
    return Change(**{**{name: getattr(change, name) for name in CHANGE_COLUMNS}, "change_value": value})


def show_tried(tried: Tried) -> None:
    """Show what comes of changes, beside the plan without them."""
    columns = ("line", "line_kind", "base_amount", "scenario_amount", "difference_amount")
    found = pd.DataFrame(tried.lines, columns=list(columns))
    for said in tried.unreached:
        st.warning(said)
    result = next((line for line in tried.lines if line[0] == "operating_result"), None)
    if result is not None:
        names = ("without the changes", "with them", "difference")
        for place, name, amount in zip(st.columns(3), names, result[2:], strict=True):
            place.metric(f"Operating result, {name}", money(amount), border=True)
        _warn_of_another_build(result[2])
    shown = found[(found["scenario_amount"] != 0) | (found["base_amount"] != 0) | (found["line_kind"] == "subtotal")]
    shown = shown.drop(columns="line_kind").astype(dict.fromkeys(columns[2:], float))
    shown["line"] = [label(line) for line in shown["line"]]
    config: dict[str, Any] = {
        name: configured(name, shown[name].dtype.kind, published().column(_MART, name)) for name in shown.columns
    }
    st.dataframe(shown, hide_index=True, column_config=config, key="table_what_if", height="content")
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.caption(f"{tried.first_month} to {tried.last_month}, planned with the SQL of the build; not published.")
    right.download_button(
        "CSV",
        data=found.to_csv(index=False).encode(),
        file_name="what_if.csv",
        mime="text/csv",
        key="csv_what_if",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
    if tried.pools:
        pools = pd.DataFrame(tried.pools, columns=list(_POOLS)).astype(dict.fromkeys(_POOLS[1:], float))
        config = {
            name: configured(name, pools[name].dtype.kind, published().column("marts.capacity_plan", name))
            for name in _POOLS
        }
        st.dataframe(pools, hide_index=True, column_config=config, key="table_what_if_pools", height="content")


def _warn_of_another_build(base: Any) -> None:
    """Say so where the build is another than the one that is published."""
    if not has("marts.budget_forecast"):
        return
    of = row(
        "select sum(amount) as amount from marts.budget_forecast "
        "where scenario_id = 'base' and method = 'activity_based' and line = 'operating_result'"
    )["amount"]
    if of is not None and abs(float(of) - float(base)) >= _CENT:
        st.warning(
            f"The build is not what is published: there the base is {money(of, 2)}, in the build {money(base, 2)}."
        )
