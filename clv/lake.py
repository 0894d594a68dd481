"""The lake: where tables live, and how a write becomes visible in one step.

A lake is a local folder or an `s3://` prefix. A write goes to `<table>/…/run=<id>/`; the commit is one write
of `_current.json`, which replaces the one that stood when the write began and no other, and readers go
through it alone. Superseded and abandoned runs are removed afterwards.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from clv.errors import UserError
from clv.parquet import row_count
from clv.s3 import is_s3
from clv.storage import Storage, storage_at
from clv.stored import Entry

CURRENT = "_current.json"
EXTRACTION = "extraction.json"
MARKS = ("_", ".")
"""How the names begin that a writer leaves beside its data: Spark's _SUCCESS, _temporary and checksums."""

FOLDER_MARK = "_$folder$"
"""How the names end of what Hadoop puts on S3 in place of a folder."""

DERIVED = (
    "ledger", "quarantine", "excluded", "features", "labels", "weights", "priors", "inputs", "snapshots",
    "models", "transform", "forecasts", "scores", "explanations", "plans", "decisions", "monitoring",
    "reports", "runs", "truth",
)  # fmt: skip


@dataclass(frozen=True)
class Commit:
    """What `_current.json` says: the run that wrote the partition, its files (relative), its rows."""

    run_id: str
    files: tuple[str, ...]
    row_count: int

    @classmethod
    def from_json(cls, text: str | bytes) -> "Commit":
        """Return what was written."""
        told = json.loads(text)
        return cls(told["run_id"], tuple(told["files"]), told["row_count"])


@dataclass(frozen=True)
class Draft:
    """A run's folder while it is written.

    folder : where small files are put; on a clean exit they are in the run's folder
    place : the run's folder, below the root of the lake
    """

    folder: Path
    place: str
    storage: Storage

    def url(self, name: str = "") -> str:
        """Return the address below the run's folder at which `engine.write` puts a table."""
        return self.storage.url(f"{self.place}/{name}".rstrip("/"))

    def files(self, name: str) -> list[str]:
        """Return the Parquet files of a table that was put at `url(name)`, sorted."""
        found = _data(self.storage.entries(f"{self.place}/{name}"), self.place)
        return [self.storage.url(entry) for entry in found if entry.endswith(".parquet")]


