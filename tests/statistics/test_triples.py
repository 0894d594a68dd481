# ruff: noqa: N803, N806 -- x, t_x, T are the symbols of the paper
import numpy as np
import pytest

from clv.models.triples import unique_triples


def test_equal_histories_share_one_weighted_row_and_results_lead_back():
    triples = unique_triples([2, 0, 2, 0, 2], [9, 0, 9, 0, 8], [10, 5, 10, 5, 10])
    assert triples.x.tolist() == [0, 2, 2]
    assert triples.t_x.tolist() == [0, 8, 9]
    assert triples.T.tolist() == [5, 10, 10]
    assert triples.weight.tolist() == [2, 1, 2]
    assert triples.spread(triples.t_x).tolist() == [9, 0, 9, 0, 8]


def test_weights_of_shared_rows_add_up():
    assert unique_triples([1, 1, 3], [2, 2, 2], [4, 4, 4], [10, 5, 1]).weight.tolist() == [15, 1]


def test_recency_of_a_one_timer_says_nothing():
    assert unique_triples([0, 0], [0, 3], [7, 7]).weight.tolist() == [2]


def test_many_histories_come_back_exactly():
    rng = np.random.default_rng(0)
    x, T = rng.integers(1, 5, 2000), rng.integers(10, 40, 2000)
    t_x = rng.integers(1, 10, 2000)
    triples = unique_triples(x, t_x, T)
    for given, kept in ((x, triples.x), (t_x, triples.t_x), (T, triples.T)):
        assert (triples.spread(kept) == given).all()
    assert len(triples.x) == len(set(zip(x, t_x, T, strict=True)))
    assert triples.weight.sum() == 2000


def test_no_customers_give_no_rows():
    assert len(unique_triples([], [], []).x) == 0


@pytest.mark.parametrize(
    ("x", "t_x", "T", "weight"),
    [
        (-1, 0, 5, 1),
        (1.5, 1, 5, 1),
        (1, 6, 5, 1),
        (1, -1, 5, 1),
        (1, 1, np.nan, 1),
        (1, 1, np.inf, 1),
        (1, 1, 5, 0),
    ],
)
def test_a_row_that_is_no_history_is_named(x, t_x, T, weight):
    with pytest.raises(ValueError, match=r"row 1 .*expected whole frequency"):
        unique_triples([1, x], [1, t_x], [5, T], [1, weight])


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="equally long"):
        unique_triples([1, 2], [1], [5, 5])
