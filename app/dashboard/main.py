"""The script that Streamlit runs, as `clv dashboard` starts it: `main.py LAKE [TODAY]`."""

import sys
from datetime import UTC, date, datetime
from functools import partial

import streamlit as st

from app.dashboard import page_customer, page_overview
from app.dashboard.shell import Page, show

PAGES: tuple[tuple[str, str, Page], ...] = (
    ("Overview", ":material/dashboard:", page_overview.overview),
    ("Customer", ":material/person:", page_customer.customer),
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
    st.navigation(pages).run()


if __name__ == "__main__":
    told = sys.argv[1:]
    day = date.fromisoformat(told[1]) if len(told) > 1 else datetime.now(UTC).date()  # noqa: TID251 - the reader's day
    run(told[0], day)
