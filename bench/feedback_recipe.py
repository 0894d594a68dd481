"""What treatment weights do to the project's own recipe: one campaign in the horizon of each snapshot it learns from.

The simulation of twelve campaigns trains small trees. Here the recipe of the weekly run is trained, on the
marketplace's own features: in each snapshot's 28 days a tenth of the contactable is contacted, and some of
them order once more (`bench.feedback_shop`). The truth is known without noise: the same recipe on the same
snapshots, in which nobody was contacted.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from app.backtests import past_of
from app.world import parameters as p
from bench.feedback import CONTACTED_SHARE, COST_EUR, log_ratio
from bench.feedback_shop import CYCLE_DAYS, MOST_PULL, ORDER_EUR, ORDER_SIGMA, PULL, PULL_SIGMA, SOLD_TO
from bench.worlds import world
from clv.contracts import HOLDOUT
from clv.deciles import DECILES, decile
from clv.frames import read_frame
from clv.lake import Lake
from clv.metrics import normalised_gini
from clv.models.priors import BTYD_CLV
from clv.models.rows import WEIGHT
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon
from clv.treatment_weights import self_normalised
from decisions.exploration import Budget, assigned
from glue_jobs.build_snapshots import build_snapshots
from training.fit import fit
from training.learned import training_frame

AS_OF = p.END - timedelta(days=CYCLE_DAYS)
SETTINGS = Settings(horizon_days=CYCLE_DAYS, training_snapshots=6)
HORIZON = Horizon(CYCLE_DAYS)
CLEAN = "nobody contacted"


class Way(NamedTuple):
    """A way to contact and to learn: shares of the budget, and whether rows are weighted."""

    name: str
    exploration_share: float
    holdout_share: float
    weighted: bool


WAYS = (
    Way("greedy", 0.0, 0.0, weighted=False),
    Way("exploration", 0.1, 0.05, weighted=False),
    Way("exploration, reference weights", 0.1, 0.05, weighted=True),
    Way("20 % held out, reference weights", 0.1, 0.2, weighted=True),
)


class Learned(NamedTuple):
    """What the recipe says, of whom nobody contacts in the end.

    top, everyone : forecast over that of the recipe which saw no campaign, of its top contactable decile and of all
    gini : normalised, by what came; effective : effective share of the rows (Kish)
    """

    seed: int
    way: str
    top: float
    everyone: float
    gini: float
    effective: float


def learn(seeds: Sequence[int]) -> Iterator[Learned]:
    """Yield what the recipe learns under each way, by marketplace."""
    for seed in seeds:
        lake = world(SOLD_TO, seed)
        with past_of(lake, AS_OF, SETTINGS, _silent, "bench") as past:
            closed = past.closed(AS_OF)
            build_snapshots(past.engine, lake, (*closed, AS_OF), HORIZON, past.run_id, _silent)
        frame = training_frame(lake, closed, HORIZON, SETTINGS)
        now = snapshot(lake, AS_OF, HORIZON, labelled=True)
        pull = _pull(lake, seed)
        clean = _said(frame, now)
        able = now[_contactable(now)]
        top = able.index[decile(clean[able.index], able["customer_id"]) == DECILES]
        yield Learned(seed, CLEAN, 0.0, 0.0, normalised_gini(now["label_eur"], clean), 1.0)
        for way in WAYS:
            seen = _contacted(frame, pull, way, seed)
            said, weight = _said(seen, now), seen.get(WEIGHT, pd.Series(1.0, seen.index))
            yield Learned(
                seed,
                way.name,
                float(said[top].sum() / clean[top].sum() - 1),
                float(said.sum() / clean.sum() - 1),
                normalised_gini(now["label_eur"], said),
                float(weight.sum() ** 2 / (weight**2).sum() / len(weight)),
            )


def tell_learned(found: Sequence[Learned]) -> None:
    """Print means over the marketplaces with their 95 % intervals."""
    rows = pd.DataFrame(found)
    print(
        "\n| the recipe itself | top decile: forecast over the clean one − 1 | all | norm. Gini | effective rows |"
    )
    print("|---|--:|--:|--:|--:|")
    for way, own in rows.groupby("way", sort=False):
        told = [_interval(own[name]) for name in ("top", "everyone", "gini", "effective")]
        print(f"| {way} | {' | '.join(told)} |")


def _pull(lake: Lake, seed: int) -> "pd.Series[float]":
    """Return P(one more order | contacted) by customer."""
    latent = read_frame([str(file) for file in sorted(lake.path("truth/latent").glob("*.parquet"))])
    latent = latent.sort_values("customer_id").set_index("customer_id")
    noise = np.random.default_rng([seed, len(latent)]).standard_normal(len(latent))
    return np.minimum(latent["kind"].map(PULL) * np.exp(PULL_SIGMA * noise), MOST_PULL)


def _contacted(frame: pd.DataFrame, pull: "pd.Series[float]", way: Way, seed: int) -> pd.DataFrame:
    """Return the frame with one campaign in each snapshot's horizon, and weights where the way has them."""
    parts = [_one_campaign(own, pull, way, seed, day) for day, own in frame.groupby("as_of", sort=True)]
    return pd.concat(parts, ignore_index=True)


def _one_campaign(
    own: pd.DataFrame, pull: "pd.Series[float]", way: Way, seed: int, day: date
) -> pd.DataFrame:
    """Contact by the label-free forecast: what a first model would have said."""
    able = own[_contactable(own)]
    people = able[["customer_id", "segment"]].assign(clv_eur=able[BTYD_CLV])
    people["decile"] = decile(people["clv_eur"], people["customer_id"])
    budget = Budget(
        CONTACTED_SHARE * len(able) * COST_EUR, COST_EUR, way.exploration_share, way.holdout_share
    )
    plan = assigned(people, budget, "campaign", day, seed).set_index("customer_id")
    plan = plan.reindex(own["customer_id"])
    contacted = (plan["purpose"].notna() & (plan["purpose"] != HOLDOUT)).to_numpy()
    rng = np.random.default_rng([seed, day.toordinal()])
    drawn = contacted & (rng.random(len(own)) < pull.reindex(own["customer_id"]).to_numpy())
    size = ORDER_EUR * np.exp(ORDER_SIGMA * rng.standard_normal(len(own)) - ORDER_SIGMA**2 / 2)
    after = own.assign(label_eur=own["label_eur"] + drawn * size, label_orders=own["label_orders"] + drawn)
    if not way.weighted:
        return after
    logged = plan["propensity"].notna().to_numpy()
    weight = np.ones(len(own))
    weight[logged] = self_normalised(log_ratio(contacted[logged], plan["propensity"].to_numpy()[logged]))
    return after.assign(**{WEIGHT: weight})


def _contactable(rows: pd.DataFrame) -> "pd.Series[bool]":
    return rows["marketing_consent"].map({True: True}).notna()


def _said(frame: pd.DataFrame, now: pd.DataFrame) -> "pd.Series[float]":
    models = fit(frame, HORIZON, SETTINGS).models
    parts = [models[segment].forecast(rows)["clv_eur"] for segment, rows in now.groupby("segment")]
    return pd.concat(parts).reindex(now.index)


def _interval(values: "pd.Series[float]") -> str:
    half = stats.t.ppf(0.975, len(values) - 1) * values.sem() if len(values) > 1 else float("nan")
    return f"{values.mean():+.3f} ({values.mean() - half:+.3f} to {values.mean() + half:+.3f})"


def _silent(line: str) -> None:
    """Drop the progress."""
