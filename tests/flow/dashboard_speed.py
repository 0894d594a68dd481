"""How long visitors wait: `python -m tests.flow.dashboard_speed LAKE AS_OF` opens a dashboard and looks at every page.

*First* is a browser's request after a start of the server (which loads its modules before it answers) to a page that is
drawn, one server for each page; *again* is the same page for a second visitor; *slider* is a key on the budget's slider
to the audience that it chooses.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from app.dashboard.main import PAGES
from clv.lake import Lake
from clv.timeline import parse_as_of
from tests.flow.dashboards import DESK, DRAWN, READY, browser, dashboard_of


def opened(chromium, address):
    """Return the seconds until the page is drawn, and the page."""
    page = chromium.new_context(viewport=DESK).new_page()
    begin = perf_counter()
    page.goto(address)
    page.wait_for_selector(READY, timeout=120_000)
    page.wait_for_function(DRAWN, timeout=60_000)
    return perf_counter() - begin, page


def slid(page):
    """Return the seconds from a key on the budget's slider to another audience."""
    heading = page.get_by_text("The audience: ").first
    before = heading.inner_text()
    begin = perf_counter()
    page.get_by_role("slider", name="Budget, €").press("ArrowLeft")
    page.wait_for_function("text => !document.body.innerText.includes(text)", arg=before, timeout=60_000)
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_function(DRAWN, timeout=60_000)
    return perf_counter() - begin


def say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(lake, today):
    say("| page | first, s | again, s | slider, s |\n|---|--:|--:|--:|")
    with browser() as chromium, TemporaryDirectory() as home:
        for place, (title, _, _) in enumerate(PAGES):
            with dashboard_of(lake, today, Path(home) / "log.txt") as address:
                url = f"{address}/{title.lower() if place else ''}"
                first, _ = opened(chromium, url)
                again, page = opened(chromium, url)
                slider = f"{slid(page):.2f}" if title == "Budget" else ""
                say(f"| {title} | {first:.2f} | {again:.2f} | {slider} |")
    say(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    tell(Lake.at(sys.argv[1]), parse_as_of(sys.argv[2]))
