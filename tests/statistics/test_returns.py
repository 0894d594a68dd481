"""Returns by hand, whom to treat, and the uncertainty that uplift and CLV bring in."""

import numpy as np
import pandas as pd
import pytest

from clv.errors import UserError
from decisions.actions import Action, AssumedUplift, Assumptions
from decisions.experiment import STRATA
from decisions.programme import NOTHING
from decisions.returns import bounds, clv_variance, returns
from decisions.spend import Wishes, audience, spend
from decisions.uplift_lines import NO_LINE, measured_lines, uplift_lines
from decisions.uplifts import shrink, shrunk_errors

MAIL = Action("mail", 1.0)


def people(**columns):
    """Customers who have everything that returns read; columns given replace the plain ones."""
    plain = {
        "segment": "established", "country": "DE", "value_band": "medium", "acquisition_channel": "organic",
        "recency_days": 10, "clv_eur": 100.0, "clv_low_eur": np.nan, "clv_high_eur": np.nan, "p_active": 1.0,
        "decile": 5,
    }  # fmt: skip
    size = len(next(iter(columns.values())))
    found = pd.DataFrame({name: columns.get(name, [value] * size) for name, value in plain.items()})
    return found.assign(customer_id=[f"c{i:05d}" for i in range(size)])


def returns_of(customers, assumptions, measured=None):
    return returns(customers, assumptions, uplift_lines(customers, assumptions, measured or {}))


def test_a_return_is_uplift_times_clv_times_margin_less_contact_and_vouchers():
    voucher = Action("voucher", 0.5, 10.0, response=0.1, used_anyway=0.2)
    assumed = Assumptions((voucher,), (AssumedUplift("voucher", 0.2, 0.1, 0.3),), margin=0.4)
    found = returns_of(people(clv_eur=[100.0, 50.0], p_active=[0.5, 0.0]), assumed)
    assert found.gain_eur[:, 0] == pytest.approx([0.2 * 100 * 0.4, 0.2 * 50 * 0.4])
    # used by 10 % who react, and by a fifth of those who order anyway
    assert found.cost_eur[:, 0] == pytest.approx([0.5 + 10 * (0.1 + 0.2 * 0.5), 0.5 + 10 * 0.1])
    assert found.return_eur[:, 0] == pytest.approx([8 - 2.5, 4 - 1.5])


def test_the_best_to_treat_are_not_the_most_valuable():
    """The faithful buy anyway; those who fade can be won back: with uplift by recency the ranking turns."""
    customers = people(clv_eur=[900.0, 400.0, 120.0, 80.0], recency_days=[5, 20, 200, 300])
    by_recency = Assumptions(
        (MAIL,),
        (AssumedUplift("mail", 0.005, 0, 0.01, recency_below_days=90), AssumedUplift("mail", 0.2, 0.1, 0.3)),
    )
    wishes = Wishes(2.0, 0.0)
    treated = audience(found := returns_of(customers, by_recency), spend(found, wishes, 1))
    assert treated["clv_eur"].tolist() == [120.0, 80.0]
    uniform = Assumptions((MAIL,), (AssumedUplift("mail", 0.05, 0, 0.1),))
    same = audience(found := returns_of(customers, uniform), spend(found, wishes, 1))
    assert same["clv_eur"].tolist() == [900.0, 400.0]  # one uplift for everybody never changes the ranking


def test_the_first_line_that_applies_counts_and_whom_none_is_for_gets_nothing():
    customers = people(
        recency_days=[89, 90, 10, 10], segment=["established", "established", "early", "established"],
        value_band=["high", "high", "low", "low"],
    )  # fmt: skip
    lines = (
        AssumedUplift("mail", 0.1, 0.1, 0.1, stage="early"),
        AssumedUplift("mail", 0.2, 0.2, 0.2, band="high", recency_below_days=90),
        AssumedUplift("mail", 0.3, 0.3, 0.3, band="high"),
    )
    found = returns_of(customers, Assumptions((MAIL,), lines))
    assert found.uplifts.of[:, 0].tolist() == [1, 2, 0, NO_LINE]
    assert found.possible[:, 0].tolist() == [True, True, True, False]
    assert found.return_eur[3, 0] == -np.inf
    assert spend(found, Wishes(99.0, 0.0), 1).choice[3] == NOTHING


def strata(**columns):
    size = len(columns["contact_uplift_eur"])
    found = pd.DataFrame({"country": [f"L{i}" for i in range(size)], "value_band": "high"} | columns)
    shrunk = shrink(found["contact_uplift_eur"], found["contact_uplift_standard_error_eur"])
    return found.assign(acquisition_channel="organic", contact_uplift_shrunk_eur=shrunk)


