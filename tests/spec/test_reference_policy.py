"""Weights of treatments: hand-computed waves, what was known when, and the mean of 1 they keep."""

from datetime import date
from math import exp, log

import ibis
import numpy as np
import pandas as pd
import pytest

from bench.feedback import log_ratio
from clv.timeline import Horizon
from clv.treatment_weights import LARGEST_WEIGHT, self_normalised
from decisions.exploration import Budget, assigned
from glue_jobs.reference_policy import NANO, log_weights
from tests.spec.lakes import pulled
from tests.statistics.test_exploration import people

AS_OF, HORIZON = date(2026, 1, 1), Horizon(100)
COLUMNS = ["customer_id", "campaign", "treatment_ts", "purpose", "propensity", "known_ts", "known_until_ts"]


def wave(rows, campaign="spring", sent="2026-02-01", known=None, until=None):
    frame = pd.DataFrame(rows, columns=["customer_id", "purpose", "propensity"])
    times = {"treatment_ts": sent, "known_ts": known or sent, "known_until_ts": until}
    times = {
        name: pd.Series(pd.Timestamp(value), frame.index).astype("datetime64[us]")
        for name, value in times.items()
    }
    return frame.assign(campaign=campaign, **times)[COLUMNS]


def weights(*waves):
    table = ibis.memtable(pd.concat(waves, ignore_index=True))
    rows = pulled(log_weights(table, AS_OF, HORIZON))
    return {row["customer_id"]: exp(row["nano_log_weight"] / NANO) for row in rows}


FOUR = [("ann", "exploit", 0.9), ("bob", "holdout", 0.9), ("cyd", "explore", 0.1), ("dan", "holdout", 0.1)]


def test_each_row_counts_what_the_mean_of_the_wave_would_have_made_of_it():
    assert weights(wave(FOUR)) == pytest.approx(
        {"ann": 0.5 / 0.9, "bob": 0.5 / 0.1, "cyd": 0.5 / 0.1, "dan": 0.5 / 0.9}
    )


def test_waves_multiply_and_a_customer_in_one_of_them_has_that_one():
    other = [("ann", "explore", 0.2), ("eve", "holdout", 0.4)]
    found = weights(wave(FOUR), wave(other, campaign="summer"))
    assert found["ann"] == pytest.approx(0.5 / 0.9 * 0.3 / 0.2)
    assert found["eve"] == pytest.approx(0.7 / 0.6)


def test_waves_of_one_campaign_have_a_mean_each():
    found = weights(wave([("ann", "exploit", 1.0)]), wave(FOUR, sent="2026-03-01"))
    assert found["ann"] == pytest.approx(0.5 / 0.9)


def test_a_log_of_contacts_alone_changes_nothing():
    assert weights(wave([("ann", "exploit", 1.0), ("bob", "exploit", 1.0)])) == {"ann": 1.0, "bob": 1.0}


@pytest.mark.parametrize(
    "told",
    [
        {"sent": "2025-12-31 23:59"},  # before t0
        {"sent": "2026-04-11"},  # the first instant after the horizon
        {"known": "2026-04-11"},  # told when the label had closed
        {"until": "2026-03-01"},  # restated before it closed
    ],
)
def test_what_lies_outside_the_horizon_or_was_not_known_at_its_end_plays_no_part(told):
    assert weights(wave(FOUR, **told)) == {}


def test_the_last_instant_of_the_horizon_counts_as_known_then():
    assert set(weights(wave(FOUR, sent="2026-04-10 23:59", until="2026-04-11"))) == {
        "ann",
        "bob",
        "cyd",
        "dan",
    }


def test_extreme_propensities_give_finite_weights():
    found = weights(wave([("ann", "explore", 1e-12), ("bob", "holdout", 1 - 1e-12)]))
    assert all(np.isfinite(log(weight)) for weight in found.values())


def test_it_is_what_the_simulation_weighs_by_and_means_are_kept():
    plan = assigned(people(400), Budget(60, 1, 0.3, 0.2), "spring", AS_OF, 1)
    found = weights(wave(plan[["customer_id", "purpose", "propensity"]].to_numpy().tolist()))
    by_hand = np.exp(log_ratio((plan["purpose"] != "holdout").to_numpy(), plan["propensity"].to_numpy()))
    assert [found[name] for name in plan["customer_id"]] == pytest.approx(by_hand.tolist(), rel=1e-6)
    for _, group in plan.assign(weight=by_hand).groupby("rule"):
        assert group["weight"].mean() == pytest.approx(1)  # in each stratum of equal probability
    contacted = plan["purpose"] != "holdout"
    for _, group in plan.assign(weight=by_hand, contacted=contacted).groupby("rule"):
        share = group.loc[group["contacted"], "weight"].sum() / group["weight"].sum()
        assert share == pytest.approx(plan["propensity"].mean())  # contacted alike above and below the cut


def test_weights_are_clipped_and_have_the_mean_1():
    found = self_normalised(np.log([0.1, 1.0, 1e9]))
    assert found.mean() == pytest.approx(1)
    assert found[2] / found[1] == pytest.approx(LARGEST_WEIGHT)
    assert self_normalised(np.array([])).size == 0
