"""Overlap of contacted and held out by decile: a greedy log has none, a designed one has it everywhere."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from decisions.exploration import Budget, assigned
from monitoring.overlap import effective_size, overlap_by_decile, overlap_metrics, overlap_summary
from tests.statistics.test_exploration import people


def greedy():
    """Every customer of the top decile contacted for certain, nobody else in the log."""
    return pd.DataFrame({"decile": [10] * 50, "purpose": "exploit", "propensity": 1.0})


def designed(**told):
    budget = Budget(**{"budget_eur": 100, "cost_eur": 1, "exploration_share": 0.2} | told)
    return assigned(people(500), budget, "spring", date(2026, 6, 1), 3)


def figures(log):
    return {metric.name: metric.value for metric in overlap_metrics(overlap_by_decile(log))}


def test_a_greedy_log_has_overlap_nowhere():
    table = overlap_by_decile(greedy())
    assert table["decile"].tolist() == list(range(10, 0, -1))
    assert not table["has_overlap"].any()
    assert figures(greedy()) == {"DecilesWithoutOverlap": 10, "LeastEffectiveCustomers": 0}


def test_a_designed_campaign_has_overlap_in_every_decile():
    assert figures(designed())["DecilesWithoutOverlap"] == 0
    table = overlap_by_decile(designed()).set_index("decile")
    assert table.loc[10, "propensity_max"] == pytest.approx(80 / 85)
    assert table.loc[1, "propensity_max"] == pytest.approx(20 / 415)


def test_without_a_holdout_the_top_has_none_and_without_a_lot_the_rest_has_none():
    top = overlap_by_decile(designed(holdout_share=0)).set_index("decile")["has_overlap"]
    assert not top[10]
    assert top.loc[7:1].all()
    rest = overlap_by_decile(designed(exploration_share=0)).set_index("decile")["has_overlap"]
    assert rest[10]
    assert not rest.loc[7:1].any()


def test_one_designed_campaign_among_twenty_greedy_ones_is_enough_and_among_more_is_not():
    both = pd.DataFrame({"decile": 10, "purpose": ["exploit"] * 20, "propensity": [1.0] * 19 + [0.9]})
    assert overlap_by_decile(both)["has_overlap"].iloc[0]
    more = pd.concat([both, both.assign(propensity=1.0)])
    assert not overlap_by_decile(more)["has_overlap"].iloc[0]


def test_effective_sizes_are_those_of_the_weights_of_each_arm():
    log = pd.DataFrame(
        {
            "decile": 4,
            "purpose": ["explore", "explore", "holdout", "holdout", "holdout"],
            "propensity": [0.5, 0.1, 0.5, 0.5, 0.5],
        }
    )
    row = overlap_by_decile(log).set_index("decile").loc[4]
    assert row["effective_contacted"] == pytest.approx((2 + 10) ** 2 / (4 + 100))
    assert row["effective_held_out"] == pytest.approx(3)


@given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(0.01, 1e3)))
def test_the_effective_size_is_at_most_the_number_and_does_not_know_the_scale(weight):
    found = effective_size(weight)
    assert 1 - 1e-9 <= found <= len(weight) + 1e-9
    assert effective_size(7 * weight) == pytest.approx(found)
    assert effective_size(np.full(len(weight), 3.0)) == pytest.approx(len(weight))


def test_the_summary_has_no_nan():
    rows = overlap_summary(overlap_by_decile(greedy()))
    assert rows[0]["propensity_min"] == 1.0
    assert rows[9]["propensity_min"] is None


def test_customers_without_a_decile_are_in_none():
    assert figures(designed().assign(decile=np.nan))["DecilesWithoutOverlap"] == 10
