"""Figures of sampled drivers: sizes, the way between two groups, agreement of trainings, points of charts."""

import numpy as np
import pandas as pd
import pytest

from app.drivers.dependence import along, by_name, central, is_number
from app.drivers.figures import REST, START, agreement, difference, sizes
from app.drivers.sample import Sample
from app.drivers.swarm import swarm

START_EUR = 20.0


def sample(n, seed=1, segment="established", start=START_EUR, names=("rhythm", "country", "visits")):
    """Return a sample whose drivers add up; `rhythm` grows with its value, `country` is DE or FR."""
    rng = np.random.default_rng(seed)
    people = pd.Index([f"c{number:04d}" for number in range(n)], name="customer_id")
    numbers = pd.DataFrame(rng.normal(size=(n, len(names))), people, list(names))
    eur = numbers * [30.0, 3.0, 1.0]
    country = np.where(np.arange(n) % 2, "DE", "FR")
    eur["country"] += np.where(country == "DE", 10.0, 0.0)
    clv = start + eur.sum(axis=1)
    about = pd.DataFrame(
        {
            "country": country,
            "acquisition_channel": "organic",
            "device": "mobile",
            "decile": 9,
            "clv_eur": clv,
            "driver_start_eur": start,
            "model_version": f"m@{seed}",
            "band": "high",
        },
        people,
    )
    return Sample(segment, about, about, eur, values_of(numbers, country))


def values_of(numbers, country):
    """Return a row per driver and customer: the values that the euros come from."""
    values = pd.concat(
        pd.DataFrame(
            {
                "customer_id": numbers.index,
                "driver": name,
                "feature": {"rhythm": "btyd_expected_orders", "visits": "sessions_30d"}.get(name, name),
                "value": np.nan if name == "country" else numbers[name].to_numpy(),
                "value_text": country if name == "country" else None,
            }
        )
        for name in numbers.columns
    )
    return values.reset_index(drop=True)


def drawn(whole, size):
    """Return a sample of the customers of a sample, who remain everybody."""
    people = whole.people.iloc[:size]
    return Sample(whole.segment, whole.everybody, people, whole.eur.iloc[:size], whole.values)


def test_size_is_the_mean_of_absolute_euros_and_its_interval_holds_the_truth():
    rows = sizes(pd.DataFrame({"a": [1.0, -3.0], "b": [0.5, 0.5]}), 1_000).set_index("driver")
    assert list(rows.index) == ["a", "b"]
    assert rows.loc["a", ["size_eur", "mean_eur", "up_eur", "down_eur"]].tolist() == [2.0, -1.0, 0.5, -1.5]
    assert rows.loc["b", ["low_eur", "high_eur"]].tolist() == [0.5, 0.5]
    truth = 30 * np.sqrt(2 / np.pi)  # mean of |N(0, 30)|
    found = [sizes(sample(400, seed).eur, 1_000_000).set_index("driver").loc["rhythm"] for seed in range(100)]
    held = sum(row.low_eur <= truth <= row.high_eur for row in found)
    assert 88 <= held <= 100


def test_one_customer_has_sizes_and_no_interval():
    row = sizes(sample(1).eur, 9).iloc[0]
    assert row.size_eur > 0
    assert np.isnan(row.low_eur)


@pytest.mark.parametrize("kept", [1, 2, 8])
def test_steps_between_two_groups_add_up_to_the_difference_of_their_means(kept):
    whole = sample(200)
    one, other = whole.where("country", "DE"), whole.where("country", "FR")
    rows = difference(one, other, kept)
    gap = one.people.clv_eur.mean() - other.people.clv_eur.mean()
    assert rows.eur.sum() == pytest.approx(gap)
    assert rows.driver.iloc[-1] == REST
    country = rows.set_index("driver").eur.get("country")
    assert kept == 1 or country == pytest.approx(10, abs=1.5)


def test_two_stages_differ_by_their_typical_customers_too_and_models_may_have_other_drivers():
    one = sample(150, 3, segment="early", start=50.0, names=("rhythm", "country", "first basket"))
    other = sample(150, 4)
    rows = difference(one, other, 8)
    assert rows.driver.iloc[0] == START
    assert rows.eur.iloc[0] == pytest.approx(30)
    assert rows.eur.sum() == pytest.approx(one.people.clv_eur.mean() - other.people.clv_eur.mean())
    assert {"first basket", "visits"} <= set(rows.driver)


def test_drawn_customers_tell_the_steps_between_all_of_both_groups():
    whole = sample(1_000)
    truth = difference(whole.where("country", "DE"), whole.where("country", "FR"), 3).set_index("driver")
    assert (truth.high_eur - truth.low_eur).abs().max() == 0  # everybody is drawn
    some = drawn(whole, 300)
    rows = difference(some.where("country", "DE"), some.where("country", "FR"), 3).set_index("driver")
    assert rows.eur.sum() == pytest.approx(truth.eur.sum())
    held = (rows.low_eur - 1e-9 <= truth.eur) & (truth.eur <= rows.high_eur + 1e-9)
    assert held.all()
    assert rows.high_eur["country"] - rows.low_eur["country"] < 2


def test_models_agree_with_themselves_and_not_with_one_that_sees_the_opposite():
    one = sample(80)
    same = agreement(one, one)
    assert (same.customers, same.same_customers, same.spearman, same.kendall) == (80, True, 1.0, 1.0)
    assert (same.shared, same.of) == (3, 3)
    turned = Sample(
        one.segment,
        one.people,
        one.people,
        one.eur[["visits", "country", "rhythm"]].set_axis(one.eur.columns, axis=1),
        one.values,
    )
    assert agreement(one, turned).spearman == pytest.approx(-1)


def test_models_are_compared_on_common_customers_or_on_all_where_these_are_few():
    one, other = sample(100), sample(140, 2)
    assert agreement(one, other)[:2] == (100, True)
    renamed = other.eur.set_axis([f"n{number}" for number in range(140)])
    assert agreement(one, Sample("early", other.people, other.people, renamed, other.values))[:2] == (
        100,
        False,
    )


def test_points_keep_the_amounts_and_spread_where_they_are_dense():
    points = swarm(sample(300), ["rhythm", "country"], 120)
    assert points.driver.value_counts().to_dict() == {"rhythm": 120, "country": 120}
    assert points.offset.between(-1, 1).all()
    assert points.offset.nunique() > 3
    rhythm = points[points.driver == "rhythm"]
    assert rhythm["rank"].corr(rhythm.eur, method="spearman") == pytest.approx(1)
    assert points[points.driver == "country"]["rank"].isna().all()
    assert set(points[points.driver == "country"].said) == {"DE", "FR"}


def test_line_of_medians_rises_with_a_driver_that_does():
    whole = sample(400)
    assert is_number(whole, "rhythm")
    rows = central(whole, "rhythm")
    assert 380 <= len(rows) < 400
    line = along(rows)
    assert (len(line), line.customers.sum()) == (12, len(rows))
    assert line.eur.is_monotonic_increasing
    assert line.value.is_monotonic_increasing


def test_names_are_told_by_their_median_the_largest_first():
    whole = sample(400)
    assert not is_number(whole, "country")
    rows = by_name(whole, "country")
    assert list(rows.name) == ["DE", "FR"]
    assert rows.customers.tolist() == [200, 200]
    assert (rows.p25 < rows.p50).all()
    assert by_name(whole, "visits").empty
