# ruff: noqa: N806 -- T is the symbol of the papers
"""At any parameters and any history, purchase models give finite forecasts that are in order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.statistics.purchase_models import KINDS

positive = st.floats(1e-3, 1e3)
pytestmark = pytest.mark.parametrize("model", [kind.model for kind in KINDS.values()], ids=KINDS.keys())


@st.composite
def histories(draw):
    x, T = draw(st.integers(0, 100_000)), draw(st.floats(0, 1e6))
    t_x = 0.0 if x == 0 else T * draw(st.floats(0, 1))
    return x, t_x, T


@settings(derandomize=True, max_examples=150)
@given(values=st.tuples(*[positive] * 4), history=histories(), t=st.floats(0, 1e6))
def test_every_forecast_is_finite_and_a_probability_where_it_should_be(model, values, history, t):
    fitted = model(*values)
    alive, active = fitted.p_alive(*history), fitted.p_active(t, *history)
    purchases = fitted.expected_purchases(t, *history)
    assert np.isfinite(fitted.log_likelihood(*history))
    assert 0 <= active <= alive <= 1
    assert np.isfinite(purchases)
    assert active <= purchases * (1 + 1e-6) + 1e-9


@settings(derandomize=True, max_examples=80)
@given(values=st.tuples(*[positive] * 4), history=histories())
def test_forecasts_grow_with_the_horizon(model, values, history):
    horizons = np.array([0, 1e-3, 1, 7, 30, 365, 3650, 1e5])
    fitted = model(*values)
    for curve in (fitted.expected_purchases(horizons, *history), fitted.p_active(horizons, *history)):
        assert curve[0] == 0
        assert (np.diff(curve) >= -1e-6 * curve[1:] - 1e-12).all()
