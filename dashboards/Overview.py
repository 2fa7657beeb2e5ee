"""Entry of the pages: navigation, filters, and what the numbers are of."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import streamlit as st

sys.path[:0] = [root for root in [str(Path(__file__).resolve().parent.parent)] if root not in sys.path]

from dashboards.common.frame import show_head, show_run
from dashboards.common.filters import show_filters
from dashboards.common.pages import PAGES
from dashboards.common.published import published
from profit.errors import ProfitError

st.set_page_config(
    page_title="Customer profitability", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide"
)

pages = {
    page.name: st.Page(
        f"views/{page.name}.py",
        title=page.title,
        icon=page.icon,
        url_path=page.name,
        default=page.name == "overview",
    )
    for page in PAGES
}
chosen = st.navigation(list(pages.values()))
page = next(page for page in PAGES if pages[page.name] == chosen)
# The usual margins leave a third of a small screen empty.
st.html(
    "<style>.stMainBlockContainer {padding: 2.5rem 2rem 3rem 2rem} [data-testid=stSidebarHeader] {height: 2rem}</style>"
)
try:
    published()
    show_filters(page)
    show_run()
    show_head(page)
    chosen.run()
except ProfitError as error:
    st.error(str(error))
except (duckdb.CatalogException, duckdb.BinderException) as error:
    st.error(
        f"The published file is of another version than these pages: {str(error).splitlines()[0]} "
        "`profit run` publishes it anew."
    )
