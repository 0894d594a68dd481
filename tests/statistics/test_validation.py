"""A validation of a shop: what is planted is found, what is right passes."""

import json

import numpy as np
import pandas as pd
import pytest

from clv.card_page import validation_page
from clv.settings import Settings
from training.validation.fairness import tenure
from training.validation.report import validation
from training.validation.stability import customers_drawn, rerun, without_newest
from training.validation.temporal import temporal

SETTINGS = Settings(bootstrap_resamples=60)


@pytest.fixture(scope="module")
def shop():
    """A forecast that is right, of customers whose last year says little."""
    rng = np.random.default_rng(3)
    n = 4_000
    truth = rng.gamma(0.8, 100.0, n)
    return pd.DataFrame(
        {
            "customer_id": [f"c{k:05d}" for k in range(n)],
            "segment": "established",
            "country": rng.choice(["DE", "FR"], n),
            "acquisition_channel": rng.choice(["organic", "search"], n),
            "device": rng.choice(np.array(["app", None], dtype=object), n),
            "tenure_days": rng.integers(0, 1_000, n),
            "label_eur": truth * rng.gamma(1.5, 1 / 1.5, n),
            "clv_eur": truth,
            "clv_median_eur": truth,
            "clv_low_eur": 0.2 * truth,
            "clv_high_eur": 2.0 * truth,
            "baseline_last_year_eur": truth * rng.gamma(1.0, 1.0, n),
        }
    )


def checks_of(customers, t0s=(), reruns=()):
    told = validation(customers, t0s, reruns, SETTINGS)
    return {row["check"]: row for row in told["checks"]}


def test_a_forecast_that_is_right_passes_and_is_json_and_a_page(shop):
    told = validation(shop, [], [], SETTINGS)
    assert {
        row["verdict"] for row in told["checks"] if row["area"] in {"statistical", "business", "fairness"}
    } <= {
        "pass",
        "told",
    }
    assert told["verdict"] == "pass"
    json.dumps(told, allow_nan=False)
    page = validation_page(
        told | {"as_of": "2025-07-01", "horizon_days": 365, "model_versions": {"early": "<b>"}}
    )
    assert "revenue_accuracy" in page
    assert "&lt;b&gt;" in page


def test_it_does_not_depend_on_the_order_of_customers(shop):
    assert checks_of(shop) == checks_of(shop.sample(frac=1, random_state=1))


def test_a_country_forecast_half_as_high_fails_by_country_alone(shop):
    planted = shop.assign(clv_eur=np.where(shop.country == "FR", 0.4, 1.0) * shop.clv_eur)
    found = checks_of(planted)
    assert found["calibration_by_country"]["verdict"] == "fail"
    assert found["calibration_by_country"]["detail"].startswith("FR")
    assert found["calibration_by_channel"]["verdict"] == "pass"


def test_a_channel_ranked_at_random_fails_in_its_ranking_and_not_in_its_level(shop):
    search = (shop.acquisition_channel == "search").to_numpy()
    shuffled = shop.clv_eur.to_numpy().copy()
    shuffled[search] = np.random.default_rng(1).permutation(shuffled[search])
    found = checks_of(shop.assign(clv_eur=shuffled))
    assert found["ranking_by_channel"]["verdict"] == "fail"
    assert found["ranking_by_channel"]["detail"].startswith("search")
    assert found["calibration_by_channel"]["verdict"] == "pass"


def test_customers_of_a_year_are_a_group_of_their_own(shop):
    planted = shop.assign(clv_eur=np.where(shop.tenure_days <= 365, 2.0, 1.0) * shop.clv_eur)
    assert checks_of(planted)["calibration_by_tenure"]["verdict"] == "fail"
    assert tenure(pd.Series([0, 90, 91, 365, 366, 730, 731])).tolist() == [
        *["up to 90 days"] * 2,
        *["91 to 365 days"] * 2,
        *["366 to 730 days"] * 2,
        "over 730 days",
    ]


