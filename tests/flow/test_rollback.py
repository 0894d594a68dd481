"""Going back: to the scores of the week before, and to the models before the newest training."""

import json
import shutil

import pytest

from app.console import Console
from app.rollback import roll_back
from app.scores import from_lake
from app.weekly import run_once
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import scores_at
from clv.timeline import parse_as_of
from tests.flow.conftest import AS_OF, SETTINGS, silent

NEXT = parse_as_of("2025-07-08")
QUIET = Console(quiet=True, as_json=True)


@pytest.fixture(scope="module")
def two_weeks(scored, tmp_path_factory):
    """A lake with two weeks, the second of them with a training of its own."""
    lake = Lake.at(tmp_path_factory.mktemp("weeks") / "lake")
    shutil.copytree(scored[0].root, lake.root)
    run_once(lake, NEXT, SETTINGS, silent, train="always")
    return lake


@pytest.fixture
def weeks(two_weeks, tmp_path):
    lake = Lake.at(tmp_path / "lake")
    shutil.copytree(two_weeks.root, lake.root)
    return lake


def packages_of(scores):
    return {version.split("@")[1] for version in scores.model_version.dropna()}


def test_back_to_the_week_before_and_forth_again(weeks):
    before = from_lake(weeks, None)
    roll_back(weeks, "week", "", "", QUIET)
    assert from_lake(weeks, None).as_of.unique().tolist() == [AS_OF]
    told = json.loads(weeks.read_text(f"runs/rollback-{NEXT}-1.json"))
    assert (told["as_of"], told["before"]) == (str(NEXT), str(AS_OF))
    assert told["commit"]["row_count"] == len(before)
    assert weeks.read_text("runs/lock.json") is None
    run_once(weeks, NEXT, SETTINGS, silent)
    assert from_lake(weeks, None).equals(before)


def test_with_one_week_there_is_nothing_to_go_back_to(weeks):
    roll_back(weeks, "week", "", "", QUIET)
    with pytest.raises(UserError, match="1 weeks are published, no earlier one"):
        roll_back(weeks, "week", "", "", QUIET)
    assert weeks.current(scores_at(AS_OF)) is not None


def test_a_rejected_training_scores_no_more_and_the_one_before_does(weeks):
    assert packages_of(from_lake(weeks, None)) == {"clv-early-180/2", "clv-established-180/2"}
    roll_back(weeks, "model", "", "", QUIET)
    run_once(weeks, NEXT, SETTINGS, silent, train="never", replace=True)
    assert packages_of(from_lake(weeks, None)) == {"clv-early-180/1", "clv-established-180/1"}
    told = json.loads(weeks.read_text(f"runs/rollback-{NEXT}-1.json"))
    assert [line["in_force"] for line in told["models"]] == ["clv-early-180/1", "clv-established-180/1"]


def test_one_segment_alone_goes_back(weeks):
    roll_back(weeks, "model", "early", "", QUIET)
    registry = json.loads(weeks.read_text("runs/registry.json"))
    status = {group: [one["ModelApprovalStatus"] for one in kept] for group, kept in registry.items()}
    assert status["clv-early-180"] == ["Approved", "Rejected"]
    assert status["clv-established-180"] == ["Approved", "Approved"]


def test_the_only_approved_model_is_not_taken_away(weeks):
    roll_back(weeks, "model", "", "", QUIET)
    with pytest.raises(UserError, match="clv-early-180/1, clv-established-180/1 is the only approved"):
        roll_back(weeks, "model", "", "", QUIET)
