"""Temporal checks: whether the recipe does at every t₀ what it does at one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.leaderboard import LAST_YEAR
from training.promotion import Estimate
from training.validation.checks import Found
from training.walk import METRIC, difference


def temporal(t0s: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    """Yield the figures of several t₀s: their differences to 12m and levels, and the range of the ranking.

    Parameters
    ----------
    t0s
        As the entries `t0s` of `training.walk.walk_summary`: of each t₀ `as_of`, `gini_normalised`,
        `gini_normalised_vs_12m`, `calibration_ratio`, these two with `_low` and `_high`, and
        `knows_last_years_season`.
    """
    for one in t0s:
        detail = f"t₀ {one['as_of']}"
        yield Found(f"worst_ranking_against_{LAST_YEAR}", difference(one, LAST_YEAR), detail)
        if one["knows_last_years_season"]:
            yield Found("furthest_level", _level(one), detail)
    ranked = [(one[METRIC], one["as_of"]) for one in t0s if one[METRIC] is not None]
    if len(ranked) > 1:
        (least, least_at), (most, _) = min(ranked), max(ranked)
        detail = f"least at {least_at}"
        yield Found("gini_range", Estimate(most - least), detail)


def _level(one: Mapping[str, Any]) -> Estimate:
    name = "calibration_ratio"
    return Estimate(one[name], one.get(f"{name}_low"), one.get(f"{name}_high"))
