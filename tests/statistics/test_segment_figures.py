"""Figures by monitored group: who is counted where, and against which totals."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest

from clv.drift_profile import bin_shares, profile
from clv.metrics import calibration_ratio, mape, normalised_gini, rmse
from clv.segment_figures import CLV_BANDS, COLUMNS, segment_figures

TEN = """
customer_id segment     country acquisition_channel device label_eur clv_eur
c0          early       DE      organic             app            0      10
c1          early       DE      organic             app           20      20
c2          established DE      paid                web           30      30
c3          established FR      paid                web            0      40
c4          established FR      paid                web           50      50
c5          established FR      organic             web           60      60
c6          established FR      organic             web           70      70
c7          established FR      organic             web           80      80
c8          established FR      organic             web           90      90
c9          established -       organic             web          100     150
"""


def ten():
    return pd.read_csv(StringIO(TEN), sep=r"\s+", na_values="-", keep_default_na=False)


def figures(frame):
    return segment_figures(frame).set_index(["dimension", "value"])


def test_ten_customers_by_hand():
    found = figures(ten())
    assert found.index.tolist() == [
        ("all", "all"),
        ("stage", "early"),
        ("stage", "established"),
        ("country", "DE"),
        ("country", "FR"),
        ("country", "unknown"),
        ("channel", "organic"),
        ("channel", "paid"),
        ("device", "app"),
        ("device", "web"),
        ("clv_band", "low"),
        ("clv_band", "medium"),
        ("clv_band", "high"),
    ]
    everybody = found.loc[("all", "all")]
    assert (everybody.customers, everybody.actual_eur, everybody.predicted_eur) == (10, 500, 600)
    assert (everybody.calibration_ratio, everybody.mape_share) == (1.2, 0.8)
    assert everybody.mape == pytest.approx(0.5 / 8)
    assert found.customers.loc["clv_band"].tolist() == [5, 3, 2]
    assert found.share_of_revenue.loc["clv_band"].tolist() == [0.2, 0.42, 0.38]
    early = found.loc[("stage", "early")]
    assert (early.share_of_customers, early.share_of_revenue, early.calibration_ratio) == (0.2, 0.04, 1.5)


def test_every_dimension_shares_out_all_customers_and_revenue():
    found = segment_figures(ten())
    assert list(found.columns) == list(COLUMNS)
    totals = found.groupby("dimension")[["share_of_customers", "share_of_revenue"]].sum()
    np.testing.assert_allclose(totals, 1.0)


@pytest.fixture(scope="module")
def many():
    rng = np.random.default_rng(4)
    n = 12_000
    clv = rng.gamma(0.5, 100.0, n)
    return pd.DataFrame(
        {
            "customer_id": [f"c{k:05d}" for k in range(n)],
            "segment": np.where(rng.random(n) < 0.2, "early", "established"),
            "country": rng.choice(["DE", "FR", "LU"], n, p=[0.6, 0.385, 0.015]),
            "acquisition_channel": "organic",
            "device": None,
            "label_eur": clv * rng.exponential(1.0, n),
            "clv_eur": clv,
        }
    )


def test_figures_of_a_group_are_the_metrics_of_its_customers(many):
    french = many[many.country == "FR"]
    row = figures(many).loc[("country", "FR")]
    actual, said = french.label_eur, french.clv_eur
    assert row.gini_normalised == normalised_gini(actual, said)
    assert row.calibration_ratio == calibration_ratio(actual, said)
    assert row.rmse == rmse(actual, said)
    assert (row.mape, row.mape_share) == mape(actual, said)


def test_a_group_is_material_from_2_percent_of_customers_or_revenue_and_200_customers(many):
    found = figures(many)
    assert not found.material[("country", "LU")]
    rich = many.assign(label_eur=many.label_eur * np.where(many.country == "LU", 10, 1))
    assert (rich.country == "LU").sum() < 0.02 * len(rich)
    assert figures(rich).material[("country", "LU")] == ((rich.country == "LU").sum() >= 200)
    few = rich.iloc[:3000]
    assert (few.country == "LU").sum() < 200
    assert not figures(few).material[("country", "LU")]
    assert found.material[("all", "all")]


def test_order_of_rows_changes_no_bit(many):
    shuffled = many.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(segment_figures(shuffled), segment_figures(many), check_exact=True)


def test_bands_are_half_three_and_two_tenths(many):
    bands = figures(many).customers.loc["clv_band"]
    assert bands.to_dict() == dict(zip(CLV_BANDS, (6000, 3600, 2400), strict=True))


def test_ranking_of_fewer_than_50_customers_and_shares_of_no_revenue_are_undefined(many):
    assert np.isnan(segment_figures(many.head(49)).gini_normalised.iloc[0])
    assert not np.isnan(segment_figures(many.head(50)).gini_normalised.iloc[0])
    empty = segment_figures(many.head(50).assign(label_eur=0.0)).iloc[0]
    assert empty[["share_of_revenue", "calibration_ratio", "gini_normalised"]].isna().all()
    assert not empty.material


def test_nobody_has_no_figures():
    assert segment_figures(ten().iloc[:0]).empty


def test_profile_bins_hold_about_a_tenth_each_and_ties_share_one():
    values = np.arange(1, 101, dtype=float)
    frame = pd.DataFrame({"x": np.append(values, [np.nan] * 25), "zeros": [0.0] * 120 + [1.0] * 5})
    found = profile(frame, ["x", "zeros"], [])["numeric"]
    assert found["x"]["missing_share"] == 0.2
    assert found["x"]["edges"] == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    np.testing.assert_allclose(found["x"]["shares"], 0.1)
    assert found["x"]["quantiles"]["0.99"] == 99
    zeros = found["zeros"]
    assert (zeros["edges"], zeros["shares"]) == ([np.nextafter(0, -1), 0.0, 1.0], [0.0, 0.96, 0.04, 0.0])
    assert bin_shares([10.0, 10.5, 1000.0, np.nan], found["x"]["edges"]) == pytest.approx(
        [1 / 3, 1 / 3, 0, 0, 0, 0, 0, 0, 0, 1 / 3]
    )


def test_where_most_have_the_same_value_the_others_have_bins_too():
    values = np.concatenate([np.zeros(900), np.arange(1.0, 101.0)])
    found = profile(pd.DataFrame({"x": values}), ["x"], [])["numeric"]["x"]
    assert found["edges"] == [np.nextafter(0, -1), 0.0, 20.0, 40.0, 60.0, 80.0]
    np.testing.assert_allclose(found["shares"], [0, 0.9, 0.02, 0.02, 0.02, 0.02, 0.02])


def test_a_column_of_one_value_has_a_bin_on_either_side_of_it():
    found = profile(pd.DataFrame({"x": [3.0] * 4}), ["x"], [])["numeric"]["x"]
    assert bin_shares([2.0, 3.0, 3.0, 4.0], found["edges"]) == [0.25, 0.5, 0.25]


def test_profile_of_names_counts_nulls_apart_and_gathers_the_rare_ones():
    names = pd.Series([f"n{k:02d}" for k in range(40)] + ["often"] * 10 + [None] * 50)
    found = profile(pd.DataFrame({"name": names, "none": None}), [], ["name", "none"])["categorical"]
    assert found["name"]["missing_share"] == 0.5
    assert found["name"]["shares"]["often"] == 0.2
    assert len(found["name"]["shares"]) == 31
    assert found["name"]["shares"]["(other)"] == pytest.approx(11 / 50)
    assert found["none"] == {"missing_share": 1.0, "shares": {}}


def test_profile_of_nobody_and_of_booleans():
    frame = pd.DataFrame({"yes": pd.Series([True, None, False], dtype=object), "c": ["a", "b", None]})
    found = profile(frame, ["yes"], ["c"])
    assert found["numeric"]["yes"]["missing_share"] == pytest.approx(1 / 3)
    assert found["numeric"]["yes"]["shares"] == [0.0, 0.5, 0.5, 0.0]
    empty = profile(frame.iloc[:0], ["yes"], ["c"])
    assert empty["customers"] == 0
    assert empty["numeric"]["yes"]["shares"] == []
