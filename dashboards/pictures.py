"""Opens every page in a real browser: pictures, messages of the console, seconds until it stands."""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from dashboards.common.pages import PAGES

ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 60
# Higher than any page, so that nothing waits to be scrolled to.
_HEIGHT = 3600
# Streamlit says by this attribute of the app whether its script is running; a page stands when it does not.
_STANDS = """
    const app = document.querySelector('[data-testid="stApp"]');
    return !!app && app.getAttribute('data-test-script-state') === 'notRunning'
        && !!document.querySelector('h1') && document.querySelector('h1').innerText === arguments[0]
        && ![...document.querySelectorAll('[data-testid="stSkeleton"], [data-stale="true"]')]
            .some(one => one.offsetParent);
"""
# Height of the page, and how much is drawn on it.
_DRAWN = """
    const parts = ['stMainBlockContainer', 'stSidebarUserContent']
        .flatMap(name => [...document.querySelectorAll(`[data-testid="${name}"]`)])
        .map(one => Math.ceil(one.getBoundingClientRect().bottom));
    return [Math.max(300, ...parts), document.querySelectorAll('svg *').length,
        document.querySelectorAll('canvas').length, window.innerWidth];
"""


@dataclass
class Seen:
    """A page as the browser saw it.

    Attributes:
        name: Its address.
        seconds: Until it stood.
        errors: What the console said of errors.
        text: What stands on it.
    """

    name: str
    seconds: float
    errors: list[str] = field(default_factory=list)
    text: str = ""


def browser_programs() -> tuple[str, str] | None:
    """Chromium and its driver; None where one is not installed."""
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


@contextmanager
def served(environment: dict[str, str] | None = None) -> Iterator[str]:
    """The pages on a free port of this machine; yields their address.

    Args:
        environment: Variables on top of those of this process.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboards/Overview.py", "--server.port", str(port)]
    command += ["--server.headless", "true"]
    process = subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL
    )
    address = f"http://localhost:{port}"
    try:
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end and process.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError(f"The pages did not start in {_SECONDS} seconds.")
        yield address
    finally:
        process.terminate()
        process.wait()


@contextmanager
def opened(width: int) -> Iterator[webdriver.Chrome]:
    """A browser without a screen that reaches nothing but this machine.

    Args:
        width: Width of its window.
    """
    programs = browser_programs()
    if programs is None:
        raise RuntimeError("Chromium and its driver are needed (Debian: chromium, chromium-driver).")
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={width},{_HEIGHT}")
    # Whatever is asked of another machine fails, and stands in the console.
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(programs[1]))
    try:
        yield browser
    finally:
        browser.quit()


def look(browser: webdriver.Chrome, address: str, name: str, title: str) -> Seen:
    """Open a page and wait until it stands: by the navigation where it is there, so that no program is loaded anew.

    Args:
        browser: From `opened`.
        address: From `served`.
        name: Address of the page, with what follows a question mark.
        title: Its headline.
    """
    links = browser.find_elements(By.CSS_SELECTOR, f'[data-testid="stSidebarNav"] a[href$="/{name}"]')
    begun = time.monotonic()
    if links:
        links[0].click()
    else:
        browser.get(f"{address}/{name}")
    WebDriverWait(browser, _SECONDS, 0.05).until(
        lambda seen: seen.execute_script(_STANDS, title), f"{name or 'overview'} does not stand"
    )
    seconds = time.monotonic() - begun
    _settle(browser)
    text = browser.find_element(By.TAG_NAME, "body").text
    errors = [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    return Seen(name or "overview", seconds, errors, text)


def picture(browser: webdriver.Chrome, file: Path, width: int, height: int | None = None) -> None:
    """Take a picture of the page that stands.

    Args:
        browser: From `opened`.
        file: Picture to write.
        width: Width of the window.
        height: Pixels of the picture from the top; None for all of the page.
    """
    if browser.get_window_size()["width"] != width:
        browser.set_window_size(width, _HEIGHT)
        _settle(browser)
    clip = {"x": 0, "y": 0, "width": width, "height": height or browser.execute_script(_DRAWN)[0], "scale": 1}
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
    file.write_bytes(base64.b64decode(taken["data"]))


def _settle(browser: webdriver.Chrome) -> None:
    """Wait until nothing is drawn any more: three looks in a row see the same."""
    end, seen = time.monotonic() + _SECONDS, [None, None, browser.execute_script(_DRAWN)]
    while time.monotonic() < end and not seen[0] == seen[1] == seen[2]:
        time.sleep(0.12)
        seen = [*seen[1:], browser.execute_script(_DRAWN)]


def look_at_all(
    browser: webdriver.Chrome,
    address: str,
    folder: Path,
    *,
    widths: Sequence[int],
    only: Sequence[str] = (),
    height: int | None = None,
) -> list[Seen]:
    """Open every page, with a picture at every width.

    Args:
        browser: From `opened`.
        address: From `served`.
        folder: Where pictures go.
        widths: Widths of windows.
        only: Pages, with what follows a question mark; none of them for all.
        height: Pixels of the pictures; None for the whole page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    titles = {page.name: page.title for page in PAGES}
    seen = []
    for number, name in enumerate(only or [page.name for page in PAGES]):
        of, _, view = name.partition("?")
        # The first page has no address of its own.
        place = ("" if of == "overview" else of) + (f"?{view}" if view else "")
        seen.append(look(browser, address, place, titles[of]))
        # Widths there and back, so that the window changes once a page.
        for width in widths if number % 2 == 0 else reversed(widths):
            picture(browser, folder / f"{of}{'-view' if view else ''}-{width}.png", width, height)
    return seen


def main() -> None:
    """Take pictures of pages of what is published."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--width", type=int, action="append")
    parser.add_argument("--page", action="append", default=[])
    parser.add_argument("--height", type=int, help="Pixels from the top; by default all of the page.")
    given = parser.parse_args()
    widths = given.width or [1280, 1920]
    with served() as address, opened(widths[0]) as browser:
        for seen in look_at_all(browser, address, given.folder, widths=widths, only=given.page, height=given.height):
            print(f"{seen.name}: {seen.seconds:.2f} s", *seen.errors)


if __name__ == "__main__":
    main()
