"""Stories: a few rows of raw tables each, told in the test that reads them, built together.

A build costs more than a second however few the rows, so all stories that can share a lake do: their ids are
told apart by a prefix, which nobody sees. Stories with a table or settings that would change another's
outcome are built apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from clv.settings import Settings
from clv.timeline import Future, History
from tests.spec.lakes import (
    DEFAULTS,
    NO_LIMIT,
    Built,
    Columns,
    Row,
    built,
    cents_by,
    columns_of,
    lake,
    pulled,
    scratch,
    short,
)

RATES = """
currency | rate_date  | rate_per_eur
GBP      | 2024-01-05 | 0.80
GBP      | 2024-01-08 | 0.50
GBP      | 2024-02-01 | 0.25
JPY      | 2024-01-05 | 160
"""
_IDS = ("order_id", "customer_id", "refund_id", "event_id", "sku")
_NOT_SHARED = ("customers", "invoices")


@dataclass(frozen=True)
class Group:
    """What stories of one lake have in common."""

    tables: frozenset[str]
    settings: Settings


_STORIES: dict[Group, list["Story"]] = {}


@dataclass(frozen=True)
class Story:
    """Some raw rows and what becomes of them."""

    name: str
    group: Group
    tables: tuple[tuple[str, str], ...]

    def entries(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return some columns of the ledger's entries, in order of knowledge."""
        rows = self._own(_built(self.group).rows("entries"))
        rows.sort(key=lambda row: (row["known_ts"], row["entry_id"]))
        return [tuple(short(row[name]) for name in columns) for row in rows]

    def rows(self, table: str, partition: str = "ledger") -> list[Row]:
        """Return the story's rows of a committed table."""
        return self._own(_built(self.group).rows(table, partition))

    def history(self, what: str, as_of: str) -> list[Row]:
        """Return the story's rows of one table of History."""
        return self._own(_history(self.group, what, as_of))

    def cut(self, as_of: str, days: int) -> tuple[History, Future]:
        """Return History and Future of the whole lake."""
        told = _built(self.group)
        return told.history(as_of), told.future(as_of, days)

    def revenue(self, as_of: str) -> dict[str, int]:
        """Return the net revenue of each customer before t₀ in EUR cents, as known at t₀."""
        return cents_by("customer_id", self.history("entries", as_of))

    def counted(self, as_of: str) -> dict[str, int]:
        """Return the net EUR cents of each counted order, as known at t₀."""
        return cents_by("order_id", self.history("orders", as_of), "net_eur_cents")

    def label(self, as_of: str, days: int) -> dict[str, int]:
        """Return the net revenue of each customer in [t₀, t₀ + days), as known when it closed."""
        return cents_by("customer_id", self._own(_future(self.group, as_of, days)))

    def _own(self, rows: Iterable[Row]) -> list[Row]:
        texts = ({k: v for k, v in row.items() if isinstance(v, str)} for row in rows)
        return [
            row | {name: text.replace(self.name, "") for name, text in own.items()}
            for row, own in zip(rows, texts, strict=True)
            if any(self.name in text for text in own.values())
        ]


def story(settings: Settings = NO_LIMIT, **tables: str) -> Story:
    """Return a story, to be built with the others that can share its lake; call it when a test is imported."""
    apart = frozenset(name for name in tables if name in _NOT_SHARED)
    group = Group(apart, settings)
    told = _STORIES.setdefault(group, [])
    told.append(Story(f"s{len(told)}/", group, tuple(tables.items())))
    return told[-1]


@cache
def _built(group: Group) -> Built:
    tables: dict[str, Columns] = {}
    for one in _STORIES[group]:
        for name, text in one.tables:
            tables[name] = _below(
                tables.get(name, {}), _prefixed(one, columns_of(text, DEFAULTS.get(name, {})))
            )
    return built(lake(scratch() / "lake", fx_rates=RATES, **tables), group.settings)


def _prefixed(one: Story, columns: Columns) -> Columns:
    own = {
        name: [cell and one.name + cell for cell in cells] for name, cells in columns.items() if name in _IDS
    }
    return columns | own


def _below(upper: Columns, lower: Columns) -> Columns:
    heights = [max((len(cells) for cells in columns.values()), default=0) for columns in (upper, lower)]
    blank = [[""] * height for height in heights]
    return {name: upper.get(name, blank[0]) + lower.get(name, blank[1]) for name in {**upper, **lower}}


@cache
def _history(group: Group, what: str, as_of: str) -> list[Row]:
    return pulled(getattr(_built(group).history(as_of), what))


@cache
def _future(group: Group, as_of: str, days: int) -> list[Row]:
    return pulled(_built(group).future(as_of, days).entries)
