"""The script that Streamlit runs, as `clv dashboard` starts it: `main.py LAKE [TODAY]`."""

import sys
from datetime import UTC, date, datetime
from functools import partial

import streamlit as st

from app.dashboard import (
    page_customer,
    page_drivers,
    page_experiments,
    page_overview,
    page_runs,
    page_segments,
)
from app.dashboard.shell import Page, show

PAGES: tuple[tuple[str, str, Page], ...] = (
    ("Overview", ":material/dashboard:", page_overview.overview),
    ("Drivers", ":material/tune:", page_drivers.drivers),
    ("Customer", ":material/person:", page_customer.customer),
    ("Segments", ":material/grid_view:", page_segments.segments),
    ("Experiments", ":material/science:", page_experiments.experiments),
    ("Runs", ":material/history:", page_runs.runs),
)


def run(root: str, today: date) -> None:
    """Show the page that the reader is on, with links to the others."""
    st.set_page_config(page_title="Customer lifetime value", page_icon=":material/monitoring:", layout="wide")
    pages = [
        st.Page(
            partial(show, page, title, root, today),
            title=title,
            icon=icon,
            url_path=title.lower(),
            default=title == PAGES[0][0],
        )
        for title, icon, page in PAGES
    ]
    st.navigation(pages, position="top").run()


if __name__ == "__main__":
    told = sys.argv[1:]
    day = date.fromisoformat(told[1]) if len(told) > 1 else datetime.now(UTC).date()  # noqa: TID251 - the reader's day
    run(told[0], day)
