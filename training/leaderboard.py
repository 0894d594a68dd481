"""The leaderboard: every forecast on the same customers, by segment, with paired differences."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from clv.bootstrap import paired_bootstrap
from clv.metrics import METRICS, evaluate, normalised_gini
from clv.models.forecast import CLV_EUR
from clv.segments import SCORED
from clv.settings import Settings

OURS = "ours"
LAST_YEAR = "12m"
BTYD_PREFIX = "btyd-"
ALL = "all"
DIFFERENCES = ("gini_normalised", "capture_top10", "rmse", "mae")


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
        Non-leads of the snapshot: `segment`, `label_eur`.
    forecasts
        By name, each with the index of `test` and `clv_eur`; one of them is `12m`, names of classical
        buy-till-you-die models start with `btyd-`.
    segments
        Which groups of customers get rows.

    Returns
    -------
    pandas.DataFrame
        One row per segment (of those asked, the ones with customers) and model: `segment`, `model`,
        `n`, the metrics of `clv.metrics`, and for the four of `DIFFERENCES` `M_vs_12m` with `_low` and
        `_high`, the model's figure less that of 12m with its 95 % paired interval, and the same `_vs_btyd`
        against the model named in `btyd_reference`, the buy-till-you-die one with the best normalised Gini on
        all customers of `test`.

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
    references = {"12m": LAST_YEAR, "btyd": _best_btyd(test, forecasts)}
    parts = []
    for segment in segments:
        rows = test if segment == ALL else test[test["segment"] == segment]
        if len(rows):
            scores = {name: said.loc[rows.index, CLV_EUR].to_numpy() for name, said in forecasts.items()}
            parts.append(_judge(rows, scores, references, settings).assign(segment=segment))
    board = pd.concat(parts, ignore_index=True)
    board["btyd_reference"] = references["btyd"]
    return board[["segment", *board.columns.drop("segment")]]


def to_records(board: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows for JSON: undefined figures are null."""
    rows = board.to_dict("records")
    return [{str(key): None if _undefined(value) else value for key, value in row.items()} for row in rows]


def _best_btyd(test: pd.DataFrame, forecasts: Mapping[str, pd.DataFrame]) -> str | None:
    actual = test["label_eur"].to_numpy()
    named = {
        name: normalised_gini(actual, said[CLV_EUR].to_numpy())
        for name, said in forecasts.items()
        if name.startswith(BTYD_PREFIX)
    }
    return max(sorted(named), key=lambda name: named[name], default=None)


def _judge(
    rows: pd.DataFrame, scores: dict[str, Any], references: dict[str, str | None], settings: Settings
) -> pd.DataFrame:
    actual = rows["label_eur"].to_numpy()
    board = pd.DataFrame({"model": list(scores)}).join(
        pd.DataFrame([evaluate(actual, said) for said in scores.values()])
    )
    metrics = {name: METRICS[name] for name in DIFFERENCES}
    for short, reference in references.items():
        if reference is None:
            continue
        found = paired_bootstrap(
            actual, scores, reference, metrics, settings.bootstrap_resamples, settings.seed
        ).set_index(["model", "metric"])
        for name in metrics:
            of_metric = found.xs(name, level="metric")
            for column, ending in (
                ("difference", ""),
                ("difference_low", "_low"),
                ("difference_high", "_high"),
            ):
                board[f"{name}_vs_{short}{ending}"] = board["model"].map(of_metric[column])
    return board


def _undefined(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
