"""Does a table keep its contract: as a whole (an error) and row by row (a reason for each bad row)."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from clv.errors import UserError
from clv.schema import Column, Table, Type

MAX_AMOUNT = 1e12
"""Above this an amount is an input error, and its cents would leave the range in which float64 is exact."""

_ACCEPTED: dict[Type, tuple[str, ...]] = {
    "string": ("String", "Int64", "Int32", "Int16"),
    "int64": ("Int8", "Int16", "Int32", "Int64", "Float64", "String"),
    "int32": ("Int32",),
    "float64": ("Int8", "Int16", "Int32", "Int64", "Float32", "Float64", "Decimal", "String"),
    "money": ("Int8", "Int16", "Int32", "Int64", "Float32", "Float64", "Decimal", "String"),
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
    "timestamp": "a time",
    "date": "a date",
}


def check_columns(table: Table, found: ir.Table, where: str) -> None:
    """Raise UserError where a required column is missing or a column cannot hold what the contract says."""
    schema = found.schema()
    for column in table.columns:
        if column.name not in schema:
            if column.required:
                names = ", ".join(schema.names)
                raise UserError(f"{where}: column {column.name} expected ({column.type}), found only {names}")
            continue
        kind = type(schema[column.name]).__name__
        if kind not in _ACCEPTED[column.type]:
            raise UserError(f"{where}: column {column.name} expected {column.type}, found {kind.lower()}")


def typed(table: Table, found: ir.Table) -> dict[str, ir.Value]:
    """Return the contract's columns as typed expressions over `found`, for a select.

    What cannot be read as its type becomes null. Money stays a float amount; blank strings are null;
    columns not delivered are null.
    """
    return {column.name: _cast(column, found) for column in table.columns}


def as_text(table: Table, found: ir.Table) -> list[str]:
    """Return the columns that arrive as text though the contract says otherwise."""
    columns = (c for c in table.columns if c.name in found.columns and c.type in _WORDS)
    return [c.name for c in columns if found[c.name].type().is_string()]


def unreadable(table: Table, found: ir.Table) -> Iterator[tuple[str, ir.BooleanValue]]:
    """Yield (reason, predicate over the raw table) for values that are there but not of their type."""
    for column in table.columns:
        if column.name in as_text(table, found):
            there = ~_blank(found[column.name])
            yield f"{column.name} is not {_WORDS[column.type]}", there & _cast(column, found).isnull()
        elif (
            column.name in found.columns
            and column.type == "int64"
            and found[column.name].type().is_floating()
        ):
            value = found[column.name]
            yield f"{column.name} is not a whole number", value.notnull() & _cast(column, found).isnull()


def broken(table: Table, rows: ir.Table) -> Iterator[tuple[str, ir.BooleanValue]]:
    """Yield (reason, predicate over the typed table) for every rule of the columns."""
    for column in table.columns:
        value = rows[column.name]
        if not column.nullable:
            yield f"{column.name} is missing", value.isnull()
        if column.type == "money":
            yield f"{column.name} out of range", ~value.between(-MAX_AMOUNT, MAX_AMOUNT)
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


def _blank(value: ir.Value) -> ir.BooleanValue:
    return value.isnull() | (value.strip() == "")


def _cast(column: Column, found: ir.Table) -> ir.Value:
    if column.name not in found.columns:
        return ibis.null().cast(_ibis_type(column.type))
    value = found[column.name]
    if value.type().is_string():
        return _parse(column.type, value.strip().nullif(""))
    if column.type == "int64" and value.type().is_floating():
        return _whole(value)
    return value.cast(_ibis_type(column.type))


def _parse(kind: Type, text: ir.StringValue) -> ir.Value:
    if kind == "string":
        return text
    if kind == "int64":
        return _whole(text.try_cast("float64"))
    if kind == "boolean":
        word = text.lower()
        return ibis.cases((word.isin(("true", "1", "yes")), True), (word.isin(("false", "0", "no")), False))
    return text.try_cast(_ibis_type(kind))


def _whole(value: ir.FloatingValue) -> ir.IntegerValue:
    return ibis.ifelse(value.abs().between(0, 2**53) & (value == value.floor()), value, None).cast("int64")


def _ibis_type(kind: Type) -> str:
    return "float64" if kind == "money" else kind
