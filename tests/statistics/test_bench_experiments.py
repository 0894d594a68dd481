"""The simulation of experiments adds the effects that it says it adds."""

import numpy as np
import pytest

from bench.experiment_ground import Drawn, with_fewer_buyers, with_more_orders
from bench.printed import share_of
from decisions.effects import winsorised
from decisions.experiment import TREATMENT
from tests.spec.experiment_members import DESIGN, seen


@pytest.fixture
def drawn():
    members = seen(n=40_000, bought=0.3)
    revenue = np.where(members["orders"] > 0, np.random.default_rng(9).lognormal(4, 1, len(members)), 0.0)
    return Drawn(members.assign(revenue_eur=revenue), DESIGN, np.random.default_rng(10))


def test_more_orders_bring_the_mean_asked_for_to_whom_they_go_and_to_nobody_else(drawn):
    treated = drawn.members["arm"] == TREATMENT
    after = with_more_orders(drawn, treated, 7.0)
    gain = winsorised(after["revenue_eur"].to_numpy(), 500.0) - winsorised(
        drawn.members["revenue_eur"].to_numpy(), 500.0
    )
    assert gain[treated].mean() == pytest.approx(7.0, abs=1.0)  # 4 standard errors
    assert not gain[~treated].any()
    ordered = after["orders"] > drawn.members["orders"]
    assert ordered.equals(after["revenue_eur"] > drawn.members["revenue_eur"])


def test_fewer_buyers_lose_their_share(drawn):
    treated = drawn.members["arm"] == TREATMENT
    after = with_fewer_buyers(drawn, treated, 0.25)
    kept = (after["orders"] > 0)[treated].mean() / (drawn.members["orders"] > 0)[treated].mean()
    assert kept == pytest.approx(0.75, abs=0.03)
    assert (after["orders"] == drawn.members["orders"])[~treated].all()


def test_a_share_comes_with_its_monte_carlo_error():
    assert share_of([True] * 20 + [False] * 80) == "20.0 ± 4.0 %"
