"""A transform that leaves half of its answers: nothing is published, and last week's scores stay."""

import json
import shutil
from pathlib import Path

import pytest

from app.runs import new_run
from app.weekly import run_once
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import scores_at
from inference.transform import transform
from step_functions.laptop import runners
from step_functions.laptop.run import run_machine
from tests.flow.conftest import AS_OF, SETTINGS, silent


@pytest.fixture
def published(scored, tmp_path):
    """A copy of a lake with one published week."""
    lake, _ = scored
    return Lake.at(shutil.copytree(lake.path(""), tmp_path / "lake"))


def losing_one(manifest, model, output):
    """Score all files and lose the last answer."""
    written = transform(manifest, model, output)
    Path(written[-1]).unlink()
    return written


def cutting_one(manifest, model, output):
    """Score all files and cut the last answer short."""
    written = transform(manifest, model, output)
    answer = Path(written[-1])
    answer.write_bytes(answer.read_bytes()[:100])
    return written


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (losing_one, r"the 0 answers are not those to the 1 input files"),
        (cutting_one, r"part-000\.parquet\.out: no whole Parquet file"),
    ],
)
def test_publish_refuses_and_the_previous_scores_stay(published, monkeypatch, broken, says):
    before = read_frame(published.files(scores_at(AS_OF)))
    commit = published.path(scores_at(AS_OF)) / "_current.json"
    text = commit.read_text()
    monkeypatch.setattr(runners, "transform", broken)
    with pytest.raises(UserError, match=says):
        run_once(published, AS_OF, SETTINGS, silent, train="never", replace=True)
    assert commit.read_text() == text
    assert read_frame(published.files(scores_at(AS_OF))).equals(before)
    assert not (published.path("runs") / "lock.json").exists()
    monkeypatch.undo()
    asked = {"train": "never", "replace": True, "until": "published"}
    run_machine(published, new_run(published, AS_OF, "run"), AS_OF, SETTINGS, asked, silent)
    assert json.loads(commit.read_text())["run_id"] != json.loads(text)["run_id"]
