"""Twelve campaigns, each with a model trained on what the ones before left: greedy, and with exploration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost as xgb

from app.world import parameters as p
from bench.feedback_net import net_revenue
from bench.feedback_shop import (
    CYCLE_DAYS,
    CYCLES,
    FIRST_CAMPAIGN,
    HABIT,
    ORDER_EUR,
    ORDER_SIGMA,
    Floats,
    Shop,
)
from clv.contracts import HOLDOUT
from clv.deciles import decile
from clv.metrics import normalised_gini
from clv.treatment_weights import self_normalised
from decisions.exploration import Budget, assigned

COST_EUR = 0.8
CONTACTED_SHARE = 0.1
"""Of contactable customers in each cycle: the greedy campaign contacts the top decile."""
LEARNED_FROM = 6
"""Cycles before a campaign that its model learns from."""
TREES = {"objective": "reg:tweedie", "tweedie_variance_power": 1.3, "eta": 0.1, "max_depth": 4,
         "subsample": 0.7, "min_child_weight": 5, "nthread": 1, "tree_method": "hist"}  # fmt: skip
ROUNDS = 50
WINDOWS = (1, 3, 13)

Mask = npt.NDArray[np.bool_]
Learns = Literal["as logged", "weighted", "net"]


@dataclass(frozen=True)
class Arm:
    """One way to target: shares of the budget, and what the next model makes of what it sees.

    learns : rows `as logged`, `weighted` to the reference policy, or revenue `net` of what contacts added
    """

    name: str
    exploration_share: float = 0.0
    holdout_share: float = 0.0
    learns: Learns = "as logged"


NOBODY = "nobody contacted"
ARMS = (
    Arm(NOBODY),
    Arm("greedy"),
    Arm("exploration", 0.1, 0.05),
    Arm("exploration, weights", 0.1, 0.05, "weighted"),
    Arm("exploration, net of contacts", 0.1, 0.05, "net"),
    Arm("20 % held out, weights", 0.1, 0.2, "weighted"),
    Arm("20 % held out, net of contacts", 0.1, 0.2, "net"),
)
PLACEBO = tuple(arm for arm in ARMS if arm.learns != "as logged")
"""Tried too where contacts add nothing: what they then change is an error of the method."""


@dataclass
class Season:
    """What an arm has seen so far: revenue with what contacting added, forecasts, the log; shape (n, CYCLES)."""

    shop: Shop
    revenue_eur: Floats = field(init=False)
    orders: Floats = field(init=False)
    weight: Floats = field(init=False)
    contacted: Mask = field(init=False)
    propensity: Floats = field(init=False)
    said: Floats = field(init=False)
    habit: Mask = field(init=False)
    known: dict[int, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.revenue_eur, self.orders = self.shop.revenue_eur.copy(), self.shop.orders.copy()
        self.weight, self.propensity = np.ones_like(self.orders), np.zeros_like(self.orders)
        self.said = np.zeros_like(self.orders)
        self.contacted = np.zeros(self.orders.shape, bool)
        self.habit = np.zeros(len(self.orders), bool)

    def features(self, cycle: int) -> Floats:
        """Return what is known of each customer at the begin of a cycle, shape (n, features)."""
        if cycle in self.known:
            return self.known[cycle]
        found = [self.shop.known]
        for values in (self.revenue_eur, self.orders, self.shop.views):
            found += [values[:, max(cycle - w, 0) : cycle].sum(axis=1, keepdims=True) for w in WINDOWS]
        bought = self.orders[:, :cycle] > 0
        recency = np.where(bought.any(axis=1), bought[:, ::-1].argmax(axis=1), cycle)
        tenure, season = cycle - self.shop.first, np.full(len(recency), cycle % 13)
        self.known[cycle] = np.column_stack([*found, recency, tenure, season]).astype(np.float64)
        return self.known[cycle]


def campaigns(shop: Shop, arm: Arm, seed: int) -> tuple[Season, list[dict[str, Any]]]:
    """Return the season of an arm, and the figures of its cycles.

    What chance does to a customer in a cycle is the same in every arm of a seed.
    """
    season, told = Season(shop), []
    for cycle in range(FIRST_CAMPAIGN, CYCLES):
        said = season.said[:, cycle] = _forecast(season, arm, cycle, seed)
        _draw(season, arm, cycle, said, seed)
        alone = _happens(season, cycle, seed)
        _weigh(season, arm, cycle)
        told.append({"arm": arm.name, "seed": seed, "cycle": cycle - FIRST_CAMPAIGN + 1}
                    | _figures(season, cycle, said, alone))  # fmt: skip
    return season, told


def log_ratio(contacted: Mask, chance: Floats) -> Floats:
    """Return ln(P_reference / P_logged) of what happened to each customer of a wave that all could be in.

    What `glue_jobs.reference_policy` computes for the logs of a lake.
    """
    rate = chance.mean()
    return np.where(
        contacted,
        np.log(rate / np.where(contacted, chance, rate)),
        np.log((1 - rate) / np.where(contacted, 1 - rate, 1 - chance)),
    )


def promising(shop: Shop) -> Mask:
    """Return the tenth of the customers to whom contacting adds most as the campaigns begin."""
    added = shop.added_eur(FIRST_CAMPAIGN)
    return added >= np.quantile(added, 1 - CONTACTED_SHARE)


def rows_learned(season: Season, cycle: int) -> Iterator[tuple[int, Mask]]:
    """Yield the cycles that a model of `cycle` learns from, and the customers who had ordered by then."""
    for past in range(cycle - LEARNED_FROM, cycle):
        yield past, season.shop.first < past


def _forecast(season: Season, arm: Arm, cycle: int, seed: int) -> Floats:
    came, waves = season.revenue_eur, slice(FIRST_CAMPAIGN, cycle)
    if arm.learns == "net":
        came = net_revenue(came, season.said, season.contacted, season.propensity, waves)
    parts = [
        (season.features(past)[known], came[known, past], season.weight[known, past])
        for past, known in rows_learned(season, cycle)
    ]
    matrix, label, weight = (np.concatenate(each) for each in zip(*parts, strict=True))
    data = xgb.DMatrix(matrix, label=label, weight=weight)
    booster = xgb.train({**TREES, "seed": seed}, data, ROUNDS)
    return np.asarray(booster.predict(xgb.DMatrix(season.features(cycle))), np.float64)


def _draw(season: Season, arm: Arm, cycle: int, said: Floats, seed: int) -> None:
    if arm.name == NOBODY:
        return
    ids = season.shop.customer_id
    people = pd.DataFrame(
        {"customer_id": ids, "segment": "all", "decile": decile(said, ids), "clv_eur": said}
    )
    budget = Budget(CONTACTED_SHARE * len(ids) * COST_EUR, COST_EUR, arm.exploration_share, arm.holdout_share)
    day = p.START + timedelta(days=cycle * CYCLE_DAYS)
    plan = assigned(people, budget, "cycle", day, seed).set_index("customer_id").reindex(ids)
    season.propensity[:, cycle] = plan["propensity"].fillna(0.0)
    season.contacted[:, cycle] = (plan["purpose"].notna() & (plan["purpose"] != HOLDOUT)).to_numpy()


def _happens(season: Season, cycle: int, seed: int) -> Floats:
    """Let the cycle take place; return what would be expected of each customer without this contact."""
    shop = season.shop
    rng = np.random.default_rng([seed, cycle])
    pulled = rng.random(len(shop.pull)) < season.contacted[:, cycle] * shop.drawn_by(cycle)
    again = rng.random(len(shop.pull)) < season.habit * HABIT
    more = ORDER_EUR * np.exp(ORDER_SIGMA * rng.standard_normal(len(shop.pull)) - ORDER_SIGMA**2 / 2)
    alone = shop.revenue_eur[:, cycle] + season.habit * HABIT * ORDER_EUR
    season.revenue_eur[:, cycle] += (pulled.astype(float) + again) * more
    season.orders[:, cycle] += pulled.astype(float) + again
    season.habit = pulled | again
    return alone


def _weigh(season: Season, arm: Arm, cycle: int) -> None:
    if arm.learns == "weighted":
        contacted, chance = season.contacted[:, cycle], season.propensity[:, cycle]
        season.weight[:, cycle] = self_normalised(log_ratio(contacted, chance))


def _figures(season: Season, cycle: int, said: Floats, alone: Floats) -> Mapping[str, Any]:
    place = decile(said, season.shop.customer_id)
    top, came = place == 10, season.revenue_eur[:, cycle]
    return {
        "top_ratio": said[top].sum() / alone[top].sum(),
        "ratio": said.sum() / alone.sum(),
        "gini_logged": normalised_gini(came, said),
        "gini_alone": normalised_gini(alone, said),
        "revenue_eur": came.sum(),
        "contacts": int(season.contacted[:, cycle].sum()),
        "found": season.contacted[promising(season.shop)].any(axis=1).mean(),
        "said_by_decile": [said[place == d].sum() for d in range(1, 11)],
        "alone_by_decile": [alone[place == d].sum() for d in range(1, 11)],
    }
