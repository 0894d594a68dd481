"""What `clv backtest` does, and what it shows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.table import Table

from app.backtests import backtest_once, backtest_walk
from app.console import Console, grid
from clv.lake import Lake
from clv.settings import Settings

ALL = "all"
UNDEFINED = "undefined"


def run_backtest(
    lake: Lake, as_of: date, settings: Settings, console: Console, *, contenders: bool = False
) -> None:
    """Judge the forecast of a past t₀ and show leaderboard, deciles, and what the gate would say."""
    told = backtest_once(lake, as_of, settings, console.say, contenders=contenders)
    console.show(told, leaderboard_table(told), *([uplift_table(told["uplift"])] if told["uplift"] else []))
    if told["uplift"]:
        console.tell(overlap(told["uplift"]))
    console.tell(told["sentence"])
    for segment, verdict in told["gate"].items():
        why = "every rule is kept" if verdict["status"] == "Approved" else verdict["reason"]
        console.tell(f"gate, {segment}: {verdict['status']}: {why}")
    for note in told["notes"]:
        console.tell(f"note: {note}")
    console.tell(f"leaderboard: {told['file']}")


def run_walk(
    lake: Lake, as_ofs: Sequence[date], settings: Settings, console: Console, *, contenders: bool = False
) -> None:
    """Judge the forecasts of several past t₀s and show what they say together."""
    told = backtest_walk(lake, as_ofs, settings, console.say, contenders=contenders)
    console.show(told, walk_table(told))
    for one in told["t0s"]:
        console.tell(one["sentence"])
    console.tell(told["sentence"])
    console.tell(f"summary: {told['file']}")


def leaderboard_table(told: Mapping[str, Any]) -> Table:
    """Return the leaderboard over all scored customers, best ranking first, undefined ones last."""
    board = [row for row in told["rows"] if row["segment"] == ALL]
    board.sort(key=lambda row: (row["gini_normalised"] is None, -(row["gini_normalised"] or 0.0)))
    rows = [
        [
            row["model"],
            _written(row["gini_normalised"], ".3f"),
            _written(row["capture_top10"], ".1%"),
            _written(row["rmse"], ",.1f"),
            _written(row["mae"], ",.1f"),
            _written(row["calibration_ratio"], ".2f"),
            "baseline" if row["model"] == "12m" else _difference(row, "gini_normalised_vs_12m"),
        ]
        for row in board
    ]
    columns = ["model", "norm. Gini", "top 10 %", "RMSE €", "MAE €", "calibration"]
    title = f"Out of time: t₀ {told['as_of']}, {told['horizon_days']} days, {told['n_customers']:,} customers"
    return grid(title, [*columns, "Δ norm. Gini against 12m"], rows)


def uplift_table(told: Mapping[str, Any]) -> Table:
    """Return what came in each decile by the best buy-till-you-die model and by the forecast."""
    rows = [
        [
            str(row["decile"]),
            f"{row['n']:,}",
            f"{row['btyd_mean_actual_eur']:,.2f}",
            f"{row['btyd_sum_actual_eur']:,.0f}",
            f"{row['mean_actual_eur']:,.2f}",
            f"{row['sum_actual_eur']:,.0f}",
            f"{row['overlap']:.0%}",
        ]
        for row in told["deciles"]
    ]
    columns = ["decile", "customers", "btyd mean €", "btyd total €", "ours mean €", "ours total €"]
    title = f"What came in each decile: by {told['btyd']}, and by {told['boosted']}"
    return grid(title, [*columns, "in both"], rows)


def overlap(told: Mapping[str, Any]) -> str:
    """Return how far the forecast and the best buy-till-you-die model rank alike, in one line."""
    gained = told["capture_top10"]
    interval = (
        ""
        if gained["low"] is None
        else f" (95 % interval {100 * gained['low']:+.1f} to {100 * gained['high']:+.1f})"
    )
    points = UNDEFINED if gained["value"] is None else f"{100 * gained['value']:+.1f} points{interval}"
    return (
        f"{told['top_overlap']:.0%} of the top decile by {told['boosted']} is also that by {told['btyd']}; "
        f"{told['moved']:.0%} of customers are in another decile, {told['moved_far']:.0%} two or more away; "
        f"the top decile's share of revenue differs by {points}."
    )


def walk_table(told: Mapping[str, Any]) -> Table:
    """Return a row per t₀: ranking, calibration, and differences to 12m and the best classical model."""
    rows = [
        [
            one["as_of"],
            f"{one['n']:,}",
            str(one["snapshots"]),
            _written(one["gini_normalised"], ".3f"),
            _difference(one, "gini_normalised_vs_12m"),
            _difference(one, "gini_normalised_vs_btyd"),
            _written(one["calibration_ratio"], ".2f") + ("" if one["knows_last_years_season"] else " *"),
        ]
        for one in told["t0s"]
    ]
    columns = ["t₀", "customers", "snapshots", "norm. Gini", "Δ against 12m", "Δ against best BTYD"]
    title = f"Walk forward: {len(rows)} t₀s, {told['horizon_days']} days (* season of a year ago not known)"
    return grid(title, [*columns, "calibration"], rows)


def _difference(row: Mapping[str, Any], name: str) -> str:
    value, low, high = (row.get(f"{name}{end}") for end in ("", "_low", "_high"))
    if value is None or low is None or high is None:
        return UNDEFINED
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def _written(value: float | None, form: str) -> str:
    return UNDEFINED if value is None else format(value, form)
