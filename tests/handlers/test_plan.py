import json

import pytest

from clv.errors import UserError
from clv.settings import Settings
from step_functions.handlers.plan import handler
from step_functions.handlers.store import store_at
from tests.handlers.trainings import make_groups, register

STARTED = "2025-07-07T01:00:00.000Z"


@pytest.fixture
def store(aws, tmp_path):
    """A lake on disk, and the registry's groups; that S3 is read alike is the store's own test."""
    make_groups()
    return store_at(str(tmp_path))


def plan(store, name="run-2025-07-07-1", **given):
    execution = {"id": f"arn:{name}", "name": name, "started": STARTED}
    event = {"lake": store.root, "registry_prefix": "clv", "execution": execution, "input": given}
    return handler(event, None)


def due(store, **given):
    told = plan(store, **given)["training"]
    return told["due"], told["reason"]


def publish(store, day):
    store.write(f"scores/as_of={day}/_current.json", '{"run_id": "r"}')


def test_an_empty_input_runs_the_day_of_the_start_to_its_end(store):
    told = plan(store)
    assert told["as_of"] == "2025-07-07"
    assert (told["until"], told["replace"], told["horizon_days"]) == ("decided", "false", 365)
    assert told["groups"] == {"early": "clv-early-365", "established": "clv-established-365"}
    assert told["paths"] == {
        "models": {
            "early": f"{store.root}/models/horizon_days=365/segment=early",
            "established": f"{store.root}/models/horizon_days=365/segment=established",
        },
        "transform": f"{store.root}/transform/horizon_days=365/as_of=2025-07-07/run=run-2025-07-07-1",
    }


def test_settings_of_the_input_lie_over_those_of_the_stack(store, monkeypatch):
    monkeypatch.setenv("CLV_SETTINGS", json.dumps({"seed": 7, "max_depth": 3}))
    told = plan(store, settings={"max_depth": 5}, horizon_days=365)
    settings = Settings.from_json(told["settings"])
    assert settings == Settings(seed=7, max_depth=5)
    assert Settings.from_hyperparameters(told["hyperparameters"]) == settings
    assert all(isinstance(value, str) for value in told["hyperparameters"].values())


def test_a_horizon_without_registry_groups_is_refused(store):
    with pytest.raises(UserError, match="no group clv-early-90"):
        plan(store, horizon_days=90)


def test_training_is_due_without_an_approved_model_of_a_segment(store):
    register("early", "2025-06-30")
    register("established", "2025-06-30", status="PendingManualApproval")
    assert due(store) == (True, "no approved established model in clv-established-365")


def test_training_is_due_one_day_after_the_limit_of_age(store):
    register("early", "2025-06-30")
    register("established", "2025-06-09")
    assert due(store) == (False, "the approved models are young enough")
    assert due(store, settings={"train_max_age_days": 27}) == (
        True,
        "clv-established-365/1 is 28 days old, more than the 27 allowed",
    )


def test_a_model_of_a_later_day_does_not_stand_in_the_way_of_an_earlier_one(store):
    register("early", "2025-07-01")
    register("established", "2025-07-01")
    assert due(store, as_of="2025-06-01") == (True, "no approved early model in clv-early-365")


def test_training_is_due_when_monitoring_advises_it(store):
    register("early", "2025-06-30")
    register("established", "2025-06-30")
    store.write("monitoring/advice.json", json.dumps({"retrain": "now", "reason": "drift of recency"}))
    assert due(store) == (True, "monitoring advises it: drift of recency")


@pytest.mark.parametrize(
    ("retrain", "trained", "allowed", "is_due"),
    [
        ("weekly", "2025-06-30", 28, True),
        ("weekly", "2025-07-01", 28, False),  # trained since, six days ago
        ("weekly", "2025-06-30", 7, True),
        ("monthly", "2025-06-09", 91, False),
        ("monthly", "2025-06-08", 91, True),
        ("quarterly", "2025-06-08", 28, True),  # nobody waits longer than the setting allows
        ("quarterly", "2025-04-07", 365, False),
        ("quarterly", "2025-04-06", 365, True),
    ],
)
def test_advice_sets_the_age_at_which_a_model_is_due_within_what_the_setting_allows(
    store, retrain, trained, allowed, is_due
):
    register("early", trained)
    register("established", trained)
    store.write("monitoring/advice.json", json.dumps({"retrain": retrain, "reason": "drift of recency"}))
    assert due(store, settings={"train_max_age_days": allowed})[0] == is_due


def test_a_training_due_by_advice_says_whose(store):
    register("early", "2025-06-30")
    register("established", "2025-06-30")
    store.write("monitoring/advice.json", json.dumps({"retrain": "weekly", "reason": "drift of recency"}))
    assert due(store)[1] == (
        "clv-early-365/1 is 7 days old, more than the 6 that monitoring advises: drift of recency"
    )


def test_what_was_trained_for_this_day_is_not_trained_again_by_itself(store):
    register("early", "2025-07-07", status="Rejected")
    assert due(store)[0]
    register("established", "2025-07-07")
    assert due(store) == (False, "trained as of 2025-07-07 already")
    assert due(store, train="always") == (True, "train is always")


def test_published_scores_need_no_training_unless_replaced_or_asked_for(store):
    publish(store, "2025-07-07")
    told = plan(store)
    assert told["published"]
    assert told["training"] == {"due": False, "reason": "the scores of 2025-07-07 are published"}
    assert due(store, train="always")[0]
    replacing = plan(store, replace=True)
    assert (replacing["published"], replacing["replace"], replacing["training"]["due"]) == (
        False,
        "true",
        True,
    )


def test_never_trains_never_and_the_daily_run_neither(store):
    assert due(store, train="never") == (False, "train is never")
    assert due(store, until="features", train="always") == (False, "the run ends after the features")
