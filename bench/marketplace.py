"""How far forecasts of the marketplace come from last year's revenue towards the truth, which only it knows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from app.backtests import backtest_once
from app.world import parameters as p
from bench.worlds import world
from clv.judged import judge
from clv.lake import Lake
from clv.metrics import METRICS
from clv.partitions import backtest_at
from clv.segments import SCORED
from clv.settings import Settings
from clv.timeline import Horizon
from training.backtest import CUSTOMERS_FILE
from training.leaderboard import ALL, BTYD_PREFIX, LAST_YEAR, OURS

SOLD_TO = 20_000
"""Customers of each marketplace, as in `make demo`."""
ORACLE = "oracle"
FIGURES = ("gini_normalised", "capture_top10", "rmse", "mae", "calibration_ratio")
GOALS = {"rmse": "−20 %", "mae": "−22 %", "gini_normalised": "+0.15, or 80 % of the way"}
"""Against last year's revenue, all customers."""


class Judgement(NamedTuple):
    """Figures of one model, judged by what came to one group of customers of one marketplace."""

    seed: int
    segment: str
    model: str
    figures: Mapping[str, float]


def judge_marketplace(seed: int) -> Iterator[Judgement]:
    """Yield last year's revenue, the buy-till-you-die models, ours, and the true expected value, judged."""
    customers = _forecasts(world(SOLD_TO, seed))
    columns = [
        name for name in customers if name in {LAST_YEAR, OURS, ORACLE} or name.startswith(BTYD_PREFIX)
    ]
    for segment in (ALL, *SCORED):
        rows = customers if segment == ALL else customers[customers["segment"] == segment]
        for model in columns:
            judged = judge(rows["label_eur"], rows[model])
            yield Judgement(seed, segment, model, {name: METRICS[name](judged) for name in FIGURES})


def tell(judgements: Sequence[Judgement]) -> None:
    """Print the figures of every model and how far of the way each has come, means over the marketplaces."""
    rows = [{"seed": j.seed, "segment": j.segment, "model": j.model, **j.figures} for j in judgements]
    means = pd.DataFrame(rows).groupby(["segment", "model"], sort=False)[list(FIGURES)].mean()
    print(
        "\n| segment | model | norm. Gini | top 10 % | RMSE € | MAE € | calibration |\n|---|---|--:|--:|--:|--:|--:|"
    )
    for (segment, model), figures in means.iterrows():
        gini, top, rmse, mae, calibration = figures
        print(
            f"| {segment} | {model} | {gini:.3f} | {top:.1%} | {rmse:,.1f} | {mae:,.1f} | {calibration:.2f} |"
        )
    print(
        "\n| ours, all customers | 12m | ours | oracle | change | of the way | goal |\n|---|--:|--:|--:|--:|--:|--:|"
    )
    for name, goal in GOALS.items():
        naive, ours, oracle = (means.loc[(ALL, model), name] for model in (LAST_YEAR, OURS, ORACLE))
        change = f"{ours - naive:+.3f}" if name == "gini_normalised" else f"{ours / naive - 1:+.1%}"
        way = of_the_way(naive, ours, oracle)
        print(f"| {name} | {naive:,.3f} | {ours:,.3f} | {oracle:,.3f} | {change} | {way:.0%} | {goal} |")


def of_the_way(naive: float, ours: float, oracle: float) -> float:
    """Return which share of the distance from the naive figure to the oracle's ours has covered."""
    return (ours - naive) / (oracle - naive)


def _forecasts(lake: Lake) -> pd.DataFrame:
    """Return label and forecasts by customer at the marketplace's past t₀, the truth as `oracle`."""
    as_of, settings = p.BACKTEST_AS_OF, Settings(horizon_days=p.HORIZON_DAYS)
    backtest_once(lake, as_of, settings, lambda _: None)
    found = pd.read_parquet(lake.path(backtest_at(as_of, Horizon(settings.horizon_days))) / CUSTOMERS_FILE)
    truth = pd.read_parquet(lake.path(f"truth/expected_value/as_of={as_of}/part.parquet"))
    truth = truth[["customer_id", "expected_clv_eur"]].rename(columns={"expected_clv_eur": ORACLE})
    return found.merge(truth, on="customer_id", validate="one_to_one")
