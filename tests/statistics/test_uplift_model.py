"""A fitted uplift on treatments made up: found where it is, refused where it is not, and as sure as it says."""

import numpy as np
import pandas as pd
import pytest

from decisions.actions import Action, AssumedUplift, Assumptions
from decisions.returns import returns
from decisions.risk import draw, exposure, shared_outcomes
from decisions.spend import Wishes, audience, spend
from decisions.uplift_judge import by_strata, calibrated, doubly_robust, gain
from decisions.uplift_lines import uplift_lines
from decisions.uplift_log import Log, kish, refusal
from decisions.uplift_model import Fitted, learn
from tests.statistics.treated import FADED, FRESH, effect_eur, log_of, scored

MAIL = Action("mail", 1.0, campaigns=("summer",))


@pytest.fixture(scope="module")
def taught():
    """A model of a log in which those who faded answer and the others do not."""
    found = learn(log_of(3_000, 1), 7)
    assert isinstance(found, Fitted)
    return found


def test_an_effect_that_recency_decides_is_found_and_said_in_euros(taught):
    told = taught.judgement
    assert told.over_lot.low > 0
    assert told.over_strata.low > 0
    new = scored(2_000, 99)
    lines, place = taught.lines(new)
    said = (lines["uplift"] * lines["mean_clv_eur"]).to_numpy()[place]
    fades = effect_eur(new) == FADED
    assert said[fades].mean() == pytest.approx(FADED, rel=0.25)
    assert said[~fades].mean() == pytest.approx(FRESH, abs=2.5)
    assert (np.diff(lines["uplift"] * lines["mean_clv_eur"]) <= 1e-9).all()


def test_the_best_to_treat_are_those_who_answer_and_not_the_most_valuable(taught):
    new = scored(1_000, 5)
    assumed = Assumptions((MAIL,), (AssumedUplift("mail", 0.05, 0.0, 0.1),), margin=0.5)
    found = returns(new, assumed, uplift_lines(new, assumed, {}, {"mail": taught}))
    chosen = audience(found, spend(found, Wishes(100.0, 0.0), 1))
    assert set(chosen["uplift_source"]) == {"model summer"}
    answer = effect_eur(new.set_index("customer_id").loc[chosen["customer_id"]]) == FADED
    assert answer.mean() > 0.95
    assert chosen["clv_eur"].mean() < 1.5 * new["clv_eur"].mean()
    by_value = returns(new, assumed, uplift_lines(new, assumed, {}))
    richest = audience(by_value, spend(by_value, Wishes(100.0, 0.0), 1))
    assert richest["clv_eur"].mean() > 3 * new["clv_eur"].mean()
    # What the table says of a customer is uplift × CLV × margin − cost, also where a model speaks in euros.
    assert chosen["return_eur"].to_numpy() == pytest.approx(
        (chosen["uplift"] * chosen["clv_eur"] * 0.5 - chosen["cost_eur"]).to_numpy()
    )


def test_errors_of_level_and_slope_are_shared_so_that_many_customers_do_not_take_them_out(taught):
    new = scored(2_000, 6)
    assumed = Assumptions((MAIL,), margin=0.5)
    found = returns(new, assumed, uplift_lines(new, assumed, {}, {"mail": taught}))
    everybody = exposure(found, np.where(found.possible[:, 0], 0, -1))
    drawn = shared_outcomes(everybody, draw(found.uplifts.lines, 0.0, 20_000, 1))
    assert drawn.std() == pytest.approx(everybody.spread_eur(), rel=0.03)
    level = 0.5 * found.possible.sum() * taught.judgement.calibration.level_sd
    assert drawn.std() >= 0.95 * level
    first, last = found.uplifts.lines.iloc[0], found.uplifts.lines.iloc[-1]
    assert first["sd_tilt"] > 0 > last["sd_tilt"]


def test_customers_whom_the_log_has_not_seen_are_left_to_the_assumption(taught):
    new = scored(300, 8)
    seen = Log(taught.log.rows[taught.log.rows["decile"] > 2])
    model = Fitted(seen, taught.encoding, taught.learners, taught.judgement)
    assumed = Assumptions((MAIL,), (AssumedUplift("mail", 0.05, 0.0, 0.1),))
    found = uplift_lines(new, assumed, {}, {"mail": model})
    source = found.lines["source"].to_numpy()[found.of[:, 0]]
    assert ((source == "assumption") == (new["decile"] <= 2).to_numpy()).all()


@pytest.mark.parametrize(("faded", "fresh"), [(0.0, 0.0), (6.0, 6.0)])
def test_where_nobody_or_everybody_answers_alike_the_model_is_refused(faded, fresh):
    why = learn(log_of(2_000, 3, faded, fresh), 7)
    assert "not shown to beat contacting by lot" in why


