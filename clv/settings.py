"""Settings: every number a user may want to change, with its default and its reason."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, get_args, get_type_hints

from clv.errors import UserError

MOST_DEPTH = 8
"""Of trees, so that `clv.models.tree_shap` can tell what each feature adds."""


@dataclass(frozen=True)
class Settings:
    """Settings of one run; the command line and the deployed stack fill the same class.

    They travel as one JSON text to every Glue job, and as flat hyperparameters to a training job.
    """

    horizon_days: int = 365
    quarantine_limit: float = 0.05
    """Share of rows or money in quarantine above which a run stops."""
    decile_migration_limit: float = 0.05
    """Share of customers who may move by more than two deciles since the scores before. A week moves 0.1 to
    0.5 %, five weeks with new models 1 to 2 %, another kind of model 1 to 5 %, a mixed-up join 56 %."""
    refund_view: Literal["cash", "order"] = "cash"
    """cash: a refund or cancellation lowers the window in which it happens; order: that of its order."""
    training_snapshots: int = 12
    """Monthly closed snapshots to train on, at most."""
    training_rows_per_snapshot: int = 60_000
    """Customers drawn per snapshot for training, which bounds memory."""
    minimum_history_days: int = 90
    """Days of history a training snapshot needs."""
    minimum_training_rows: int = 500
    """Below this a segment is scored by the pooled model."""
    train_max_age_days: int = 28
    """A new training is due when the newest approved model is older: snapshots close once a month."""
    keep_days: int = 35
    """Days that features, priors and inputs are kept, a week at least; those of a month's first stay."""
    explained_customers: int = 2_000
    """By segment, drawn by lot: all drivers of their forecasts are published, not the three largest alone."""
    max_depth: int = 4
    """Of a tree, 8 at most. Depth and both samples are those of the reference recipe."""
    eta: float = 0.08
    """Learning rate: twice the recipe's with half of its rounds measured equal within 0.001 Gini."""
    subsample: float = 0.7
    """Share of rows that each tree sees."""
    colsample_bytree: float = 0.5
    """Share of features that each tree sees."""
    max_rounds: int = 150
    """Trees at most."""
    patience: int = 15
    """Trees without a smaller loss on later customers that end the growth."""
    losses: str = "tweedie,poisson"
    """Of the trees that forecast revenue: names of `clv.models.losses.catalogue`, joined by a comma."""
    tweedie_power: float = 1.3
    """Of the variance; 0 chooses from a small grid on the last closed snapshot."""
    stacking: Literal["mean", "learned"] = "mean"
    """Weights of trees and label-free forecasts: a plain mean, or learned out of time and shrunk to it."""
    monotone: Literal["off", "on"] = "off"
    """Whether trees must follow what the business expects of recency and recent revenue."""
    priors_as: Literal["offset", "offset_and_features"] = "offset"
    """How buy-till-you-die forecasts enter the trees; as features they measured no better."""
    recency_half_life_days: int = 365
    """A snapshot so much older than the last one counts half; 0: all count alike, which ranked worse."""
    treatment_weights: Literal["off", "reference"] = "off"
    """reference: treatments weigh training rows. Takes out the bias of targeting, ranks a little worse."""
    folds_by: Literal["customer", "signup_month"] = "customer"
    """Halves of the trial: of customers, or of cohorts as a check."""
    bootstrap_resamples: int = 200
    validation_retrainings: int = 1
    """Of a training job, on customers drawn anew: how firm its ranking stands."""
    plan_budget_eur: float = 2_000.0
    """What the weekly plan may spend; 0: none is made."""
    plan_exploration_share: float = 0.1
    """Of that budget, for customers drawn by lot."""
    plan_at_least: str = "none"
    """Minimum spends of the weekly plan, such as `country=DE:300,stage=early:100`."""
    threads: int = 2
    """How many boosters grow side by side; no figure depends on it."""
    seed: int = 20_111_209

    def __post_init__(self) -> None:
        """Refuse a depth at which drivers could not be told, and no thread at all."""
        if not 1 <= self.max_depth <= MOST_DEPTH:
            raise UserError(f"setting max_depth is {self.max_depth}: expected 1 to {MOST_DEPTH}")
        if self.threads < 1:
            raise UserError(f"setting threads is {self.threads}: expected 1 or more")

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the settings of a JSON object; what it leaves out keeps its default.

        Raises
        ------
        UserError
            If the text is no JSON object, names an unknown setting or gives a value of the wrong type.
        """
        try:
            told = json.loads(text)
        except json.JSONDecodeError as error:
            raise UserError(f"settings are not JSON ({error}): give an object such as {{}}") from None
        if not isinstance(told, dict):
            raise UserError(f"settings are a JSON {type(told).__name__}: give an object such as {{}}")
        return cls(**_checked(told))

    def to_json(self) -> str:
        """Return all settings as one line of JSON; `from_json` restores them."""
        return json.dumps(asdict(self))

    @classmethod
    def from_hyperparameters(cls, given: Mapping[str, Any]) -> Self:
        """Return the settings of SageMaker's hyperparameters: texts, or what its toolkit parsed them to.

        UserError as `from_json`.
        """
        return cls(**_checked({name: _parsed(value) for name, value in given.items()}))

    def hyperparameters(self) -> dict[str, str]:
        """Return all settings as texts, as SageMaker takes them."""
        return {name: str(value) for name, value in asdict(self).items()}


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _checked(told: Mapping[str, Any]) -> dict[str, Any]:
    types = get_type_hints(Settings)
    known = [field.name for field in fields(Settings)]
    unknown = sorted(set(told) - set(known))
    if unknown:
        raise UserError(f"unknown setting {', '.join(unknown)}: known are {', '.join(known)}")
    return {name: _typed(name, value, types[name]) for name, value in told.items()}


def _typed(name: str, value: Any, kind: Any) -> Any:
    if get_args(kind):
        if value in get_args(kind):
            return value
        raise UserError(f"setting {name} is {value!r}: expected one of {', '.join(get_args(kind))}")
    if kind is float and type(value) in {int, float}:
        return float(value)
    if type(value) is kind:
        return value
    raise UserError(f"setting {name} is {value!r}: expected a number of type {kind.__name__}")
