"""How often intervals held: shares counted by hand."""

import numpy as np
import pandas as pd
import pytest

from clv.coverage import interval_figures
from tests.ascii_table import table

TEN = """
    customer_id | segment     | clv_eur | clv_median_eur | clv_low_eur | clv_high_eur | label_eur
    a           | established | 100     | 80             | 40          | 200          | 40
    b           | established | 90      | 80             | 40          | 200          | 201
    c           | established | 80      | 80             | 40          | 200          | 39
    d           | early       | 20      | 10             | 0           | 60           | 0
    e           | early       | 10      | 0              | 0           | 30           | -1
    f           | early       | 2       | 0              | 0           | 0            | 0
    g           | early       | 1       | 0              | 0           | 0            | 0
    h           | early       | 1       | 0              | 0           | 0            | 0
    i           | early       | 1       | 0              | 0           | 0            | 0
    j           | early       | 1       | 0              | 0           | 0            | 0
"""


def test_ends_count_as_held_and_misses_are_told_by_side():
    found = interval_figures(table(TEN)).set_index(["dimension", "value"])
    everybody = found.loc[("all", "all")]
    assert everybody.customers == 10
    assert everybody.coverage == pytest.approx(0.7)
    assert (everybody.below, everybody.above) == (pytest.approx(0.2), pytest.approx(0.1))
    assert everybody.mean_width_eur == pytest.approx((3 * 160 + 60 + 30) / 10)
    assert found.loc[("stage", "established"), "coverage"] == pytest.approx(1 / 3)
    assert found.loc[("decile", "10"), "customers"] == 1
    assert found.loc[("decile", "10"), "coverage"] == 1.0
    assert found.loc[("decile", "9"), "above"] == 1.0


def test_over_coverage_of_intervals_that_are_zero_alone_is_told_apart():
    everybody = interval_figures(table(TEN)).iloc[0]
    assert everybody.only_zero == pytest.approx(0.5)
    assert everybody.unavoidable == pytest.approx(0.5 * (1.0 - 0.8))


def test_errors_of_mean_and_median_are_those_of_the_same_customers():
    everybody = interval_figures(table(TEN)).iloc[0]
    assert everybody.mae_mean_eur == pytest.approx((60 + 111 + 41 + 20 + 11 + 2 + 1 + 1 + 1 + 1) / 10)
    assert everybody.mae_median_eur == pytest.approx((40 + 121 + 41 + 10 + 1) / 10)


def test_customers_without_an_interval_are_left_out_and_none_give_no_row():
    rows = table(TEN)
    rows.loc[rows.segment == "early", ["clv_median_eur", "clv_low_eur", "clv_high_eur"]] = np.nan
    found = interval_figures(rows)
    assert found.customers.iloc[0] == 3
    assert "early" not in set(found.value)
    assert interval_figures(rows[rows.segment == "early"]).empty


def test_order_of_the_rows_changes_no_figure():
    rows = table(TEN)
    shuffled = rows.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(interval_figures(rows), interval_figures(shuffled), check_exact=True)
