"""Where each table lives in the lake, by t₀ and horizon."""

from datetime import date

from clv.timeline import Horizon

ASSUMPTIONS = "settings/assumptions.json"
"""What the weekly plan takes on trust, brought by whoever answers for it; an example of ours without it."""

SHOWN = (
    "scores",
    "explanations",
    "decisions",
    "monitoring",
    "ledger",
    "features",
    "runs",
    "reports",
    "experiments",
    "models/*/evaluation.json",
    "models/*/verdict.json",
)
"""What the dashboard opens: folders, and of the models what was said of them. Its readers may see no more."""


def features_at(as_of: date) -> str:
    """Return the partition of the features of one t₀."""
    return f"features/as_of={as_of}"


def labels_at(as_of: date, horizon: Horizon) -> str:
    """Return the partition of the labels of one t₀ and horizon."""
    return f"labels/horizon_days={horizon.days}/as_of={as_of}"


def weights_at(as_of: date, horizon: Horizon) -> str:
    """Return the partition of what treatments make the labelled rows of one t₀ and horizon count."""
    return f"weights/horizon_days={horizon.days}/as_of={as_of}"


def priors_at(as_of: date, horizon: Horizon) -> str:
    """Return the partition of the buy-till-you-die priors of one t₀ and horizon."""
    return f"priors/horizon_days={horizon.days}/as_of={as_of}"


def inputs_at(as_of: date, horizon: Horizon) -> str:
    """Return the partition of what the models of one horizon are given to score at one t₀."""
    return f"inputs/horizon_days={horizon.days}/as_of={as_of}"


def snapshots_at(as_of: date, horizon: Horizon) -> str:
    """Return the partition of the plan of one t₀ and horizon: which snapshots are trained and judged on."""
    return f"snapshots/horizon_days={horizon.days}/as_of={as_of}"


def transform_at(as_of: date, horizon: Horizon, run_id: str) -> str:
    """Return the folder of what one run's models answered, one folder per segment; nobody commits it."""
    return f"transform/horizon_days={horizon.days}/as_of={as_of}/run={run_id}"


def forecasts_at(as_of: date, horizon: Horizon) -> str:
    """Return the partition of the models' forecasts of one t₀ and horizon."""
    return f"forecasts/horizon_days={horizon.days}/as_of={as_of}"


def scores_at(as_of: date) -> str:
    """Return the partition of the published scores of one t₀."""
    return f"scores/as_of={as_of}"


def explanations_at(as_of: date) -> str:
    """Return the partition of all drivers of the customers sampled among the scores of one t₀."""
    return f"explanations/as_of={as_of}"


def plan_at(campaign: str, as_of: date) -> str:
    """Return the partition of one campaign's plan of one t₀."""
    return f"plans/campaign={campaign}/as_of={as_of}"


def budget_at(as_of: date) -> str:
    """Return the partition of the last budget planned on the scores of one t₀."""
    return f"reports/decisions/budget/as_of={as_of}"


def simulation_at(as_of: date) -> str:
    """Return the partition of the last simulation of spend and risk on the scores of one t₀."""
    return f"reports/decisions/simulation/as_of={as_of}"


def decided_at(as_of: date) -> str:
    """Return the partition of what the weekly run decided on the scores of one t₀: plan, aggregates."""
    return f"decisions/as_of={as_of}"


def monitoring_at(as_of: date) -> str:
    """Return the partition of the monitored figures of the run of one t₀."""
    return f"monitoring/as_of={as_of}"


def model_at(segment: str, horizon: Horizon) -> str:
    """Return the partition of the model of one segment and horizon."""
    return f"models/horizon_days={horizon.days}/segment={segment}"


def experiment_at(name: str) -> str:
    """Return the folder of an experiment: its design, and the partitions of its arms and read-outs."""
    return f"experiments/{name}"


def arms_at(name: str) -> str:
    """Return the partition of who is in which arm of an experiment, and of the contacts planned."""
    return f"{experiment_at(name)}/arms"


def readouts_of(name: str) -> str:
    """Return the folder of an experiment's read-outs, one partition `as_of=D` each."""
    return f"{experiment_at(name)}/readouts"


def backtests_of(horizon: Horizon) -> str:
    """Return the folder of all backtests of one horizon."""
    return f"reports/backtest/horizon_days={horizon.days}"


def backtest_at(as_of: date, horizon: Horizon) -> str:
    """Return the partition of the backtest at one t₀ and horizon."""
    return f"{backtests_of(horizon)}/as_of={as_of}"


def validation_at(as_of: date, horizon: Horizon) -> str:
    """Return the folder of the validation of a past t₀ and horizon."""
    return f"reports/validation/horizon_days={horizon.days}/as_of={as_of}"


def card_at(package: str) -> str:
    """Return the folder of the governance file of a registered model, such as `clv-early-365/3`."""
    return f"reports/models/{package}"
