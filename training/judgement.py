"""What the forecasts of one past t₀ were worth: everything a backtest tells beside who taught the models."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from clv.coverage import interval_figures
from clv.deciles import calibration_by_decile
from clv.group_calibration import group_calibration
from clv.metrics import capture
from clv.models.forecast import CLV_EUR, INTERVAL
from clv.settings import Settings
from training.choice import duel, interval, material_groups
from training.leaderboard import ALL, BTYD, LAST_YEAR, OURS, best_btyd, leaderboard, to_records
from training.promotion import Evidence, verdict
from training.uplift import uplift

PERFECT = "perfect"
KEPT = ("customer_id", "segment", "country", "acquisition_channel", "device", "label_eur")


def judgement(
    test: pd.DataFrame,
    forecasts: Mapping[str, pd.DataFrame],
    label_free: Mapping[str, bool],
    settings: Settings,
) -> dict[str, Any]:
    """Return the judgement of all forecasts of one test snapshot, JSON-ready.

    Parameters
    ----------
    test, forecasts
        As `training.leaderboard.leaderboard`; one forecast is named `ours`. `test` also has the names by
        which groups are cut: country, acquisition_channel, device.
    label_free
        For each segment, whether the model named `ours` learned from no label.

    Returns
    -------
    dict
        `models`, `headline`, `rows` (the leaderboard), `held` and `sentence` (what the top tenth holds),
        `calibration` (of `ours`, by decile and by group), `intervals` (how often those of single customers
        held), `uplift` (None without a buy-till-you-die model),
        and `gate`, the verdict by segment that the promotion rules would speak on these figures.
    """
    rows = to_records(leaderboard(test, forecasts, settings))
    customers = test[list(KEPT)].assign(clv_eur=forecasts[OURS][CLV_EUR])
    classic = best_btyd(test, forecasts)
    share = held(test, forecasts)
    return {
        "models": list(forecasts),
        "headline": OURS,
        "rows": rows,
        "held": share,
        "sentence": sentence(share, settings.horizon_days, test["as_of"].iloc[0]),
        "calibration": _calibration(customers, settings),
        "uplift": _uplift(test, forecasts, classic, rows),
        "intervals": _intervals(test, forecasts[OURS]),
        "gate": {
            segment: _gate(rows, customers, segment, learned_from_none, settings)
            for segment, learned_from_none in label_free.items()
            if (customers["segment"] == segment).any()
        },
    }


def held(test: pd.DataFrame, forecasts: Mapping[str, pd.DataFrame]) -> dict[str, float] | None:
    """Return the share of revenue of the top tenth by `ours`, by `12m` and by a perfect ranking.

    None where the customers brought no net revenue in total.
    """
    came = test["label_eur"]
    if not float(came.sum()) > 0:
        return None
    rankings = {name: forecasts[name][CLV_EUR] for name in (OURS, LAST_YEAR)} | {PERFECT: came}
    return {name: capture(came, ranking) for name, ranking in rankings.items()}


def sentence(share: Mapping[str, float] | None, horizon_days: int, as_of: date) -> str:
    """Return what the ranking was worth, in euros of every hundred."""
    if share is None:
        return "The customers brought no net revenue in total: shares of it are not defined."
    euros = {name: f"€{100 * part:.0f}" for name, part in share.items()}
    return (
        f"Of every €100 of net revenue that came in the {horizon_days} days from {as_of:%Y-%m-%d}, the tenth "
        f"of customers ranked highest by this forecast held {euros[OURS]}; by last year's revenue (12m) "
        f"{euros[LAST_YEAR]}; by a perfect ranking {euros[PERFECT]}."
    )


def _calibration(customers: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    deciles = calibration_by_decile(customers["label_eur"], customers["clv_eur"], customers["customer_id"])
    groups = group_calibration(customers, settings.bootstrap_resamples, settings.seed)
    return {"deciles": to_records(deciles.reset_index()), "groups": to_records(groups)}


def _intervals(test: pd.DataFrame, ours: pd.DataFrame) -> list[dict[str, Any]]:
    known = {*INTERVAL} <= set(ours.columns)
    return to_records(interval_figures(test[list(KEPT)].join(ours))) if known else []


def _uplift(
    test: pd.DataFrame,
    forecasts: Mapping[str, pd.DataFrame],
    classic: str | None,
    rows: list[dict[str, Any]],
) -> dict[str, Any] | None:
    if classic is None:
        return None
    said = {name: forecasts[name][CLV_EUR] for name in (OURS, classic)}
    row = _row(rows, ALL)
    return uplift(test[["customer_id", "label_eur"]].assign(**said), OURS, classic, row)


def _gate(
    rows: list[dict[str, Any]],
    customers: pd.DataFrame,
    segment: str,
    learned_from_none: bool,
    settings: Settings,
) -> dict[str, Any]:
    """Return the verdict on `ours` in one segment, were these figures those of a training; no champion."""
    row = _row(rows, segment)
    own = customers[customers["segment"] == segment]
    groups = group_calibration(own, settings.bootstrap_resamples, settings.seed)
    found = Evidence(
        learned_from_none,
        len(own),
        "",
        same_kind=True,
        versus_last_year=duel(row, LAST_YEAR, LAST_YEAR),
        versus_btyd=duel(row, BTYD, row["btyd_reference"]),
        level=interval(row, "calibration_ratio"),
        groups=material_groups(groups),
    )
    return verdict(found)


def _row(rows: list[dict[str, Any]], segment: str) -> dict[str, Any]:
    return next(one for one in rows if (one["segment"], one["model"]) == (segment, OURS))
