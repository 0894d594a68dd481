"""Purchase histories for several tests: CDNOW as shipped by lifetimes, simulated BG/NBD buyers."""
# ruff: noqa: N803 -- x, t_x, T are the symbols of the papers

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pandas as pd

CDNOW = Path(__file__).parents[3] / "shared" / "data" / "cdnow" / "transactions.parquet"
CALIBRATION_END = pd.Timestamp("1997-09-30")


def read_cdnow(name, **options):
    with as_file(files("lifetimes") / "datasets" / name) as path:
        return pd.read_csv(path, **options)


def cdnow_summary():
    """Return ID, x, t_x, T, zbar of the 2,357 sampled customers in weeks; recency rounded to .01 week."""
    return read_cdnow("cdnow_customers_summary_with_transactions.csv")


def cdnow_sample():
    """Return x, t_x, T in weeks; in dollars z, the mean repeat spend, and the spend of both halves.

    `future` counts the purchases of the holdout.
    """
    names = ["master_id", "customer_id", "date", "quantity", "amount"]
    rows = read_cdnow("CDNOW_sample.txt", sep=r"\s+", names=names, parse_dates=["date"])
    days = rows.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    first = days.groupby("customer_id")["date"].transform("min")
    past = days["date"] <= CALIBRATION_END
    seen = days[past].groupby("customer_id")["date"].agg(["min", "max", "size"])
    repeats = days[past & (days["date"] > first)].groupby("customer_id")["amount"].mean()
    future = days[~past].groupby("customer_id").size()
    spent = [days[which].groupby("customer_id")["amount"].sum() for which in (past, ~past)]
    return pd.DataFrame(
        {
            "x": seen["size"] - 1,
            "t_x": (seen["max"] - seen["min"]).dt.days / 7,
            "T": (CALIBRATION_END - seen["min"]).dt.days / 7,
            "z": repeats.reindex(seen.index, fill_value=0.0),
            "future": future.reindex(seen.index, fill_value=0),
            "past_spend": spent[0],
            "future_spend": spent[1].reindex(seen.index, fill_value=0.0),
        }
    )


def simulate_bg_nbd(parameters, T, horizon, seed, *, may_leave_at_first=False):
    """Simulate the assumptions of BG/NBD or MBG/NBD; return x, t_x at T and purchases in (T, T + horizon]."""
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    rate, leave = rng.gamma(r, 1 / alpha, len(T)), rng.beta(a, b, len(T))
    clock, x, t_x, future = (np.zeros(len(T)) for _ in range(4))
    active = np.ones(len(T), dtype=bool)
    if may_leave_at_first:
        active &= rng.random(len(T)) >= leave
    while active.any():
        clock += np.where(active, rng.exponential(size=len(T)) / np.maximum(rate, 1e-300), 0)
        active &= clock <= T + horizon
        seen = active & (clock <= T)
        x, t_x = x + seen, np.where(seen, clock, t_x)
        future += active & ~seen
        active &= rng.random(len(T)) >= leave
    return x, t_x, future


def simulate_mbg_nbd(parameters, T, horizon, seed):
    """As `simulate_bg_nbd`, the first purchase being an occasion to leave."""
    return simulate_bg_nbd(parameters, T, horizon, seed, may_leave_at_first=True)


def simulate_pareto_nbd(parameters, T, horizon, seed):
    """Simulate exponential lifetimes and Poisson purchases; return the same."""
    r, alpha, s, beta = parameters
    rng = np.random.default_rng(seed)
    rate, leave = rng.gamma(r, 1 / alpha, len(T)), rng.gamma(s, 1 / beta, len(T))
    gone = rng.exponential(size=len(T)) / np.maximum(leave, 1e-300)
    x = rng.poisson(rate * np.minimum(gone, T))
    latest = np.where(x > 0, rng.random(len(T)) ** (1 / np.maximum(x, 1)), 0.0)
    future = rng.poisson(rate * np.clip(gone - T, 0, horizon))
    return x.astype(float), latest * np.minimum(gone, T), future.astype(float)


def features_of(orders, t0):
    """Features of a log of customer_id, date, amount in which every row is an order."""
    past = orders[orders["date"] < t0].sort_values(["customer_id", "date"], kind="stable")
    groups, repeats = past.groupby("customer_id"), past[past.duplicated("customer_id")]
    first, last = groups["date"].min(), groups["date"].max()
    return pd.DataFrame(
        {
            "frequency": groups["date"].nunique() - 1,
            "t_x_days": (last - first).dt.days,
            "tenure_days": (t0 - first).dt.days,
            "orders_all": groups.size(),
            "spend_mean_eur": groups["amount"].mean(),
            "spend_repeat_mean_eur": repeats.groupby("customer_id")["amount"].mean(),
            "monetary_all_eur": groups["amount"].sum(),
        }
    )
