"""How long pages take on what is published: the first view, the same view again, and a filter.

    python benchmarks/dashboard.py [--times 3]

Times are those of the server, its programs loaded: queries, and the script of the page. What the browser needs to draw
it is measured by `python -m dashboards.pictures`, with the time to load its programs once.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dashboards.common.pages import PAGES  # noqa: E402

_ENTRY = str(ROOT / "dashboards" / "Overview.py")


def measured(page: str) -> tuple[float, float, float]:
    """Seconds of the first view in a process that has read nothing, of a second view, and of the slowest filter."""
    # Imported in the process that is measured, with what draws.
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    import dashboards.common.parts  # noqa: F401, PLC0415

    app = AppTest.from_file(_ENTRY, default_timeout=600)
    if page != "overview":
        app.run()
        app.switch_page(f"views/{page}.py")
    begun = time.perf_counter()
    app.run()
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    app.run()
    again = time.perf_counter() - begun
    filters = [0.0]
    for name in next(one.filters for one in PAGES if one.name == page):
        if name == "period":
            months = app.select_slider(key="period").options
            app.select_slider(key="period").set_value((months[0], months[len(months) // 2]))
        else:
            choice = app.multiselect(key=name)
            if choice.disabled:
                continue
            choice.set_value(choice.options[:1])
        begun = time.perf_counter()
        app.run()
        filters.append(time.perf_counter() - begun)
        if app.exception or app.error:
            raise RuntimeError(f"{page} with {name}: {app.exception or app.error}")
    return first, again, max(filters)


def main() -> None:
    """Print a line a page: medians over fresh processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--page", help="measure one page in this process")
    given = parser.parse_args()
    if given.page:
        print(*measured(given.page))
        return
    print("page        first view  again  slowest filter, seconds")
    for page in PAGES:
        runs = []
        for _ in range(given.times):
            command = [sys.executable, __file__, "--page", page.name]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
            runs.append([float(value) for value in printed.split()])
        first, again, slowest = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"{page.name:10}  {first:10.2f}  {again:5.2f}  {slowest:14.2f}")


if __name__ == "__main__":
    main()
