import json

import boto3
import pytest

from clv.errors import UserError
from step_functions.handlers.resolve import handler
from tests.handlers.trainings import GROUPS, make_groups, register

INPUTS = "inputs/horizon_days=365/as_of=2025-07-07"
SNAPSHOTS = "snapshots/horizon_days=365/as_of=2025-07-07"


@pytest.fixture(autouse=True)
def groups(store):
    make_groups()


def resolve(store, find):
    event = {"find": find, "lake": store.root, "as_of": "2025-07-07", "horizon_days": 365, "groups": GROUPS}
    return handler(event, None)


def commit_inputs(store, early=3, established=5):
    counted = {"early": early, "established": established}
    told = {name: {"customers": n, "manifest": f"{name}.json" if n else None} for name, n in counted.items()}
    store.write(f"{INPUTS}/run=run-a/segments.json", json.dumps(told))
    store.write(f"{INPUTS}/_current.json", json.dumps({"run_id": "run-a", "files": [], "row_count": 8}))


def test_the_newest_approved_model_of_the_day_or_earlier_scores(store):
    commit_inputs(store)
    register("early", "2025-06-01")
    newest = register("early", "2025-07-01")
    register("early", "2025-05-01")
    register("early", "2025-07-02", status="Rejected")
    register("early", "2025-07-08")
    register("established", "2025-07-01")
    told = resolve(store, "models")
    assert not told["none_approved"]
    evaluation = "s3://lake/early/2025-07-01/evaluation.json"
    assert told["packages"]["early"] == {
        "arn": newest,
        "version": "clv-early-365/2",
        "evaluation": evaluation,
    }
    assert told["evaluations"]["early"] == evaluation
    early = told["segments"]["early"]
    assert (early["customers"], early["manifest"], early["package"]) == (3, "early.json", newest)


def test_a_model_is_named_after_the_package_version_and_used_again(store):
    commit_inputs(store)
    arn = register("early", "2025-07-01")
    register("established", "2025-07-01")
    first = resolve(store, "models")["segments"]["early"]
    assert first["model"].startswith("clv-early-365-1-")
    assert len(first["model"]) <= 63
    assert not first["model_exists"]
    boto3.client("sagemaker").create_model(
        ModelName=first["model"],
        ExecutionRoleArn="arn:aws:iam::123456789012:role/r",
        PrimaryContainer={"ModelPackageName": arn},
    )
    assert resolve(store, "models")["segments"]["early"] == {**first, "model_exists": True}


def test_without_an_approved_model_it_says_which_one_waits_and_why(store):
    commit_inputs(store)
    register("early", "2025-07-01", status="Rejected", reason="worse than 12m")
    told = resolve(store, "models")
    assert told["none_approved"]
    assert "clv-early-365/1 of 2025-07-01, Rejected (worse than 12m)" in told["reason"]
    assert "clv-established-365 has no model trained as of 2025-07-07 or earlier" in told["reason"]


def test_a_segment_without_customers_needs_no_model(store):
    commit_inputs(store, early=0)
    register("established", "2025-07-01")
    told = resolve(store, "models")
    assert not told["none_approved"]
    assert told["segments"]["early"] == {"customers": 0, "manifest": None}
    assert set(told["packages"]) == set(told["evaluations"]) == {"established"}


def test_models_registered_by_hand_without_our_metadata_do_not_score(store):
    commit_inputs(store, early=0)
    boto3.client("sagemaker").create_model_package(
        ModelPackageGroupName=GROUPS["established"], ModelApprovalStatus="Approved"
    )
    assert resolve(store, "models")["none_approved"]


def test_inputs_that_are_not_committed_are_an_error(store):
    with pytest.raises(UserError, match="nothing committed there"):
        resolve(store, "models")


def test_snapshots_come_with_the_manifest_of_the_committed_run_and_the_champions(store):
    store.write(f"{SNAPSHOTS}/_current.json", json.dumps({"run_id": "run-b"}))
    register("early", "2025-06-01")
    told = resolve(store, "snapshots")
    assert told["manifest"] == f"{store.root}/{SNAPSHOTS}/run=run-b/manifest.json"
    assert told["champions"]["established"] == []
    sources = {c["ChannelName"]: c["DataSource"]["S3DataSource"] for c in told["champions"]["early"]}
    assert sources["champion"]["S3Uri"] == "s3://lake/early/2025-06-01/model.tar.gz"
    assert sources["leaderboard"]["S3Uri"] == "s3://lake/early/2025-06-01/evaluation.json"
