"""Walking forward: which past t₀s are judged, and what all of them together say."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from training.leaderboard import ALL, BTYD, LAST_YEAR
from training.promotion import Estimate

METRIC = "gini_normalised"
FAIR_LEVEL = (0.85, 1.15)
"""Of predicted over actual revenue, where the season of a year ago is known."""
CAUTION = (
    "neighbouring t₀s share customers, and horizons where they overlap: these are no independent trials, and "
    "each interval knows the luck of who is in the sample, not that of the calendar"
)


def walk_as_ofs(last: date, every_months: int, count: int | None, first: date | None) -> list[date]:
    """Return the t₀s `last`, `every_months` before it and so on, oldest first.

    They end after `count` of them, or with the last one not before `first`. The day of the month is that of
    `last`, or the month's last where it is shorter.
    """
    found: list[date] = []
    day = last
    while (count is None or len(found) < count) and (first is None or day >= first):
        found.append(day)
        day = _months_before(last, every_months * len(found))
    return found[::-1]


def walk_summary(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return `walk.json` of the judgements of several t₀s, oldest first: `t0s` and `sentence`, JSON-ready.

    Each entry of `t0s` has the headline model's figures over all customers, its differences in normalised
    Gini to 12m and to the best buy-till-you-die model of that t₀ with their 95 % paired intervals, its
    calibration ratio with its interval, and a sentence that says what these figures do and do not show.
    """
    t0s = [_of_one(one) for one in told]
    return {
        "horizon_days": told[0]["horizon_days"],
        "as_ofs": [one["as_of"] for one in told],
        "sentence": _together(t0s),
        "t0s": t0s,
    }


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _of_one(told: Mapping[str, Any]) -> dict[str, Any]:
    row = _row(told, told["headline"])
    btyd = row["btyd_reference"]
    shown = (METRIC, "capture_top10", "rmse", "mae", "calibration_ratio", "calibration_ratio_low")
    found = {
        "as_of": told["as_of"],
        "n": row["n"],
        "snapshots": len(told["training_as_ofs"]),
        "knows_last_years_season": told["knows_last_years_season"],
        **{name: row[name] for name in (*shown, "calibration_ratio_high")},
        **{f"{name}_of_12m": _row(told, LAST_YEAR)[name] for name in (METRIC, "rmse")},
        "btyd": btyd,
    }
    for short in (LAST_YEAR, *([BTYD] if btyd else [])):
        name = f"{METRIC}_vs_{short}"
        found |= {f"{name}{end}": row[f"{name}{end}"] for end in ("", "_low", "_high")}
    return found | {"gate": {s: v["status"] for s, v in told["gate"].items()}, "sentence": _said(found)}


def _row(told: Mapping[str, Any], model: str) -> Mapping[str, Any]:
    return next(row for row in told["rows"] if (row["segment"], row["model"]) == (ALL, model))


def difference(found: Mapping[str, Any], short: str) -> Estimate:
    """Return an entry's difference in normalised Gini to 12m (`12m`) or the best classical model (`btyd`)."""
    name = f"{METRIC}_vs_{short}"
    return Estimate(found.get(name), found.get(f"{name}_low"), found.get(f"{name}_high"))


def _said(found: Mapping[str, Any]) -> str:
    parts = [_compared(difference(found, LAST_YEAR), LAST_YEAR)]
    if found["btyd"]:
        parts.append(_compared(difference(found, BTYD), found["btyd"]))
    learned = f"taught by {found['snapshots']} closed snapshots" if found["snapshots"] else "without labels"
    return f"t₀ {found['as_of']}, {learned}: {'; '.join(parts)}; {_level(found)}."


def _compared(found: Estimate, reference: str) -> str:
    if found.value is None or found.low is None or found.high is None:
        return f"its ranking cannot be compared with {reference}'s"
    says = "not shown to rank better or worse than"
    if found.low > 0:
        says = "ranks better than"
    if found.high < 0:
        says = "ranks worse than"
    return f"{says} {reference} ({found.value:+.3f}, {found.low:+.3f} to {found.high:+.3f})"


def _level(found: Mapping[str, Any]) -> str:
    ratio = found["calibration_ratio"]
    if ratio is None:
        return "its total cannot be compared with what came"
    season = (
        "" if found["knows_last_years_season"] else ", without a closed t₀ a year back to tell the season"
    )
    way = "above" if ratio > 1 else "below"
    return f"its total is {abs(ratio - 1):.0%} {way} what came{season}"


def _together(t0s: Sequence[Mapping[str, Any]]) -> str:
    n = len(t0s)
    better = {short: sum(_ranks_better(found, short) for found in t0s) for short in (LAST_YEAR, BTYD)}
    known = [found["calibration_ratio"] for found in t0s if found["knows_last_years_season"]]
    fair = sum(ratio is not None and FAIR_LEVEL[0] <= ratio <= FAIR_LEVEL[1] for ratio in known)
    level = (
        f"its total lay within {FAIR_LEVEL[0]} to {FAIR_LEVEL[1]} of what came at {fair} of the {len(known)} "
        "that know last year's season"
        if known
        else "none knows last year's season, so no total can be expected to be right"
    )
    return (
        f"Beyond the luck of the sample the forecast ranks better than 12m at {better[LAST_YEAR]} of {n} "
        f"t₀s, than the best buy-till-you-die model of each at {better[BTYD]}; {level}. Mind that {CAUTION}."
    )


def _ranks_better(found: Mapping[str, Any], short: str) -> bool:
    low = difference(found, short).low
    return low is not None and low > 0
