"""The read-out of an experiment: was the split kept, what differs, for whom, and does it do harm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from decisions.effects import Difference, holm, mean_difference, share_difference
from decisions.experiment import HIGH_VALUE, TREATMENT, Design
from decisions.harm import Harm, judged, roi
from decisions.looks import elapsed, level_now
from decisions.outcomes import Draws, Outcomes, draws
from decisions.sample_checks import balance, sample_ratio

RESAMPLES = 2_000
MIN_PER_ARM = 50
"""Customers of each arm without whom a segment's lift stays undefined."""

BALANCED = ("clv_eur", "baseline_last_year_eur", "recency_days", "frequency", "tenure_days", "value_band")


@dataclass(frozen=True)
class Look:
    """When an experiment is looked at, when it was before, and the models in force now."""

    as_of: date
    earlier: Sequence[date] = ()
    models_now: Sequence[str] = ()


def readout(
    design: Design, customers: pd.DataFrame, look: Look, seed: int, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """Return everything there is to say of an experiment on a day.

    Parameters
    ----------
    customers
        One row per member: the columns of the table `experiment_arms`, and of the window so far
        `revenue_eur`, `orders` (counted), `cost_eur`, `reached` (whether contacted indeed); `orders_churn`,
        the orders of 90 days, null until they have passed.
    seed, resamples
        Of the bootstrap.

    Returns
    -------
    dict
        `primary` is the figure that decides, tested at `level`: winsorised revenue per customer after CUPED,
        of all customers or as the design `decides`. NaN where something is undefined.
    """
    # Sorted, so that sums of floats do not depend on the order in which a table is read.
    customers = customers.sort_values("customer_id", ignore_index=True)
    seen = Outcomes.of(customers, design)
    return _state(design, look) | _sample(seen, design) | _effects(seen, design, seed, resamples)


def _state(design: Design, look: Look) -> dict[str, Any]:
    return {
        "experiment": design.name,
        "as_of": look.as_of,
        "start": design.start,
        "end": design.end,
        "elapsed": elapsed(design, look.as_of),
        "earlier_looks": sorted(look.earlier),
        "level": level_now(design, look.as_of, look.earlier),
        "model_versions": list(design.model_versions),
        "models_now": list(look.models_now),
    }


def _sample(seen: Outcomes, design: Design) -> dict[str, Any]:
    control, treatment = int((~seen.treated).sum()), int(seen.treated.sum())
    return {
        "sample_ratio": sample_ratio(control, treatment, design.treatment_share),
        "balance": balance(seen.rows, seen.treated, BALANCED),
        "arms": _arms(seen, design),
    }


def _effects(seen: Outcomes, design: Design, seed: int, resamples: int) -> dict[str, Any]:
    alpha, drawn = design.alpha, draws(seen, seed, resamples)
    return {
        "decides": design.decides,
        "primary": seen.primary(design).told(),
        "revenue": _as_it_is(drawn, alpha).told(),
        "revenue_winsorised": mean_difference(seen.capped, seen.treated, alpha).told(),
        "revenue_adjusted": seen.everyone(alpha).told(),
        "revenue_differing": seen.differing(alpha).told() | {"customers": int(seen.apart.sum())},
        "conversion": share_difference(seen.bought, seen.treated, alpha).told(),
        "churn_high_value": _churn(seen.rows, alpha),
        "harm": [one.told() for one in harms(drawn, design)],
        "segments": segment_lifts(seen, design),
    }


def segment_lifts(seen: Outcomes, design: Design) -> list[dict[str, Any]]:
    """Return the lift in each value of the declared columns, with Holm's p-values over all of them."""
    found = []
    for column in design.segments:
        for value, places in sorted(seen.rows.groupby(column).indices.items()):
            treated = seen.treated[places]
            enough = min(treated.sum(), (~treated).sum()) >= MIN_PER_ARM
            lift = mean_difference(seen.adjusted[places], treated, design.alpha) if enough else _UNDEFINED
            found.append({"column": column, "value": value, "customers": len(places)} | lift.told())
    adjusted = holm(np.array([row["p_value"] for row in found], dtype=np.float64))
    return [row | {"p_holm": p} for row, p in zip(found, adjusted.tolist(), strict=True)]


def _as_it_is(drawn: tuple[Draws, Draws], alpha: float) -> Difference:
    """Return the difference of revenue, neither winsorised nor adjusted, with its percentile interval."""
    control, treatment = drawn
    gaps = treatment.resampled[:, 0] - control.resampled[:, 0]
    low, high = np.quantile(gaps, [alpha / 2, 1 - alpha / 2]).tolist()
    opposite = float(min((gaps <= 0).mean(), (gaps >= 0).mean()))
    p_value = min(1.0, 2 * max(opposite, 1 / len(gaps)))
    means = float(control.means[0]), float(treatment.means[0])
    return Difference(*means, means[1] - means[0], low, high, p_value)


def harms(drawn: tuple[Draws, Draws], design: Design) -> list[Harm]:
    """Return the harm flags of return on spend and of conversion."""
    rois = [roi(one.means[0], one.means[1], design.margin) for one in drawn]
    resampled = [roi(one.resampled[:, 0], one.resampled[:, 1], design.margin) for one in drawn]
    bought, bought_again = [one.means[2] for one in drawn], [one.resampled[:, 2] for one in drawn]
    return [
        judged("roi", (float(rois[0]), float(rois[1])), (resampled[0], resampled[1]), design.alpha),
        judged(
            "conversion",
            (float(bought[0]), float(bought[1])),
            (bought_again[0], bought_again[1]),
            design.alpha,
        ),
    ]


def _arms(seen: Outcomes, design: Design) -> list[dict[str, Any]]:
    """Return the totals of each arm and what a euro spent left over."""
    planned, reached = (seen.rows[name].to_numpy(np.bool_) for name in ("contacted", "reached"))
    rows = []
    for arm, flags in (("control", ~seen.treated), ("treatment", seen.treated)):
        revenue, cost = float(seen.revenue[flags].sum()), float(seen.cost[flags].sum())
        rows.append(
            {
                "arm": arm,
                "customers": int(flags.sum()),
                "planned": int(planned[flags].sum()),
                "reached": int((planned & reached)[flags].sum()),
                "reached_unplanned": int((~planned & reached)[flags].sum()),
                "cost_eur": cost,
                "revenue_eur": revenue,
                "roi": float(roi(revenue, cost, design.margin)),
            }
        )
    return rows


def _churn(customers: pd.DataFrame, alpha: float) -> dict[str, Any] | None:
    """Return the difference in 90-day churn of high-value customers, None until 90 days have passed."""
    high = customers[customers["value_band"] == HIGH_VALUE]
    if high.empty or high["orders_churn"].isna().any():
        return None
    churned = high["orders_churn"].to_numpy() == 0
    treated = high["arm"].eq(TREATMENT).to_numpy(np.bool_)
    return share_difference(churned, treated, alpha).told() | {"customers": len(high)}


_UNDEFINED = Difference(*[float("nan")] * 6)
