"""What drives a forecast: euros add up, follow from the model alone, and find what moves revenue."""

from dataclasses import replace
from functools import cache
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.driver_words import ALIKE, BASKET, DRIVER_WORDS, OTHER, RHYTHM
from clv.feature_catalogue import CATEGORICAL, FEATURES, NUMERIC
from clv.frames import arrow_schema
from clv.models import explain
from clv.models.catalogue import load_model
from clv.models.drivers import LAST_YEAR, MULTIPLYING, Typical, learner_share
from clv.models.early import EarlyStage
from clv.models.explain import mean_drivers, with_top_drivers
from clv.models.forecast import EXPLANATION
from clv.models.label_free import LabelFree
from clv.models.last_year import LastYear
from clv.models.losses.catalogue import LOSSES
from clv.models.priors import PRIORS
from clv.models.rows import Inputs, Rows
from clv.settings import Settings
from clv.timeline import Horizon
from inference.forecast import forecast_frame
from inference.handlers import PARQUET, answer, model_fn
from tests.statistics.lessons import encoding, shoppers, trainer
from tests.statistics.shoppers import HORIZON_DAYS, scoring_frame, training_frame
from training.fit import fit
from training.unseen import taught


@cache
def models():
    return fit(training_frame(), Horizon(HORIZON_DAYS), Settings(bootstrap_resamples=40)).models


def of(segment):
    frame = scoring_frame()
    return models()[segment], frame[frame.segment == segment]


@pytest.mark.parametrize("segment", ["early", "established"])
def test_typical_customer_and_all_drivers_add_up_to_the_forecast_to_a_millionth(segment):
    model, frame = of(segment)
    told, said = model.explain(frame), model.forecast(frame).clv_eur
    np.testing.assert_allclose(told.start_eur + told.eur.sum(axis=1), said, rtol=1e-6, atol=1e-9)
    assert np.ptp(told.start_eur) == 0
    assert isinstance(models()["early"], EarlyStage)


def test_the_customer_whose_priors_are_typical_has_no_driver_in_them():
    model, frame = of("established")
    typical = model.typical
    usual = frame.assign(
        btyd_expected_orders=typical.orders,
        btyd_expected_spend_eur=typical.spend_eur,
        btyd_clv_eur=typical.btyd_eur,
        trailing_clv_eur=typical.trailing_eur,
    )
    told = model.explain(usual)
    for name in (RHYTHM, BASKET):
        assert np.abs(told.eur[:, told.names.index(name)]).max() < 1e-5 * told.start_eur[0]


def test_orders_and_order_value_have_their_own_share_of_what_trees_multiply():
    """RHYTHM takes what the other drivers leave, so it must be what the prior's orders alone explain."""
    [learner] = [one for one in models()["established"].amount.learners if one.loss.name == "tweedie"]
    model, frame = of("established")
    inputs, typical = Inputs.of(frame, model.encoding), model.typical
    share = learner_share(learner, learner.eur(inputs), inputs, model.encoding.names, typical)
    told = inputs.btyd_eur > 1e-3 * learner.numbers["scale_eur"]
    by_orders = np.log(inputs.btyd_orders / typical.orders)
    by_value = np.log(inputs.btyd_spend_eur / typical.spend_eur)
    known = told & (np.abs(by_value) > 0.1)
    ratio = share.drivers[RHYTHM][known] / share.drivers[BASKET][known]
    np.testing.assert_allclose(ratio, by_orders[known] / by_value[known], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["tweedie", "poisson", "two-part", "squared-error", "log1p"])
def test_every_loss_adds_up_and_features_are_told_of_those_that_multiply_the_prior(name):
    learner = LOSSES[name].fit(shoppers(), 8, trainer())
    inputs = Inputs.of(scoring_frame(), encoding())
    typical = Typical.among(inputs.btyd_orders, inputs.btyd_spend_eur, inputs.trailing_eur)
    share = learner_share(learner, learner.eur(inputs), inputs, encoding().names, typical)
    total = share.start_eur + sum(share.drivers.values())
    np.testing.assert_allclose(total, learner.eur(inputs), rtol=1e-6, atol=1e-9)
    assert (OTHER in share.drivers) == (name not in MULTIPLYING)
    assert ("web_views_30d" in share.drivers) == (name in MULTIPLYING)


def test_planted_driver_is_found_and_points_the_right_way():
    """In the shoppers' world views tell who is still there; nothing else but the history matters."""
    model, frame = of("established")
    ranked = [row["driver"] for row in mean_drivers(model.explain, frame)]
    beside_history = [name for name in ranked if name not in {RHYTHM, BASKET, LAST_YEAR}]
    assert beside_history[0] == "web_views_30d"
    told = model.explain(frame)
    eur, views = told.eur[:, told.names.index("web_views_30d")], frame.web_views_30d.to_numpy()
    assert np.median(eur[views >= 3]) > 0 > np.median(eur[views == 0])


