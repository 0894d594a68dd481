"""Streamlit's scripts, styles and fonts from memory: one visit asks for a hundred of them."""

from functools import cache
from mimetypes import guess_type
from pathlib import Path

import streamlit as st
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = Path(st.__file__).parent / "static"
FOREVER = {"Cache-Control": "public, immutable, max-age=31536000"}
"""As Streamlit says of them: their names change with their content."""


class KeptFiles:
    """Answers for files below `static/`, each read once when it is first asked for; the rest is the app's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.known = {f"/{file.relative_to(ROOT).as_posix()}" for file in ROOT.glob("static/**/*.*")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_kept = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in self.known
        await (_answer(scope["path"]) if is_kept else self.app)(scope, receive, send)


@cache
def _answer(path: str) -> Response:
    return Response((ROOT / path[1:]).read_bytes(), media_type=guess_type(path)[0], headers=FOREVER)
