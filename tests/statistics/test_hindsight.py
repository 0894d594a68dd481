"""Hindsight by hand: accrual curves, what should have come by now, intervals and warnings."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from clv.timeline import Horizon
from monitoring.accrual import Curve, Expected, admissible, curves, expected
from monitoring.hindsight import Said, hindsight, warnings
from monitoring.outcomes import Outcomes, milestones

T0 = date(2026, 1, 15)
CERTAIN = Expected(np.array([0.1, 0.3, 0.6, 1.0]), np.zeros(4), 1)


def names(*segments):
    return np.array(segments, dtype=object)


def entries(*rows):
    """Return ledger entries: customer, days after T0 of revenue and of knowledge, cents."""
    at = datetime(T0.year, T0.month, T0.day)
    days = [[at + timedelta(days=row[place]) for row in rows] for place in (1, 2)]
    columns = {"customer_id": pa.array([row[0] for row in rows], pa.string())}
    columns |= {
        name: pa.array(of, pa.timestamp("us"))
        for name, of in zip(("entry_ts", "known_ts"), days, strict=True)
    }
    return pa.table(columns | {"amount_eur_cents": pa.array([row[3] for row in rows], pa.int64())})


def test_revenue_is_half_open_as_known_at_each_milestone_and_guests_are_nobody_s():
    ledger = entries(
        ("a", -0.5, -0.5, 1_00),  # before
        ("a", 0, 0, 2_00),
        ("a", 29.9, 29.9, 4_00),
        ("a", 30, 30, 8_00),
        ("a", 10, 40, 16_00),  # known ten days into the second milestone
        ("a", 90, 90, 32_00),
        ("b", 5, 5, -64_00),
        (None, 5, 5, 128_00),
    )
    found = Outcomes.of([ledger.slice(4), ledger.slice(0, 4)], T0 - timedelta(days=9))
    asked = pd.Series(["c", "b", "a"])
    came = found.revenue_eur(asked, T0, (30, 90))
    np.testing.assert_array_equal(came, [[0, 0], [-64, -64], [6, 30]])
    np.testing.assert_array_equal(Outcomes.of([], T0).revenue_eur(asked, T0, (30, 90)), np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("horizon_days", "days"),
    [(365, (30, 90, 180, 365)), (180, (30, 90, 180)), (200, (30, 90, 180, 200)), (14, (14,))],
)
def test_milestones_end_with_the_horizon(horizon_days, days):
    assert milestones(horizon_days) == days


def test_a_curve_is_the_share_of_the_horizon_s_revenue_by_segment():
    came = np.array([[10.0, 40.0], [0.0, 60.0], [7.0, 7.0]])
    found = curves(names("early", "early", "established"), came)
    assert found["early"].share.tolist() == [0.1, 1.0]
    # ψ = (10 − .1·40, 0 − .1·60) / 100
    assert found["early"].error == pytest.approx([np.hypot(0.06, 0.06), 0.0])
    assert found["established"].share.tolist() == [1.0, 1.0]
    assert curves(names("early"), np.zeros((1, 2))) == {}


def test_the_error_of_a_curve_is_that_of_resampled_customers():
    rng = np.random.default_rng(5)
    late = rng.gamma(0.4, 100.0, 2_000)
    came = np.stack([late * rng.beta(1, 2, 2_000), late], axis=1)
    told = curves(names(*["early"] * 2_000), came)["early"].error[0]
    draws = [came[rng.integers(0, 2_000, 2_000)].sum(axis=0) for _ in range(2_000)]
    assert told == pytest.approx(np.std([one / all_ for one, all_ in draws]), rel=0.08)


def test_last_year_s_two_firsts_of_months_are_interpolated_by_day():
    flat = {
        date(2025, 1, 1): Curve(np.array([0.2, 1.0]), np.array([0.02, 0.0])),
        date(2025, 2, 1): Curve(np.array([0.4, 1.0]), np.array([0.04, 0.0])),
        date(2025, 6, 1): Curve(np.array([0.9, 1.0]), np.array([0.9, 0.0])),
    }
    found = expected(flat, T0, 2)  # 15 January less 365.25 days: 13.75 days after the first, 17.25 before
    share = (0.2 * 17.25 + 0.4 * 13.75) / 31
    assert found.share == pytest.approx([share, 1.0])
    assert found.error == pytest.approx([share / 10, 0.0])
    assert found.years == 1


def test_two_years_that_differ_widen_the_error():
    two = {
        day: Curve(np.array([share, 1.0]), np.zeros(2))
        for day, share in {date(2025, 1, 15): 0.2, date(2024, 1, 15): 0.4}.items()
    }
    found = expected(two, T0, 2)
    assert found.share == pytest.approx([0.3, 1.0])
    assert found.error == pytest.approx([np.sqrt(0.02 * 1.5), 0.0])
    assert found.years == 2


def test_without_the_season_any_snapshot_speaks_and_one_alone_does_not_tell_its_error():
    others = {date(2025, m, 1): Curve(np.array([s, 1.0]), np.zeros(2)) for m, s in {5: 0.2, 6: 0.4}.items()}
    found = expected(others, T0, 2)
    assert (found.years, found.share[0]) == (0, pytest.approx(0.3))
    alone = expected({date(2025, 5, 1): others[date(2025, 5, 1)]}, T0, 2)
    assert np.isnan(alone.error[0])
    nothing = expected({}, T0, 2)
    assert np.isnan(nothing.share[0])
    assert (nothing.share[1], nothing.error[1]) == (1.0, 0.0)


def test_a_snapshot_whose_horizon_reaches_over_a_month_into_that_of_t0_may_not_speak():
    days = [date(2025, 1, 15), date(2025, 2, 15), date(2025, 2, 16)]
    assert admissible(days, T0, Horizon(365)) == days[:2]


AFTER_90 = T0 + timedelta(days=90)


def year(rng):
    """Return what 1,000 customers brought by each milestone of a year, and the mean of each one's whole year."""
    mean = rng.gamma(0.8, 50.0, 1_000)
    orders = rng.poisson(2.0, 1_000)
    spent = np.array([rng.multinomial(n, [0.1, 0.2, 0.3, 0.4]) for n in orders]).cumsum(axis=1)
    return spent * (mean / 2.0 * rng.gamma(2.0, 0.5, 1_000))[:, None], mean


