"""How long visitors wait: `python -m tests.flow.dashboard_speed LAKE AS_OF` opens a dashboard and looks at every page.

*First* is a browser's request after a start of the server (which opens every page itself before it answers), one server
for each page; *again* is the same page for a second visitor, whose browser is empty too; *slider* is a key on the
budget's slider to the audience that it chooses. Of each, *figures*: the title and the first figures or the sentence in
their place are there; *drawn*: the script has ended and every chart is drawn. The browser's window was open before: its
own start takes two processor seconds, which are nobody's wait for a page.
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

WINDOW_MS = 4_000
"""In which a new window comes to rest."""

FIGURES = """() => document.querySelector('h1')
    && document.querySelector('[data-testid=stMain] :is(h3, h5, [data-testid=stAlert])')"""
"""Tiles are h3, what a chart says is h5."""


def opened(chromium, address):
    """Return the seconds until figures are there and until the page is drawn, and the page."""
    page = chromium.new_context(viewport=DESK).new_page()
    page.wait_for_timeout(WINDOW_MS)
    begin = perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(FIGURES, timeout=120_000)
    figures = perf_counter() - begin
    drawn(page)
    return f"{figures:.2f} | {perf_counter() - begin:.2f}", page


def drawn(page):
    page.wait_for_selector(READY, timeout=120_000)
    page.wait_for_function(DRAWN, timeout=60_000)


def slid(page):
    """Return the seconds from a key on the budget's slider to another audience, and to the drawn page."""
    heading = page.get_by_text("The audience: ").first
    before = heading.inner_text()
    begin = perf_counter()
    page.get_by_role("slider", name="Budget, €").press("ArrowLeft")
    page.wait_for_function("text => !document.body.innerText.includes(text)", arg=before, timeout=60_000)
    figures = perf_counter() - begin
    drawn(page)
    return f"{figures:.2f} | {perf_counter() - begin:.2f}"


def say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(lake, today):
    say(
        "| page | first: figures, s | drawn, s | again: figures, s | drawn, s | slider: figures, s | drawn, s |"
    )
    say("|---|--:|--:|--:|--:|--:|--:|")
    starts = []
    with browser() as chromium, TemporaryDirectory() as home:
        for place, (title, _, _) in enumerate(PAGES):
            begin = perf_counter()
            with dashboard_of(lake, today, Path(home) / "log.txt") as address:
                starts.append(perf_counter() - begin)
                url = f"{address}/{title.lower() if place else ''}"
                first, _ = opened(chromium, url)
                again, page = opened(chromium, url)
                slider = slid(page) if title == "Budget" else "|"
                say(f"| {title} | {first} | {again} | {slider} |")
    say(f"from the command to an answer: {min(starts):.1f} to {max(starts):.1f} s")
    say(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    tell(Lake.at(sys.argv[1]), parse_as_of(sys.argv[2]))
