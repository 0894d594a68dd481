import json

import pytest

from clv.errors import UserError
from clv.settings import Settings
from step_functions.handlers.plan import handler
from step_functions.handlers.request import run_id, short_id
from tests.handlers.trainings import make_groups, register

STARTED = "2025-07-07T01:00:00.000Z"


@pytest.fixture(autouse=True)
def groups(store):
    make_groups()


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
    assert (told["until"], told["replace"], told["horizon_days"]) == ("watched", "false", 365)
    assert told["groups"] == {"early": "clv-early-365", "established": "clv-established-365"}
    assert told["paths"] == {
        "models": {
            "early": f"{store.root}/models/horizon_days=365/segment=early",
            "established": f"{store.root}/models/horizon_days=365/segment=established",
        },
        "transform": f"{store.root}/transform/horizon_days=365/as_of=2025-07-07/run=run-2025-07-07-1",
    }


def test_as_of_is_the_utc_date_of_the_scheduled_time(store):
    assert plan(store, scheduled_time="2025-06-30T00:30:00+02:00")["as_of"] == "2025-06-29"
    assert plan(store, scheduled_time="2025-06-30T01:00:00Z")["as_of"] == "2025-06-30"
    assert plan(store, scheduled_time="2025-06-30T01:00:00Z", as_of="2025-06-01")["as_of"] == "2025-06-01"


def test_settings_of_the_input_lie_over_those_of_the_stack(store, monkeypatch):
    monkeypatch.setenv("CLV_SETTINGS", json.dumps({"seed": 7, "max_depth": 3}))
    told = plan(store, settings={"max_depth": 5}, horizon_days=365)
    settings = Settings.from_json(told["settings"])
    assert settings == Settings(seed=7, max_depth=5)
    assert Settings.from_hyperparameters(told["hyperparameters"]) == settings
    assert all(isinstance(value, str) for value in told["hyperparameters"].values())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"asof": "2025-07-01"}, "unknown asof; known are as_of, horizon_days"),
        ({"as_of": "01.07.2025"}, "write a date as YYYY-MM-DD"),
        ({"as_of": "2025-07-08"}, "as_of 2025-07-08 lies after 2025-07-07"),
        ({"as_of": "2025-07-01", "scheduled_time": "2025-06-30T23:00:00Z"}, "lies after 2025-06-30"),
        ({"train": "sometimes"}, "train is 'sometimes'; write one of auto, always, never"),
        ({"until": "noon"}, "until is 'noon'; write one of features, published, watched"),
        ({"replace": "false"}, "replace is 'false'; write true or false"),
        ({"scheduled_time": "monday"}, "scheduled_time is 'monday'"),
        ({"settings": []}, "settings is []"),
        ({"settings": {"depth": 3}}, "unknown setting depth"),
        ({"horizon_days": 0}, "horizon_days is 0; give at least 1"),
        ({"horizon_days": 90}, "no group clv-early-90"),
    ],
)
def test_an_input_that_cannot_be_run_is_refused_by_name(store, given, said):
    with pytest.raises(UserError) as error:
        plan(store, **given)
    assert said in str(error.value)


def test_the_remark_that_the_console_offers_is_no_error(store):
    assert plan(store, Comment="Insert your JSON here")["as_of"] == "2025-07-07"


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
    store.write("monitoring/advice.json", json.dumps({"retrain": "no"}))
    assert not due(store)[0]


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


def test_a_run_is_named_after_its_execution_in_letters_digits_and_hyphens():
    assert run_id("run_2025.07--01 a_") == "run-2025-07-01-a"
    assert short_id("run-2025-07-01-3") == "run-2025-07-01-3"


def test_long_names_are_shortened_and_stay_apart():
    first, second = (short_id(f"{'a' * 34}-{end}") for end in ("-x", "-y"))
    assert len(first) == len(second) <= 36
    assert first != second
    assert short_id("b" * 36) == "b" * 36
