"""Every loss as a model that may be judged, saved and put into force."""

import numpy as np
import pandas as pd
import pytest

from clv.metrics import normalised_gini
from clv.models.catalogue import load_model
from clv.models.losses.catalogue import LOSSES
from clv.settings import Settings
from clv.timeline import Horizon
from tests.statistics.shoppers import HORIZON_DAYS, TRAIN_AS_OFS, scoring_frame, training_frame
from training.contending_losses import contending_losses

HORIZON = Horizon(HORIZON_DAYS)
SETTINGS = Settings(max_rounds=25, patience=5)


@pytest.fixture(scope="module")
def models():
    return contending_losses(training_frame(), HORIZON, SETTINGS)


def test_every_loss_and_both_means_stand_beside_each_other_under_versions_of_their_own(models):
    assert set(models) == {*(f"trees-{name}" for name in LOSSES), "trees-mean", "trees-stacked"}
    assert len({model.version for model in models.values()}) == len(models)
    for name in LOSSES:
        assert models[f"trees-{name}"].version.startswith(f"xgb-{name}-pooled-")


def test_each_is_saved_and_loaded_and_says_the_same_bytes(models, tmp_path):
    for name, model in models.items():
        folder = tmp_path / name
        folder.mkdir()
        model.save(folder)
        loaded = load_model(folder, HORIZON_DAYS)
        assert loaded.version == model.version
        pd.testing.assert_frame_equal(
            loaded.forecast(scoring_frame()), model.forecast(scoring_frame()), check_exact=True
        )


def test_a_loss_alone_is_its_trees_at_the_season_level(models):
    frame = scoring_frame()
    said = models["trees-tweedie"].forecast(frame).clv_eur
    assert normalised_gini(frame.true_eur, said) > normalised_gini(frame.true_eur, frame.btyd_clv_eur)
    assert not np.allclose(said, models["trees-mean"].forecast(frame).clv_eur)


def test_one_closed_snapshot_leaves_no_contender():
    frame = training_frame()
    assert contending_losses(frame[frame.as_of == TRAIN_AS_OFS[0]], HORIZON, SETTINGS) == {}
