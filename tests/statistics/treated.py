"""Logs of treatments made up: customers, who was contacted by chance, and what came."""

import numpy as np
import pandas as pd

from decisions.uplift_log import Log

FADED, FRESH = 12.0, 0.0
"""EUR that contacting adds to those who have been away for 120 days, and to the others."""


def scored(size, seed):
    """Customers with all that a learner may look at; value and recency have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    clv = np.exp(rng.normal(4, 0.8, size))
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{n:06d}" for n in range(size)],
            "segment": np.where(rng.random(size) < 0.2, "early", "established"),
            "country": rng.choice(["DE", "FR"], size),
            "acquisition_channel": rng.choice(["organic", "paid"], size),
            "device": rng.choice(["phone", "desktop"], size),
            "clv_eur": clv, "clv_low_eur": 0.2 * clv, "clv_high_eur": 2 * clv,
            "p_active": rng.uniform(0.2, 0.9, size), "recency_days": rng.integers(0, 240, size),
            "frequency": rng.integers(0, 9, size), "tenure_days": rng.integers(240, 900, size),
            "baseline_last_year_eur": clv * rng.lognormal(0, 0.3, size),
            "monetary_365d_eur": clv * rng.lognormal(0, 0.3, size),
        }
    )  # fmt: skip
    deciles = 1 + np.argsort(np.argsort(clv)) * 10 // size
    band = np.select([deciles <= 5, deciles <= 8], ["low", "medium"], "high")
    return rows.assign(decile=deciles, value_band=band)


def effect_eur(customers, faded=FADED, fresh=FRESH):
    """What contacting truly adds."""
    return np.where(customers["recency_days"] >= 120, faded, fresh)


def log_of(size, seed, faded=FADED, fresh=FRESH):
    """The best by CLV contacted with probability 0.7, the others with 0.3."""
    customers, rng = scored(size, seed), np.random.default_rng([seed, 1])
    propensity = np.where(customers["decile"] > 5, 0.7, 0.3)
    contacted = rng.random(size) < propensity
    came = rng.exponential(0.15 * customers["clv_eur"]) * (rng.random(size) < 0.5)
    came += contacted * rng.binomial(1, 0.5, size) * 2 * effect_eur(customers, faded, fresh)
    return Log(customers.assign(contacted=contacted, propensity=propensity, outcome_eur=came))