def test_order_of_the_rows_other_rows_and_batches_change_nothing(monkeypatch):
    model, frame = of("established")
    whole = with_top_drivers(model.tell, frame)[1]
    monkeypatch.setattr(explain, "BATCH_ROWS", 97)
    some = frame.sample(400, random_state=1)
    pd.testing.assert_frame_equal(
        with_top_drivers(model.tell, some)[1], whole.loc[some.index], check_exact=True
    )


def test_three_largest_are_told_in_words_from_the_largest_down():
    model, frame = of("early")
    told, top = model.explain(frame), with_top_drivers(model.tell, frame)[1]
    assert list(top.columns) == list(EXPLANATION)
    size = np.sort(np.abs(told.eur), axis=1)[:, ::-1][:, :3]
    euros = top[["driver_1_eur", "driver_2_eur", "driver_3_eur"]].to_numpy(np.float64)
    np.testing.assert_array_equal(np.nan_to_num(np.abs(euros)), size)
    assert set(top.driver_1) <= set(DRIVER_WORDS.values())
    assert (top.driver_1 != top.driver_2).all()


def test_customers_alike_are_a_driver_of_early_customers():
    model, frame = of("early")
    assert ALIKE in model.explain(frame).names


def test_saved_model_explains_the_same_bytes_by_the_handler_as_on_the_laptop(tmp_path):
    model, frame = of("early")
    model.save(tmp_path)
    frame = frame.assign(explained=[True, False] * (len(frame) // 2) + [True] * (len(frame) % 2))
    priors = [pa.field(name, pa.float64()) for name in PRIORS]
    schema = pa.schema([*arrow_schema(FEATURES), *priors, pa.field("explained", pa.bool_())])
    body = BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, schema, preserve_index=False), body)
    said = answer(model_fn(tmp_path), body.getvalue(), PARQUET, PARQUET)
    assert said.status == 200
    served = pq.read_table(BytesIO(said.body)).to_pandas()
    here = forecast_frame(model, pq.read_table(BytesIO(body.getvalue())).to_pandas())
    pd.testing.assert_frame_equal(served, here, check_exact=True)
    assert served.driver_1.notna().all()
    assert served.all_drivers_eur.notna().tolist() == frame.explained.tolist()
    assert load_model(tmp_path, HORIZON_DAYS).typical == model.typical


def test_all_drivers_are_told_of_the_rows_that_ask_and_add_up_to_the_forecast():
    model, frame = of("early")
    asked = np.arange(len(frame)) % 3 == 1
    said = forecast_frame(model, frame.assign(explained=asked))
    assert said.all_drivers_eur.notna().to_numpy().tolist() == asked.tolist()
    told = said[asked]
    total = told.driver_start_eur + told.all_drivers_eur.map(lambda pairs: sum(eur for _, eur in pairs))
    np.testing.assert_allclose(total, told.clv_eur, rtol=1e-9)
    plain = forecast_frame(model, frame)
    assert plain.all_drivers_eur.isna().all()
    pd.testing.assert_frame_equal(
        said.drop(columns="all_drivers_eur"), plain.drop(columns="all_drivers_eur"), check_exact=True
    )


def test_without_a_typical_customer_drivers_are_null_and_no_rows_give_none():
    model, frame = of("established")
    null = with_top_drivers(replace(model, typical=None).tell, frame)[1]
    assert list(null.columns) == list(EXPLANATION)
    assert null.isna().all(axis=None)
    assert mean_drivers(LabelFree(HORIZON_DAYS).explain, frame) == []
    empty = with_top_drivers(model.tell, frame.iloc[:0])[1]
    assert (len(empty), list(empty.columns)) == (0, list(EXPLANATION))


@pytest.mark.parametrize("kind", [LabelFree, LastYear])
def test_label_free_forecasts_are_taken_apart_where_rows_say_who_is_typical(kind):
    frame = scoring_frame()
    model = taught(kind(HORIZON_DAYS), training_frame())
    told = model.explain(frame)
    assert set(told.names) <= {RHYTHM, BASKET, LAST_YEAR}
    said = model.forecast(frame).clv_eur
    np.testing.assert_allclose(told.start_eur + told.eur.sum(axis=1), said, rtol=1e-6, atol=1e-12)


def test_every_feature_and_prior_has_a_phrase_of_its_own():
    assert set(DRIVER_WORDS) == {*NUMERIC, *CATEGORICAL, *PRIORS, RHYTHM, BASKET, ALIKE, OTHER}
    assert len(set(DRIVER_WORDS.values())) == len(DRIVER_WORDS)
    assert not [words for words in DRIVER_WORDS.values() if "_" in words or not words.isprintable()]


def test_typical_customer_is_the_median_of_the_training_rows():
    rows = Rows.of(training_frame(), encoding())
    assert Typical.of(rows).orders == np.median(training_frame().btyd_expected_orders)
