"""MBG/NBD: what sets it apart from BG/NBD."""

import numpy as np
import pytest
from scipy.special import betaln, gammaln

from clv.models.bg_nbd import BgNbd
from clv.models.mbg_nbd import MbgNbd

PUBLISHED = MbgNbd(0.525, 6.183, 0.891, 1.614)


def test_new_customer_has_left_at_once_with_the_mean_dropout_probability():
    assert PUBLISHED.p_alive(0, 0, 0) == pytest.approx(1.614 / (0.891 + 1.614), rel=1e-12)


def test_silent_one_timers_lose_their_probability_to_be_alive():
    alive = PUBLISHED.p_alive(0, 0, [0, 10, 100, 1e6])
    assert (np.diff(alive) < 0).all()
    assert alive[-1] < 5e-3


def test_log_likelihood_is_the_printed_one():
    """Batislam et al. (2007): both paths spelt out with their own beta functions."""
    r, alpha, a, b = vars(PUBLISHED).values()
    x, t_x, T = 3, 20.0, 35.0  # noqa: N806 -- the paper's symbol
    counts = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    active = betaln(a, b + x + 1) - betaln(a, b) - (r + x) * np.log(alpha + T)
    dropped = betaln(a + 1, b + x) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
    assert PUBLISHED.log_likelihood(x, t_x, T) == pytest.approx(
        counts + np.logaddexp(active, dropped), rel=1e-12
    )


def test_first_repeat_purchase_leaves_a_customer_where_bg_nbd_would_start_with_one_more_survival():
    """Alive after x repeat purchases, p is Beta(a, b + x + 1) here and Beta(a, b + x) there."""
    r, alpha, a, b = vars(PUBLISHED).values()
    other = BgNbd(r, alpha, a, b + 1)
    mine = PUBLISHED.expected_purchases(39, 2, 20, 30) / PUBLISHED.p_alive(2, 20, 30)
    assert mine == pytest.approx(
        other.expected_purchases(39, 2, 20, 30) / other.p_alive(2, 20, 30), rel=1e-12
    )
