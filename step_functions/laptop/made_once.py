"""What moto makes anew for every execution and state, made once: parsed definitions, and boto3's clients.

To parse the weekly machine takes some .3 s, to build the program of an execution out of the parsed .05; a
client takes .01 to .02 s, and each state asks for one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils import boto_client

from step_functions.laptop.replaced import replaced

_parse_of_moto = AmazonStateLanguageParser.parse


@contextmanager
def made_once() -> Iterator[None]:
    """Let moto's interpreter parse equal definitions, and make a service's client, once within a block.

    Each execution's program is its own.
    """
    clients = SimpleNamespace(client=_clients())
    with (
        replaced(AmazonStateLanguageParser, "parse", staticmethod(_parser())),
        replaced(boto_client, "boto3", clients),
    ):
        yield


def _parser() -> Callable[[str], tuple[Any, Any]]:
    trees: dict[str, Any] = {}

    def parse(definition: str) -> tuple[Any, Any]:
        if definition in trees:
            return Preprocessor().visit(trees[definition]), trees[definition]
        program, trees[definition] = _parse_of_moto(definition)
        return program, trees[definition]

    return parse


def _clients() -> Callable[..., Any]:
    made: dict[tuple[str, str], Any] = {}

    def client(*, service_name: str, region_name: str, **others: Any) -> Any:
        """Return the client of a service; `others` are the same in every call of moto's."""
        key = service_name, region_name
        if key not in made:
            made[key] = boto3.client(service_name=service_name, region_name=region_name, **others)
        return made[key]

    return client