def test_an_experiment_counts_where_it_saw_customers_and_the_assumption_elsewhere():
    table = strata(contact_uplift_eur=[8.0, 2.0], contact_uplift_standard_error_eur=[0.1, 0.1])
    mean_clv = pd.Series([200.0, 100.0], pd.MultiIndex.from_frame(table[list(STRATA)]))
    measured = {"spring": measured_lines(table, mean_clv)}
    action = Action("mail", 1.2, experiment="spring")
    assumed = Assumptions((action,), (AssumedUplift("mail", 0.5, 0.4, 0.6),), margin=0.5)
    customers = people(country=["L0", "L1", "L2"], value_band=["high"] * 3, clv_eur=[200.0, 100.0, 10.0])
    found = returns_of(customers, assumed, measured)
    told = audience(found, spend(found, Wishes(99.0, 0.0), 1)).set_index("country")
    # A customer of the stratum's mean CLV gains what was measured in EUR, times the margin.
    assert told["gain_eur"].to_dict() == pytest.approx({"L0": 4.0, "L2": 2.5}, rel=0.01)
    assert told["uplift_source"].to_dict() == {"L0": "experiment spring", "L2": "assumption"}
    assert "L1" not in told.index  # 2 EUR × 50 % is less than it costs


def test_an_experiment_that_cannot_tell_strata_apart_says_one_uplift_for_everybody():
    """Uplifts of 5 % everywhere within their errors: EUR differ twentyfold, shares not."""
    table = strata(
        contact_uplift_eur=[21.0, 0.9, np.nan], contact_uplift_standard_error_eur=[4.0, 0.4, np.nan]
    )
    mean_clv = pd.Series([400.0, 20.0, 30.0], pd.MultiIndex.from_frame(table[list(STRATA)]))
    found = measured_lines(table, mean_clv)
    assert found["uplift"].tolist() == pytest.approx([found["uplift"][0]] * 3)
    assert 0.04 < found["uplift"][0] < 0.055
    assert found["sd_own"].tolist() == [0, 0, 0]
    nothing = table.assign(contact_uplift_eur=np.nan, contact_uplift_standard_error_eur=np.nan)
    assert measured_lines(nothing, mean_clv).empty


def test_shrunk_errors_are_those_of_drawing_the_experiment_again():
    """Errors of many experiments whose true effects vary as the prior says (τ known to be 2)."""
    rng = np.random.default_rng(4)
    error = pd.Series(np.tile([1.0, 2.0, 4.0], 40))
    missed, told = [], []
    for _ in range(200):
        truth = 5 + 2 * rng.standard_normal(len(error))
        seen = pd.Series(truth + error * rng.standard_normal(len(error)))
        missed.append(shrink(seen, error) - truth)
        parts = shrunk_errors(seen, error)
        told.append(np.hypot(parts["shared"], parts["own"]))
    by_error = np.std(missed, axis=0).reshape(-1, 3).mean(axis=0)
    assert np.mean(told, axis=0)[:3] == pytest.approx(by_error, rel=0.08)
    one = shrunk_errors(pd.Series([3.0, 4.0]), pd.Series([2.0, 2.0]))  # nothing between strata: their mean's
    assert one["shared"].tolist() == pytest.approx([2 / np.sqrt(2)] * 2)
    assert one["own"].tolist() == [0, 0]


def test_the_uncertainty_of_a_return_is_that_of_a_product():
    customers = people(clv_eur=[100.0], clv_low_eur=[20.0], clv_high_eur=[180.0])
    assumed = Assumptions((MAIL,), (AssumedUplift("mail", 0.1, 0.02, 0.18),), margin=0.5)
    found = returns_of(customers, assumed)
    rng = np.random.default_rng(2)
    clv = 100 + np.sqrt(clv_variance(customers)[0]) * rng.standard_normal(400_000)
    uplift = 0.1 + 0.16 / (2 * 1.2815515655) * rng.standard_normal(400_000)
    assert found.sd_eur[0, 0] == pytest.approx((0.5 * uplift * clv).std(), rel=0.01)
    low, high = bounds(found.return_eur, found.sd_eur)
    assert low[0, 0] < found.return_eur[0, 0] < high[0, 0]


def test_ordering_or_not_makes_variance_though_the_interval_is_empty():
    customers = people(
        clv_eur=[10.0, 10.0], clv_low_eur=[0.0, 0.0], clv_high_eur=[0.0, 40.0], p_active=[0.1, 0.9]
    )
    assert clv_variance(customers) == pytest.approx([100 * 9, (40 / (2 * 1.2815515655)) ** 2])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Action("mail", -1.0), "cost_eur of mail is -1.0"),
        (lambda: Action("mail", 0.0), "mail costs nothing"),
        (lambda: Action("mail", 1.0, response=2.0), "response of mail is 2.0"),
        (lambda: AssumedUplift("mail", 0.5, 0.6, 0.7), "0.5 is not within 0.6 to 0.7"),
        (lambda: Assumptions((MAIL, MAIL)), "two actions have one name"),
        (lambda: Assumptions((MAIL,), (AssumedUplift("call", 0, 0, 0),)), "unknown action call"),
        (lambda: Assumptions((MAIL,), margin=1.2), "margin is 1.2"),
        (lambda: Wishes(-5.0), "budget_eur is -5.0"),
        (lambda: Wishes(5.0, 1.0), "exploration_share is 1.0"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(wrong, says):
    with pytest.raises(UserError, match=says):
        wrong()
