"""The probability that dropout comes before the next purchase, its complement and its slopes."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaln, hyp2f1

from clv.models.gamma_race import race

ONLY = np.array([0])
CASES = [
    (0.55, 0.61, 1.1),
    (0.24, 0.3, 0.02),
    (0.24, 0.3, 50.0),
    (2.5, 8.0, 3.0),
    (60.5, 0.6, 0.4),
    (300.0, 40.0, 6.0),
    (1.0, 1e-3, 2.0),
]


def both(shape_buy, shape_leave, rho):
    """φ and 1 - φ with their slopes, each of shape (4,)."""
    nodes = race(np.array([shape_buy]), shape_leave, float(np.log(rho)))
    where = np.array([rho])
    leaves, buys = nodes.leaves_first_slopes(ONLY, where), nodes.buys_first_slopes(ONLY, where)
    assert leaves[0] == nodes.leaves_first(ONLY, where)
    assert buys[0] == nodes.buys_first(ONLY, where)
    return leaves[:, 0], buys[:, 0]


@pytest.mark.parametrize(("r", "s", "rho"), CASES)
def test_agrees_with_gauss_hypergeometric_function(r, s, rho):
    leaves, buys = both(r, s, rho)
    if rho < 1:
        closed = s / (r + s) * hyp2f1(1, r, r + s + 1, 1 - rho)
    else:
        closed = s / (r + s) / rho * hyp2f1(1, s + 1, r + s + 1, 1 - 1 / rho)
    assert leaves[0] == pytest.approx(closed, rel=1e-10)
    assert buys[0] == pytest.approx(1 - closed, rel=1e-10)


@pytest.mark.parametrize(("r", "s", "rho"), CASES)
def test_slopes_are_those_of_differences(r, s, rho):
    step = 1e-5
    for side in (0, 1):
        found = both(r, s, rho)[side]
        moves = [
            both(r * (1 + step), s, rho)[side][0] - both(r * (1 - step), s, rho)[side][0],
            both(r, s * (1 + step), rho)[side][0] - both(r, s * (1 - step), rho)[side][0],
            both(r, s, rho * (1 + step))[side][0] - both(r, s, rho * (1 - step))[side][0],
        ]
        expected = np.array(moves) / (2 * step * np.array([r, s, 1.0]))
        assert found[1:] == pytest.approx(expected, rel=1e-5, abs=1e-9 * found[0])


def test_agrees_with_adaptive_integration_over_the_share():
    r, s, rho = 3.3, 1.7, 0.2
    density = lambda z: np.exp((s - 1) * np.log(z) + (r - 1) * np.log1p(-z) - betaln(s, r))  # noqa: E731
    expected = quad(lambda z: density(z) * z / (z + (1 - z) * rho), 0, 1, epsabs=1e-13)[0]
    assert both(r, s, rho)[0][0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("r", "s"), [(1e-3, 1e3), (1e3, 1e-3), (1e5, 0.6), (0.25, 1e6), (1e6, 1e6)])
def test_equal_rate_parameters_leave_the_ratio_of_shapes_at_any_scale(r, s):
    leaves, buys = both(r, s, 1.0)
    assert leaves[0] == pytest.approx(s / (r + s), rel=1e-9)
    assert buys[0] == pytest.approx(r / (r + s), rel=1e-9)


@pytest.mark.parametrize("rho", [1e-12, 1e12])
def test_far_apart_rates_keep_the_relative_accuracy_of_the_rare_outcome(rho):
    r, s = 5.0, 4.0
    leaves, buys = both(r, s, rho)
    rare = leaves[0] if rho > 1 else buys[0]
    mean_odds = s / (r - 1) if rho > 1 else r / (s - 1)
    assert rare == pytest.approx(1e-12 * mean_odds, rel=1e-9)


def test_many_shapes_at_once_are_each_their_own():
    shapes, rho = np.array([0.3, 1.3, 250.3]), np.array([0.5, 0.9, 1.0, 0.7])
    rows = np.array([2, 0, 1, 2])
    found = race(shapes, 0.8, np.log(0.5)).leaves_first(rows, rho)
    alone = [both(shapes[row], 0.8, one)[0][0] for row, one in zip(rows, rho, strict=True)]
    assert found == pytest.approx(np.array(alone), rel=1e-11)
