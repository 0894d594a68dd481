"""Streamlit's server, which answers once every page was opened: the first visitor finds what pages keep.

Its socket is our own: on one that Streamlit opens, an answer in two parts waits for an acknowledgement, up to
40 ms (Nagle's algorithm), and a page is a hundred files.
"""

import gc
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import altair as alt
import duckdb
import streamlit as st
import uvicorn
from altair.utils import schemapi
from starlette.middleware import Middleware
from streamlit.web.bootstrap import load_config_options

from app import budgets
from app.dashboard.first_visit import visit
from app.dashboard.kept_files import KeptFiles

LOADED = (alt, duckdb, budgets)
"""The dear ones, seconds together; none needs a running server."""

SCRIPT = Path(__file__).with_name("main.py")
SETTINGS = {
    "server.headless": True,  # asks for no e-mail address, opens no browser on a server
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "type",
    "theme.light.primaryColor": "#0072B2",  # light or dark is the reader's choice
    "theme.dark.primaryColor": "#56B4E9",
}


@asynccontextmanager
async def _ready(_: st.App) -> AsyncIterator[None]:
    """Open every page. What is in memory then stays: the collection after each run of a page passes it by."""
    from app.dashboard.main import PAGES  # noqa: PLC0415 - pages warn where no server runs

    gc.freeze()
    await visit(title.lower() if place else "" for place, (title, _, _) in enumerate(PAGES))
    gc.collect()
    gc.freeze()
    yield


def listening_at(host: str, port: int) -> socket.socket:
    """Return a socket on which whoever comes before the pages are ready waits for them."""
    try:
        found = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        sys.exit(f"{host}:{port} cannot be listened on: {error.strerror}; --port chooses another")
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def main(host: str, port: int) -> None:
    """Answer at an address until the process is stopped."""
    listening = listening_at(host, port)
    load_config_options({**SETTINGS, "server.address": host, "server.port": port})
    schemapi.disable_debug_mode()  # a chart is checked once, as a whole, and not at each of its parts
    app = st.App(SCRIPT, lifespan=_ready, middleware=[Middleware(KeptFiles)])
    settings = uvicorn.Config(app, ws="websockets-sansio", ws_per_message_deflate=False, log_level="warning")
    with suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listening])


if __name__ == "__main__":
    address, number = sys.argv[1:3]
    del sys.argv[1:3]  # the script reads the rest
    main(address, int(number))
