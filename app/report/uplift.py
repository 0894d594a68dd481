"""What learning adds to the classical model: both rankings in deciles, beside what came in each."""

import math
from typing import Any

from app.report import words
from app.report.blocks import Cell, Grid
from app.report.inputs import Backtest


def uplift_grid(back: Backtest) -> Grid | None:
    """Return the decile table of the best buy-till-you-die model against the forecast; None without one."""
    told = back.leaderboard.get("uplift")
    if not told:
        return None
    btyd = words.model(told["btyd"])
    body: list[list[str | Cell]] = [_row(row) for row in told["deciles"]]
    columns = (
        *("decile", "customers", "BTYD: mean that came", "total that came", "share of what came"),
        *("forecast: mean that came", "total that came", "share of what came", "in this decile by both"),
    )
    title = "What the forecast adds to the best buy-till-you-die model (BTYD), by decile of each ranking"
    return Grid(title, columns, body, note=f"{_alike(told)} {_gained(told)} BTYD is {btyd}.")


def _row(row: dict[str, Any]) -> list[str | Cell]:
    return [
        str(row["decile"]),
        words.number(row["n"]),
        words.eur(words.figure(row["btyd_mean_actual_eur"]), 2),
        words.eur(words.figure(row["btyd_sum_actual_eur"])),
        words.percent(words.figure(row["btyd_share_of_actual"]), 1),
        words.eur(words.figure(row["mean_actual_eur"]), 2),
        words.eur(words.figure(row["sum_actual_eur"])),
        words.percent(words.figure(row["share_of_actual"]), 1),
        words.percent(words.figure(row["overlap"])),
    ]


def _alike(told: dict[str, Any]) -> str:
    top, moved, far = (words.percent(told[name]) for name in ("top_overlap", "moved", "moved_far"))
    return (
        f"{top} of the forecast's top decile is also the top decile by BTYD; {moved} of customers are in "
        f"another decile, {far} two or more away."
    )


def _gained(told: dict[str, Any]) -> str:
    gain = {end: 100 * words.figure(value) for end, value in told["capture_top10"].items()}
    if not all(map(math.isfinite, gain.values())):
        return "Whether its top decile holds more of what came is not defined."
    low, high = (words.signed(gain[end], 1) for end in ("low", "high"))
    if gain["low"] == gain["high"] == 0:
        return "Both rankings are the same."
    known = "" if gain["low"] > 0 or gain["high"] < 0 else ", which may be luck"
    return (
        f"Its top decile holds {words.signed(gain['value'], 1)} points of what came "
        f"(95{words.SPACE}% paired interval {low} to {high}){known}."
    )
