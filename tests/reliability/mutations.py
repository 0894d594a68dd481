"""Random changes to a delivery: of cells, rows, columns and files. Each is drawn from a seeded generator."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from tests.reliability.delivery import Delivery, Part

Rng = np.random.Generator
TEXTS = (
    "", " ", "\t", "0", "-1", "NaN", "null", "NULL", "EUR", "eur", " EUR ", "XXX", "€", "DE\n", "a,b", 'say "x"',
    "line\nbreak", "line\r\nbreak", "'; --", "\u202e", "ü", "ﬀ", "😀", "x" * 5_000, "\ufeff", "1e309", "Infinity",
    "00001", "%s", "\\", "\\N", "view", "true", "#", "\x1f", "\u00a0", "\u2028", "12,50", "1_000", "0x10",
    "2024-02-30", "2024-01-01", "9999-12-31 23:59:59", "0000-01-01", "-1-01-01", "2024-01-01T00:00:00+02:00",
)  # fmt: skip
NUMBERS = (
    0.0, -0.0, -0.01, 0.005, 1e-320, -1.0, 1e12, 1e12 + 1, -1e12, 1e15, 2.0**53, 2.0**63, 1e300, -1e300,
    float("nan"), float("inf"), float("-inf"), 99.995, 1.005,
)  # fmt: skip
WHOLES = (0, -1, 1, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
TIMES = (
    datetime(1, 1, 1), datetime(1677, 9, 21), datetime(1899, 12, 31), datetime(1970, 1, 1), datetime(2024, 2, 29),
    datetime(2026, 7, 1), datetime(2026, 7, 1, 0, 0, 0, 1), datetime(2262, 4, 12), datetime(9999, 12, 31, 23, 59, 59),
)  # fmt: skip
KINDS: tuple[pa.DataType, ...] = (
    pa.string(), pa.large_string(), pa.binary(), pa.int32(), pa.int64(), pa.uint64(), pa.float32(), pa.float64(),
    pa.bool_(), pa.date32(), pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("ns"),
    pa.timestamp("us", "UTC"), pa.timestamp("us", "Europe/Berlin"), pa.decimal128(20, 4), pa.null(),
    pa.list_(pa.string()), pa.struct([("a", pa.string())]), pa.dictionary(pa.int32(), pa.string()), pa.time64("us"),
)  # fmt: skip


def pick(rng: Rng, choices: Any) -> Any:
    """Return one of several things."""
    return choices[int(rng.integers(len(choices)))]


def cell(rng: Rng, found: Delivery) -> str:
    """Set one cell to null or to something odd of its type; in CSV to any text."""
    name, part = _part(rng, found)
    if not part.rows:
        return "nothing"
    row, column = int(rng.integers(part.rows)), int(rng.integers(len(part.names)))
    value = _odd(rng, part, column)
    part.columns[column][row] = value
    return f"{name}[{row}].{part.names[column]} = {str(value)[:30]!r}"


def copied_cell(rng: Rng, found: Delivery) -> str:
    """Set one cell to that of another row: swapped ids, keys used twice."""
    name, part = _part(rng, found)
    if not part.rows:
        return "nothing"
    row, other = (int(rng.integers(part.rows)) for _ in range(2))
    column = int(rng.integers(len(part.names)))
    part.columns[column][row] = part.columns[column][other]
    return f"{name}[{row}].{part.names[column]} as in row {other}"


def doubled_row(rng: Rng, found: Delivery) -> str:
    """Deliver one row twice, the second time with one cell changed or none."""
    name, part = _part(rng, found)
    if not part.rows:
        return "nothing"
    row = int(rng.integers(part.rows))
    for values in part.columns:
        values.append(values[row])
    if rng.random() < 0.5:
        column = int(rng.integers(len(part.names)))
        part.columns[column][-1] = _odd(rng, part, column)
    return f"{name}[{row}] twice"


def lost_row(rng: Rng, found: Delivery) -> str:
    """Do not deliver one row."""
    name, part = _part(rng, found)
    if not part.rows:
        return "nothing"
    row = int(rng.integers(part.rows))
    for values in part.columns:
        del values[row]
    return f"{name}[{row}] lost"


def shuffled(rng: Rng, found: Delivery) -> str:
    """Deliver the rows of a table in another order."""
    name, part = _part(rng, found)
    order = rng.permutation(part.rows)
    part.columns = [[values[place] for place in order] for values in part.columns]
    return f"{name} shuffled"


def dropped_column(rng: Rng, found: Delivery) -> str:
    """Leave a column out."""
    name, part = _part(rng, found)
    if len(part.names) < 2:
        return "nothing"
    column = int(rng.integers(len(part.names)))
    gone = part.names.pop(column)
    del part.kinds[column], part.columns[column]
    return f"{name} without {gone}"


def renamed_column(rng: Rng, found: Delivery) -> str:
    """Give a column another name: of another case, of another column, odd or empty."""
    name, part = _part(rng, found)
    column = int(rng.integers(len(part.names)))
    before = part.names[column]
    odd = (
        before.upper(),
        f" {before}",
        f"{before}2",
        pick(rng, part.names),
        "",
        'a "b"',
        "a.b",
        "reason",
        "fate",
    )
    part.names[column] = pick(rng, odd)
    return f"{name}.{before} named {part.names[column]!r}"


def retyped_column(rng: Rng, found: Delivery) -> str:
    """Give a column of a Parquet file another type, its values kept where they can be."""
    name, part = _part(rng, found)
    column, kind = int(rng.integers(len(part.names))), pick(rng, KINDS)
    part.columns[column] = [_as(kind, value) for value in part.columns[column]]
    part.kinds[column] = kind
    return f"{name}.{part.names[column]} as {kind}"


def more_columns(rng: Rng, found: Delivery) -> str:
    """Deliver a column that nobody asked for."""
    name, part = _part(rng, found)
    added = pick(rng, ("note", "cents", "known_ts", "fate", "amount_text", "is_repeated", "row_id"))
    part.names.append(added)
    part.kinds.append(pa.string())
    part.columns.append(["x"] * part.rows)
    return f"{name} with {added}"


SMALL: tuple[Callable[[Rng, Delivery], str], ...] = (
    cell, cell, cell, cell, copied_cell, copied_cell, doubled_row, doubled_row, lost_row, shuffled,
)  # fmt: skip
"""What changes rows: many fit into one delivery, each row has its own fate."""
COLUMNS = (dropped_column, renamed_column, retyped_column, retyped_column, more_columns)


def _part(rng: Rng, found: Delivery) -> tuple[str, Part]:
    name = pick(rng, sorted(found))
    return name, pick(rng, found[name])


def _odd(rng: Rng, part: Part, column: int) -> Any:
    if part.form == "csv":
        return pick(rng, (pick(rng, TEXTS), pick(rng, NUMBERS), pick(rng, TIMES), pick(rng, WHOLES)))
    if rng.random() < 0.15:
        return None
    return _of_kind(rng, part.kinds[column])


def _of_kind(rng: Rng, kind: pa.DataType) -> Any:
    if pa.types.is_boolean(kind):
        return bool(rng.integers(2))
    if pa.types.is_floating(kind):
        return pick(rng, NUMBERS)
    if pa.types.is_int64(kind):
        return pick(rng, WHOLES)
    if pa.types.is_date(kind):
        return pick(rng, TIMES).date()
    if pa.types.is_timestamp(kind):
        return pick(rng, TIMES)
    return pick(rng, TEXTS) if pa.types.is_string(kind) or pa.types.is_large_string(kind) else None


def _as(kind: pa.DataType, value: Any) -> Any:
    """Return a value as a type, null where it has no meaning there."""
    if value is None:
        return None
    try:
        return pa.scalar(_converted(kind, value), kind).as_py()
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        return None


def _converted(kind: pa.DataType, value: Any) -> Any:
    """Return a value as Python has it for a type."""
    if pa.types.is_list(kind) or pa.types.is_struct(kind):
        return [str(value)] if pa.types.is_list(kind) else {"a": str(value)}
    if pa.types.is_timestamp(kind) and type(value) is date:
        return datetime(value.year, value.month, value.day)
    if pa.types.is_date(kind) and isinstance(value, datetime):
        return value.date()
    if pa.types.is_decimal(kind) and isinstance(value, int | float):
        return Decimal(str(round(value, 4)))
    if pa.types.is_binary(kind):
        return str(value).encode("utf-8", "surrogatepass")
    texts = pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return str(value) if texts else value
