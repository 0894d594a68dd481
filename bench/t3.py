"""`python -m bench.t3 TARGET --lake LAKE`: the second half of 2011 of Online Retail II, judged as published.

Models learn net revenue from horizons closed by t₀ 2011-06-30 and forecast H = 162 days; judged are exactly
the customers of the target file, on its gross revenue. A customer whom the lake does not know as a buyer
before t₀ is forecast 0. "12m" is last-365-day net revenue × 162/365.
"""

import argparse
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from app.backtests import backtest_once
from app.console import Console
from clv.bootstrap import paired_bootstrap
from clv.lake import Lake
from clv.metrics import METRICS, mae_log
from clv.settings import Settings
from training.backtest import CUSTOMERS_FILE

AS_OF, HORIZON_DAYS = date(2011, 6, 30), 162
OURS, LAST_YEAR, PERFECT = "ours", "12m", "perfect"
TOP_504 = 504
PUBLISHED = {"last-365-day revenue, no model": 2_584_279, "notebook's model": 2_584_079, "perfect": 2_911_354}
SHOWN = ("gini_normalised", "capture_top10", "capture_top20", "rmse", "mae", "calibration_ratio")
FIFTHS = 5


def judged(target: pd.DataFrame, customers: pd.DataFrame) -> tuple[pd.DataFrame, list[str], int]:
    """Return the target's customers with every forecast, the forecasts' names, and how many were unknown."""
    known = customers.assign(customer_id=customers.customer_id.astype(int)).set_index("customer_id")
    names = [name for name in known if name not in {"segment", "label_eur", "clv_low_eur", "clv_high_eur"}]
    rows = target.merge(known[names], left_on="customer_id", right_index=True, how="left")
    return rows.fillna(dict.fromkeys(names, 0.0)), names, int(rows[OURS].isna().sum())


def table(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the figures of every forecast on the gross revenue, with ΔnG and ΔRMSE against 12m."""
    came = rows.actual_revenue.to_numpy()
    said = {name: rows[name].to_numpy() for name in names} | {PERFECT: came}
    metrics = {name: METRICS[name] for name in SHOWN}
    found = paired_bootstrap(came, said, LAST_YEAR, metrics, n_resamples=400, seed=1)
    wide = found.pivot(index="model", columns="metric", values="estimate")[list(SHOWN)]
    for metric in ("gini_normalised", "rmse"):
        of = found[found.metric == metric].set_index("model")
        wide[f"Δ{metric}"] = [
            f"{of.difference[m]:+.3f} [{of.difference_low[m]:+.3f}, {of.difference_high[m]:+.3f}]"
            for m in wide.index
        ]
    wide["top504"] = [came[np.lexsort((rows.customer_id, -said[m]))][:TOP_504].sum() for m in wide.index]
    wide["mae_log"] = [mae_log(came, said[m]) for m in wide.index]
    wide["mae_log_fifth"] = [_on_fifths(came, said[m]) for m in wide.index]
    return wide.sort_values("gini_normalised", ascending=False)


def _on_fifths(came: np.ndarray, said: np.ndarray) -> str:
    """Return least and greatest MAE of log revenue over five random fifths, as the notebook took one."""
    place = np.random.default_rng(1).permutation(came.size) % FIFTHS
    found = [mae_log(came[place == k], said[place == k]) for k in range(FIFTHS)]
    return f"{min(found):.3f}–{max(found):.3f}"


def main() -> None:
    """Run the backtest and print its table as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.t3", description=__doc__)
    parser.add_argument("target", type=Path, help="holdout_2011h2_target.parquet")
    parser.add_argument("--lake", required=True, help="made by clv import online-retail … --currency EUR")
    told = parser.parse_args()
    lake = Lake.at(told.lake)
    back = backtest_once(lake, AS_OF, Settings(horizon_days=HORIZON_DAYS), Console().say)
    customers = pd.read_parquet(Path(back["file"]).with_name(CUSTOMERS_FILE))
    rows, names, unknown = judged(pd.read_parquet(told.target), customers)
    total = rows.actual_revenue.sum()
    print(f"\n{len(rows):,} customers, gross revenue {total:,.2f}; {unknown} without a forecast count as 0\n")
    print(
        "| ranking | nG | top 10 % | top 20 % | RMSE | MAE | forecast / gross | ΔnG against 12m | ΔRMSE | top 504 | MAE log | on fifths |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name, row in table(rows, names).iterrows():
        shares = " | ".join(f"{row[key]:.3f}" for key in SHOWN[:3])
        errors = f"{row.rmse:,.0f} | {row.mae:,.0f} | {row.calibration_ratio:.2f}"
        held = f"{row.top504:,.0f} ({row.top504 / total:.1%})"
        print(
            f"| {name} | {shares} | {errors} | {row['Δgini_normalised']} | {row['Δrmse']} | {held} | {row.mae_log:.3f} | {row.mae_log_fifth} |"
        )
    for name, revenue in PUBLISHED.items():
        print(f"\npublished, {name}: {revenue:,} ({revenue / total:.1%}) in its top 504", end="")
    print("\npublished MAE of log revenue, on one random fifth: 2.1507")


if __name__ == "__main__":
    main()
