"""Calibration by group: ratios of sums, their intervals, and the part that everybody shares."""

import numpy as np
import pandas as pd
import pytest

from clv.group_calibration import COLUMNS, REST, group_calibration
from clv.segment_figures import segment_figures


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(4)
    n = 4_000
    came = rng.gamma(0.6, 80.0, n) - 2.0
    country = rng.choice(["DE", "FR", "MT"], n, p=[0.6, 0.39, 0.01])
    return pd.DataFrame(
        {
            "customer_id": [f"c{k:05d}" for k in range(n)],
            "segment": rng.choice(["early", "established"], n),
            "country": country,
            "acquisition_channel": rng.choice(np.array(["organic", None], dtype=object), n),
            "device": "app",
            "label_eur": came,
            "clv_eur": np.where(country == "FR", 1.6, 0.8) * came * rng.gamma(9.0, 1 / 9, n),
        }
    )


def one(found, dimension, value):
    return found[(found.dimension == dimension) & (found.value == value)].iloc[0]


def test_ratios_and_counts_are_those_of_the_monitored_figures(customers):
    found = group_calibration(customers, 50, 1).set_index(["dimension", "value"])
    for figure in segment_figures(customers).itertuples():
        row = found.loc[(figure.dimension, figure.value)]
        assert row.customers == figure.customers
        assert row.calibration_ratio == pytest.approx(figure.calibration_ratio)
        assert row.material == figure.material


def test_cells_are_a_partition_and_only_material_ones_stand_alone(customers):
    found = group_calibration(customers, 50, 1)
    cells = found[found.dimension == "cell"]
    assert cells.customers.sum() == len(customers)
    assert cells.actual_eur.sum() == pytest.approx(customers.label_eur.sum())
    assert cells.set_index("value").material.drop(REST).all()
    assert not one(found, "cell", REST).material
    assert {len(value.split(" × ")) for value in cells.value if value != REST} == {4}


def test_a_level_that_all_share_moves_every_ratio_and_no_relative_one(customers):
    before = group_calibration(customers, 50, 1)
    after = group_calibration(customers.assign(clv_eur=3 * customers.clv_eur), 50, 1)
    np.testing.assert_allclose(after.calibration_ratio, 3 * before.calibration_ratio)
    for name in ("relative", "relative_low", "relative_high"):
        np.testing.assert_allclose(after[name], before[name])
    assert one(before, "country", "FR").relative_low > 1.2
    assert one(before, "all", "all").relative_low == one(before, "all", "all").relative_high == 1


def test_intervals_cover_the_ratio_of_the_population_at_their_rate():
    rng, covered = np.random.default_rng(8), []
    for _ in range(60):
        came = rng.gamma(0.6, 80.0, 400)
        frame = pd.DataFrame({"customer_id": [f"{k:03d}" for k in range(400)], "label_eur": came})
        frame = frame.assign(
            segment="early", country="DE", acquisition_channel="x", device="app", clv_eur=48.0
        )
        row = one(group_calibration(frame, 200, 2), "all", "all")
        covered.append(row.low <= 1.0 <= row.high)
    assert 0.85 <= np.mean(covered) <= 1.0


def test_order_of_customers_changes_nothing(customers):
    shuffled = customers.sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(group_calibration(shuffled, 30, 1), group_calibration(customers, 30, 1))


def test_revenue_that_is_not_positive_leaves_the_ratio_undefined(customers):
    found = group_calibration(customers.assign(label_eur=-1.0), 30, 1)
    assert found.calibration_ratio.isna().all()
    assert found.relative_high.isna().all()


def test_without_customers_there_is_no_row(customers):
    assert group_calibration(customers.head(0)).columns.tolist() == list(COLUMNS)
