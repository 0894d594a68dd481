"""Does a table keep its contract: as a whole (an error) and row by row (a reason for each bad row)."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from string import whitespace

import ibis
import ibis.expr.types as ir

from clv.errors import UserError
from clv.schema import Column, Table, Type

MAX_AMOUNT = 1e12
"""Above this an amount is an input error, and its cents would leave the range in which float64 is exact."""

_WHOLE = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32")
_FRACTIONS = ("Float32", "Float64", "Decimal")
_ACCEPTED: dict[Type, tuple[str, ...]] = {
    "string": (*_WHOLE, "String"),
    "int64": (*_WHOLE, *_FRACTIONS, "String"),
    "int32": ("Int32",),
    "float64": (*_WHOLE, *_FRACTIONS, "String"),
    "money": (*_WHOLE, *_FRACTIONS, "String"),
    "boolean": ("Boolean", "String"),
    "timestamp": ("Timestamp", "Date", "String"),
    "date": ("Date", "Timestamp", "String"),
}
_WORDS: dict[Type, str] = {
    "int64": "a whole number",
    "int32": "a whole number",
    "float64": "a number",
    "money": "an amount",
    "boolean": "true or false",
    "timestamp": "a time in UTC",
    "date": "a date",
}

_NUMBER = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"
_TIME = (
    "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    "([ T]([01]?[0-9]|2[0-3]):[0-9]{1,2}(:[0-9]{1,2}([.][0-9]+)?)?(Z|[+]00(:?00)?)?)?$"
)
_SHAPES: dict[Type, str] = {
    "int64": _NUMBER, "float64": _NUMBER, "money": _NUMBER, "timestamp": _TIME, "date": _TIME,
}  # fmt: skip
"""How text must look: beyond these shapes engines read differently (1.5d, 2024, 12:30, infinity), and DuckDB
drops an offset such as +02:00 without a word."""


def check_columns(table: Table, found: ir.Table, where: str) -> None:
    """Raise UserError where a required column is missing or a column cannot hold what the contract says.

    A column without a single value fits whatever its type: that is how an empty one is often written.
    """
    schema = found.schema()
    for column in table.columns:
        if column.name not in schema:
            if column.required:
                names = ", ".join(schema.names)
                raise UserError(f"{where}: column {column.name} expected ({column.type}), found only {names}")
            continue
        if not _fits(column, found) and found.filter(found[column.name].notnull()).limit(1).count().execute():
            kind = type(schema[column.name]).__name__.lower()
            raise UserError(f"{where}: column {column.name} expected {column.type}, found {kind}")


def typed(table: Table, found: ir.Table) -> dict[str, ir.Value]:
    """Return the contract's columns as typed expressions over `found`, for a select.

    What cannot be read as its type becomes null. Money stays a float amount; blank strings are null;
    columns not delivered are null.
    """
    return {column.name: _cast(column, found) for column in table.columns}


def as_found(table: Table, found: ir.Table) -> list[str]:
    """Return the columns whose values may be lost when read as the type of the contract."""
    return [c.name for c in table.columns if c.name in found.columns and _may_be_lost(c, found)]


def unreadable(table: Table, found: ir.Table) -> Iterator[tuple[str, ir.BooleanValue]]:
    """Yield (reason, predicate over the raw table) for values that are there but not of their type."""
    for name in as_found(table, found):
        column, value = table.column(name), found[name]
        there = ~blank(value) if value.type().is_string() else ~_null(value)
        yield f"{name} is not {_WORDS[column.type]}", there & _cast(column, found).isnull()


def broken(table: Table, rows: ir.Table) -> Iterator[tuple[str, ir.BooleanValue]]:
    """Yield (reason, predicate over the typed table) for every rule of the columns."""
    for column in table.columns:
        value = rows[column.name]
        if not column.nullable:
            yield f"{column.name} is missing", _null(value)
        if column.type == "money" or (column.type == "int64" and column.at_least is not None):
            yield f"{column.name} out of range", ~within(value, -MAX_AMOUNT, MAX_AMOUNT)
        if column.at_least == 0:
            yield f"negative {column.name}", value < 0
        if column.values:
            yield f"unknown {column.name}", value.notin(column.values)


def check_written(table: Table, written: ir.Table) -> None:
    """Raise TypeError where a table we wrote differs from its declaration in columns, order or types."""
    wanted = {column.name: column.type for column in table.columns}
    found = {name: type(kind).__name__.lower() for name, kind in written.schema().items()}
    if list(wanted.items()) != list(found.items()):
        different = sorted(set(wanted.items()) ^ set(found.items()))
        raise TypeError(f"{table.name}: written columns differ from the contract at {different}")


def within(value: ir.NumericValue, least: float, most: float) -> ir.BooleanValue:
    """Say where least ≤ value ≤ most; NaN is nowhere.

    That has to be asked: DuckDB leaves a comparison out where it holds for the smallest and the largest value
    of a Parquet file, and NaN is neither.
    """
    inside = value.between(least, most)
    return inside & ~value.isnan() if value.type().is_floating() else inside


def _null(value: ir.Value) -> ir.BooleanValue:
    """Say where there is no value; isnull() would take NaN for null on Spark alone."""
    return (value == value).isnull() if value.type().is_floating() else value.isnull()  # noqa: PLR0124


def blank(text: ir.StringValue) -> ir.BooleanValue:
    """Say where there is no text, or only white space, all of which sorts below "!"."""
    return ibis.ifelse(text < "!", text.strip() == "", text.isnull())


def _stripped(text: ir.StringValue) -> ir.StringValue:
    """Return the text without white space around it, null where nothing is left.

    Looks at both ends first: to strip every value takes far longer.
    """
    outer = reduce(or_, (text.endswith(end) for end in whitespace), text < "!")
    return ibis.ifelse(outer, text.strip().nullif(""), text)


def _fits(column: Column, found: ir.Table) -> bool:
    return type(found[column.name].type()).__name__ in _ACCEPTED[column.type]


def _may_be_lost(column: Column, found: ir.Table) -> bool:
    kind = found[column.name].type()
    return column.type in _WORDS and (
        kind.is_string() or (column.type == "int64" and (kind.is_floating() or kind.is_decimal()))
    )


def _cast(column: Column, found: ir.Table) -> ir.Value:
    if column.name not in found.columns or not _fits(column, found):
        return ibis.null().cast(_ibis_type(column.type))
    value = found[column.name]
    if value.type().is_string():
        return _parse(column.type, _stripped(value))
    if _may_be_lost(column, found):
        return _whole(value.cast("float64"))
    return value.cast(_ibis_type(column.type))


def _parse(kind: Type, text: ir.StringValue) -> ir.Value:
    if kind == "string":
        return text
    if kind == "boolean":
        word = text.lower()
        return ibis.cases((word.isin(("true", "1", "yes")), True), (word.isin(("false", "0", "no")), False))
    shaped = ibis.ifelse(text.re_search(_SHAPES[kind]), text, ibis.null().cast("string"))
    return _whole(shaped.try_cast("float64")) if kind == "int64" else shaped.try_cast(_ibis_type(kind))


def _whole(value: ir.FloatingValue) -> ir.IntegerValue:
    """Return a number as a whole one; null from 2**53 on, which is also what 2**53 + 1 was rounded to."""
    return ibis.ifelse(within(value.abs(), 0, 2**53 - 1) & (value == value.floor()), value, None).cast(
        "int64"
    )


def _ibis_type(kind: Type) -> str:
    return "float64" if kind == "money" else kind
