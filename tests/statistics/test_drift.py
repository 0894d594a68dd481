"""Flags of drift: how often chance raises one, whether a planted shift is found, and the limiting cases."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from clv.drift_profile import profile
from clv.feature_catalogue import CALENDAR, NUMERIC
from monitoring.drift import MODEL, drift, drifted, newly_missing, worst_psi

NUMBERS = [f"x{k}" for k in range(40)]


def people(seed, size=300):
    """Return customers whose 40 numbers are normal, skewed, mostly zero or counts, in turn, with two names."""
    draw = np.random.default_rng(seed)
    kinds = (
        lambda: draw.normal(size=size),
        lambda: draw.lognormal(3, 1.5, size),
        lambda: draw.poisson(4, size) * (draw.random(size) < 0.08),
        lambda: draw.poisson(1.5, size),
    )
    frame = pd.DataFrame({name: kinds[k % 4]() for k, name in enumerate(NUMBERS)})
    return frame.assign(
        clv_eur=draw.lognormal(3, 1, size),
        p_active=draw.beta(1, 3, size),
        country=draw.choice(["DE", "FR", "PL"], size, p=[0.6, 0.3, 0.1]),
        device=draw.choice([f"d{k}" for k in range(12)], size),
    )


def compared(before, now):
    numeric = [name for name in before if name not in {"country", "device"}]
    names = [name for name in ("country", "device") if name in before]
    return drift("early", MODEL, profile(before, numeric, names), now)


def flagged(found):
    return {each.variable: each.flag for each in found if each.flag != "stable"}


def one(before, now, **columns):
    """Compare one column."""
    [found] = compared(pd.DataFrame({"x": before}, **columns), pd.DataFrame({"x": now}, **columns))
    return found


@cache
def unchanged(size=300):
    """Compare two samples of one population in each of 40 weeks."""
    return [compared(people(seed, size), people(1_000 + seed, size)) for seed in range(40)]


@cache
def before_and_now(seed):
    """Return the profile of a thousand customers, and a thousand others."""
    before = people(seed, 1_000)
    return profile(before, [*NUMBERS, "clv_eur", "p_active"], ["country", "device"]), people(
        1_000 + seed, 1_000
    )


@pytest.mark.parametrize("size", [30, 300, 2_000])
def test_samples_of_one_population_raise_hardly_a_flag(size):
    alarms = [flagged(found) for found in unchanged(size)]
    assert sum(map(bool, alarms)) <= 2  # at most 1 % false discoveries: of 40 weeks .4 are expected


def test_p_values_of_unchanged_variables_are_no_smaller_than_they_should_be():
    found = [each.p_value for compared_once in unchanged() for each in compared_once]
    assert np.mean(np.array(found) < 0.05) <= 0.06
    assert np.mean(np.array(found) < 0.01) <= 0.015


@pytest.mark.parametrize("variable", ["x0", "x1", "x2", "x3", "country"])
def test_a_planted_shift_is_found_and_nothing_else(variable):
    found = []
    for seed in range(20):
        before, now = before_and_now(seed)
        now = now.copy()
        if variable == "country":
            now["country"] = now["country"].where(np.arange(len(now)) % 2 == 0, "PL")
        elif variable == "x2":
            now["x2"] = now["x2"] * 10  # of those who have any: 8 %
        else:
            now[variable] = now[variable] + now[variable].std()
        found.append({name for name, flag in flagged(drift("early", MODEL, before, now)).items()})
    assert sum(each == {variable} for each in found) >= 18


def test_with_many_customers_a_small_change_is_sure_and_no_flag():
    draw = np.random.default_rng(3)
    found = one(draw.normal(size=300_000), draw.normal(0.05, size=300_000))
    assert found.p_adjusted < 1e-20
    assert found.flag == "stable"


def test_with_few_customers_a_great_change_may_be_chance_and_is_no_flag():
    found = one([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0])
    assert found.psi > 0.25
    assert found.flag == "stable"


def test_the_limits_of_the_index_belong_to_the_flag():
    def with_share(share):  # of 100,000 customers, before a half
        ones = round(share * 100_000)
        return one(np.repeat([0.0, 1.0], 50_000), np.repeat([0.0, 1.0], [100_000 - ones, ones]))

    found = [with_share(share) for share in (0.655, 0.656, 0.739, 0.740)]
    assert [each.flag for each in found] == ["stable", "shifted", "shifted", "drifted"]
    assert found[0].psi < 0.10 <= found[1].psi
    assert found[2].psi < 0.25 <= found[3].psi


def test_a_constant_column_is_stable_until_its_value_changes():
    same = one([3.0] * 500, [3.0] * 400)
    assert (same.psi, same.ks_distance, same.p_value, same.flag) == (
        pytest.approx(0, abs=1e-3),
        0,
        1,
        "stable",
    )
    for other in (2.0, 4.0):
        assert one([3.0] * 500, [other] * 400).flag == "drifted"


def test_a_column_whose_cells_are_all_empty_now_is_missing_and_has_no_statistic():
    found = one([1.0, 2.0] * 200, [np.nan] * 400)
    assert (found.psi, found.p_value, found.missing_share_now, found.flag) == (None, None, 1.0, "missing")
    assert newly_missing([found]) == ["x"]


def test_a_column_that_was_always_empty_is_stable():
    found = one([np.nan] * 400, [np.nan] * 400)
    assert (found.psi, found.flag) == (None, "stable")
    assert one([np.nan] * 400, [1.0] * 400).flag == "stable"  # there was nothing to compare with


@pytest.mark.parametrize(("empty", "flag"), [(50, "stable"), (51, "missing")])
def test_a_column_is_missing_from_over_5_percent_more_empty_cells_on(empty, flag):
    values = np.arange(1_000, dtype=float)
    now = np.where(values < empty, np.nan, np.roll(values, 500))
    found = one(values, np.random.default_rng(1).permutation(now))
    assert found.flag == flag


def test_few_empty_cells_among_few_customers_may_be_chance():
    assert one(np.arange(10.0), [np.nan, *np.arange(9.0)]).flag == "stable"


def test_a_new_level_of_a_name_counts_with_the_others():
    before = pd.DataFrame({"country": ["DE"] * 300 + ["FR"] * 100})
    now = pd.DataFrame({"country": ["DE"] * 200 + ["FR"] * 100 + ["XX"] * 60 + ["YY"] * 40})
    [found] = compared(before, now)
    assert found.flag == "drifted"
    assert found.chi_square > 50
    [kept] = compared(before, before)
    assert kept.flag == "stable"


def test_the_order_of_rows_does_not_matter():
    before, now = people(1), people(2)
    shuffled = now.sample(frac=1, random_state=1)
    assert compared(before, now) == compared(before, shuffled)


def test_nobody_has_not_drifted():
    before = people(1)
    assert not flagged(compared(before, before.iloc[:0]))
    assert not flagged(compared(before.iloc[:0], before))


def test_what_follows_the_calendar_is_left_out():
    assert set(CALENDAR) - {"campaign"} <= set(NUMERIC)
    frame = pd.DataFrame({name: [1.0, 2.0] for name in (*CALENDAR, "x")})
    found = drift("early", MODEL, profile(frame, list(frame), []), frame)
    assert [each.variable for each in found] == ["x"]


def test_scores_and_features_are_told_apart():
    before, now = people(1), people(2)
    now["clv_eur"] *= 3
    found = compared(before, now)
    assert [each.variable for each in drifted(found, scores=True)] == ["clv_eur"]
    assert drifted(found, scores=False) == []
    assert worst_psi(found, scores=True) > 0.25 > worst_psi(found, scores=False)
