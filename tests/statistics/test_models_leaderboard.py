"""The leaderboard: rows, differences and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from clv.metrics import normalised_gini
from clv.settings import Settings
from training.leaderboard import DIFFERENCES, leaderboard, to_records

SETTINGS = Settings(bootstrap_resamples=50)


@pytest.fixture
def world():
    rng = np.random.default_rng(1)
    truth = rng.gamma(1.0, 50.0, 800)
    segment = np.where(np.arange(800) < 200, "early", "established")
    test = pd.DataFrame({"segment": segment, "label_eur": truth * rng.exponential(1.0, 800)})
    said = {
        "ours": truth,
        "12m": truth * rng.exponential(2.0, 800),
        "btyd-good": truth * rng.gamma(4.0, 0.25, 800),
        "btyd-bad": rng.permutation(truth),
    }
    return test, {name: pd.DataFrame({"clv_eur": values}) for name, values in said.items()}


def test_every_model_is_judged_on_all_and_on_each_segment(world):
    board = leaderboard(*world, SETTINGS)
    assert list(zip(board.segment, board.n, strict=True))[::4] == [
        ("all", 800),
        ("early", 200),
        ("established", 600),
    ]
    assert board.model.tolist() == list(world[1]) * 3


def test_figures_are_those_of_the_segments_customers(world):
    test, said = world
    board = leaderboard(test, said, SETTINGS).set_index(["segment", "model"])
    early = test.segment == "early"
    expected = normalised_gini(test.label_eur[early], said["ours"].clv_eur[early])
    assert board.loc[("early", "ours"), "gini_normalised"] == pytest.approx(expected)


def test_differences_are_to_12m_and_to_the_best_buy_till_you_die_model(world):
    board = leaderboard(*world, SETTINGS).set_index(["segment", "model"])
    assert set(board.btyd_reference) == {"btyd-good"}
    for short, reference in (("12m", "12m"), ("btyd", "btyd-good")):
        for metric in DIFFERENCES:
            gap = board[metric] - board.xs(reference, level="model")[metric].reindex(
                board.index, level="segment"
            )
            pd.testing.assert_series_equal(board[f"{metric}_vs_{short}"], gap, check_names=False, atol=1e-9)
            assert (board[f"{metric}_vs_{short}_low"] <= board[f"{metric}_vs_{short}_high"]).all()
    ours = board.loc[("all", "ours")]
    assert ours["gini_normalised_vs_12m_low"] > 0
    assert ours["rmse_vs_12m_high"] < 0


def test_order_of_customers_changes_nothing(world):
    test, said = world
    order = np.random.default_rng(2).permutation(len(test))
    shuffled = leaderboard(test.iloc[order], {k: v.iloc[order] for k, v in said.items()}, SETTINGS)
    pd.testing.assert_frame_equal(shuffled, leaderboard(test, said, SETTINGS))


def test_segment_without_customers_has_no_rows(world):
    test, said = world
    board = leaderboard(test.assign(segment="established"), said, SETTINGS)
    assert set(board.segment) == {"all", "established"}


def test_records_are_json_with_null_for_undefined_figures(world):
    test, said = world
    records = to_records(leaderboard(test.assign(label_eur=0.0), said, SETTINGS))
    told = json.loads(json.dumps(records, allow_nan=False))
    assert told[0]["gini_normalised"] is None
    assert told[0]["mae"] > 0


def test_without_buy_till_you_die_models_there_is_no_reference(world):
    test, said = world
    board = leaderboard(test, {name: said[name] for name in ("ours", "12m")}, SETTINGS)
    assert board.btyd_reference.isna().all()
    assert not [column for column in board if "_vs_btyd" in column]


def test_missing_baseline_and_forecasts_of_other_customers_are_refused(world):
    test, said = world
    with pytest.raises(ValueError, match="no forecast named 12m"):
        leaderboard(test, {"ours": said["ours"]}, SETTINGS)
    with pytest.raises(ValueError, match="forecast ours is not of the customers"):
        leaderboard(test, said | {"ours": said["ours"].iloc[::-1]}, SETTINGS)


def test_coverage_is_of_the_interval_overall_and_in_the_top_decile_and_undefined_without_one(world):
    test, said = world
    test = test.assign(customer_id=[f"c{k:03d}" for k in range(len(test))])
    top = said["ours"].clv_eur.rank() > 720
    bands = said["ours"].assign(
        clv_low_eur=test.label_eur,
        clv_high_eur=np.where(top & (np.arange(800) % 2 == 0), -1.0, test.label_eur),
    )
    found = leaderboard(test, said | {"ours": bands}, SETTINGS, ["all"]).set_index("model")
    missed = (top & (np.arange(800) % 2 == 0)).sum()
    assert found.loc["ours", "interval_coverage"] == pytest.approx(1 - missed / 800)
    assert found.loc["ours", "interval_coverage_top10"] == pytest.approx(1 - missed / 80)
    assert found.loc["12m", ["interval_coverage", "interval_coverage_top10"]].isna().all()
    unknown = bands.assign(clv_high_eur=np.nan)
    found = leaderboard(test, said | {"ours": unknown}, SETTINGS, ["all"]).set_index("model")
    assert np.isnan(found.loc["ours", "interval_coverage"])


def test_the_champions_differences_stand_beside_the_others_where_it_takes_part(world):
    test, said = world
    found = leaderboard(test, said | {"champion": said["btyd-good"]}, SETTINGS, ["all"]).set_index("model")
    for ending in ("", "_low", "_high"):
        assert found.loc["ours", f"rmse_vs_champion{ending}"] == found.loc["ours", f"rmse_vs_btyd{ending}"]
