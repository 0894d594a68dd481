"""The script that Streamlit runs, as `clv dashboard` starts it."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import streamlit as st

from app.budgets import told_assumptions
from app.dashboard import (
    page_budget,
    page_customer,
    page_drivers,
    page_experiments,
    page_overview,
    page_risk,
    page_runs,
    page_segments,
)
from app.dashboard.shell import Page, show
from decisions.actions import Assumptions

PAGES: tuple[tuple[str, str, Page], ...] = (
    ("Overview", ":material/dashboard:", page_overview.overview),
    ("Drivers", ":material/tune:", page_drivers.drivers),
    ("Customer", ":material/person:", page_customer.customer),
    ("Segments", ":material/grid_view:", page_segments.segments),
    ("Budget", ":material/savings:", page_budget.budget),
    ("Risk", ":material/casino:", page_risk.risk),
    ("Experiments", ":material/science:", page_experiments.experiments),
    ("Runs", ":material/history:", page_runs.runs),
)


def run(root: str, today: date, assumptions: Assumptions) -> None:
    """Show the page that the reader is on, with links to the others."""
    st.set_page_config(page_title="Customer lifetime value", page_icon=":material/monitoring:", layout="wide")
    pages = [
        st.Page(
            partial(show, page, title, root, today, assumptions),
            title=title,
            icon=icon,
            url_path=title.lower(),
            default=title == PAGES[0][0],
        )
        for title, icon, page in PAGES
    ]
    st.navigation(pages, position="top").run()


def _main() -> None:
    options = ArgumentParser()
    options.add_argument("lake")
    options.add_argument("--today", type=date.fromisoformat)
    options.add_argument("--assumptions", type=Path)
    options.add_argument("--experiment", action="append", default=[])
    options.add_argument("--campaign", action="append", default=[])
    options.add_argument("--uplift")
    told = options.parse_args()
    today = told.today or datetime.now(UTC).date()  # noqa: TID251 - by the reader's day scores are stale
    run(told.lake, today, told_assumptions(told.assumptions, told.experiment, told.campaign, told.uplift))


if __name__ == "__main__":
    _main()
