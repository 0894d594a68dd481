"""Cells as values: what can be read gets its type, what cannot stays as the text that was delivered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clv.errors import UserError

TEXT = pd.StringDtype("pyarrow")
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
INT64_LIMIT = 2.0**63

Series: TypeAlias = "pd.Series[Any]"


def as_text(cells: Series) -> Series:
    """Return the cells as trimmed text; blank cells are null, whole numbers have no decimal point."""
    if pd.api.types.is_float_dtype(cells) and bool((cells.dropna() % 1 == 0).all()):
        cells = cells.astype("Int64")
    text = cells.astype(TEXT).str.strip()
    return text.mask(text == "")


def as_id(cells: Series) -> Series:
    """Return identifiers as text; where every one ends in `.0`, a float export made them so and it goes."""
    text = as_text(cells)
    if bool(text.str.fullmatch(r"\d+\.0").fillna(value=True).all()):
        return text.str.removesuffix(".0")
    return text


def as_number(cells: Series) -> Series:
    """Return the cells as float64, NaN where a cell is empty or no finite decimal number."""
    if pd.api.types.is_numeric_dtype(cells):
        numbers = cells.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        text = pa.array(as_text(cells))
        readable = pc.if_else(pc.match_substring_regex(text, NUMBER), text, None)
        numbers = pc.cast(readable, pa.float64()).to_numpy(zero_copy_only=False)
    return pd.Series(np.where(np.isfinite(numbers), numbers, np.nan), index=cells.index)


def as_whole_number(cells: Series) -> Series:
    """Return the cells as Int64, null where a cell is empty or no whole number."""
    numbers = as_number(cells)
    return numbers.where((numbers % 1 == 0) & (numbers.abs() < INT64_LIMIT)).astype("Int64")


def as_flag(cells: Series) -> Series:
    """Return the cells as nullable booleans, null where a cell is empty or neither yes nor no."""
    return as_text(cells).str.lower().map(FLAGS).astype("boolean")


def as_timestamp(cells: Series) -> Series:
    """Return the cells as naive UTC timestamps, NaT where a cell is empty or not ISO 8601.

    A time without an offset is UTC. Only ISO 8601 is read: 01/12/2009 is January for some and December for
    others.
    """
    if not pd.api.types.is_datetime64_any_dtype(cells):
        cells = pd.to_datetime(as_text(cells), format="ISO8601", utc=True, errors="coerce")
    if cells.dt.tz is not None:
        cells = cells.dt.tz_convert("UTC").dt.tz_localize(None)
    return cells.astype("datetime64[us]")


def read_column(
    file: Path, name: str, cells: Series, parse: Callable[[Series], Series], expected: str
) -> Series:
    """Return the parsed column; UserError where it has cells and not one of them can be read."""
    parsed = parse(cells)
    if bool(parsed.notna().any()):
        return parsed
    found = as_text(cells).dropna()
    if len(found):
        raise UserError(f"{file}: column {name} cannot be read; expected {expected}, found {found.iloc[0]!r}")
    return parsed


def typed_or_text(parsed: Series, cells: Series) -> pa.Array:
    """Return the parsed column, or text for the whole column where a delivered cell could not be read.

    A typed column cannot hold "abc". As text it reaches the contract, which quarantines the row.
    """
    typed = _arrow(parsed)
    unread = as_text(cells[parsed.isna()]).dropna()
    if unread.empty:
        return typed
    text = unread.reindex(parsed.index)
    return pc.if_else(pa.array(text.notna()), _arrow(text), pc.cast(typed, pa.string()))


def _arrow(column: Series) -> pa.Array:
    array = pa.Array.from_pandas(column)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return pc.cast(array, pa.string()) if pa.types.is_large_string(array.type) else array


def as_cents(amounts: Series) -> npt.NDArray[np.int64]:
    """Return amounts as int64 cents of their own currency, halves away from zero as both engines round.

    An amount that could not be read, or that no int64 holds, counts 0.
    """
    scaled = amounts.to_numpy(dtype=np.float64) * 100
    held = np.isfinite(scaled) & (np.abs(scaled) < INT64_LIMIT)
    rounded = pc.round(pa.array(np.where(held, scaled, 0.0)), round_mode="half_towards_infinity")
    return np.asarray(rounded.to_numpy(zero_copy_only=False).astype(np.int64))
