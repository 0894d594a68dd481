"""Verb: validate the recipe at a past t₀ that was judged, and train it again to see how firm it stands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from clv.lake import Lake
from clv.models.baselines import last_year
from clv.models.forecast import CLV_EUR, INTERVAL
from clv.partitions import backtest_at
from clv.settings import Settings
from clv.snapshots import snapshot
from clv.timeline import Horizon
from training.backtest import CUSTOMERS_FILE, routed
from training.fit import fit
from training.leaderboard import OURS
from training.learned import training_frame
from training.validation.checks import ADJACENT, BOOTSTRAP
from training.validation.report import not_validated, validation
from training.validation.stability import Rerun, customers_drawn, rerun, without_newest
from training.young_levels import level_factors

Say = Callable[[str], None]


def validate(
    lake: Lake,
    as_of: date,
    closed: Sequence[date],
    t0s: Sequence[Mapping[str, Any]],
    settings: Settings,
    retrainings: int,
    say: Say,
) -> dict[str, Any]:
    """Return the validation of the recipe at `as_of`, whose backtest stands in the lake; JSON-ready.

    Parameters
    ----------
    closed
        Snapshots whose horizons had closed by `as_of`.
    t0s
        Of `training.walk.walk_summary`, `as_of` among them.
    retrainings
        On customers drawn with replacement; one without the newest snapshot comes on top. 0: none at all.
    """
    horizon = Horizon(settings.horizon_days)
    test = snapshot(lake, as_of, horizon, labelled=True)
    if not float(test["label_eur"].sum()) > 0:
        return not_validated(f"no revenue in the {horizon.days} days from {as_of}")
    customers = _customers(lake, as_of, test, horizon)
    reruns: list[Rerun] = []
    if closed and retrainings:
        frame = training_frame(lake, closed, horizon, settings)
        reruns = _reruns(frame, customers, test, settings, retrainings, say)
    return validation(customers, t0s, reruns, settings)


def _customers(lake: Lake, as_of: date, test: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """Return the snapshot's customers with what its backtest said of them."""
    file = lake.path(backtest_at(as_of, horizon)) / CUSTOMERS_FILE
    told = pd.read_parquet(file).set_index("customer_id").loc[test["customer_id"]].reset_index()
    interval = {name: told[name].to_numpy() if name in told else float("nan") for name in INTERVAL}
    baseline = last_year(test, horizon.days)[CLV_EUR].to_numpy()
    return test.assign(clv_eur=told[OURS].to_numpy(), baseline_last_year_eur=baseline, **interval)


def _reruns(
    frame: pd.DataFrame,
    customers: pd.DataFrame,
    test: pd.DataFrame,
    settings: Settings,
    retrainings: int,
    say: Say,
) -> list[Rerun]:
    trainings = [
        (BOOTSTRAP, f"draw {draw} of {retrainings}", customers_drawn(frame, draw, settings.seed))
        for draw in range(1, retrainings + 1)
    ]
    fewer, newest = without_newest(frame)
    if newest is not None:
        trainings.append((ADJACENT, f"without {pd.Timestamp(newest):%Y-%m-%d}", fewer))
    found = []
    for kind, what, rows in trainings:
        say(f"training again, {kind}: {what}")
        trained = fit(rows, Horizon(settings.horizon_days), settings, settings.threads)
        said = routed(trained.releveled(level_factors(rows, test)), test)[CLV_EUR]
        found.append(rerun(kind, what, customers["customer_id"], customers["clv_eur"], said))
    return found
