# ruff: noqa: N806 -- T is the symbol of the papers
import json

import numpy as np
import pandas as pd
import pytest

from clv.errors import UserError
from clv.metrics import calibration_ratio
from clv.models.bg_nbd import BgNbd
from clv.models.btyd import FEATURES, BuyTillYouDie, fit_btyd
from clv.models.gamma_gamma import GammaGamma
from clv.models.mbg_nbd import MbgNbd
from clv.models.pareto_nbd import ParetoNbd
from tests.statistics.buyers import simulate_bg_nbd

ORDERS = ("repeat", "all")
MODELS = {"bgnbd": BgNbd, "mbgnbd": MbgNbd, "paretonbd": ParetoNbd}
MODEL = BuyTillYouDie(BgNbd(0.25, 31.0, 0.8, 2.4), GammaGamma(6.25, 3.74, 15.44), "all", 1.0)


def customers(*rows):
    """Rows of the features in their order, without the last one: nothing is refunded."""
    table = pd.DataFrame(rows, columns=list(FEATURES[:-1]))
    return table.assign(monetary_all_eur=table["orders_all"] * table["spend_mean_eur"])


@pytest.fixture(scope="module")
def world():
    """4,000 simulated customers, two orders on half of the order days; revenue and order days to come."""
    rng = np.random.default_rng(11)
    T = rng.integers(60, 730, 4000).astype(float)
    x, t_x, future = simulate_bg_nbd((0.4, 90.0, 0.7, 3.0), T, 365, seed=12)
    mean = 4 / rng.gamma(3.0, 1 / 30, T.size)  # of an order day
    bought = rng.gamma(4 * (x + 1)) * mean / 4
    first = np.where(x > 0, bought * rng.beta(4, 4 * np.maximum(x, 1)), bought)
    orders = x + 1 + rng.binomial(x.astype(int) + 1, 0.5)
    extra = (orders - 1 > 0) & (x > 0)
    table = pd.DataFrame(
        {
            "frequency": x.astype(int),
            "t_x_days": np.floor(t_x).astype(int),
            "tenure_days": T.astype(int),
            "orders_all": orders.astype(int),
            "spend_mean_eur": bought / orders,
            "spend_repeat_mean_eur": np.where(
                extra, (bought - first) / np.maximum(x, 1) * (x + 1) / orders, np.nan
            ),
            "monetary_all_eur": bought,
        },
        index=pd.Index(rng.permutation(T.size) + 1000, name="customer_id"),
    )
    return table, pd.Series(rng.gamma(4 * np.maximum(future, 1e-9)) * mean / 4, table.index), future


@pytest.fixture(scope="module")
def fits(world):
    return {orders: fit_btyd(world[0], orders) for orders in ORDERS}


@pytest.mark.parametrize("spend_orders", ORDERS)
def test_total_and_top_of_a_simulated_world_are_forecast_at_their_level(world, fits, spend_orders):
    table, revenue, future = world
    forecast = fits[spend_orders].forecast(table, 365)
    assert forecast["expected_orders"].sum() == pytest.approx(future.sum(), rel=0.05)
    assert forecast["p_active"].mean() == pytest.approx((future > 0).mean(), abs=0.02)
    assert calibration_ratio(revenue, forecast["clv_eur"]) == pytest.approx(1, abs=0.08)
    top = forecast["clv_eur"] >= forecast["clv_eur"].quantile(0.8)
    assert forecast.loc[top, "clv_eur"].sum() == pytest.approx(revenue[top].sum(), rel=0.1)


def test_clv_is_expected_order_days_times_spend_and_rows_stay_with_their_customers(world, fits):
    table, _, _ = world
    model = fits["all"]
    forecast = model.forecast(table, 365)
    assert list(forecast.columns) == ["clv_eur", "p_active", "expected_orders", "expected_spend_eur"]
    assert forecast.index.equals(table.index)
    product = forecast["expected_orders"] * forecast["expected_spend_eur"]
    assert (forecast["clv_eur"] == product).all()
    shuffled = table.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        model.forecast(shuffled, 365), forecast.loc[shuffled.index], check_exact=True
    )


@pytest.mark.parametrize("spend_orders", ORDERS)
def test_fit_is_bit_identical_for_any_order_of_the_rows(world, fits, spend_orders):
    table, _, _ = world
    assert fit_btyd(table.sample(frac=1, random_state=2), spend_orders) == fits[spend_orders]


@pytest.mark.parametrize("spend_orders", ORDERS)
def test_json_round_trip_forecasts_exactly_the_same(world, fits, spend_orders):
    table, _, _ = world
    model = fits[spend_orders]
    restored = BuyTillYouDie.from_dict(json.loads(json.dumps(model.to_dict())))
    assert restored == model
    assert restored.version == f"btyd-bgnbd-gg-{spend_orders}"
    pd.testing.assert_frame_equal(restored.forecast(table, 90), model.forecast(table, 90), check_exact=True)


@pytest.mark.parametrize(("purchases", "kind"), MODELS.items())
def test_every_purchase_model_is_fitted_named_and_restored(world, purchases, kind):
    table, revenue, _ = world
    model = fit_btyd(table, "all", purchases)
    assert type(model.purchases) is kind
    assert model.version == f"btyd-{purchases}-gg-all"
    assert BuyTillYouDie.from_dict(json.loads(json.dumps(model.to_dict()))) == model
    assert calibration_ratio(revenue, model.forecast(table, 365)["clv_eur"]) == pytest.approx(1, abs=0.1)