def test_the_same_log_teaches_the_same(taught):
    new = scored(200, 4)
    again = learn(log_of(3_000, 1), 7)
    pd.testing.assert_frame_equal(again.lines(new)[0], taught.lines(new)[0], check_exact=True)


def lot(rows, share=0.5, **columns):
    """A log of which a share was contacted by lot."""
    contacted = np.arange(rows) < share * rows
    plain = {"customer_id": [f"c{n}" for n in range(rows)], "decile": 1 + np.arange(rows)[::-1] % 10}
    return Log(pd.DataFrame(plain).assign(contacted=contacted, propensity=share, outcome_eur=1.0, **columns))


@pytest.mark.parametrize(
    ("log", "says"),
    [
        (lot(1_000).rows.assign(propensity=np.nan), "1,000 of 1,000 treatments have no propensity"),
        (lot(1_000).rows.assign(propensity=1.0), "0 contacted and 0 held-out treatments"),
        (lot(1_000, 0.2).rows, "200 contacted and 800 held-out treatments"),
        (lot(1_000).rows.assign(propensity=0.2), "something else decided"),
        (
            lot(1_000).rows.assign(propensity=np.where(np.arange(1_000) % 250 == 0, 0.011, 0.5)),
            "as much as 75 contacted and 500 held-out",
        ),
    ],
    ids=["not logged", "certain", "few", "not those that decided", "hardly any overlap"],
)
def test_a_log_that_cannot_teach_is_refused_in_a_sentence(log, says):
    assert says in refusal(Log(log))


def test_where_the_library_is_missing_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("decisions.uplift_model.LIBRARY", "no_such_library")
    assert learn(lot(1_000), 7) == "no_such_library is not installed here; `make .venv/.uplift` installs it"


def test_half_by_lot_may_teach():
    assert refusal(lot(1_000)) is None


def test_the_score_is_right_on_average_though_the_means_are_wrong():
    rng = np.random.default_rng(1)
    p = rng.choice([0.2, 0.7], 200_000)
    w = (rng.random(len(p)) < p).astype(float)
    y = 10 * p + 3 * w + rng.normal(size=len(p))
    wrong = np.full(len(p), 5.0), np.full(len(p), -4.0)
    assert doubly_robust(y, w, p, *wrong).mean() == pytest.approx(3, abs=0.1)


def test_a_gain_is_the_area_between_two_orders_and_counts_a_customer_once():
    score = np.array([4.0, 2.0, 0.0, -2.0])
    perfect, backwards, each = score, -score, np.arange(4)
    assert gain(score, perfect, np.zeros(4), each).eur == pytest.approx(0.625)  # (3·3/8+1·1/8+1·1/8+3·3/8)/4
    assert gain(score, perfect, backwards, each).eur == pytest.approx(1.25)
    assert gain(score, perfect, perfect, each).eur == 0
    rng = np.random.default_rng(2)
    many, order = rng.normal(size=500), rng.normal(size=500)
    alone = gain(many, order, np.zeros(500), np.arange(500))
    twice = gain(np.tile(many, 2), np.tile(order, 2), np.zeros(1_000), np.tile(np.arange(500), 2))
    assert twice.high - twice.low == pytest.approx(alone.high - alone.low, rel=1e-6)


def test_calibration_takes_back_what_a_learner_overstates_and_knows_its_errors():
    rng = np.random.default_rng(3)
    slopes, levels, told = [], [], []
    for _ in range(300):
        fitted = rng.normal(2, 1, 400)
        found = calibrated(5 + 0.5 * (fitted - 2) + rng.normal(0, 3, 400), fitted, np.arange(400))
        slopes.append(found.slope)
        levels.append(found.effect_eur(np.array([2.0]))[0])
        told.append((found.slope_sd, found.level_sd))
    assert np.mean(slopes) == pytest.approx(0.5, abs=0.03)
    assert np.mean(levels) == pytest.approx(5, abs=0.05)
    assert np.mean(told, axis=0) == pytest.approx([np.std(slopes), np.std(levels)], rel=0.1)


def test_strata_are_learned_on_other_folds_alone():
    rows = log_of(1_000, 2).rows
    fold = np.arange(1_000) % 2
    score = np.where(fold == 0, 8.0, -8.0) + np.random.default_rng(1).normal(0, 0.1, 1_000)
    said = by_strata(rows, score, fold)
    assert (said[fold == 1] > 0).all()
    assert (said[fold == 0] < 0).all()


def test_effective_size_by_hand():
    assert kish(np.array([1.0, 1.0, 1.0])) == pytest.approx(3)
    assert kish(np.array([3.0, 1.0])) == pytest.approx(16 / 10)
