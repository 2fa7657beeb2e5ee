"""What stands around every page: the question, the run, the days, and a look for a newer file."""

from __future__ import annotations

import streamlit as st

from dashboards.common.filters import incomplete_months
from dashboards.common.pages import Page
from dashboards.common.published import State, has, opened, published, row, rows, state_now
from profit.errors import ProfitError
from profit.knowing import Knowledge, read_knowledge

_LOOK_EVERY = "20s"
# What has to be there before it can be said what is not known.
_KNOWN_BY = ("marts.data_coverage", "marts.data_quality", "core.fct_cost_flows", "core.fct_order_lines")


def show_head(page: Page) -> None:
    """Say what the page answers.

    Args:
        page: The page.
    """
    st.title(page.title)
    st.caption(page.answers)
    unfinished = incomplete_months()
    if unfinished and "period" in page.filters:
        st.warning(f"Not everything of {', '.join(unfinished)} is delivered: these months are not complete.")
    if page.is_of_profit and all(has(table) for table in _KNOWN_BY):
        _say_unknown(_known(published().state))
    if page.feeds and has("marts.data_coverage"):
        _say_missing(page)


def _say_unknown(known: Knowledge) -> None:
    """Say which part of cost nobody delivered: profit is before it."""
    gaps = "; ".join(known.gaps())
    if not (known.has_costs_of_goods and known.has_activity_costs):
        st.warning(f"Profit and margins are {known.method}. Not known: {gaps}.")
    elif gaps:
        st.caption(f"Not known: {gaps}.")


@st.cache_data(max_entries=2, show_spinner=False)
def _known(state: State) -> Knowledge:
    with opened(state).cursor() as cursor:
        return read_knowledge(cursor)


def _say_missing(page: Page) -> None:
    """Say which feeds of a page were not delivered."""
    found = rows(
        "select feed from marts.data_coverage where status = 'missing' and feed in (select unnest(?::varchar[])) "
        "order by feed",
        [list(page.feeds)],
    )
    if not found.empty:
        st.info(f"Not delivered: {', '.join(found['feed'])}. What is made of it is empty here, or known in part.")


def show_run() -> None:
    """Say in the sidebar which run is shown; say so where it is another than before."""
    now = published()
    before = st.session_state.get("_run_id")
    if before not in (None, now.run_id):
        st.toast(f"A new file was published: run {now.run_id[:8]} is shown now.", icon=":material/refresh:")
    st.session_state["_run_id"] = now.run_id
    as_of = None
    if has("marts.customer_lifetime_value"):
        as_of = row("select max(as_of) as as_of from marts.customer_lifetime_value")["as_of"]
    with st.sidebar:
        days = f"As of {as_of:%Y-%m-%d} · " if as_of is not None else ""
        st.caption(
            f"{days}run {now.run_id[:8]}, published {now.published_at:%Y-%m-%d %H:%M} UTC. Amounts are in the "
            f"reporting currency; parentheses stand below zero."
        )
        if now.is_partial:
            st.warning("Some tables are older than the newest deliveries: the run was partial.")
        _look_for_newer()


@st.fragment(run_every=_LOOK_EVERY)
def _look_for_newer() -> None:
    try:
        is_new = published().run_id != st.session_state.get("_run_id")
    except ProfitError:
        st.caption("The published file cannot be read at the moment.")
        return
    if is_new:
        st.rerun(scope="app")
    st.caption(f"A newer file is looked for every {_LOOK_EVERY.removesuffix('s')} seconds.", help=state_now().path)
