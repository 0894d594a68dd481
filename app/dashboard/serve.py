"""Streamlit with what the pages import already loaded, so that the first visitor does not wait for it."""

import altair as alt
import duckdb
from streamlit.web.cli import main

from app import budgets

LOADED = (alt, duckdb, budgets)
"""The dear ones, seconds together; none needs a running server."""

if __name__ == "__main__":
    main(prog_name="streamlit")
