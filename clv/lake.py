"""The lake: where tables live, and how a write becomes visible in one step.

A write goes to `<table>/…/run=<id>/`; the commit is one rename of `_current.json`, and readers go through
it alone. The superseded run is removed afterwards.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq

from clv.errors import UserError

CURRENT = "_current.json"
EXTRACTION = "extraction.json"
MARKS = ("_", ".")
"""How the names of files begin that a writer leaves beside its data: Spark's _SUCCESS and checksums."""

DERIVED = (
    "ledger",
    "quarantine",
    "excluded",
    "features",
    "labels",
    "priors",
    "models",
    "forecasts",
    "scores",
    "monitoring",
    "reports",
    "runs",
    "truth",
)


@dataclass(frozen=True)
class Commit:
    """What `_current.json` says: the run that wrote the partition, its files (relative), its rows."""

    run_id: str
    files: tuple[str, ...]
    row_count: int


@dataclass(frozen=True)
class Lake:
    """A local lake. Partitions are named by their path below the root, such as `scores/as_of=2011-12-09`."""

    root: Path

    @classmethod
    def at(cls, url: str | Path) -> "Lake":
        """Return the lake of a folder; UserError for an `s3://` address, which only the deployed jobs use."""
        if str(url).startswith("s3://"):
            raise UserError(f"{url}: an S3 lake is run by the deployed state machine; give a local folder")
        return cls(Path(url))

    def path(self, partition: str) -> Path:
        """Return the folder of a partition."""
        return self.root / partition

    def raw_files(self, table: str) -> list[str]:
        """Return the Parquet or CSV files of a raw table, sorted; empty where it is not delivered."""
        folder = self.root / "raw" / table
        found = sorted(str(p) for p in folder.glob("*") if p.suffix in {".parquet", ".csv"})
        if len({Path(p).suffix for p in found}) > 1:
            raise UserError(f"{folder}: holds Parquet and CSV files; keep one kind")
        return found

    def extracted_at(self) -> datetime | None:
        """Return the extraction time of the raw tables (naive UTC), None where the import did not say."""
        told = self.root / "raw" / EXTRACTION
        if not told.exists():
            return None
        return datetime.fromisoformat(json.loads(told.read_text(encoding="utf-8"))["extracted_at"])

    @contextmanager
    def replace_raw(self, extracted_at: datetime | None, *, replace: bool) -> Iterator[Path]:
        """Yield an empty folder for the raw tables, one subfolder each; it becomes `raw/` on a clean exit.

        UserError where raw tables exist and `replace` is false. Replacing removes everything derived from
        the old tables, so that no feature or score of other data stays behind.
        """
        raw, draft = self.root / "raw", self.root / "raw.draft"
        if raw.exists() and not replace:
            raise UserError(f"{raw}: holds tables already; take another --lake or say --replace")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        yield draft
        if extracted_at is not None:
            told = json.dumps({"extracted_at": extracted_at.isoformat()})
            (draft / EXTRACTION).write_text(told, encoding="utf-8")
        for old in (raw, *(self.root / name for name in DERIVED)):
            shutil.rmtree(old, ignore_errors=True)
        draft.rename(raw)

    def current(self, partition: str) -> Commit | None:
        """Return the commit of a partition, None where nothing is committed."""
        marker = self.path(partition) / CURRENT
        if not marker.exists():
            return None
        told = json.loads(marker.read_text(encoding="utf-8"))
        return Commit(told["run_id"], tuple(told["files"]), told["row_count"])

    def files(self, partition: str, table: str = "") -> list[str]:
        """Return the committed Parquet files of a partition, or of one table of it; UserError if none is."""
        commit = self.current(partition)
        if commit is None:
            raise UserError(f"{self.path(partition)}: nothing committed there yet; run `clv run` first")
        prefix = f"run={commit.run_id}/{table}"
        return [str(self.path(partition) / name) for name in commit.files if name.startswith(prefix)]

    def partitions(self, table: str, key: str) -> list[str]:
        """Return the committed values of `key` directly below `table`, sorted (such as all as_of dates)."""
        found = (self.root / table).glob(f"{key}=*/{CURRENT}")
        return sorted(marker.parent.name.removeprefix(f"{key}=") for marker in found)

    @contextmanager
    def commit(self, partition: str, run_id: str) -> Iterator[Path]:
        """Yield an empty folder to write into; on a clean exit its files become the partition.

        A failure inside leaves the previous commit untouched and readable.
        """
        home = self.path(partition)
        folder = home / f"run={run_id}"
        before = self.current(partition)
        if before is not None and before.run_id == run_id:
            raise UserError(f"{home}: run {run_id} is already committed there")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
        self._publish(home, folder, run_id)
        if before is not None:
            shutil.rmtree(home / f"run={before.run_id}", ignore_errors=True)

    def _publish(self, home: Path, folder: Path, run_id: str) -> None:
        files = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(MARKS))
        rows = sum(pq.read_metadata(p).num_rows for p in files if p.suffix == ".parquet")
        commit = Commit(run_id, tuple(p.relative_to(home).as_posix() for p in files), rows)
        draft = home / f"{CURRENT}.{run_id}"
        draft.write_text(json.dumps(asdict(commit), indent=1), encoding="utf-8")
        os.replace(draft, home / CURRENT)  # noqa: PTH105 - the atomic rename is the point