def said(came, clv=None, segment=None, told=CERTAIN, as_of=T0):
    came = np.asarray(came, dtype=float)
    segment = names(*(segment or ["established"] * len(came)))
    clv = np.full(len(came), 100.0) if clv is None else np.asarray(clv, dtype=float)
    return Said(as_of, 365, segment, clv, came, {"early": told, "established": told})


def by(frame, **key):
    return frame.loc[(frame[list(key)] == pd.Series(key)).all(axis=1)].iloc[0]


def test_what_came_is_held_against_the_share_that_usually_has_by_then():
    one = said([[5, 20, 0, 0], [25, 40, 0, 0]], clv=[100, 300], segment=["early", "established"])
    found = hindsight([one], T0 + timedelta(days=90))
    assert found["days"].unique().tolist() == [30, 90]  # the others are still to come
    everyone = by(found, segment="all", days=90)
    assert (everyone.said_eur, everyone.expected_eur, everyone.came_eur) == (400, pytest.approx(120), 60)
    assert everyone.ratio == pytest.approx(0.5)
    # ψ = (20 − .5·30, 40 − .5·90) / 120
    half = 1.959964 * np.hypot(5 / 120, -5 / 120)
    assert (everyone.ratio_low, everyone.ratio_high) == pytest.approx((0.5 - half, 0.5 + half))
    assert by(found, segment="early", days=30).ratio == pytest.approx(0.5)
    assert not found["flag"].any()  # two customers are not material


def test_the_error_of_the_curve_widens_the_interval():
    unsure = Expected(CERTAIN.share, np.array([0.05, 0, 0, 0]), 1)
    found = hindsight([said([[10, 30, 60, 100]] * 2, told=unsure)], T0 + timedelta(days=30))
    row = by(found, segment="all", days=30)
    assert (row.ratio_high - row.ratio) == pytest.approx(1.959964 * 0.5)  # 50 % of the share


@pytest.mark.parametrize(
    ("came", "flag", "sure"),
    [(8.0, False, False), (7.9, True, True), (12.0, False, False), (12.1, True, True), (0.0, True, True)],
)
def test_a_warning_is_raised_beyond_0_8_and_1_2_edges_excluded(came, flag, sure):
    row = by(hindsight([said([[came, 0, 0, 0]] * 200)], T0 + timedelta(days=30)), segment="all", days=30)
    assert (row.flag, row.sure) == (flag, sure)


def test_a_figure_outside_by_the_luck_of_a_few_large_customers_is_not_sure():
    came = [[0.0, 0, 0, 0]] * 396 + [[700.0, 0, 0, 0]] * 4  # 2,800 of 4,000 expected, from four people
    row = by(hindsight([said(came)], T0 + timedelta(days=30)), segment="all", days=30)
    assert row.ratio == pytest.approx(0.7)
    assert (row.flag, row.sure) == (True, False)


def test_the_interval_holds_one_about_as_often_as_it_says_where_the_forecast_is_right():
    """Last year teaches the curve, this year is forecast by its mean: 95 % of 300; 3.5 errors below are 90.6 %."""
    rng, held = np.random.default_rng(7), 0
    for _ in range(300):
        (before, _), (now, mean) = year(rng), year(rng)
        curve = curves(names(*["established"] * 1_000), before)["established"]
        found = hindsight([said(now, clv=mean, told=expected({date(2025, 1, 15): curve}, T0, 4))], AFTER_90)
        row = by(found, segment="all", days=90)
        held += row.ratio_low <= 1.0 <= row.ratio_high
    assert 272 <= held < 300


def test_without_a_curve_nothing_is_expected_until_the_horizon_closes():
    unknown = expected({}, T0, 4)
    found = hindsight([said([[9, 9, 9, 50]] * 200, told=unknown)], T0 + timedelta(days=365))
    assert by(found, segment="all", days=180)[["ratio", "expected_eur"]].isna().all()
    closed = by(found, segment="all", days=365)
    assert (closed.ratio, closed.sure) == (0.5, True)


def test_warnings_are_of_the_newest_scores_of_each_milestone_and_of_open_horizons():
    bad, good = [[1, 3, 6, 10]] * 200, [[10, 30, 60, 100]] * 200
    old, new = said(bad, as_of=T0), said(good, as_of=T0 + timedelta(days=70))
    found = warnings(hindsight([old, new], T0 + timedelta(days=400)))
    assert found[["scored_as_of", "days"]].drop_duplicates().to_numpy().tolist() == []
    found = warnings(hindsight([old, new], T0 + timedelta(days=200)))
    assert sorted(set(zip(found["scored_as_of"], found["days"], strict=True))) == [(T0, 180)]
    assert warnings(hindsight([], T0)).empty
