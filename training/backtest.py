"""Verb: the forecast of a past t₀ beside what came, and beside what people rank by today."""

import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from clv.lake import Lake
from clv.models.without_labels import WithoutLabels
from clv.partitions import backtest_at
from clv.segments import SCORED
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon
from training.contenders import fit_contenders
from training.fit import Trained, fit
from training.judgement import judgement
from training.leaderboard import HIGH, LOW, MEDIAN, OURS
from training.learned import training_frame
from training.rivals import rivals
from training.seasons import knows_last_years_season
from training.young_levels import level_factors

LEADERBOARD_FILE = "leaderboard.json"
CUSTOMERS_FILE = "customers.parquet"


def backtest(
    lake: Lake,
    as_of: date,
    closed: list[date],
    horizon: Horizon,
    settings: Settings,
    *,
    contenders: bool = False,
) -> dict[str, Any]:
    """Write `leaderboard.json`, and what came and was said by customer; return the former.

    `closed` are snapshots whose horizons had closed by `as_of`; the models see nothing else. The snapshot of
    `as_of` itself must be labelled in the lake. `contenders` adds what `training.contenders` fits.
    """
    test = snapshot(lake, as_of, horizon, labelled=True)
    frame = training_frame(lake, closed, horizon, settings)
    trained = fit(frame, horizon, settings, settings.threads).releveled(level_factors(frame, test))
    forecasts = {OURS: routed(trained, test), **rivals(frame, test, horizon)}
    if contenders:
        forecasts |= fit_contenders(frame, test, horizon, settings)
    label_free = {segment: isinstance(model, WithoutLabels) for segment, model in trained.models.items()}
    told = {
        "as_of": as_of.isoformat(),
        "horizon_days": horizon.days,
        "n_customers": len(test),
        **_teaching(trained, closed, as_of, horizon),
        **judgement(test, forecasts, label_free, settings),
    }
    folder = lake.path(backtest_at(as_of, horizon))
    folder.mkdir(parents=True, exist_ok=True)
    _customers(test, forecasts).to_parquet(folder / CUSTOMERS_FILE, index=False)
    replace_file(folder / LEADERBOARD_FILE, json.dumps(told, indent=1))
    return told | {"file": str(folder / LEADERBOARD_FILE)}


def _teaching(trained: Trained, closed: list[date], as_of: date, horizon: Horizon) -> dict[str, Any]:
    """Return what taught the models, and what came of it."""
    return {
        "training_as_ofs": [day.isoformat() for day in closed],
        "knows_last_years_season": knows_last_years_season(closed, as_of, horizon),
        "model_versions": {segment: model.version for segment, model in trained.models.items()},
        "notes": list(trained.notes),
        "comparisons": [comparison.to_dict() for comparison in trained.comparisons],
    }


def _customers(test: pd.DataFrame, forecasts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what came by customer, what everyone said of it, and how sure we were."""
    ours = forecasts[OURS]
    return test[["customer_id", "segment", "label_eur"]].assign(
        **{name: said["clv_eur"] for name, said in forecasts.items()},
        **{name: ours[name] for name in (MEDIAN, LOW, HIGH) if name in ours},
    )


def replace_file(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)  # noqa: PTH105 - the atomic rename is the point


def routed(trained: Trained, frame: pd.DataFrame) -> pd.DataFrame:
    """Return each customer's forecast by the model of its segment."""
    parts = [trained.models[segment].forecast(frame[frame.segment == segment]) for segment in SCORED]
    return pd.concat(parts).loc[frame.index]
