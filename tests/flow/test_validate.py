"""`clv validate` and `clv card`: the governance of a model at the command line."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from app.approvals import approve
from app.cards import show_cards
from app.cli import main
from app.console import Console
from app.rollback import roll_back
from app.validations import validate_once
from app.weekly import run_once
from clv.errors import UserError
from clv.lake import Lake
from clv.partitions import card_at, validation_at
from clv.timeline import Horizon, parse_as_of
from step_functions.laptop.registry import KEPT, LAKE, REGISTRY
from tests.flow.conftest import AS_OF, SETTINGS, silent

HORIZON = Horizon(180)
NEXT = parse_as_of("2025-08-01")
FEW = replace(SETTINGS, max_rounds=20, bootstrap_resamples=40)
QUIET = Console(quiet=True, as_json=True)


@pytest.fixture(scope="module")
def lake(scored, tmp_path_factory):
    lake = Lake.at(tmp_path_factory.mktemp("validate") / "copy")
    shutil.copytree(scored[0].root, lake.root)
    return lake


@pytest.fixture(scope="module")
def told(lake):
    return validate_once(lake, AS_OF, FEW, silent, retrainings=1, walk=2, every_months=2)


def test_every_area_is_judged_and_written_for_people_and_machines(lake, told):
    folder = lake.path(validation_at(AS_OF, HORIZON))
    written = json.loads((folder / "validation.json").read_text())
    assert written == {name: value for name, value in told.items() if name not in {"file", "page"}}
    judged = {row["area"] for row in told["checks"] if row["verdict"] != "not judged"}
    assert judged == {"statistical", "business", "temporal", "fairness", "stability"}
    page = (folder / "validation.html").read_text()
    assert all(row["check"] in page for row in told["checks"])


def test_its_figures_are_those_of_the_backtest(told):
    found = {row["check"]: row for row in told["checks"]}
    home = told["file"].replace("reports/validation", "reports/backtest").removesuffix("validation.json")
    board = json.loads(Path(home, "leaderboard.json").read_text())
    [row] = [row for row in board["rows"] if (row["segment"], row["model"]) == ("all", "ours")]
    assert found["rmse_against_12m"]["found"] == pytest.approx(row["rmse_vs_12m"])
    assert found["revenue_accuracy"]["found"] == pytest.approx(row["calibration_ratio"])
    assert told["customers"] == row["n"]
    assert told["t0s"] == ["2025-05-01", AS_OF.isoformat()]


def test_it_was_trained_again_on_drawn_customers_and_without_the_newest_snapshot(told):
    newest = told["training_as_ofs"][-1]
    assert [(one["kind"], one["what"]) for one in told["reruns"]] == [
        ("bootstrap", "draw 1 of 1"),
        ("adjacent", f"without {newest}"),
    ]
    assert all(0 <= one["moved"] < 1 and 0 < one["rank_correlation"] < 1 for one in told["reruns"])


def test_a_horizon_that_has_not_ended_is_refused(lake):
    with pytest.raises(UserError, match=r"its 180 days end on 2026-08-28, the data on"):
        validate_once(lake, parse_as_of("2026-03-01"), SETTINGS, silent)


def test_a_failing_check_is_a_result_and_with_strict_an_exit_code(monkeypatch, capsys):
    codes = {}
    for words, verdict in (((), "fail"), (("--strict",), "fail"), (("--strict",), "warn")):
        monkeypatch.setattr("app.validation_commands.run_validation", lambda *_, v=verdict, **__: v)
        monkeypatch.setattr(sys, "argv", ["clv", "validate", "--lake", "x", "--as-of", "2025-07-01", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        codes[words, verdict] = ended.value.code
    assert codes == {((), "fail"): 0, (("--strict",), "fail"): 1, (("--strict",), "warn"): 0}
    capsys.readouterr()


def test_the_models_in_force_have_a_card_with_their_approval(lake, capsys):
    show_cards(lake, "", QUIET)
    cards = json.loads(capsys.readouterr().out)["cards"]
    assert [one["package"] for one in cards] == ["clv-early-180/1", "clv-established-180/1"]
    for one in cards:
        card = json.loads(lake.read_text(f"{card_at(one['package'])}/card.json"))
        assert card["approval"]["status"] == one["status"] == "Approved"
        assert {"intended_use", "not_intended", "validation", "metrics_by_segment", "code_version"} <= set(
            card
        )
        page = lake.read_text(f"{card_at(one['package'])}/card.html")
        assert card["model_version"] in page
        assert "What it is for" in page


def test_a_decision_is_kept_with_who_when_and_why_and_stands_on_the_card(lake, tmp_path, capsys):
    other = Lake.at(tmp_path / "lake")
    shutil.copytree(lake.root, other.root)
    name = "clv-early-180/1"
    approve(other, name, " head of CRM ", "the ranking is worse", QUIET, approved=False)
    assert json.loads(capsys.readouterr().out) == {
        "package": name,
        "before": "Approved",
        "status": "Rejected",
    }
    show_cards(other, name, QUIET)
    approval = json.loads(other.read_text(f"{card_at(name)}/card.json"))["approval"]
    assert (approval["status"], approval["decided_by"]) == ("Rejected", "head of CRM")
    assert approval["approval_note"] == "the ranking is worse"
    assert approval["changed"] > approval["registered"]
    page = other.read_text(f"{card_at(name)}/card.html")
    assert "head of CRM" in page
    assert "the ranking is worse" in page
    approve(other, name, "data team", "good enough", QUIET, approved=True)
    show_cards(other, "", QUIET)
    again = json.loads(other.read_text(f"{card_at(name)}/card.json"))["approval"]
    assert (again["status"], again["decided_by"], again["approval_note"]) == (
        "Approved",
        "data team",
        "good enough",
    )
    assert again["changed"] > approval["changed"]


def test_a_decision_without_a_package_s_whole_name_or_a_reason_is_refused(lake):
    with pytest.raises(UserError, match="--package early: write GROUP/NUMBER"):
        approve(lake, "early", "data team", "why", QUIET, approved=True)
    with pytest.raises(UserError, match="--why is empty"):
        approve(lake, "clv-early-180/1", "data team", " ", QUIET, approved=True)


def on_s3(lake, url):
    """Return a lake on S3 with the scores and model files of another, its packages registered there."""
    there = Lake.at(url)
    for folder in ("scores", "models"):
        for entry in lake.entries(folder):
            there.storage.write(entry.name, lake.storage.read(entry.name).data)
    client = boto3.client("sagemaker")
    kept = json.loads(lake.read_text(REGISTRY).replace(LAKE, there.root))
    for group, registered in kept.items():
        client.create_model_package_group(ModelPackageGroupName=group)
        for one in registered:
            given = {name: one[name] for name in KEPT if name in one}
            client.create_model_package(ModelPackageGroupName=group, **given)
    return there


def test_models_of_a_lake_on_s3_have_cards_and_approvals_too(lake, s3, capsys):
    there = on_s3(lake, s3)
    approve(there, "clv-early-180/1", "head of CRM", "read the card", QUIET, approved=True)
    show_cards(there, "", QUIET)
    cards = json.loads(capsys.readouterr().out.split("}", 1)[1])["cards"]
    assert [one["page"].removeprefix(s3) for one in cards] == [
        f"/{card_at(name)}/card.html" for name in ("clv-early-180/1", "clv-established-180/1")
    ]
    early, established = (
        json.loads(there.read_text(f"{card_at(one['package'])}/card.json"))["approval"] for one in cards
    )
    assert (early["decided_by"], early["approval_note"]) == ("head of CRM", "read the card")
    assert "decided_by" not in established


def test_a_rejected_package_says_who_took_it_back_and_an_unknown_one_is_refused(lake, tmp_path, capsys):
    other = Lake.at(tmp_path / "lake")
    shutil.copytree(lake.root, other.root)
    run_once(other, NEXT, SETTINGS, silent, train="always")
    roll_back(other, "model", "early", "", QUIET)
    show_cards(other, "clv-early-180/2", QUIET)
    card = json.loads(other.read_text(f"{card_at('clv-early-180/2')}/card.json"))
    assert card["approval"]["status"] == "Rejected"
    assert card["approval"]["rolled_back_by"] == f"rollback-{NEXT}-1"
    assert card["validation"]["t0s"] == ["2025-01-01", "2025-02-01"]
    adjacent = next(one for one in card["validation"]["reruns"] if one["kind"] == "adjacent")
    assert adjacent["what"] == "the champion's training"
    capsys.readouterr()
    with pytest.raises(
        UserError, match="clv-early-180/9: not in the model registry; known are clv-early-180/1"
    ):
        show_cards(other, "clv-early-180/9", QUIET)
