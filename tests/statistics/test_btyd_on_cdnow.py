"""Revenue of CDNOW's customers in the 39 weeks from 1997-10-01, forecast without labels."""

import numpy as np
import pandas as pd
import pytest

from clv.metrics import calibration_ratio, mae, normalised_gini, rmse
from clv.models.btyd import fit_btyd
from clv.models.gamma_gamma import fit_gamma_gamma
from clv.models.label_free import LabelFree
from clv.models.pareto_nbd import fit_pareto_nbd
from clv.models.priors import priors
from tests.statistics.buyers import CDNOW, cdnow_sample, features_of


@pytest.fixture(scope="module")
def cdnow():
    """All customers at 1997-10-01 who paid something, as in the reference, and their revenue to come."""
    if not CDNOW.exists():
        pytest.skip("needs ../shared/data/cdnow, which is not here")
    orders, t0 = pd.read_parquet(CDNOW), pd.Timestamp("1997-10-01")
    future = orders[orders["date"] >= t0].groupby("customer_id")["amount"].sum()
    table = features_of(orders, t0)
    return table, future.reindex(table.index, fill_value=0), table["monetary_all_eur"] > 0


@pytest.mark.parametrize(
    ("purchases", "spend_orders", "expected"),
    [
        ("bgnbd", "repeat", (93.2, 32.7, 0.671, 0.82)),
        ("paretonbd", "all", (93.1, 31.6, 0.719, 0.81)),
    ],
)
def test_all_customers_reach_the_reference_rows(cdnow, purchases, spend_orders, expected):
    table, revenue, paid = cdnow
    said, actual = (
        fit_btyd(table, spend_orders, purchases).forecast(table, 273)["clv_eur"][paid],
        revenue[paid],
    )
    assert paid.sum() == 23_500
    assert rmse(actual, said) == pytest.approx(expected[0], abs=0.2)
    assert mae(actual, said) == pytest.approx(expected[1], abs=0.15)
    assert normalised_gini(actual, said) == pytest.approx(expected[2], abs=2e-3)
    assert calibration_ratio(actual, said) == pytest.approx(expected[3], abs=0.01)


def test_the_first_order_improves_the_ranking_by_bg_nbd_as_published(cdnow):
    table, revenue, paid = cdnow
    found = {
        orders: normalised_gini(revenue[paid], fit_btyd(table, orders).forecast(table, 273)["clv_eur"][paid])
        for orders in ("all", "repeat")
    }
    assert found["all"] - found["repeat"] == pytest.approx(0.037, abs=2e-3)


def test_label_free_model_ranks_better_than_what_it_is_made_of(cdnow):
    table, revenue, _ = cdnow
    table = table.assign(monetary_365d_eur=table["monetary_all_eur"])
    said = priors(table, 273)
    blend = normalised_gini(revenue, LabelFree(273).forecast(said)["clv_eur"])
    assert blend > 0.720
    assert blend > normalised_gini(revenue, said["btyd_clv_eur"]) + 0.002
    assert blend > normalised_gini(revenue, said["trailing_clv_eur"]) + 0.02


def test_on_the_sample_past_spend_ranks_better_than_pareto_nbd_times_repeat_spend():
    rows = cdnow_sample()
    purchases = fit_pareto_nbd(rows["x"], rows["t_x"], rows["T"]).model
    spend = fit_gamma_gamma(rows["x"], rows["z"]).model
    orders = purchases.expected_purchases(39, rows["x"], rows["t_x"], rows["T"])
    said, actual = orders * spend.expected_spend(rows["x"], rows["z"]), rows["future_spend"]
    assert mae(actual, said) == pytest.approx(29.45, abs=0.05)
    assert rmse(actual, said) == pytest.approx(72.18, abs=0.05)
    assert normalised_gini(actual, said) == pytest.approx(0.660, abs=1e-3)
    assert mae(actual, rows["past_spend"]) == pytest.approx(61.65, abs=0.05)
    assert normalised_gini(actual, rows["past_spend"]) == pytest.approx(0.680, abs=1e-3)
    assert np.isfinite(said).all()
