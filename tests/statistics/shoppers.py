"""Simulated shoppers whose true expected revenue is known, as training and scoring frames."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from clv.feature_catalogue import FEATURES
from clv.models.priors import priors

START = date(2021, 1, 1)
HORIZON_DAYS = 90
CHANNEL_RATE = {"organic": 0.5, "referral": 2.0}
SEASON = {10: 2.0, 11: 2.5, 12: 2.0}
"""Order rate by month; 1 in the others. A quarter of the year brings half of its revenue."""
MEAN_LIFETIME_DAYS = 500
VIEWS = 2.0
"""Mean web views in 30 days of those who have not left: leaving shows in the views, not only in silence."""
SEGMENT_OF = {True: "early", False: "established"}


def season_by_day(days):
    months = pd.date_range(START, periods=days, freq="D").month
    return np.array([SEASON.get(month, 1.0) for month in months])


@cache
def shop(customers=3000, days=1200, seed=1):
    """Return customers and orders (who, day, eur).

    Orders are a Poisson process whose rate is a gamma draw times the channel's and the season's factor; order
    values are lognormal. The first order comes on a uniform day; from then on they leave at a constant rate.
    """
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "customer_id": [f"c{n:05d}" for n in range(customers)],
            "channel": rng.choice(list(CHANNEL_RATE), customers),
            "country": rng.choice(["DE", "FR"], customers),
            "rate": rng.gamma(2.0, 0.004, customers),
            "mean_eur": np.exp(rng.normal(3.5, 0.5, customers)),
            "first_day": rng.integers(0, days - HORIZON_DAYS, customers),
            "lifetime_days": rng.exponential(MEAN_LIFETIME_DAYS, customers),
        }
    )
    people["rate"] *= people.channel.map(CHANNEL_RATE)
    season = season_by_day(days)
    age = np.arange(days) - people.first_day.to_numpy()[:, None]
    lived = (age > 0) & (age < people.lifetime_days.to_numpy()[:, None])
    counts = rng.poisson(people.rate.to_numpy()[:, None] * season * lived)
    counts[np.arange(customers), people.first_day] = 1
    who, day = np.nonzero(counts)
    times = counts[who, day]
    who, day = np.repeat(who, times), np.repeat(day, times)
    eur = people.mean_eur.to_numpy()[who] * np.exp(rng.normal(-0.08, 0.4, len(who)))
    return people, pd.DataFrame({"who": who, "day": day, "eur": eur.round(2)})


def snapshot(as_of, **world):
    """Return non-leads of t₀ with features, priors and labels, and beside them the true expected revenue."""
    people, orders = shop(**world)
    t0 = (as_of - START).days
    past = orders[orders.day < t0]
    future = orders[(orders.day >= t0) & (orders.day < t0 + HORIZON_DAYS)]
    features = _features(people, past, t0).assign(as_of=as_of)
    known = people.loc[features["who"]]
    features["label_eur"] = features.who.map(future.groupby("who").eur.sum()).fillna(0.0)
    features["label_orders"] = features.who.map(future.groupby("who").size()).fillna(0).astype(int)
    stays = np.exp(-np.arange(HORIZON_DAYS) / MEAN_LIFETIME_DAYS)
    season = (season_by_day(t0 + HORIZON_DAYS)[t0:] * stays).sum()
    alive = (t0 - known.first_day < known.lifetime_days).to_numpy()
    features["web_views_30d"] = np.random.default_rng(t0).poisson(VIEWS * alive).astype(float)
    features["true_eur"] = (known.rate * known.mean_eur).to_numpy() * season * alive
    return pd.concat([features, priors(features, HORIZON_DAYS)], axis=1).drop(columns="who")


def snapshots(as_ofs, **world):
    """Return several snapshots, one under the other."""
    return pd.concat([snapshot(as_of, **world) for as_of in as_ofs], ignore_index=True)


def _features(people, past, t0):
    by = past.groupby("who")
    days = past.drop_duplicates(["who", "day"]).groupby("who").day
    window = {w: past[past.day >= t0 - w].groupby("who") for w in (90, 365)}
    columns = {
        "recency_days": t0 - by.day.max(),
        "tenure_days": t0 - by.day.min(),
        "t_x_days": by.day.max() - by.day.min(),
        "orders_all": by.size(),
        "frequency": days.size() - 1,
        "monetary_all_eur": by.eur.sum(),
        "spend_mean_eur": by.eur.mean(),
        "first_order_net_eur": by.eur.first(),
        **{f"monetary_{w}d_eur": part.eur.sum() for w, part in window.items()},
        **{f"orders_{w}d": part.size() for w, part in window.items()},
    }
    found = pd.DataFrame(columns).fillna(0.0)
    repeats = past[past.day > past.groupby("who").day.transform("min")].groupby("who").eur
    found["spend_repeat_mean_eur"] = repeats.mean()
    found["first_order_value_band"] = np.where(found.first_order_net_eur < 30, "20-50", "50-100")
    found["segment"] = [
        SEGMENT_OF[orders == 1 and age <= 90]
        for orders, age in zip(found.orders_all, found.tenure_days, strict=True)
    ]
    found = found.rename_axis("who").reset_index()
    known = people.loc[found.who].reset_index(drop=True)
    found["customer_id"], found["country"] = known.customer_id, known.country
    found["acquisition_channel"] = known.channel
    return _completed(found)


def _completed(found):
    """Return the features with those that shoppers lack, empty."""
    absent = [c for c in FEATURES.columns if c.name not in found and c.name not in {"as_of", "web_views_30d"}]
    empty = {c.name: np.full(len(found), None if c.type == "string" else np.nan) for c in absent}
    return pd.concat([found, pd.DataFrame(empty)], axis=1)


TEST_AS_OF = date(2023, 10, 1)
TRAIN_AS_OFS = tuple(date(2022, month, 1) for month in (9, 10, 12)) + tuple(
    date(2023, month, 1) for month in (2, 4, 6, 7)
)
"""The last of them closes on TEST_AS_OF, the second is its season a year earlier."""


@cache
def training_frame():
    return snapshots(TRAIN_AS_OFS)


@cache
def scoring_frame():
    return snapshot(TEST_AS_OF)
