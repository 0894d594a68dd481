import asyncio
import socket

import pytest

from app.dashboard import serve
from app.dashboard.kept_files import ROOT, KeptFiles


def asked(path, method="GET"):
    """Return what is sent for a path; the app behind sends nothing but its name."""
    sent = []

    async def send(message):
        sent.append(message)

    async def app(scope, receive, send):
        await send("the app")

    asyncio.run(KeptFiles(app)({"type": "http", "method": method, "path": path}, None, send))
    return sent


def test_scripts_are_answered_as_they_lie_on_the_disk_and_may_be_kept_for_ever():
    file = next((ROOT / "static" / "js").glob("index.*.js"))
    start, body = asked(f"/static/js/{file.name}")
    headers = dict(start["headers"])
    assert (start["status"], body["body"]) == (200, file.read_bytes())
    assert b"javascript" in headers[b"content-type"]
    assert b"immutable" in headers[b"cache-control"]


@pytest.mark.parametrize("path", ["/", "/index.html", "/static/js/none.js", "/static/../index.html"])
def test_anything_else_is_the_apps(path):
    assert asked(path) == ["the app"]


def test_answers_are_sent_at_once_and_a_port_in_use_is_named():
    with serve.listening_at("localhost", 0) as found:
        assert found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        port = found.getsockname()[1]
        with pytest.raises(SystemExit, match=f"localhost:{port} cannot be listened on"):
            serve.listening_at("localhost", port)
