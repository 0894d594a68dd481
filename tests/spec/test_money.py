import math

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clv.money import to_cents, to_eur_cents
from tests.spec.lakes import pulled

LARGEST_CENTS = 10**14


def cents_of(amounts: list[float]) -> list[int]:
    table = ibis.memtable({"n": range(len(amounts)), "amount": amounts})
    rows = pulled(table.select("n", cents=to_cents(table.amount)))
    return [row["cents"] for row in sorted(rows, key=lambda row: row["n"])]


def eur_cents_of(pairs: list[tuple[int, float]]) -> list[int]:
    cents, rates = zip(*pairs, strict=True)
    table = ibis.memtable({"n": range(len(pairs)), "cents": cents, "rate": rates})
    rows = pulled(table.select("n", eur=to_eur_cents(table.cents, table.rate)))
    return [row["eur"] for row in sorted(rows, key=lambda row: row["n"])]


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        (0.0, 0),
        (0.29, 29),  # 0.29 * 100 = 28.999999999999996
        (1.10, 110),  # 1.1 * 100 = 110.00000000000001
        (0.125, 13),  # half a cent, away from zero
        (-0.125, -13),
        (0.375, 38),  # not to the even neighbour
        (2.675, 268),  # 2.675 * 100 = 267.5
        (1.005, 100),  # 1.005 * 100 = 100.49999999999999
        (1e12, 10**14),
    ],
)
def test_an_amount_is_rounded_to_the_nearest_cent_half_away_from_zero(amount, cents):
    assert cents_of([amount]) == [cents]


@settings(max_examples=10)
@given(st.lists(st.integers(-LARGEST_CENTS, LARGEST_CENTS), min_size=1, max_size=200))
def test_an_amount_written_with_two_decimals_is_exactly_its_cents(cents):
    assert cents_of([c / 100 for c in cents]) == cents


@settings(max_examples=10)
@given(st.lists(st.integers(-LARGEST_CENTS, LARGEST_CENTS), min_size=1, max_size=200))
def test_euros_stay_as_they_are(cents):
    assert eur_cents_of([(c, 1.0) for c in cents]) == cents


@pytest.mark.parametrize(
    ("cents", "rate", "eur_cents"),
    [
        (1_00, 0.80, 125),
        (2, 0.80, 3),  # 2.5
        (-2, 0.80, -3),
        (100, 160.0, 1),  # 0.625
        (3_00, 160.0, 2),  # 1.875
        (0, 0.80, 0),
    ],
)
def test_cents_become_euro_cents_by_one_division_and_one_rounding(cents, rate, eur_cents):
    assert eur_cents_of([(cents, rate)]) == [eur_cents]


@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(0.01, 30_000.0)), min_size=1, max_size=200))
def test_a_conversion_is_never_off_by_more_than_half_a_cent(pairs):
    for (cents, rate), eur in zip(pairs, eur_cents_of(pairs), strict=True):
        assert math.isclose(eur, cents / rate, rel_tol=1e-12, abs_tol=0.5)
