"""What learning adds to the classical model: both rankings cut into deciles, beside what came in each."""

from typing import Any

import pandas as pd

from clv.deciles import DECILES, decile, decile_table
from training.leaderboard import to_records

OTHER = "btyd"


def uplift(customers: pd.DataFrame, boosted: str, btyd: str) -> dict[str, Any]:
    """Return the decile table of buy-till-you-die against boosted forecasts, JSON-ready.

    Parameters
    ----------
    customers
        One row per non-lead: `customer_id`, `label_eur`, and both forecasts in EUR as columns.
    boosted, btyd
        Names of those columns.

    Returns
    -------
    dict
        `boosted` and `btyd` say which; `deciles` has a row per decile from 10 (highest) down: `n`,
        `mean_predicted_eur`, `mean_actual_eur`, `sum_actual_eur`, `share_of_actual` and `calibration_ratio`
        by the boosted ranking, the same with `btyd_` by the other, and `overlap`, the share of its customers
        that are in the same decile of the other. Then, of all customers, `top_overlap` (the highest decile),
        `moved` (another decile) and `moved_far` (two deciles or more).
    """
    ids, came = customers["customer_id"], customers["label_eur"]
    table = decile_table(came, customers[boosted], customers[btyd], ids)
    table.columns = table.columns.str.replace("baseline_", f"{OTHER}_")
    ours: "pd.Series[int]" = pd.Series(decile(customers[boosted], ids))
    theirs: "pd.Series[int]" = pd.Series(decile(customers[btyd], ids))
    same = (ours == theirs).groupby(ours).mean()
    apart = (ours - theirs).abs()
    return {
        "boosted": boosted,
        "btyd": btyd,
        "deciles": to_records(table.assign(overlap=same).reset_index()),
        "top_overlap": float(same.loc[DECILES]),
        "moved": float((apart >= 1).mean()),
        "moved_far": float((apart >= 2).mean()),
    }
