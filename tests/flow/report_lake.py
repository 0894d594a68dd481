"""A lake as the weekly run and the backtest leave it, of seeded customers."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from clv.frames import write_frame
from clv.lake import Lake
from clv.partitions import backtest_at, scores_at
from clv.settings import Settings
from clv.tables import SCORES
from clv.timeline import Horizon
from glue_jobs.collect import collect
from glue_jobs.intake.accounts import Line
from training.judgement import judgement
from training.walk import walk_summary

AS_OF, BACKTEST_AS_OF, HORIZON = date(2026, 7, 1), date(2025, 7, 1), Horizon(365)
RUN = "run-2026-07-01-1"
NOTES = ["the newest entry is of 2026-06-20, 11 days before t₀: bring newer data"]
COUNTRIES = ("DE", "FR", "GB", "IT", "NL", "PL", "SE", "CZ")
CHANNELS = ("organic", "direct", "paid_search", "paid_social", "affiliate", "referral", None)
ACCOUNTS = [
    Line("orders", "used", "", 43_210, 0),
    Line("orders", "quarantined", "unknown currency", 12, 0),
    Line("order_lines", "used", "", 98_765, 412_345_678),
    Line("order_lines", "quarantined", "negative quantity", 321, -65_432),
    Line("order_lines", "quarantined", "order of an unknown order_id", 45, 98_701),
    Line("refunds", "used", "", 5_432, 23_456_789),
    Line("imported file", "excluded", "product code does not start with five digits", 1_234, 1_234_567),
]


def customers(n: int, seed: int) -> pd.DataFrame:
    """Return features of `n` customers with their expected and coming revenue."""
    rng = np.random.default_rng(seed)
    segment = rng.choice(["lead", "early", "established"], n, p=[0.1, 0.15, 0.75])
    worth = np.exp(rng.normal(4.0, 1.4, n)) * np.where(segment == "early", 0.6, 1.0)
    alive = rng.beta(0.35, 0.45, n)
    tenure = np.where(segment == "early", rng.integers(0, 91, n), rng.integers(91, 1_096, n))
    last_year = np.where(rng.random(n) < 0.1 + 0.9 * alive, worth * rng.gamma(3.0, 1 / 3, n), 0.0)
    last_year = np.where(rng.random(n) < 0.01, -5.0, last_year)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{i:06d}" for i in rng.permutation(n)],
            "as_of": AS_OF,
            "segment": segment,
            "country": rng.choice(COUNTRIES, n, p=[0.27, 0.18, 0.16, 0.12, 0.09, 0.09, 0.06, 0.03]),
            "acquisition_channel": rng.choice(np.array(CHANNELS, dtype=object), n),
            "device": rng.choice(["mobile", "desktop"], n),
            "recency_days": np.minimum(tenure, rng.integers(0, 400, n)),
            "frequency": np.where(segment == "established", rng.poisson(1 + 4 * alive), 0),
            "monetary_365d_eur": np.round(last_year, 2),
            "tenure_days": tenure,
            "expected": np.round(worth * alive * np.exp(rng.normal(0, 0.6, n)), 2),
            "alive": alive,
            "came": np.round(np.where(rng.random(n) < alive, worth * rng.gamma(2.0, 0.5, n), 0.0), 2),
        }
    )
    lead = frame.segment == "lead"
    frame.loc[lead, ["recency_days", "frequency", "tenure_days", "monetary_365d_eur"]] = 0
    return frame


def write_scores(
    lake: Lake, rows: pd.DataFrame, as_of: date = AS_OF, horizon: Horizon = HORIZON
) -> pd.DataFrame:
    """Commit the scores of these customers with the record of their run, and return them."""
    forecasts = rows[rows.segment != "lead"].assign(clv_eur=lambda f: f.expected, p_active=lambda f: f.alive)
    shares = {"clv_median_eur": 0.7, "clv_low_eur": 0.1, "clv_high_eur": 2.1}
    forecasts = forecasts.assign(**{name: share * forecasts.expected for name, share in shares.items()})
    named = {"driver_1": "mean order value", "driver_2": "country", "driver_3": None}
    euros = {"driver_1_eur": forecasts.expected - 50, "driver_2_eur": 10.0, "driver_3_eur": np.nan}
    forecasts = forecasts.assign(driver_start_eur=40.0, **named, **euros)
    version = "xgb-tweedie-" + forecasts.segment + "-0a1b2c3d"
    scores = collect(rows.assign(as_of=as_of), forecasts.assign(model_version=version), horizon)
    with lake.commit(scores_at(as_of), RUN) as draft:
        write_frame(scores, SCORES, draft.folder)
    lake.path("runs").mkdir(exist_ok=True)
    (lake.path("runs") / f"{RUN}.json").write_text(json.dumps({"notes": NOTES}), encoding="utf-8")
    return scores


def write_accounts(lake: Lake, lines: list[Line]) -> None:
    """Commit a ledger that holds nothing but its accounts."""
    with lake.commit("ledger", RUN) as draft:
        (draft.folder / "accounts.json").write_text(
            json.dumps([asdict(line) for line in lines]), encoding="utf-8"
        )


def write_backtest(
    lake: Lake, rows: pd.DataFrame, as_of: date = BACKTEST_AS_OF, horizon: Horizon = HORIZON
) -> None:
    """Write a backtest of these customers."""
    known = rows[rows.segment != "lead"].reset_index(drop=True)
    said = _said(known)
    names = ["customer_id", "segment", "country", "acquisition_channel", "device"]
    judged = known[names].assign(label_eur=known.came, as_of=pd.Timestamp(as_of))
    told = {
        "as_of": str(as_of),
        "horizon_days": horizon.days,
        "n_customers": len(judged),
        "training_as_ofs": [f"2024-{month:02d}-01" for month in range(1, 8)],
        "knows_last_years_season": True,
        "notes": ["early: the pooled model scores, the own one is worse by 0.012 normalised Gini"],
        **judgement(
            judged,
            _forecasts(said),
            {"early": False, "established": False},
            Settings(bootstrap_resamples=40, horizon_days=horizon.days),
        ),
    }
    folder = lake.path(backtest_at(as_of, horizon))
    folder.mkdir(parents=True)
    judged[["customer_id", "segment", "label_eur"]].assign(**said).to_parquet(
        folder / "customers.parquet", index=False
    )
    (folder / "leaderboard.json").write_text(json.dumps(told), encoding="utf-8")
    (folder.parent / "walk.json").write_text(json.dumps(walk_summary([told])), encoding="utf-8")


def _said(known: pd.DataFrame) -> dict[str, "pd.Series[float]"]:
    """Return the forecasts by name: ours, and what people rank by."""
    rng = np.random.default_rng(7)
    lively = float(known.expected.median()) * (0.2 + known.alive)
    return {
        "ours": known.expected,
        "12m": known.monetary_365d_eur,
        "rfm": (known.expected * np.exp(rng.normal(0, 0.9, len(known)))).round(-1),
        "btyd-bgnbd-gg-all": lively * np.log1p(known.monetary_365d_eur.clip(lower=0) / 9),
        "btyd-bgnbd-gg-repeat": lively,
    }


def _forecasts(said: dict[str, "pd.Series[float]"]) -> dict[str, pd.DataFrame]:
    """Return the forecasts as frames; ours has a median and an interval too."""
    shares = {"clv_eur": 1.0, "clv_median_eur": 0.7, "clv_low_eur": 0.1, "clv_high_eur": 2.1}
    ours = pd.DataFrame({name: share * said["ours"] for name, share in shares.items()})
    return {name: euros.to_frame("clv_eur") for name, euros in said.items()} | {"ours": ours}


def full_lake(root: Path, n: int = 1_500) -> Lake:
    """Return a lake with scores, accounts and a backtest."""
    lake = Lake.at(root)
    write_scores(lake, customers(n, 1))
    write_accounts(lake, ACCOUNTS)
    write_backtest(lake, customers(n, 2))
    return lake
