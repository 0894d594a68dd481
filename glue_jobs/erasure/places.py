"""Verb: look at the files of a lake, wherever it lives: on disk they are read in place, on S3 as copies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from clv.lake import CURRENT, Lake
from clv.s3 import copy_of, is_s3
from glue_jobs.erasure.formats import has_rows, table_of
from glue_jobs.erasure.people import People, is_customer, is_order, texts

ORDER_TABLES = {"orders", "table=orders", "_excluded", "table=importer"}
"""Folders of tables that say whose an order is."""


@contextmanager
def on_disk(lake: Lake, name: str) -> Iterator[Path]:
    """Yield the path of a file, that of a copy for a lake on S3."""
    url = lake.url(name)
    if not is_s3(url):
        yield Path(url)
        return
    with TemporaryDirectory(prefix="clv-") as home:
        yield copy_of(url, Path(home) / "copy")


def with_orders(lake: Lake, people: People) -> People:
    """Return the people with the orders that are theirs and nobody else's."""
    mine: set[str] = set()
    others: set[str] = set()
    for name in order_files(lake):
        with on_disk(lake, name) as file:
            _sort_out(table_of(file, name), people, mine, others)
    return People(people.customers, frozenset(mine - others))


def order_files(lake: Lake) -> list[str]:
    """Return the files that say whose an order is."""
    names = [
        entry.name for folder in ("raw", "ledger", "quarantine", "excluded") for entry in lake.entries(folder)
    ]
    return [name for name in names if has_rows(name) and ORDER_TABLES.intersection(name.split("/")[:-1])]


def partitions(lake: Lake) -> list[str]:
    """Return every committed partition, in the order of their names."""
    entries = (entry.name for entry in lake.entries(""))
    return sorted(name.removesuffix(f"/{CURRENT}") for name in entries if name.endswith(f"/{CURRENT}"))


def _sort_out(table: pa.Table, people: People, mine: set[str], others: set[str]) -> None:
    whose = [name for name in table.column_names if is_customer(name)]
    which = [name for name in table.column_names if is_order(name)]
    if not whose or not which:
        return
    for customer, order in zip(
        texts(table[whose[0]]).to_pylist(), texts(table[which[0]]).to_pylist(), strict=True
    ):
        if order:
            (mine if customer in people.customers else others if customer else set()).add(order)
