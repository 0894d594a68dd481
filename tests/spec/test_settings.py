"""Settings travel as JSON to Glue and as flat texts to SageMaker, and arrive as they left."""

import json
from dataclasses import asdict, fields

import pytest

from clv.errors import UserError
from clv.models.trees import Growth
from clv.settings import Settings

CHANGED = Settings(
    horizon_days=180, eta=0.1, refund_view="order", seed=7, quarantine_limit=1.0, losses="ziln,two-part"
)


def test_settings_survive_their_json_text():
    assert Settings.from_json(CHANGED.to_json()) == CHANGED
    assert Settings.from_json("{}") == Settings()
    assert Settings.from_json('{"eta": 1, "train_max_age_days": 3}') == Settings(
        eta=1.0, train_max_age_days=3
    )


def test_settings_survive_sagemakers_hyperparameters_as_texts_and_as_its_toolkit_parses_them():
    texts = CHANGED.hyperparameters()
    assert all(isinstance(value, str) for value in texts.values())
    assert Settings.from_hyperparameters(texts) == CHANGED
    words = {name for name, value in asdict(CHANGED).items() if isinstance(value, str)}
    parsed = {name: value if name in words else json.loads(value) for name, value in texts.items()}
    assert Settings.from_hyperparameters(parsed) == CHANGED
    assert len(texts) == len(fields(Settings)) <= 98, "SageMaker takes 100, two of which are not settings"


def test_numbers_keep_their_types_on_the_way():
    for restored in (
        Settings.from_json(CHANGED.to_json()),
        Settings.from_hyperparameters(CHANGED.hyperparameters()),
    ):
        assert [type(v) for v in asdict(restored).values()] == [type(v) for v in asdict(CHANGED).values()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"horizont": 90}', "unknown setting horizont: known are horizon_days"),
        ('{"horizon_days": "90"}', "setting horizon_days is '90': expected a number of type int"),
        ('{"horizon_days": 90.5}', "setting horizon_days is 90.5"),
        ('{"horizon_days": true}', "setting horizon_days is True"),
        ('{"refund_view": "net"}', "setting refund_view is 'net': expected one of cash, order"),
        ("[1]", "settings are a JSON list"),
        ("horizon", "settings are not JSON"),
    ],
)
def test_wrong_settings_are_named(text, message):
    with pytest.raises(UserError, match=message):
        Settings.from_json(text)


def test_unknown_hyperparameter_is_named():
    with pytest.raises(UserError, match="unknown setting max_dept"):
        Settings.from_hyperparameters({"max_dept": "3"})


def test_trees_grow_as_the_settings_say_and_by_default_as_they_always_did():
    assert Growth.of(Settings(), 1) == Growth()
    assert Growth.of(Settings(max_depth=2, patience=3), 4) == Growth(max_depth=2, patience=3, threads=4)


@pytest.mark.parametrize(("depth", "fits"), [(0, False), (1, True), (8, True), (9, False)])
def test_depth_of_trees_is_one_whose_drivers_can_be_told(depth, fits):
    if fits:
        assert Settings.from_hyperparameters({"max_depth": str(depth)}).max_depth == depth
    else:
        with pytest.raises(UserError, match=f"max_depth is {depth}: expected 1 to 8"):
            Settings(max_depth=depth)


def test_no_thread_at_all_is_refused():
    with pytest.raises(UserError, match="threads is 0: expected 1 or more"):
        Settings(threads=0)
