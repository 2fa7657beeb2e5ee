"""Pages in a real browser: no error in its console, nothing asked of another machine, the numbers of the marts."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, quote, urlparse

import duckdb
import pytest
from conftest import Company

pytest.importorskip("streamlit", reason="the extra `dashboard` is not installed: make dashboard")
pytest.importorskip("selenium", reason="the extra `dashboard` is not installed: make dashboard")
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from dashboards.common.formats import money
from dashboards.common.pages import PAGES
from dashboards.pictures import browser_programs, look, look_at_all, opened, served
from profit.paths import PROJECT_ROOT

# Kept by continuous integration.
_PICTURES = Path(os.environ.get("PROFIT_PICTURES", PROJECT_ROOT / "target" / "pictures"))
# Streamlit asks every address whether its server is below it when a page other than the first is opened directly.
_PROBES = ("_stcore/health", "_stcore/host-config")

pytestmark = pytest.mark.skipif(
    browser_programs() is None, reason="Chromium and its driver are not installed (Debian: chromium, chromium-driver)"
)


def test_every_page_opens_without_an_error(demo: Company) -> None:
    with duckdb.connect(str(demo.paths.published), read_only=True) as connection:
        ((name, revenue),) = connection.execute(
            """
            with months as (
                select distinct month from marts.segment_kpis where is_complete_month order by month desc limit 12
            ),

            largest as (
                select segment_id from marts.customer_profitability where segment_id <> 'none'
                group by segment_id order by count(*) desc, segment_id limit 1
            ),

            customers as (
                select customer_id, segment_id from marts.customer_profitability
                where segment_id in (select segment_id from largest)
            )

            select segments.segment_name, sum(monthly.net_revenue_amount)
            from marts.customer_profitability_monthly as monthly
            inner join customers on monthly.customer_id = customers.customer_id
            inner join reference.segments as segments on customers.segment_id = segments.segment_id
            where monthly.month in (select month from months)
            group by all
            """
        ).fetchall()
    with served(demo.environment) as address, opened(1280) as browser:
        seen = look_at_all(browser, address, _PICTURES, widths=[1280, 1920])
        assert [page.name for page in seen] == [page.name for page in PAGES]
        for page in seen:
            assert not page.errors, f"{page.name}: {page.errors}"
            assert "run " in page.text, f"{page.name} does not say its run"
            assert "encountered an error" not in page.text, page.name
        browser.get("about:blank")
        view = look(browser, address, f"costs?segment={quote(name)}", "Costs")
        assert not [error for error in view.errors if not any(probe in error for probe in _PROBES)]
        assert name in view.text
        # The filter stays when the page is changed, and stands in the address.
        overview = look(browser, address, "", "Overview")
        assert money(revenue) in overview.text
        assert parse_qs(urlparse(browser.current_url).query) == {"segment": [name]}
        # A click on a mark chooses it, in the address too.
        for page, title, mark, key in (
            ("", "Overview", ".st-key-chart_bridge .points path", "part"),
            ("costs", "Costs", ".st-key-chart_sankey .node-rect", "node"),
        ):
            look(browser, address, page, title)
            _click(browser, mark)
            assert WebDriverWait(browser, 30).until(lambda seen, key=key: f"{key}=" in seen.current_url)
        assert not [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]


def _click(browser: WebDriver, selector: str) -> None:
    """Click the middle of the leftmost mark of a chart: of the flows the largest account."""
    box = browser.execute_script(
        "const boxes = [...document.querySelectorAll(arguments[0])].map(one => one.getBoundingClientRect());"
        "const box = boxes.sort((one, other) => one.x - other.x)[0];"
        "return [box.x + box.width / 2, box.y + box.height / 2]",
        selector,
    )
    actions = ActionChains(browser)
    pointer = actions.w3c_actions.pointer_action
    pointer.move_to_location(*map(int, box))
    pointer.pause(0.3)
    pointer.click()
    actions.perform()
