"""Verb: which keys stand in several rows of Parquet files, where the keys of each file ascend but for a few.

So they do where a source numbers its rows. Neighbours are then compared, which takes less than half of
the time of counting every key; a few rows out of turn, such as a second delivery, are looked up one by one.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clv.parquet import read_table

AT_ONCE = 2
"""Files side by side: each is held by its key, some 10 MB of a million rows."""
MOST_OUT_OF_TURN = 0.05
"""Share of a file's rows; with more of them counting is as quick."""
SPACE = 0x20
"""All white space lies at or below it; keys with such an end are read without it, elsewhere."""


class Ascending(NamedTuple):
    """The keys of a file: the lowest and highest of those that ascend from its begin, and all others."""

    file: str
    lowest: str
    highest: str
    others: list[str]
    repeated: list[str]
    """Those that ascend and stand among the others too."""


def repeated_where_ascending(files: list[str], column: str) -> list[str] | None:
    """Return the keys that several rows share, sorted; None where they have to be counted.

    That is where a file is CSV, where a key is null, is no text or has white space around it, where more than
    a few rows of a file are out of turn, and where what ascends in two files overlaps.
    """
    found: list[Ascending] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one in pool.map(lambda file: _ascending(file, column), files):
            if one is None:
                pool.shutdown(cancel_futures=True)
                return None
            found.append(one)
    found.sort(key=lambda one: one.lowest.encode())
    if any(one.highest.encode() >= other.lowest.encode() for one, other in pairwise(found)):
        return None
    return sorted({key for one in found for key in one.repeated} | set(_across(found, column)))


def _across(found: list[Ascending], column: str) -> Iterator[str]:
    """Yield the keys out of turn that stand there twice, or ascend in another file."""
    others = pa.array([key for one in found for key in one.others], pa.large_string())
    counted = pc.value_counts(others)
    yield from counted.filter(pc.greater(counted.field("counts"), 1)).field("values").to_pylist()
    for one in found:
        foreign = others.filter(
            pc.and_(pc.greater_equal(others, one.lowest), pc.less_equal(others, one.highest))
        )
        foreign = foreign.filter(pc.invert(pc.is_in(foreign, pa.array(one.others, pa.large_string()))))
        if len(foreign):
            keys = _keys(one.file, column)
            yield from keys.filter(pc.is_in(keys, foreign)).to_pylist()


def _ascending(file: str, column: str) -> Ascending | None:
    keys = _keys(file, column) if file.endswith(".parquet") else None
    if keys is None or not _bare(keys):
        return None
    falls = np.flatnonzero(pc.greater_equal(keys[:-1], keys[1:]).to_numpy(zero_copy_only=False))
    turn = int(falls[0]) + 1 if len(falls) else len(keys)
    head, others = keys[:turn], keys[turn:]
    if len(others) > MOST_OUT_OF_TURN * len(keys):
        return None
    repeated = head.filter(pc.is_in(head, others)).to_pylist() if len(others) else []
    return Ascending(file, head[0].as_py(), head[-1].as_py(), others.to_pylist(), repeated)


def _keys(file: str, column: str) -> Any:
    """Return the column as one array of text, None where it is no text."""
    values = read_table(file, [column]).column(column)
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return None
    return values.cast(pa.large_string()).combine_chunks()


def _bare(keys: Any) -> bool:
    """Return whether there are keys, none is null, and none begins or ends with white space."""
    if not len(keys) or keys.null_count:
        return False
    _, places, text = keys.buffers()
    ends: npt.NDArray[np.int64] = np.frombuffer(places, np.int64)[keys.offset : keys.offset + len(keys) + 1]
    if (ends[1:] == ends[:-1]).any():
        return False
    letters = np.frombuffer(text, np.uint8)
    return bool((letters[ends[:-1]] > SPACE).all() and (letters[ends[1:] - 1] > SPACE).all())
