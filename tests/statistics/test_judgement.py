"""What a backtest tells beside its leaderboard: deciles of two rankings, the top tenth, the gate, the walk."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv.settings import Settings
from training.judgement import held, judgement
from training.walk import walk_as_ofs, walk_summary

SETTINGS = Settings(bootstrap_resamples=40)
CLASSIC = "btyd-bgnbd-gg-all"


def forecasts_of(**columns):
    return {name.replace("_", "-"): pd.DataFrame({"clv_eur": values}) for name, values in columns.items()}


@pytest.fixture(scope="module")
def shop():
    rng = np.random.default_rng(5)
    n = 2_000
    truth = rng.gamma(0.8, 100.0, n)
    test = pd.DataFrame(
        {
            "customer_id": [f"c{k:05d}" for k in range(n)],
            "as_of": pd.Timestamp("2025-07-01"),
            "segment": np.where(np.arange(n) < 600, "early", "established"),
            "country": rng.choice(["DE", "FR"], n),
            "acquisition_channel": "organic",
            "device": "app",
            "label_eur": truth * rng.gamma(1.5, 1 / 1.5, n) - 1.0,
        }
    )
    said = {
        "ours": truth,
        "12m": truth * rng.gamma(1.0, 1.0, n),
        CLASSIC: truth * rng.gamma(6.0, 1 / 6, n),
    }
    return test, {name: pd.DataFrame({"clv_eur": values}) for name, values in said.items()}


@pytest.fixture(scope="module")
def told(shop):
    return judgement(*shop, {"early": False, "established": False}, SETTINGS)


def test_it_is_json_without_a_figure_that_json_cannot_hold(told):
    assert set(json.loads(json.dumps(told, allow_nan=False))) == set(told)


def test_deciles_of_both_rankings_hold_all_that_came_and_all_customers(shop, told):
    deciles = pd.DataFrame(told["uplift"]["deciles"])
    assert deciles.decile.tolist() == list(range(10, 0, -1))
    for prefix in ("", "btyd_"):
        assert deciles[f"{prefix}n"].sum() == len(shop[0])
        assert deciles[f"{prefix}sum_actual_eur"].sum() == pytest.approx(shop[0].label_eur.sum())
        mean = deciles[f"{prefix}sum_actual_eur"] / deciles[f"{prefix}n"]
        np.testing.assert_allclose(deciles[f"{prefix}mean_actual_eur"], mean)
    assert told["uplift"]["btyd"] == CLASSIC


def test_overlap_and_moved_are_counts_of_customers(shop, told):
    _, said = shop
    ours, theirs = (
        pd.qcut(said[name].clv_eur, 10, labels=False) for name in ("ours", CLASSIC)
    )  # no ties in this shop
    uplift = told["uplift"]
    assert uplift["top_overlap"] == pytest.approx((theirs[ours == 9] == 9).mean())
    assert uplift["moved"] == pytest.approx((ours != theirs).mean())
    assert uplift["moved_far"] == pytest.approx(((ours - theirs).abs() >= 2).mean())
    [row] = [r for r in told["rows"] if (r["segment"], r["model"]) == ("all", "ours")]
    assert uplift["capture_top10"]["value"] == row["capture_top10_vs_btyd"]


def test_the_sentence_tells_the_top_tenths_in_euros_of_a_hundred(shop):
    test = shop[0].head(20).assign(label_eur=[50.0, 30.0, *[20.0 / 18] * 18])
    best, second, none = np.arange(20.0, 0.0, -1), np.r_[1.0, 20.0, np.arange(19.0, 1.0, -1)], np.zeros(20)
    found = judgement(
        test, forecasts_of(ours=second, **{"12m": none}), {}, Settings(bootstrap_resamples=5, horizon_days=90)
    )
    assert held(test, forecasts_of(ours=best, **{"12m": none}))["ours"] == pytest.approx(0.8)
    assert found["sentence"] == (
        "Of every €100 of net revenue that came in the 90 days from 2025-07-01, the tenth of customers ranked "
        "highest by this forecast held €31; by last year's revenue (12m) €10; by a perfect ranking €80."
    )


def test_shares_of_no_revenue_are_not_told(shop):
    found = judgement(shop[0].assign(label_eur=0.0), shop[1], {"early": False}, SETTINGS)
    assert found["held"] is None
    assert "not defined" in found["sentence"]
    assert found["gate"]["early"]["status"] == "PendingManualApproval"


def test_the_gate_speaks_for_each_segment_on_the_figures_of_the_leaderboard(told):
    assert set(told["gate"]) == {"early", "established"}
    for segment, verdict in told["gate"].items():
        [row] = [r for r in told["rows"] if (r["segment"], r["model"]) == (segment, "ours")]
        rules = {rule["rule"]: rule for rule in verdict["rules"]}
        assert rules["beats_last_year"]["figure"] == row["gini_normalised_vs_12m"]
        assert rules["beats_buy_till_you_die"]["figure"] == row["gini_normalised_vs_btyd"]
        assert verdict["status"] == "Approved"


def test_order_of_customers_changes_nothing(shop, told):
    test, said = shop
    order = np.random.default_rng(2).permutation(len(test))
    shuffled = {name: frame.iloc[order] for name, frame in said.items()}
    again = judgement(test.iloc[order], shuffled, {"early": False, "established": False}, SETTINGS)
    assert again == told


def test_a_walk_goes_back_by_months_and_keeps_to_the_end_of_short_ones():
    assert walk_as_ofs(date(2025, 7, 1), 3, 3, None) == [
        date(2025, 1, 1),
        date(2025, 4, 1),
        date(2025, 7, 1),
    ]
    assert walk_as_ofs(date(2025, 3, 31), 1, None, date(2025, 1, 31)) == [
        date(2025, 1, 31),
        date(2025, 2, 28),
        date(2025, 3, 31),
    ]
    assert walk_as_ofs(date(2025, 3, 1), 1, 2, date(2020, 1, 1)) == [date(2025, 2, 1), date(2025, 3, 1)]
    assert walk_as_ofs(date(2025, 3, 1), 1, None, date(2025, 3, 2)) == []


def test_the_summary_counts_t0s_by_their_intervals_and_says_where_it_does_not_know(told):
    closed = {"horizon_days": 365, "training_as_ofs": ["2024-07-01"], "knows_last_years_season": True}
    swapped = [
        dict(row, model={"ours": "12m", "12m": "ours"}.get(row["model"], row["model"]))
        for row in told["rows"]
    ]
    first = told | closed | {"as_of": "2025-04-01", "rows": swapped, "knows_last_years_season": False}
    found = walk_summary([first, told | closed | {"as_of": "2025-07-01"}])
    worse, better = found["t0s"]
    assert (worse["as_of"], better["as_of"]) == ("2025-04-01", "2025-07-01")
    assert "ranks better than 12m" in better["sentence"]
    assert f"ranks better than {CLASSIC}" in better["sentence"]
    assert f"ranks worse than {CLASSIC}" in worse["sentence"]
    assert "without a closed t₀ a year back" in worse["sentence"]
    assert (
        "better than 12m at 1 of 2 t₀s, than the best buy-till-you-die model of each at 1"
        in found["sentence"]
    )
    assert "at 1 of the 1 that know last year's season" in found["sentence"]
