"""The choice among candidates, on figures that are computed: what is refused, and who scores instead."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv.errors import UserError
from clv.models.bands import figures
from clv.models.baselines import classic_btyd, last_year
from clv.models.label_free import LabelFree
from clv.models.last_year import LastYear
from clv.models.priors import priors
from clv.settings import Settings
from clv.timeline import Horizon
from tests.statistics.buyers import CDNOW, features_of
from training.champion import Champion, meet
from training.choice import choose, evidence
from training.fit import FittedSegment
from training.out_of_time import OutOfTime
from training.promotion import verdict

SETTINGS = Settings(bootstrap_resamples=100)
T0 = date(2023, 1, 1)
FREE, YEAR = LabelFree(365).version, LastYear(365).version


@dataclass(frozen=True)
class Learned:
    """A model that learned from labels; what it says stands in a column."""

    column: str
    horizon_days: int = 365

    @property
    def version(self):
        return f"learned-{self.column}"

    def forecast(self, frame):
        if self.column not in frame:
            raise UserError(f"features lack {self.column}")
        return figures(frame[self.column].to_numpy(float), np.full(len(frame), 0.5), None, frame.index)


def customers(n=3_000, seed=3):
    """Customers of known mean; last year tells of it with much noise, the prior with less, `good` with little."""
    rng = np.random.default_rng(seed)
    mean = rng.gamma(0.7, 100.0, n)
    noise = {"monetary_365d_eur": 1.0, "btyd_clv_eur": 2.0, "good": 60.0, "noise": 0.02}
    frame = pd.DataFrame({name: mean * rng.gamma(k, 1 / k, n) for name, k in noise.items()})
    total = frame.btyd_clv_eur.sum() / frame.monetary_365d_eur.sum()
    return frame.assign(
        trailing_clv_eur=frame.monetary_365d_eur * total,
        customer_id=[f"c{k:05d}" for k in range(n)],
        segment="established",
        country="DE",
        acquisition_channel=rng.choice(["organic", "paid"], n),
        device="app",
        btyd_p_active=0.5,
        label_eur=mean * rng.gamma(2.0, 0.5, n),
    )


def judged(frame, own, pooled="noise", as_of=T0, **more):
    """What `judge_segment` returns, for models that need no fit."""
    fitted = FittedSegment("established", Learned(own), Learned(pooled), "")
    floor = LabelFree(365), LastYear(365)
    found = OutOfTime(as_of, "established", 365, fitted, frame, {}, SETTINGS, floor=floor)
    said = {name: model.forecast(frame) for name, model in found.candidates.items()}
    forecasts = {**said, "12m": last_year(frame, 365), **more}
    return OutOfTime(as_of, "established", 365, fitted, frame, forecasts, SETTINGS, floor=floor)


def names(refused):
    return [(one["candidate"], one["status"]) for one in refused]


def test_the_recipes_own_model_scores_where_it_beats_12m_and_the_classical_model():
    assert choose(judged(customers(), "good"), None).name == "ours"


def test_noise_is_refused_and_the_pooled_model_scores_where_it_passes():
    choice = choose(judged(customers(), "noise", "good"), None)
    assert choice.name == "pooled"
    assert names(choice.refused) == [("ours", "Rejected")]


def test_where_no_learned_model_passes_the_classical_one_scores_without_labels():
    choice = choose(judged(customers(), "noise"), None)
    assert choice.name == FREE
    assert names(choice.refused) == [("ours", "Rejected")]  # pooled is the same model here


def test_where_the_classical_model_ranks_worse_than_last_year_last_years_revenue_scores():
    frame = customers()
    swapped = frame.assign(btyd_clv_eur=frame["noise"], trailing_clv_eur=frame.monetary_365d_eur)
    choice = choose(judged(swapped.assign(own=frame["noise"] * 2), "own", "own"), None)
    assert choice.name == YEAR
    assert names(choice.refused) == [("ours", "Rejected"), (FREE, "Rejected")]


def test_a_good_ranking_that_misses_the_level_of_a_channel_is_passed_over():
    frame = customers()
    paid = frame.acquisition_channel == "paid"
    choice = choose(judged(frame.assign(own=frame.good.where(~paid, 2 * frame.good)), "own"), None)
    assert choice.name == FREE
    [own, *_] = choice.refused
    assert [rule["rule"] for rule in own["rules"] if not rule["passed"]] == [
        "calibrated_in_material_segments"
    ]
    assert "channel" in own["reason"] or "cell" in own["reason"]


def test_a_level_that_all_miss_alike_is_the_seasons():
    frame = customers()
    assert choose(judged(frame.assign(own=1.5 * frame.good), "own"), None).name == "ours"


def decide(found, meeting, name="ours"):
    return verdict(evidence(found, meeting, name, found.candidates[name], Horizon(365)))


def test_a_worse_model_than_the_champion_is_rejected_by_the_champions_forecast_of_the_same_customers():
    frame = customers()
    champion = Champion(Learned("good"), trained_as_of=date(2023, 12, 31))
    both, meeting = meet(judged(frame, "btyd_clv_eur"), champion, None)
    found = decide(both, meeting)
    told = {rule["rule"]: rule for rule in found["rules"]}["ranks_no_worse_than_the_champion"]
    assert (told["status"], found["status"]) == ("Rejected", "Rejected")
    gap = both.row("ours")["gini_normalised"] - both.row("champion")["gini_normalised"]
    assert told["figure"] == pytest.approx(gap)
    assert "had learned from earlier snapshots whose horizons reach into this one" in told["says"]
    closed = Champion(Learned("good"), trained_as_of=date(2024, 1, 1))
    assert meet(judged(frame, "good"), closed, None)[1].contest(both.row("ours")).difference is None


def test_where_every_candidate_is_refused_beside_a_champion_the_recipes_own_is_registered_as_refused():
    frame = customers()
    champion = Champion(Learned("good"), trained_as_of=T0)
    both, meeting = meet(judged(frame, "noise"), champion, None)
    choice = choose(both, meeting)
    assert choice.name == "ours"
    assert decide(both, meeting)["status"] == "Rejected"
    assert {one["status"] for one in choice.refused} == {"Rejected"}


def test_a_champion_that_cannot_read_todays_features_is_not_comparable():
    _, meeting = meet(judged(customers(), "good"), Champion(Learned("gone"), date(2022, 6, 1)), None)
    assert meeting.contest({}).difference is None
    assert "it cannot read today's features" in meeting.note


@pytest.fixture(scope="module")
def cdnow():
    """CDNOW's 23,570 customers at 1997-10-01 with the revenue of the 273 days that follow."""
    if not CDNOW.exists():
        pytest.skip("needs ../shared/data/cdnow, which is not here")
    orders = pd.read_parquet(CDNOW).assign(date=lambda rows: pd.to_datetime(rows["date"]))
    start = pd.Timestamp("1997-10-01")
    frame = features_of(orders, start)
    came = orders[(orders.date >= start) & (orders.date < start + pd.Timedelta(days=273))]
    frame["label_eur"] = came.groupby("customer_id")["amount"].sum().reindex(frame.index).fillna(0.0)
    frame["monetary_365d_eur"] = frame["monetary_all_eur"]
    frame["repeat"] = classic_btyd(frame, 273, "repeat", "paretonbd")["clv_eur"]
    frame = frame.join(priors(frame, 273)).rename_axis("customer_id").reset_index()
    return frame.assign(segment="established", country=None, acquisition_channel=None, device=None)


def test_on_cdnow_the_model_of_the_papers_is_refused_because_past_spend_ranks_better(cdnow):
    found = judged(cdnow, "repeat", "repeat", as_of=date(1997, 10, 1))
    choice = choose(found, None)
    assert choice.name == FREE  # spend learned from all orders, with last year's revenue, ranks better
    [own] = choice.refused
    assert own["status"] == "Rejected"
    told = {rule["rule"]: rule for rule in own["rules"]}["beats_last_year"]
    assert told["figure"] == pytest.approx(-0.012, abs=0.001)
    assert told["says"].startswith("ranks worse")