@dataclass(frozen=True)
class Lake:
    """A lake below `root`. Partitions are named by their path below it, such as `scores/as_of=2011-12-09`."""

    root: str

    @classmethod
    def at(cls, url: str | Path) -> "Lake":
        """Return the lake of a local folder or of `s3://bucket[/prefix]`; UserError without a bucket."""
        return cls(storage_at(url).url(""))

    @cached_property
    def storage(self) -> Storage:
        """Where the lake lives."""
        return storage_at(self.root)

    @property
    def is_local(self) -> bool:
        """Whether the lake is a folder of this machine."""
        return not is_s3(self.root)

    def url(self, name: str) -> str:
        """Return the address of anything below the root: a local path, or `s3://…`."""
        return self.storage.url(name)

    def path(self, name: str) -> Path:
        """Return the path of anything below the root of a local lake; UserError on S3."""
        if not self.is_local:
            raise UserError(f"{self.url(name)}: this needs a lake on disk; give a local folder")
        return Path(self.root) / name

    def read_text(self, name: str) -> str | None:
        """Return a small file, None where there is none."""
        stored = self.storage.read(name)
        return None if stored is None else stored.data.decode()

    def write_text(self, name: str, text: str) -> None:
        """Write a small file; a reader sees the old one or the new one."""
        self.storage.write(name, text.encode())

    def write_text_if_absent(self, name: str, text: str) -> bool:
        """Write a small file unless there is one; return whether it was written. Of many writers one wins."""
        return self.storage.write_if(name, text.encode(), None)

    def entries(self, folder: str) -> list[Entry]:
        """Return every file below a folder, sorted by name, with its size and version."""
        return self.storage.entries(folder)

    def download(self, folder: str, target: Path) -> None:
        """Copy every file below a folder into a local one; nothing happens where there is none."""
        self.storage.download(folder, target)

    def raw_files(self, table: str) -> list[str]:
        """Return the Parquet or CSV files of a raw table, sorted; empty where it is not delivered."""
        folder = f"raw/{table}"
        found = [entry.name for entry in self.entries(folder) if Path(entry.name).parent == Path(folder)]
        kept = [name for name in found if Path(name).suffix in {".parquet", ".csv"}]
        if len({Path(name).suffix for name in kept}) > 1:
            raise UserError(f"{self.url(folder)}: holds Parquet and CSV files; keep one kind")
        return [self.url(name) for name in kept]

    def extracted_at(self) -> datetime | None:
        """Return the extraction time of the raw tables (naive UTC), None where the import did not say."""
        told = self.read_text(f"raw/{EXTRACTION}")
        return None if told is None else datetime.fromisoformat(json.loads(told)["extracted_at"])

    @contextmanager
    def replace_raw(self, extracted_at: datetime | None, *, replace: bool) -> Iterator[Path]:
        """Yield an empty folder for the raw tables, one subfolder each; it becomes `raw/` on a clean exit.

        UserError where raw tables exist and `replace` is false, and on S3. Replacing removes everything
        derived from the old tables, so that no feature or score of other data stays behind.
        """
        raw, draft = self.path("raw"), self.path("raw.draft")
        if raw.exists() and not replace:
            raise UserError(f"{raw}: holds tables already; take another --lake or say --replace")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        yield draft
        if extracted_at is not None:
            told = json.dumps({"extracted_at": extracted_at.isoformat()})
            (draft / EXTRACTION).write_text(told, encoding="utf-8")
        for old in ("raw", *DERIVED):
            self.storage.remove(old)
        draft.rename(raw)

    def current(self, partition: str) -> Commit | None:
        """Return the commit of a partition, None where nothing is committed."""
        told = self.read_text(f"{partition}/{CURRENT}")
        return None if told is None else Commit.from_json(told)

    def files(self, partition: str, table: str = "") -> list[str]:
        """Return the committed files of a partition, or of one table of it; UserError if none is."""
        commit = self.current(partition)
        if commit is None:
            raise UserError(f"{self.url(partition)}: nothing committed there yet; run `clv run` first")
        prefix = f"run={commit.run_id}/{table}"
        return [self.url(f"{partition}/{name}") for name in commit.files if name.startswith(prefix)]

    def committed_text(self, partition: str, name: str) -> str | None:
        """Return a small file of a partition, such as a model's card; None where none is committed."""
        commit = self.current(partition)
        return None if commit is None else self.read_text(f"{partition}/run={commit.run_id}/{name}")

    def partitions(self, table: str, key: str) -> list[str]:
        """Return the committed values of `key` directly below `table`, sorted (such as all as_of dates)."""
        found = [name for name in self.storage.folders(table) if name.startswith(f"{key}=")]
        there = [name for name in found if self.read_text(f"{table}/{name}/{CURRENT}") is not None]
        return [name.removeprefix(f"{key}=") for name in there]

    @contextmanager
    def commit(self, partition: str, run_id: str) -> Iterator[Draft]:
        """Yield an empty draft to write into; on a clean exit its files become the partition.

        A failure inside leaves the previous commit untouched and readable. UserError where this run is
        committed already, or where another run has committed since the draft was opened.
        """
        standing = self.storage.read(f"{partition}/{CURRENT}")
        if standing is not None and Commit.from_json(standing.data).run_id == run_id:
            raise UserError(f"{self.url(partition)}: run {run_id} is already committed there")
        place = f"{partition}/run={run_id}"
        self.storage.remove(place)
        with self.storage.writing(place) as folder:
            yield Draft(folder, place, self.storage)
        # Listed before the commit: a run that begins after it is not among them.
        runs = [name for name in self.storage.folders(partition) if name.startswith("run=")]
        self._publish(partition, run_id, None if standing is None else standing.version)
        for name in runs:
            if name != f"run={run_id}":
                self.storage.remove(f"{partition}/{name}")

    def remove(self, partition: str) -> None:
        """Remove a partition, its commit first, so that no reader takes what is left of it for whole."""
        self.storage.delete([f"{partition}/{CURRENT}"])
        self.storage.remove(partition)

    def _publish(self, partition: str, run_id: str, version: str | None) -> None:
        place = f"{partition}/run={run_id}"
        names = _data(self.entries(place), place)
        rows = sum(row_count(self.url(name)) for name in names if name.endswith(".parquet"))
        commit = Commit(run_id, tuple(name.removeprefix(f"{partition}/") for name in names), rows)
        text = json.dumps(asdict(commit), indent=1)
        if self.storage.write_if(f"{partition}/{CURRENT}", text.encode(), version):
            return
        # A put whose answer was lost is sent again, and refused because the first one came through.
        if self.current(partition) != commit:
            self.storage.remove(place)
            raise UserError(
                f"{self.url(partition)}: another run was committed there while run {run_id} was at work; "
                "its own files are removed"
            )


def _data(entries: list[Entry], place: str) -> list[str]:
    """Return the names of the files that are no marks of a writer."""
    below = ((entry.name, entry.name.removeprefix(f"{place}/").split("/")) for entry in entries)
    return [
        name
        for name, parts in below
        if not any(part.startswith(MARKS) for part in parts) and not name.endswith(FOLDER_MARK)
    ]
