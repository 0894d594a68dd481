"""The level of a t₀ with a short history is mended by what means the same a year later: recent revenue."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv.metrics import calibration_ratio
from clv.models.label_free import LabelFree
from clv.models.level import SeasonLevel
from tests.statistics.shoppers import HORIZON_DAYS, snapshot
from training.unseen import taught
from training.young_levels import level_factors

YEAR_AGO, TODAY = date(2021, 4, 1), date(2022, 4, 1)
"""Of shoppers whose shop opened three months before the former."""


def customers(as_of, oldest_days, *rows):
    """Return customers of one t₀: recency in days, revenue of the last 90 days, prior, and what came."""
    names = ["recency_days", "monetary_90d_eur", "btyd_clv_eur", "label_eur"]
    frame = pd.DataFrame(rows, columns=names, dtype=float)
    return frame.assign(as_of=as_of, tenure_days=float(oldest_days))


# Then: 100 EUR of the last 90 days, of whom 50 came; the prior expected 40, so the level is 50 / 40 = 1.25.
# Now: 300 EUR of the last 90 days, so 150 are due of such customers, of whom the prior expects 200: 0.75.
THEN = [(10, 60, 25, 30), (80, 40, 15, 20)]
NOW = customers(TODAY, 455, (5, 300, 150, np.nan), (9, 0, 50, np.nan), (200, 0, 90, np.nan))


@pytest.mark.parametrize(
    ("oldest_days", "factor"), [(0, 0.6), (90, 0.6 ** (275 / 365)), (365, 1.0), (700, 1.0)]
)
def test_the_shorter_the_history_the_more_recent_revenue_tells_the_level(oldest_days, factor):
    factors = level_factors(customers(YEAR_AGO, oldest_days, *THEN), NOW)
    assert factors == {YEAR_AGO: pytest.approx(factor)}
    assert SeasonLevel({YEAR_AGO: 1.25}, 90, 1.0).times(factors).at(TODAY) == pytest.approx(1.25 * factor)


def test_a_customer_silent_for_more_than_90_days_counts_in_the_level_alone():
    silent = customers(YEAR_AGO, 90, *THEN, (91, 0, 10, 12.5))
    assert level_factors(silent, NOW) == {YEAR_AGO: pytest.approx(0.6 ** (275 / 365))}


def test_the_more_the_numbers_of_recent_customers_differ_the_less_they_tell():
    four = customers(YEAR_AGO, 0, *THEN, *THEN)
    assert level_factors(four, NOW) == {YEAR_AGO: pytest.approx(0.6**0.5)}
    assert level_factors(four.iloc[:2].assign(sampled_share=0.5), NOW) == level_factors(four, NOW)


def test_weights_count_rows_so_often():
    doubled = customers(YEAR_AGO, 90, *THEN, THEN[1])
    weighed = customers(YEAR_AGO, 90, *THEN).assign(weight=[1.0, 2.0])
    assert level_factors(weighed, NOW) == {YEAR_AGO: pytest.approx(level_factors(doubled, NOW)[YEAR_AGO])}


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (customers(YEAR_AGO, 90, (10, 0, 20, 30)), NOW),
        (customers(YEAR_AGO, 90, *THEN), customers(TODAY, 455, (200, 0, 90, np.nan))),
    ],
)
def test_without_revenue_of_the_last_90_days_at_either_t0_the_level_stays(then, now):
    assert level_factors(then, now) == {YEAR_AGO: 1.0}


def test_nothing_closed_tells_nothing():
    assert level_factors(pd.DataFrame(), NOW) == {}


@pytest.fixture(scope="module")
def shoppers():
    return snapshot(YEAR_AGO), snapshot(TODAY)


def test_the_total_of_shoppers_is_nearer_when_the_shop_was_three_months_old_a_year_ago(shoppers):
    closed, today = shoppers
    plain = taught(LabelFree(HORIZON_DAYS), closed)
    mended = plain.releveled(level_factors(closed, today))
    before, after = (
        abs(np.log(calibration_ratio(today.label_eur, model.forecast(today).clv_eur)))
        for model in (plain, mended)
    )
    assert after < before - 0.05
    assert plain.version != mended.version


def test_no_figure_depends_on_the_order_of_rows(shoppers):
    closed, today = shoppers
    shuffled = (frame.sample(frac=1, random_state=3) for frame in (closed, today))
    assert level_factors(*shuffled) == level_factors(closed, today)
