"""An account of moto's behind a server of this process, which fresh processes reach by its address."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from moto import backends
from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer

from step_functions.laptop.cloud import MOTO, NO_CONFIGURATION, environment
from step_functions.laptop.integrations import RETRY_PACE, integrations
from step_functions.laptop.jobs import Jobs
from step_functions.laptop.jsonata import jsonata_bound
from step_functions.laptop.replaced import replaced
from step_functions.laptop.services import services
from step_functions.rehearsal.processes import FAKE
from step_functions.rehearsal.resource_types import resource_types

HOST = "127.0.0.1"
OF_SERVICES = "AWS_ENDPOINT_URL_"
"""A user's own addresses of single services would win over the server's."""


@contextmanager
def server() -> Iterator[str]:
    """Run moto's server on a free port for the length of a block and yield its address.

    What other tests left in moto is gone before, and what the block made is gone afterwards.
    """
    chatter = logging.getLogger("werkzeug")
    before = chatter.level
    chatter.setLevel(logging.ERROR)
    BackendDict.reset()
    running = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    # moto lists the folder of its own package again for every request.
    known = frozenset(backends.list_of_moto_modules())
    running.start()
    try:
        with replaced(backends, "list_of_moto_modules", lambda: known):
            yield "http://{}:{}".format(*running.get_host_and_port())
    finally:
        running.stop()
        BackendDict.reset()
        chatter.setLevel(before)


@contextmanager
def account(endpoint: str, jobs: Jobs, retry_pace: float = RETRY_PACE) -> Iterator[None]:
    """Point this process at the server and put `jobs` to work in its services for the length of a block."""
    before = {name: dict(default_user_config[name]) for name in MOTO}
    with ExitStack() as stack:
        stack.callback(default_user_config.update, before)
        default_user_config.update(MOTO)
        stack.enter_context(environment(_variables(endpoint)))
        stack.enter_context(jsonata_bound())
        stack.enter_context(integrations(retry_pace))
        stack.enter_context(resource_types())
        stack.enter_context(services(jobs))
        yield


def _variables(endpoint: str) -> dict[str, str | None]:
    """Return what leads the SDKs of this process to the server and nowhere else."""
    own = [name for name in os.environ if name.startswith(OF_SERVICES)]  # noqa: TID251 - to be switched off
    return {
        **NO_CONFIGURATION,
        **dict.fromkeys(own),
        **FAKE,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": None,
        "AWS_ENDPOINT_URL": endpoint,
        "MOTO_PORT": endpoint.rsplit(":", 1)[1],
    }
