"""A machine's definition, parsed once: moto parses it to check it and again for every execution.

To parse the weekly machine takes some .3 s, to build the program of an execution out of the parsed .05.
"""

from contextlib import AbstractContextManager
from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from step_functions.laptop.replaced import replaced

_parse_of_moto = AmazonStateLanguageParser.parse


def parsed_once() -> AbstractContextManager[None]:
    """Let moto parse equal definitions once for the length of a block; each execution's program is its own."""
    trees: dict[str, Any] = {}

    def parse(definition: str) -> tuple[Any, Any]:
        if definition in trees:
            return Preprocessor().visit(trees[definition]), trees[definition]
        program, trees[definition] = _parse_of_moto(definition)
        return program, trees[definition]

    return replaced(AmazonStateLanguageParser, "parse", staticmethod(parse))
