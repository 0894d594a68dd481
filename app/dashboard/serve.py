"""Streamlit with what the pages import already loaded, so that the first visitor does not wait for it."""

from streamlit.web.cli import main as streamlit

from app.dashboard import main

LOADED = (main,)
"""Seconds together; nothing of it needs a running server."""

if __name__ == "__main__":
    streamlit(prog_name="streamlit")
