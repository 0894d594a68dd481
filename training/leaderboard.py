"""The leaderboard: every forecast on the same customers, by segment, with paired differences."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clv.bootstrap import paired_bootstrap
from clv.deciles import DECILES, decile
from clv.metrics import METRICS, coverage, evaluate, mae, mae_log, normalised_gini
from clv.models.forecast import CLV_EUR
from clv.segments import SCORED
from clv.settings import Settings

OURS = "ours"
LAST_YEAR = "12m"
CHAMPION = "champion"
BTYD_PREFIX = "btyd-"
BTYD = "btyd"
ALL = "all"
DIFFERENCES = ("gini_normalised", "capture_top10", "rmse", "mae")
WITH_INTERVAL = ("gini_normalised", "calibration_ratio")
MEDIAN, LOW, HIGH = "clv_median_eur", "clv_low_eur", "clv_high_eur"
BOUNDS = {"difference": "", "difference_low": "_low", "difference_high": "_high"}


def leaderboard(
    test: pd.DataFrame,
    forecasts: Mapping[str, pd.DataFrame],
    settings: Settings,
    segments: Sequence[str] = (ALL, *SCORED),
) -> pd.DataFrame:
    """Judge forecasts of one test snapshot, out of time.

    Parameters
    ----------
    test
        Non-leads of the snapshot: `segment`, `label_eur`, and `customer_id` where a forecast has intervals.
    forecasts
        By name, each with the index of `test` and `clv_eur`, perhaps with `clv_median_eur`, `clv_low_eur` and
        `clv_high_eur`; one of them is `12m`, names of classical buy-till-you-die models start with `btyd-`.
    segments
        Which groups of customers get rows.

    Returns
    -------
    pandas.DataFrame
        One row per segment (of those asked, the ones with customers) and model: `segment`, `model`,
        `n`, the metrics of `clv.metrics`; `_low` and `_high` of those in `WITH_INTERVAL`;
        `interval_coverage` and `interval_coverage_top10` (of the highest decile by forecast), `median_mae`
        and `median_mae_log`, NaN for a forecast without these columns; and for the four of `DIFFERENCES`
        `M_vs_12m` with `_low` and `_high`, the model's figure less that of 12m with its 95 % paired interval,
        the same `_vs_btyd` against the model named in `btyd_reference`, the buy-till-you-die one with the
        best normalised Gini on all customers of `test`, and `_vs_champion` where the champion takes part.

    Raises
    ------
    ValueError
        If `12m` is missing, or an index differs.
    """
    if LAST_YEAR not in forecasts:
        raise ValueError(f"no forecast named {LAST_YEAR} among {sorted(forecasts)}")
    for name, said in forecasts.items():
        if not said.index.equals(test.index):
            raise ValueError(f"forecast {name} is not of the customers of the test snapshot, in their order")
    references = {LAST_YEAR: LAST_YEAR, BTYD: best_btyd(test, forecasts)}
    references |= {CHAMPION: CHAMPION} if CHAMPION in forecasts else {}
    parts = []
    for segment in segments:
        rows = test if segment == ALL else test[test["segment"] == segment]
        if len(rows):
            asked = {name: said.loc[rows.index] for name, said in forecasts.items()}
            parts.append(_judge(rows, asked, references, settings).assign(segment=segment))
    board = pd.concat(parts, ignore_index=True)
    board["btyd_reference"] = references[BTYD]
    return board[["segment", *board.columns.drop("segment")]]


def to_records(board: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows for JSON: undefined figures are null."""
    rows = board.to_dict("records")
    return [{str(key): None if _undefined(value) else value for key, value in row.items()} for row in rows]


def best_btyd(test: pd.DataFrame, forecasts: Mapping[str, pd.DataFrame]) -> str | None:
    """Return the buy-till-you-die model with the best normalised Gini on these customers, None without one.

    It is chosen with hindsight, which makes it the harder to beat.
    """
    actual = test["label_eur"].to_numpy()
    named = {
        name: normalised_gini(actual, said[CLV_EUR].to_numpy())
        for name, said in forecasts.items()
        if name.startswith(BTYD_PREFIX)
    }
    return max(sorted(named), key=lambda name: (not math.isnan(named[name]), named[name]), default=None)


def _judge(
    rows: pd.DataFrame,
    said: Mapping[str, pd.DataFrame],
    references: Mapping[str, str | None],
    settings: Settings,
) -> pd.DataFrame:
    actual = rows["label_eur"].to_numpy()
    scores = {name: forecast[CLV_EUR].to_numpy() for name, forecast in said.items()}
    found = [
        {
            "model": name,
            **evaluate(actual, score),
            **_coverage(rows, said[name]),
            **_median(actual, said[name]),
        }
        for name, score in scores.items()
    ]
    board = pd.DataFrame(found)
    metrics = {name: METRICS[name] for name in dict.fromkeys((*WITH_INTERVAL, *DIFFERENCES))}
    for short, reference in references.items():
        if reference is None:
            continue
        drawn = paired_bootstrap(
            actual, scores, reference, metrics, settings.bootstrap_resamples, settings.seed
        ).set_index(["model", "metric"])
        board = board.assign(**_intervals(board, drawn, short))
    return board


def _intervals(board: pd.DataFrame, drawn: pd.DataFrame, short: str) -> dict[str, "pd.Series[float]"]:
    """Return the differences to a reference with their intervals, and the intervals of the figures."""
    differences = {
        f"{name}_vs_{short}{ending}": _column(board, drawn, name, column)
        for name in DIFFERENCES
        for column, ending in BOUNDS.items()
    }
    bounds = {
        f"{name}_{end}": _column(board, drawn, name, end) for name in WITH_INTERVAL for end in ("low", "high")
    }
    return differences | bounds


def _column(board: pd.DataFrame, drawn: pd.DataFrame, metric: str, column: str) -> "pd.Series[float]":
    return board["model"].map(drawn.xs(metric, level="metric")[column])


def _coverage(rows: pd.DataFrame, said: pd.DataFrame) -> dict[str, float]:
    """Return how often the interval held what came, overall and in the top decile by forecast."""
    if not {LOW, HIGH} <= set(said.columns) or said[[LOW, HIGH]].isna().any(axis=None):
        return {"interval_coverage": math.nan, "interval_coverage_top10": math.nan}
    bounds = (rows["label_eur"], said[LOW], said[HIGH])
    actual, low, high = (values.to_numpy(np.float64) for values in bounds)
    top = decile(said[CLV_EUR], rows["customer_id"]) == DECILES
    return {
        "interval_coverage": coverage(actual, low, high),
        "interval_coverage_top10": coverage(actual[top], low[top], high[top]),
    }


def _median(actual: npt.NDArray[np.float64], said: pd.DataFrame) -> dict[str, float]:
    """Return the errors of the median, which is what they reward; the mean's are among the metrics."""
    if MEDIAN not in said or said[MEDIAN].isna().any():
        return {"median_mae": math.nan, "median_mae_log": math.nan}
    typical = said[MEDIAN].to_numpy(np.float64)
    return {"median_mae": mae(actual, typical), "median_mae_log": mae_log(actual, typical)}


def _undefined(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