def test_twice_what_came_fails_in_revenue_and_not_in_ranking_or_shape(shop):
    found = checks_of(shop.assign(clv_eur=2 * shop.clv_eur))
    assert found["revenue_accuracy"]["verdict"] == "fail"
    assert {found[name]["verdict"] for name in ("spearman_against_12m", "ks_of_euros")} == {"pass"}


def test_last_years_revenue_itself_is_no_better_than_itself(shop):
    found = checks_of(shop.assign(clv_eur=shop.baseline_last_year_eur))
    assert found["rmse_against_12m"]["found"] == found["recall_top10_against_12m"]["found"] == 0


def test_without_intervals_their_coverage_is_not_judged(shop):
    found = checks_of(shop.assign(clv_median_eur=np.nan, clv_low_eur=np.nan, clv_high_eur=np.nan))
    assert found["interval_coverage"]["verdict"] == "not judged"


def t0(day, gini, gain, level, knows=True):
    spread = {
        f"gini_normalised_vs_12m{end}": gain + by for end, by in (("", 0), ("_low", -0.01), ("_high", 0.01))
    }
    ratio = {f"calibration_ratio{end}": level + by for end, by in (("", 0), ("_low", -0.05), ("_high", 0.05))}
    return {"as_of": day, "gini_normalised": gini, **spread, **ratio, "knows_last_years_season": knows}


def test_the_worst_t0_is_told_and_a_level_without_a_season_is_no_fault():
    t0s = [t0("2025-01-01", 0.80, -0.02, 0.9), t0("2025-04-01", 0.83, 0.05, 1.6, knows=False)]
    found = {(one.check, one.detail): one.estimate.value for one in temporal(t0s)}
    assert found["worst_ranking_against_12m", "t₀ 2025-01-01"] == -0.02
    assert found["gini_range", "least at 2025-01-01"] == pytest.approx(0.03)
    assert [detail for check, detail in found if check == "furthest_level"] == ["t₀ 2025-01-01"]
    assert not [one for one in temporal(t0s[:1]) if one.check == "gini_range"]


def test_customers_move_where_their_ranks_do_and_the_worst_retraining_is_told(shop):
    ids, said = shop.customer_id, shop.clv_eur
    same = rerun("bootstrap", "draw 1", ids, said, 2 * said)
    assert (same.moved, same.rank_correlation) == (0.0, pytest.approx(1.0))
    upside_down = rerun("bootstrap", "draw 2", ids, said, -said)
    assert upside_down.moved == pytest.approx(0.8)  # deciles 5 and 6 change places, one apart
    row = checks_of(shop, reruns=[same, upside_down])["bootstrap_moved"]
    assert (row["detail"], row["verdict"]) == ("draw 2", "fail")


def test_a_draw_takes_all_rows_of_a_customer_alike_and_as_many_customers_as_there_are():
    ids = [f"c{k:03d}" for k in range(200)]
    frame = pd.DataFrame({"customer_id": ids * 2, "as_of": ["a"] * 200 + ["b"] * 200, "weight": 0.5})
    drawn = customers_drawn(frame, 1, 7)
    by_customer = drawn.groupby("customer_id")["weight"]
    assert (by_customer.nunique() == 1).all()
    assert drawn["weight"].sum() == 200
    assert 110 < drawn["customer_id"].nunique() < 145  # 1 - 1/e of them are expected
    again = customers_drawn(frame.sample(frac=1, random_state=2), 1, 7).sort_index()
    pd.testing.assert_frame_equal(again, drawn)
    assert not customers_drawn(frame, 2, 7).equals(drawn)


def test_the_neighbouring_training_lacks_the_newest_snapshot():
    frame = pd.DataFrame({"as_of": ["2025-01-01", "2025-02-01", "2025-02-01"]})
    fewer, newest = without_newest(frame)
    assert (fewer.as_of.tolist(), newest) == (["2025-01-01"], "2025-02-01")
    assert without_newest(fewer)[1] is None
