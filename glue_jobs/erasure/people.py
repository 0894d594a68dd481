"""Which rows are a person's: those with their customer_id, and those of an order of theirs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clv.errors import UserError

CUSTOMER = {"customerid", "customer"}
ORDER = {"orderid", "order", "invoice", "invoiceno"}
"""Names of key columns without case, blanks and underscores; an importer sets rows aside under their own."""

FREE_TEXT = {"metadata_json"}
"""Columns that are kept and never read; a cell of another's row that names a person is emptied."""

_LETTER = "[0-9A-Za-z_-]"
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class People:
    """Who is to be erased: customer ids, and the ids of their orders."""

    customers: frozenset[str]
    orders: frozenset[str] = frozenset()

    def rows(self, table: pa.Table) -> Mask:
        """Return which rows of a table are theirs."""
        mine = np.zeros(len(table), dtype=bool)
        for name in table.column_names:
            wanted = self.customers if is_customer(name) else self.orders if is_order(name) else frozenset()
            if wanted:
                mine |= _is_in(table[name], wanted)
        return mine

    def named(self, cells: pa.ChunkedArray) -> Mask:
        """Return which texts name one of these customers as a word of its own."""
        return np.fromiter((self.is_in(text) for text in cells.to_pylist()), dtype=bool, count=len(cells))

    def is_in(self, text: str | None) -> bool:
        """Say whether a text names one of these customers as a word of its own."""
        return text is not None and self._names.search(text) is not None

    @cached_property
    def _names(self) -> re.Pattern[str]:
        names = "|".join(re.escape(name) for name in sorted(self.customers))
        return re.compile(f"(?<!{_LETTER})(?:{names})(?!{_LETTER})")


def people(customers: Iterable[str]) -> People:
    """Return people by their ids; UserError without any, or for an empty one."""
    told = frozenset(name.strip() for name in customers)
    if not told or "" in told:
        raise UserError("clv erase: name at least one customer, and no empty one")
    return People(told)


def is_customer(column: str) -> bool:
    """Say whether a column holds customer ids."""
    return _plain(column) in CUSTOMER


def is_order(column: str) -> bool:
    """Say whether a column holds order ids."""
    return _plain(column) in ORDER


def reads(columns: Iterable[str]) -> list[str]:
    """Return the columns that tell whose a row is, or may name a person."""
    return [name for name in columns if is_customer(name) or is_order(name) or name in FREE_TEXT]


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ids as text, without blanks around and the fraction that a workbook gives to numbers."""
    cells = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.replace_substring_regex(cells, r"^(\d+)\.0$", r"\1")


def _is_in(column: pa.ChunkedArray, wanted: frozenset[str]) -> Mask:
    found = pc.is_in(texts(column), value_set=pa.array(sorted(wanted), pa.string()))
    return np.asarray(found.to_numpy(), dtype=bool)


def _plain(name: str) -> str:
    return re.sub(r"[\s_]", "", name).lower()
