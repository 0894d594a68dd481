"""Verb: the forecast of a past t₀ beside what came, and beside what people rank by today."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from clv.lake import Lake
from clv.partitions import backtest_at
from clv.segments import SCORED
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon
from training.fit import Trained, fit
from training.leaderboard import OURS, leaderboard, to_records
from training.learned import training_frame
from training.rivals import rivals

LEADERBOARD_FILE = "leaderboard.json"
CUSTOMERS_FILE = "customers.parquet"


def backtest(
    lake: Lake, as_of: date, closed: list[date], horizon: Horizon, settings: Settings
) -> dict[str, Any]:
    """Write `leaderboard.json` and `customers.parquet` (label and forecasts by customer); return the former.

    `closed` are snapshots whose horizons had closed by `as_of`; the models see nothing else. The snapshot of
    `as_of` itself must be labelled in the lake.
    """
    test = snapshot(lake, as_of, horizon, labelled=True)
    frame = training_frame(lake, closed, horizon, settings)
    trained = fit(frame, horizon, settings, settings.threads)
    forecasts = {OURS: _routed(trained, test), **rivals(frame, test, horizon)}
    told = {
        "as_of": as_of.isoformat(),
        "horizon_days": horizon.days,
        "n_customers": len(test),
        "training_as_ofs": [day.isoformat() for day in closed],
        "model_versions": {segment: model.version for segment, model in trained.models.items()},
        "notes": list(trained.notes),
        "comparisons": [comparison.to_dict() for comparison in trained.comparisons],
        "models": list(forecasts),
        "headline": OURS,
        "rows": to_records(leaderboard(test, forecasts, settings)),
    }
    folder = lake.path(backtest_at(as_of, horizon))
    folder.mkdir(parents=True, exist_ok=True)
    customers = test[["customer_id", "segment", "label_eur"]].assign(
        **{name: said["clv_eur"] for name, said in forecasts.items()}
    )
    customers.to_parquet(folder / CUSTOMERS_FILE, index=False)
    _replace(folder / LEADERBOARD_FILE, json.dumps(told, indent=1))
    return told | {"file": str(folder / LEADERBOARD_FILE)}


def _routed(trained: Trained, frame: pd.DataFrame) -> pd.DataFrame:
    parts = [trained.models[segment].forecast(frame[frame.segment == segment]) for segment in SCORED]
    return pd.concat(parts).loc[frame.index]


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)  # noqa: PTH105 - the atomic rename is the point
