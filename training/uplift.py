"""What learning adds to the classical model: both rankings cut into deciles, beside what came in each."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clv.deciles import DECILES, decile, decile_table
from training.leaderboard import BTYD, to_records

GAINS = ("gini_normalised", "capture_top10")


def uplift(customers: pd.DataFrame, boosted: str, btyd: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the decile table of buy-till-you-die against boosted forecasts, JSON-ready.

    Parameters
    ----------
    customers
        One row per non-lead: `customer_id`, `label_eur`, and both forecasts in EUR as columns.
    boosted, btyd
        Names of those columns.
    row
        The boosted model's row of the leaderboard, with its differences to `btyd`.

    Returns
    -------
    dict
        `boosted` and `btyd` say which; `deciles` has a row per decile from 10 (highest) down: `n`,
        `mean_predicted_eur`, `mean_actual_eur`, `sum_actual_eur`, `share_of_actual` and `calibration_ratio`
        by the boosted ranking, the same with `btyd_` by the other, and `overlap`, the share of its customers
        that are in the same decile of the other. Then, of all customers, `top_overlap` (the highest decile),
        `moved` (another decile) and `moved_far` (two deciles or more); and what the boosted ranking gains
        in `gini_normalised` and `capture_top10`, each `value`, `low`, `high` (95 % paired interval).
    """
    ids, came = customers["customer_id"], customers["label_eur"]
    table = decile_table(came, customers[boosted], customers[btyd], ids)
    table.columns = table.columns.str.replace("baseline_", f"{BTYD}_")
    ours: pd.Series[int] = pd.Series(decile(customers[boosted], ids))
    theirs: pd.Series[int] = pd.Series(decile(customers[btyd], ids))
    same = (ours == theirs).groupby(ours).mean()
    apart = (ours - theirs).abs()
    return {
        "boosted": boosted,
        "btyd": btyd,
        "deciles": to_records(table.assign(overlap=same).reset_index()),
        "top_overlap": float(same.loc[DECILES]),
        "moved": float((apart >= 1).mean()),
        "moved_far": float((apart >= 2).mean()),
        **{metric: _gain(row, f"{metric}_vs_{BTYD}") for metric in GAINS},
    }


def _gain(row: Mapping[str, Any], name: str) -> dict[str, float | None]:
    return {"value": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}
