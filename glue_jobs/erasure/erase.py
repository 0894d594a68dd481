"""Verb: remove people from every table of a lake, whatever the week and the version.

Derived tables go first, raw ones after them and `raw/orders` last: it says which orders are theirs, so that
an erasure that was killed finds all of it again. Readers see each partition as it was or without them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from clv.contracts import RAW_TABLES
from clv.erased import note_erased
from clv.lake import Lake
from clv.stored import Entry
from glue_jobs.erasure import formats
from glue_jobs.erasure.money import cents_of
from glue_jobs.erasure.people import People
from glue_jobs.erasure.places import on_disk, partitions, with_orders
from glue_jobs.erasure.repoint import anew, repoint, repointed
from glue_jobs.erasure.search import UNDELIVERED, names_in_event, rows_in, search

PASSING = ("athena/", "spill/")
"""Query results and what engines spilled: anybody can ask for them again, so they go as a whole."""

PAGES, DRAFT = ".html", ".erasing"
CHECKSUM = ".crc"
"""Hadoop's, of a file that may be another one now; it does without."""

ORDERS = "raw/orders/"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Receipt:
    """What an erasure did, and nothing that tells whose rows they were.

    rows : removed, or emptied of a text that named one of them; by table, not by week: that would tell since
        when a single person was a customer
    files : pages and query results removed
    partitions : how many were committed anew
    versions : old versions of objects removed
    searched, left : files searched afterwards, and those where one of them is still found
    """

    people: int
    rows: dict[str, int]
    files: int
    partitions: int
    versions: int
    searched: int
    left: tuple[str, ...]


def erase(lake: Lake, who: People, run_id: str, say: Say) -> Receipt:
    """Remove people from a lake and search it; done again it does what is left to do."""
    say("erasure: finding their orders")
    people = with_orders(lake, who)
    rows: Counter[str] = Counter()
    files = _remove_passing(lake, people)
    say("erasure: committed tables")
    changed = [name for name in partitions(lake) if _erase_partition(lake, name, people, run_id, rows)]
    changed += repoint(lake, run_id)
    say("erasure: raw tables and answers of models")
    for entry in _loose(lake):
        _erase_file(lake, entry, people, rows)
    versions = lake.storage.forget_old(_is_kept)
    say("erasure: searching the lake")
    searched, left = search(lake, people)
    told = dict(sorted(rows.items()))
    return Receipt(len(who.customers), told, files, len(changed), versions, searched, left)


def _remove_passing(lake: Lake, people: People) -> int:
    """Remove what passes, and every page that names one of them; return how many files."""
    names = [entry.name for entry in lake.entries("")]
    gone = [name for name in names if name.startswith(PASSING)]
    gone += [name for name in names if name.endswith(PAGES) and rows_in(lake, name, people)]
    lake.storage.delete([*gone, *(name for name in names if name.endswith(DRAFT))])
    return len(gone)


def _erase_partition(lake: Lake, partition: str, people: People, run_id: str, rows: Counter[str]) -> bool:
    """Commit a partition without them, unless they are not in it; superseded runs of it go either way."""
    commit = lake.current(partition)
    if commit is None:
        return False
    _remove_superseded(lake, partition, commit.run_id)
    place = f"{partition}/run={commit.run_id}"
    names = [entry.name for entry in lake.entries(place) if not entry.name.endswith(CHECKSUM)]
    theirs = {name: rows_in(lake, name, people) for name in names if formats.has_rows(name)}
    if not any(theirs.values()):
        return False
    new = anew(commit.run_id, run_id)
    with lake.commit(partition, new) as draft:
        for name in names:
            target = draft.folder / name.removeprefix(f"{place}/")
            target.parent.mkdir(parents=True, exist_ok=True)
            with on_disk(lake, name) as file:
                if theirs.get(name):
                    formats.clean(file, name, people, target, lambda _: None)
                elif name.endswith(".json"):
                    target.write_text(repointed(file.read_text("utf-8"), {partition: new}), encoding="utf-8")
                else:
                    target.write_bytes(file.read_bytes())
    rows[_table(partition)] += sum(theirs.values())
    return True


def _remove_superseded(lake: Lake, partition: str, run_id: str) -> None:
    """Remove what a killed commit left of another run."""
    for name in lake.storage.folders(partition):
        if name.startswith("run=") and name != f"run={run_id}":
            lake.storage.remove(f"{partition}/{name}")


def _loose(lake: Lake) -> Iterator[Entry]:
    """Yield the files of no committed partition, those of the raw orders last."""
    committed = tuple(f"{name}/" for name in partitions(lake))
    found = [entry for entry in lake.entries("") if not entry.name.startswith(committed)]
    yield from sorted(found, key=lambda entry: (entry.name.startswith(ORDERS), entry.name))


def _erase_file(lake: Lake, entry: Entry, people: People, rows: Counter[str]) -> None:
    """Put a file without them in the place of the one that stands; a raw one is counted first."""
    if entry.name.startswith(UNDELIVERED):
        _erase_lines(lake, entry.name, people, rows)
        return
    if not formats.has_rows(entry.name) or not rows_in(lake, entry.name, people):
        return
    folder, _, own = entry.name.rpartition("/")
    table = folder.removeprefix("raw/")
    taken: Counter[str] = Counter()

    def seen(gone: pa.Table) -> None:
        taken["rows"] += len(gone)
        taken["cents"] += cents_of(table, gone)

    with on_disk(lake, entry.name) as file, lake.storage.writing(folder) as home:
        draft = home / f".{own}{DRAFT}"
        rows[_table(folder)] += formats.clean(file, entry.name, people, draft, seen)
        if table in RAW_TABLES:
            note_erased(lake, entry.name, entry.version, taken["rows"], taken["cents"])
        draft.rename(home / own)


def _erase_lines(lake: Lake, name: str, people: People, rows: Counter[str]) -> None:
    lines = (lake.read_text(name) or "").splitlines(keepends=True)
    kept = [line for line in lines if not names_in_event(line, people)]
    if len(kept) < len(lines):
        lake.write_text(name, "".join(kept))
        rows[_table(name)] += len(lines) - len(kept)


def _table(place: str) -> str:
    """Return the table that a place belongs to, such as `scores` or `raw/orders`."""
    return "/".join(place.split("/")[: 2 if place.startswith("raw/") else 1])


def _is_kept(name: str) -> bool:
    """Say whether the old versions of an object stay: records and models, in which nobody is."""
    if name.startswith("models/"):
        return not name.endswith("output.tar.gz")
    return name.startswith(("runs/", "monitoring/"))