def test_two_orders_on_every_order_day_forecast_the_same_money_as_one_of_double_value():
    one = customers((4, 90, 100, 5, 60.0, 60.0))
    two = customers((4, 90, 100, 10, 30.0, 30.0))
    for model in (MODEL, BuyTillYouDie(MODEL.purchases, MODEL.spend, "repeat", 1.0)):
        pd.testing.assert_frame_equal(model.forecast(one, 365), model.forecast(two, 365), check_exact=True)


def test_repeat_spend_ignores_the_first_order_and_all_spend_does_not():
    rows = customers((1, 30, 60, 2, 60.0, 20.0), (0, 0, 60, 1, 100.0, None))
    first_counts = MODEL.forecast(rows, 365)["expected_spend_eur"]
    repeat = BuyTillYouDie(MODEL.purchases, MODEL.spend, "repeat", 1.0).forecast(rows, 365)[
        "expected_spend_eur"
    ]
    spend = MODEL.spend
    assert first_counts.tolist() == spend.expected_spend([2, 1], [60.0, 100.0]).tolist()
    assert repeat.tolist() == [float(spend.expected_spend(1, 20.0)), spend.population_spend()]


def test_customers_without_positive_spend_get_the_population_spend():
    rows = customers((2, 30, 60, 3, 0.0, 0.0), (2, 30, 60, 3, -9.0, -9.0), (2, 30, 60, 3, np.nan, np.nan))
    assert MODEL.forecast(rows, 365)["expected_spend_eur"].tolist() == [MODEL.spend.population_spend()] * 3


def test_refunds_outside_the_spend_means_lower_every_forecast_by_their_share(world, fits):
    table, _, _ = world
    gross = fits["all"]
    net = fit_btyd(table.assign(monetary_all_eur=0.8 * table["monetary_all_eur"]), "all")
    assert gross.net_share == 1
    ratio = net.forecast(table, 365)["clv_eur"] / gross.forecast(table, 365)["clv_eur"]
    assert ratio.to_numpy() == pytest.approx(0.8, rel=1e-9)


def test_nullable_columns_are_read_like_plain_ones(world):
    table, _, _ = world
    nullable = table.convert_dtypes()
    pd.testing.assert_frame_equal(MODEL.forecast(nullable, 90), MODEL.forecast(table, 90), check_exact=True)


@pytest.mark.parametrize("purchases", MODELS)
def test_a_world_of_one_timers_is_forecast_and_the_notes_say_how_little_is_known(purchases):
    rows = customers(*[(0, 0, day, 1, 20.0 + day % 7, None) for day in range(1, 200)])
    model = fit_btyd(rows, "all", purchases)
    assert any("NBD: data hardly determine" in note for note in model.notes)
    assert np.isfinite(model.forecast(rows, 365).to_numpy()).all()
    with pytest.raises(UserError, match="no customer has a purchase of positive value"):
        fit_btyd(rows, "repeat", purchases)


def test_no_row_is_forecast_as_no_row_but_cannot_be_fitted():
    none = customers((0, 0, 5, 1, 10.0, None)).iloc[:0]
    assert MODEL.forecast(none, 365).shape == (0, 4)
    with pytest.raises(UserError, match="no customer with an order before t0"):
        fit_btyd(none, "all")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"orders_all": 2}, "orders_all must be at least frequency"),
        ({"t_x_days": 61}, "expected whole frequency"),
        ({"frequency": None}, "orders_all must be at least frequency"),
        ({"tenure_days": None}, "expected whole frequency"),
    ],
)
def test_rows_that_are_no_history_are_one_clear_error(change, message):
    rows = customers((2, 30, 60, 3, 10.0, 10.0)).assign(**change)
    with pytest.raises(UserError, match=message):
        MODEL.forecast(rows.astype(float), 365)


def test_missing_columns_bad_horizon_and_unknown_spend_are_named():
    rows = customers((2, 30, 60, 3, 10.0, 10.0))
    with pytest.raises(UserError, match="lack the columns t_x_days, orders_all"):
        MODEL.forecast(rows.drop(columns=["t_x_days", "orders_all"]), 365)
    with pytest.raises(UserError, match="horizon_days is 0"):
        MODEL.forecast(rows, 0)
    with pytest.raises(UserError, match="expected one of all, repeat"):
        fit_btyd(rows, "first")
    with pytest.raises(UserError, match="expected one of bgnbd, mbgnbd, paretonbd"):
        fit_btyd(rows, "all", "nbd")


def test_refunds_above_all_revenue_are_one_clear_error(world):
    table, _, _ = world
    with pytest.raises(UserError, match="net revenue of all customers together is not positive"):
        fit_btyd(table.assign(monetary_all_eur=-1.0), "all")


@pytest.mark.parametrize(
    "change", [{"family": "boosted"}, {"version": 2}, {"purchases": {"model": "pareto"}}]
)
def test_a_model_of_another_kind_is_refused(change):
    with pytest.raises(UserError, match="expected btyd version 1"):
        BuyTillYouDie.from_dict({**MODEL.to_dict(), **change})
