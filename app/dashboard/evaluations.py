"""How well the models in force did on customers that they had not seen, against last year's revenue."""

from typing import Any

import pandas as pd

from app.dashboard.queries import stages
from app.dashboard.store import Week, names_below, told
from clv.partitions import backtests_of, model_at
from clv.segments import SCORED
from clv.timeline import Horizon

EVALUATION, LEADERBOARD = "evaluation.json", "leaderboard.json"
BASELINE = "12m"


def quality(week: Week, horizon: Horizon) -> pd.DataFrame:
    """Return a row per model judged: ranking and level of ours beside those of 12m.

    `who`, `judged_as_of`, `customers`; `capture_top10`, `gini_normalised`, `calibration_ratio`, `rmse`, the
    same of 12m with `_12m`; `gain`, `gain_low`, `gain_high`: normalised Gini less that of 12m with its 95 %
    interval. Empty where nothing was judged.
    """
    versions = stages(week).set_index("segment").model_version
    judged = [
        _judged(_evaluation(week, horizon, segment, str(versions[segment])), segment, f"{segment} customers")
        for segment in SCORED
        if segment in versions and versions[segment] is not None
    ]
    whole = _newest_backtest(week, horizon)
    judged.append(_judged(whole, "all", "all customers"))
    return pd.DataFrame([row for row in judged if row is not None])


def _evaluation(week: Week, horizon: Horizon, segment: str, version: str) -> dict[str, Any] | None:
    """Return the evaluation of the model that scored a segment, None where it is not kept."""
    for name in names_below(week.root, model_at(segment, horizon)):
        if name.endswith(f"/{EVALUATION}"):
            found = told(week.root, name)
            if found["model_version"] == version.partition("@")[0]:
                return dict(found)
    return None


def _newest_backtest(week: Week, horizon: Horizon) -> dict[str, Any] | None:
    boards = [n for n in names_below(week.root, backtests_of(horizon)) if n.endswith(f"/{LEADERBOARD}")]
    return dict(told(week.root, max(boards))) if boards else None


def _judged(found: dict[str, Any] | None, segment: str, who: str) -> dict[str, Any] | None:
    if found is None or not found.get("rows"):
        return None
    rows = pd.DataFrame(found["rows"])
    of = rows[rows.segment == segment].set_index("model")
    headline = str(found["headline"])
    if headline not in of.index or BASELINE not in of.index:
        return None
    ours, theirs = of.loc[headline], of.loc[BASELINE]
    figures = ("capture_top10", "gini_normalised", "calibration_ratio", "rmse")
    gain = "gini_normalised_vs_12m"
    return {
        "who": who,
        "judged_as_of": found.get("evaluation_as_of") or found["as_of"],
        "customers": int(ours["n"]),
        **{name: ours[name] for name in figures},
        **{f"{name}_12m": theirs[name] for name in figures},
        "gain": ours.get(gain),
        "gain_low": ours.get(f"{gain}_low"),
        "gain_high": ours.get(f"{gain}_high"),
    }
