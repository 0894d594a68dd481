"""Members of an experiment, for tests."""

from datetime import date

import numpy as np
import pandas as pd

from decisions.contacts import arms_of
from decisions.experiment import TREATMENT, Design

START = date(2026, 1, 5)
DESIGN = Design("spring", START, START, 100, 500.0, 1_000.0, ("m1",), "salt")


def customers(n=1_000, seed=1):
    """Return eligible customers with what the rules read."""
    rng = np.random.default_rng(seed)
    spend = rng.gamma(0.5, 200, n).round(2)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(n)],
            "country": rng.choice(["DE", "FR", "NL"], n),
            "value_band": rng.choice(["low", "medium", "high"], n),
            "acquisition_channel": rng.choice(["direct", "paid_search"], n),
            "device": "mobile",
            "segment": "established",
            "orders_180d": rng.poisson(1.5, n),
            "monetary_180d_eur": spend,
            "clv_eur": (spend + rng.gamma(0.5, 200, n)).round(2),
            "baseline_last_year_eur": spend,
            "recency_days": rng.integers(0, 300, n),
            "frequency": rng.poisson(2, n),
            "tenure_days": rng.integers(1, 900, n),
            "model_version": "m1",
        }
    )


def seen(design=DESIGN, n=1_000, lift_eur=0.0, bought=0.3, bought_treated=None):
    """Return members with outcomes: exact shares of buyers in each arm, who bring 100, and a lift for all."""
    members = arms_of(customers(n), design)
    treated = members["arm"] == TREATMENT
    place = members.groupby("arm").cumcount()
    size = members.groupby("arm")["arm"].transform("size")
    share = np.where(treated, bought if bought_treated is None else bought_treated, bought)
    orders = (place < np.round(share * size)).astype(int)
    return members.assign(
        orders=orders,
        revenue_eur=100.0 * orders + lift_eur * treated,
        cost_eur=2.0 * members["contacted"],
        reached=members["contacted"],
        orders_churn=np.nan,
    )
