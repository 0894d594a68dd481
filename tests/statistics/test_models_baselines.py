"""What customers are ranked by today."""

import numpy as np
import pandas as pd
import pytest

from clv.models.baselines import RfmBands, classic_btyd, last_year
from clv.models.btyd import fit_btyd
from tests.statistics.shoppers import HORIZON_DAYS, scoring_frame, training_frame


@pytest.mark.parametrize(("horizon_days", "expected"), [(73, 20.0), (365, 100.0), (730, 100.0)])
def test_last_year_is_scaled_down_to_a_shorter_horizon_and_never_up(horizon_days, expected):
    said = last_year(pd.DataFrame({"monetary_365d_eur": [100.0]}), horizon_days)
    assert said.clv_eur.tolist() == [pytest.approx(expected)]


def test_last_year_may_be_negative():
    assert last_year(pd.DataFrame({"monetary_365d_eur": [-8.0]}), 365).clv_eur.tolist() == [-8.0]


def test_classic_model_is_fitted_on_the_scored_customers_themselves():
    frame = scoring_frame()
    said = classic_btyd(frame, HORIZON_DAYS, "repeat", "mbgnbd")
    fitted = fit_btyd(frame, "repeat", "mbgnbd").forecast(frame, HORIZON_DAYS)
    pd.testing.assert_series_equal(said.clv_eur, fitted.clv_eur)
    assert not said.clv_eur.equals(classic_btyd(frame, HORIZON_DAYS, "all", "mbgnbd").clv_eur)
    assert not said.clv_eur.equals(classic_btyd(frame, HORIZON_DAYS, "repeat", "bgnbd").clv_eur)


def population(n, as_of="2023-01-01"):
    """Customers 1..n; the higher the number the better on all three counts."""
    rank = np.arange(1, n + 1)
    return pd.DataFrame(
        {"recency_days": n - rank, "frequency": rank, "monetary_365d_eur": rank * 10.0, "as_of": as_of}
    )


def test_band_forecasts_the_mean_of_its_customers():
    frame = population(500)
    value = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], 100)
    np.testing.assert_allclose(RfmBands.fit(frame, value).forecast(frame).clv_eur, value)


def test_quintiles_are_cut_within_each_t0():
    richer = population(200, "2023-02-01").eval("monetary_365d_eur = 100 * monetary_365d_eur")
    frame = pd.concat([population(200), richer], ignore_index=True)
    value = np.repeat(np.arange(5.0), 40)
    said = RfmBands.fit(population(200), value).forecast(frame)
    np.testing.assert_allclose(said.clv_eur, np.tile(value, 2))


def test_ties_share_a_quintile():
    frame = population(100).assign(frequency=0, recency_days=5, monetary_365d_eur=7.0)
    said = RfmBands.fit(frame, np.arange(100.0)).forecast(frame)
    assert said.clv_eur.unique().tolist() == [49.5]


def test_band_with_few_rows_has_the_mean_of_its_sum_of_quintiles_or_of_everybody():
    frame = population(500)
    bands = RfmBands.fit(frame, np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], 100))
    odd = frame.copy()
    odd.loc[0, ["recency_days", "frequency", "monetary_365d_eur"]] = [
        0,
        250,
        10.0,
    ]  # quintiles 5, 3, 1: sum 9
    odd.loc[1, ["recency_days", "frequency", "monetary_365d_eur"]] = [
        0,
        600,
        20.0,
    ]  # quintiles 5, 5, 1: sum 11
    said = bands.forecast(odd).clv_eur
    assert said[0] == pytest.approx(3.0)
    assert said[1] == pytest.approx(3.0)
    assert bands.overall == pytest.approx(3.0)


def test_bands_learned_from_labels_rank_new_customers_better_than_chance():
    bands = RfmBands.fit(training_frame(), training_frame().label_eur)
    frame = scoring_frame()
    assert bands.forecast(frame).clv_eur.corr(frame.true_eur, method="spearman") > 0.4
