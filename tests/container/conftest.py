"""A small lake as the channel of a training job, and that job run by the container's toolkit."""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from clv.closed_snapshots import SnapshotPlan
from clv.feature_catalogue import FEATURES
from clv.frames import write_frame
from clv.lake import Lake
from clv.partitions import features_at, labels_at, priors_at, snapshots_at
from clv.settings import Settings
from clv.tables import LABELS, PRIORS
from clv.timeline import Horizon
from infra.archives import write_archives
from tests.container.toolkit import train
from tests.spec.test_serving import INPUTS
from tests.statistics.shoppers import HORIZON_DAYS, TEST_AS_OF, TRAIN_AS_OFS, snapshot

HORIZON = Horizon(HORIZON_DAYS)
SEGMENT = "early"
SETTINGS = Settings(horizon_days=HORIZON_DAYS, max_rounds=20, patience=5, bootstrap_resamples=20)
NULLABLE = {"int64": "Int64", "int32": "Int32", "boolean": "boolean"}
PROGRAM = {
    "sagemaker_program": "train.py",
    "sagemaker_submit_directory": "{base}/input/data/code/sourcedir.tar.gz",
}


@dataclass(frozen=True)
class Trained:
    """A job that ran: its /opt/ml, and what it printed."""

    base: Path
    log: str

    @property
    def model_dir(self) -> Path:
        return self.base / "model"

    @property
    def output_dir(self) -> Path:
        return self.base / "output" / "data"


def typed(frame, table):
    """Return the frame with the types of its contract, in which whole numbers and truth may be missing."""
    kinds = {column.name: NULLABLE[column.type] for column in table.columns if column.type in NULLABLE}
    return frame.astype({name: kind for name, kind in kinds.items() if name in frame.columns})


def write_snapshot(lake: Lake, as_of: date, *, labelled: bool) -> None:
    frame = snapshot(as_of).assign(horizon_days=HORIZON_DAYS)
    tables = [(features_at(as_of), FEATURES), (priors_at(as_of, HORIZON), PRIORS)]
    tables += [(labels_at(as_of, HORIZON), LABELS)] if labelled else []
    for partition, table in tables:
        with lake.commit(partition, "r1") as draft:
            write_frame(typed(frame, table), table, draft.folder)


@pytest.fixture(scope="session")
def channel(tmp_path_factory) -> Path:
    """The folder of the channel `snapshots`: a plan, its snapshots, and the rows of as_of itself."""
    folder = tmp_path_factory.mktemp("snapshots")
    lake = Lake.at(folder)
    for as_of in TRAIN_AS_OFS:
        write_snapshot(lake, as_of, labelled=True)
    write_snapshot(lake, TEST_AS_OF, labelled=False)
    judged = TRAIN_AS_OFS[-1]
    before = tuple(day for day in TRAIN_AS_OFS if day + timedelta(days=HORIZON_DAYS) <= judged)
    with lake.commit(snapshots_at(TEST_AS_OF, HORIZON), "r1") as draft:
        (draft.folder / "plan.json").write_text(SnapshotPlan(TRAIN_AS_OFS, judged, before).to_json())
    return folder


@pytest.fixture(scope="session")
def code(tmp_path_factory) -> Path:
    """The folder of the channel `code`: the archive that is deployed."""
    folder = tmp_path_factory.mktemp("code")
    built = write_archives(tmp_path_factory.mktemp("archives")).source_folder
    shutil.copy(built, folder)
    return folder


def hyperparameters(base: Path, **more: str) -> dict[str, str]:
    program = {name: value.format(base=base) for name, value in PROGRAM.items()}
    return {**SETTINGS.hyperparameters(), **program, "segment": SEGMENT, "as_of": str(TEST_AS_OF), **more}


@pytest.fixture(scope="session")
def trained(channel, code, tmp_path_factory) -> Trained:
    base = tmp_path_factory.mktemp("opt") / "ml"
    done = train(base, hyperparameters(base), {"snapshots": channel, "code": code})
    assert done.returncode == 0, done.stdout + done.stderr
    return Trained(base, done.stdout)


@pytest.fixture(scope="session")
def inputs() -> pa.Table:
    """What Batch Transform reads of the segment."""
    frame = typed(snapshot(TEST_AS_OF), FEATURES)
    rows = frame[frame.segment == SEGMENT]
    return pa.Table.from_pandas(pd.DataFrame(rows)[INPUTS.names], INPUTS, preserve_index=False)
