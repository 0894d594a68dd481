"""A visitor who opens every page and looks at none, so that what pages keep is there before people come."""

import asyncio
from collections.abc import Iterable

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import get_instance
from streamlit.runtime.session_manager import SessionClient

LONGEST_SECONDS = 60
"""People wait no longer than this for an answer; pages left over are computed when they are opened."""


class _Nobody(SessionClient):
    """Stands where a browser's connection does."""

    def __init__(self) -> None:
        self.has_seen_all = asyncio.Event()

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        if msg.WhichOneof("type") == "script_finished":
            self.has_seen_all.set()


async def visit(paths: Iterable[str]) -> None:
    """Open pages by their addresses, one after the other, in a server that runs."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            for path in paths:
                await _open(path)
    except TimeoutError:
        return


async def _open(path: str) -> None:
    server, nobody = get_instance(), _Nobody()
    session = server.connect_session(nobody, user_info={})
    try:
        server.handle_backmsg(session, BackMsg(rerun_script=ClientState(page_name=path)))
        await nobody.has_seen_all.wait()
    finally:
        server.close_session(session)
