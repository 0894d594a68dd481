"""The state machine's file as tests read it: its states, its expressions, and what these say of a sample."""

import json
import re
from pathlib import Path

from jsonata.jsonata import Jsonata

FILE = Path(__file__).parents[2] / "step_functions" / "weekly.asl.json"
SUBSTITUTED = re.compile(r"\$\{(\w+)\}")

LITERALS = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
NAMES = re.compile(LITERALS + r"|\$([A-Za-z_]\w*)(\s*\()?")
"""A quoted text, or a name with a bracket after it where it is a function's."""


def load():
    return json.loads(FILE.read_text(encoding="utf-8"))


def machines(machine, outer=()):
    """Yield each machine of the file (the whole, then its branches) with the variables known outside it."""
    yield machine, frozenset(outer)
    known = {*outer, *assigned(machine)}
    for state in machine["States"].values():
        for branch in state.get("Branches", []):
            yield from machines(branch, known)


def states(machine):
    """Return every state by name, those of branches too."""
    return {name: state for inner, _ in machines(machine) for name, state in inner["States"].items()}


def assigned(machine):
    """Return the variables that a machine's own states set, without those of its branches."""
    setters = [
        setter
        for state in machine["States"].values()
        for setter in (state, *state.get("Catch", []), *state.get("Choices", []))
    ]
    return {name for setter in setters for name in setter.get("Assign", {})}


def follow(state):
    """Return the names of the states that may come after one."""
    after = [state.get("Next"), state.get("Default")]
    after += [edge["Next"] for edge in (*state.get("Choices", []), *state.get("Catch", []))]
    return {name for name in after if name}


def expressions(value, path=""):
    """Yield path and text of each JSONata expression below a value, branches left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "Branches":
                yield from expressions(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from expressions(inner, f"{path}[{number}]")
    elif isinstance(value, str) and value.startswith("{%"):
        yield path, value.removeprefix("{%").removesuffix("%}").strip()


def variables(expression):
    """Return the variables that an expression reads."""
    found = ((match[1], match[2]) for match in NAMES.finditer(expression))
    return {name for name, call in found if name and not call}


def substitute(value, names):
    """Return a value with its `${Names}` filled in."""
    return json.loads(SUBSTITUTED.sub(lambda match: names[match[1]], json.dumps(value)))


def evaluate(value, bindings):
    """Return a value with its expressions evaluated; an undefined one is an error, as on AWS."""
    if isinstance(value, dict):
        return {key: evaluate(inner, bindings) for key, inner in value.items()}
    if isinstance(value, list):
        return [evaluate(inner, bindings) for inner in value]
    if not (isinstance(value, str) and value.startswith("{%")):
        return value
    [(_, text)] = expressions(value)
    found = Jsonata(text).evaluate(None, dict(bindings))
    if found is None:
        raise ValueError(f"{text}: undefined")
    return json.loads(json.dumps(found))
