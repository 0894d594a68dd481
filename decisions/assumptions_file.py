"""Reads what a plan takes on trust from JSON: an object of the fields of `Assumptions`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from clv.errors import UserError
from decisions.actions import Assumptions

Made = TypeVar("Made")
HINT = "docs/decisions.md has an example"


def read_assumptions(text: str, source: str) -> Assumptions:
    """Return the assumptions of a JSON text.

    source : what the text came from, as its writer calls it

    Raises
    ------
    UserError
        Where the text is no JSON object, a name is unknown or missing, or a value is of the wrong kind or
        impossible; it names the place, such as `actions.0.cost_eur`.
    """
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{source}: no JSON ({error}); {HINT}") from None
    try:
        return _made(Assumptions, told, "")
    except UserError as error:
        raise UserError(f"{source}: {error}; {HINT}") from None


def _made(kind: type[Made], told: Any, where: str) -> Made:
    """Return a dataclass of a JSON object."""
    if not isinstance(told, Mapping):
        raise UserError(f"{where or 'the text'}: {_short(told)} is no object")
    known: dict[str, Field[Any]] = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(told) - set(known))
    if unknown:
        raise UserError(f"{_at(where, unknown[0])}: unknown; known are {', '.join(known)}")
    missing = [name for name, field in known.items() if name not in told and _is_required(field)]
    if missing:
        raise UserError(f"{_at(where, missing[0])}: missing")
    kinds = get_type_hints(kind)
    return kind(**{name: _value(kinds[name], value, _at(where, name)) for name, value in told.items()})


def _value(kind: Any, told: Any, where: str) -> Any:
    """Return a JSON value as a field of a dataclass holds it."""
    origin, of = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return None if told is None else _value(next(one for one in of if one is not NoneType), told, where)
    if origin is Literal:
        return _checked(told in of, told, where, f"one of {', '.join(map(str, of))}")
    if origin is tuple:
        _checked(isinstance(told, list), told, where, "a list")
        return tuple(_value(of[0], one, _at(where, str(place))) for place, one in enumerate(told))
    if is_dataclass(kind):
        return _made(kind, told, where)  # type: ignore[arg-type]
    what, fits = _PLAIN[kind]
    found = _checked(fits(told), told, where, what)
    return float(found) if kind is float else found


def _checked(fits: bool, told: Any, where: str, what: str) -> Any:
    if not fits:
        raise UserError(f"{where}: {_short(told)} is not {what}")
    return told


def _is_whole(told: Any) -> bool:
    return isinstance(told, int) and not isinstance(told, bool)


def _is_number(told: Any) -> bool:
    return isinstance(told, float) or _is_whole(told)


def _is_text(told: Any) -> bool:
    return isinstance(told, str)


_PLAIN: Mapping[type, tuple[str, Callable[[Any], bool]]] = {
    float: ("a number", _is_number),
    int: ("a whole number", _is_whole),
    str: ("a text", _is_text),
}


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _short(told: Any) -> str:
    return json.dumps(told)[:40]
