"""Figures of every group with intervals: which pairs there are, and that an interval holds what it should."""

import numpy as np
import pandas as pd
import pytest

from clv.metrics import calibration_ratio, mape
from clv.segment_figures import COLUMNS, segment_figures
from clv.segment_report import REPORT_COLUMNS, segment_report


def customers(seed, n=4_000):
    """Return customers whose forecast is their mean: heavy-tailed, a third bring nothing."""
    rng = np.random.default_rng(seed)
    mean = rng.gamma(0.7, 60.0, n)
    came = np.where(rng.random(n) < 1 / 3, 0.0, mean * 1.5 * rng.lognormal(-0.32, 0.8, n))
    return pd.DataFrame(
        {
            "customer_id": [f"c{k:05d}" for k in range(n)],
            "segment": np.where(rng.random(n) < 0.2, "early", "established"),
            "country": rng.choice(["DE", "FR", "LU"], n, p=[0.6, 0.39, 0.01]),
            "acquisition_channel": rng.choice(np.array(["organic", None], dtype=object), n),
            "device": "app",
            "label_eur": came,
            "clv_eur": mean,
        }
    )


@pytest.fixture(scope="module")
def report():
    return segment_report(customers(1), 100, 1)


def test_the_first_rows_are_those_of_the_monitored_figures(report):
    plain = segment_figures(customers(1))
    pd.testing.assert_frame_equal(report[list(COLUMNS)].head(len(plain)), plain)
    assert tuple(report.columns) == REPORT_COLUMNS


def test_pairs_are_material_and_neither_all_of_a_side_nor_of_a_dimension_with_one_value(report):
    pairs = report[report["dimension"].str.contains("×")]
    assert set(pairs["dimension"]) >= {"country × channel", "stage × country"}
    assert not pairs["dimension"].str.contains("device").any()
    assert pairs["material"].all()
    assert not pairs["value"].str.contains("LU").any()
    one = pairs[(pairs["dimension"] == "country × channel") & (pairs["value"] == "DE × unknown")].iloc[0]
    rows = customers(1).query("country == 'DE' and acquisition_channel.isna()")
    assert one["customers"] == len(rows)
    assert one["calibration_ratio"] == pytest.approx(calibration_ratio(rows.label_eur, rows.clv_eur))


def test_the_mape_ratio_is_over_that_of_everybody(report):
    rows = customers(1)
    of_all, of_fr = (mape(some.label_eur, some.clv_eur)[0] for some in (rows, rows[rows.country == "FR"]))
    found = report.set_index(["dimension", "value"]).loc[("country", "FR")]
    assert found["mape_ratio"] == pytest.approx(of_fr / of_all)
    assert found["mape_ratio_low"] < found["mape_ratio"] < found["mape_ratio_high"]
    assert report.iloc[0][["mape_ratio", "mape_ratio_low", "mape_ratio_high"]].tolist() == [1, 1, 1]


def test_neither_the_order_of_rows_nor_a_second_run_moves_a_figure(report):
    shuffled = customers(1).sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(segment_report(shuffled, 100, 1), report)
    assert not segment_report(customers(1), 100, 2).equals(report)


def test_where_nothing_came_the_ratio_has_no_bounds_and_where_little_did_none_above():
    rows = customers(2, 600).assign(label_eur=0.0)
    nothing = segment_report(rows, 50, 1).iloc[0]
    assert nothing[["calibration_ratio", "calibration_low", "calibration_high"]].isna().all()
    rows.loc[0, "label_eur"] = 100.0  # e⁻¹ of the draws do without the only payer
    little = segment_report(rows, 50, 1).iloc[0]
    assert little["calibration_low"] > 0
    assert np.isnan(little["calibration_high"])


def test_nobody_gives_no_row():
    assert segment_report(customers(1, 0)).empty


def test_intervals_hold_the_true_ratio_about_as_often_as_they_say():
    """Of 100 samples 95 % should hold 1; below 87.4 % are 3.5 standard errors, and all would be too wide."""
    held = {"all": 0, "DE": 0}
    for seed in range(100):
        alike = {"segment": "established", "acquisition_channel": "organic"}
        found = segment_report(customers(1_000 + seed, 600).assign(**alike), 80, seed).set_index("value")
        for value in held:
            held[value] += found.loc[value, "calibration_low"] <= 1.0 <= found.loc[value, "calibration_high"]
    assert all(87 < count < 100 for count in held.values()), held
