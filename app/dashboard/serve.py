"""Streamlit with what the pages import already loaded, so that the first visitor does not wait for it."""

import altair as alt
import duckdb
from streamlit.web.cli import main

from decisions import plan_budget

LOADED = (alt, duckdb, plan_budget)
"""The dear ones: over a second together. None needs a running server."""

if __name__ == "__main__":
    main(prog_name="streamlit")
