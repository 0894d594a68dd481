"""Out of time: a recipe taught by horizons closed before t₀, judged by what came after it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from clv.coverage import interval_figures
from clv.group_calibration import group_calibration
from clv.models.baselines import last_year
from clv.models.folds import customer_hash
from clv.models.forecast import CLV_EUR, FIGURES, Model
from clv.models.label_free import LabelFree
from clv.models.last_year import LastYear
from clv.models.without_labels import WithoutLabels
from clv.segment_report import segment_report
from clv.settings import Settings
from clv.timeline import Horizon
from training.base import POOLED
from training.fit import FittedSegment, fit_segment
from training.leaderboard import CHAMPION, OURS, leaderboard, to_records
from training.rivals import rivals
from training.unseen import taught
from training.validation.stability import customers_drawn
from training.young_levels import level_factors

"""Models that learn from no label."""
HALVES = "judged"
"""Key of the hash that halves the customers; another one than that of the folds inside a fit."""
NOT_OUT_OF_TIME = (
    "not out of time: no horizon had closed by then, so half of the customers taught it at earlier t₀s, "
    "whose horizons reach into this one, and the other half is judged"
)
DIMENSIONS = ("customer_id", "segment", "country", "acquisition_channel", "device", "label_eur")


@dataclass(frozen=True)
class OutOfTime:
    """Forecasts of one segment's customers at a closed t₀, by name; `test` has their features and labels.

    All were made without any horizon that had not closed by `as_of`, unless `caveat` says otherwise; `fitted`
    made the one named `ours`, and `floor` are models whose mean learns from no label. `again` are forecasts
    of the same recipe, trained again on customers drawn with replacement.
    """

    as_of: date
    segment: str
    horizon_days: int
    fitted: FittedSegment
    test: pd.DataFrame
    forecasts: Mapping[str, pd.DataFrame]
    settings: Settings
    caveat: str = ""
    floor: tuple[WithoutLabels, ...] = ()
    again: tuple[pd.DataFrame, ...] = ()

    @property
    def unjudged(self) -> str:
        """Say why nothing can be concluded; empty where something can."""
        if self.test.empty:
            return f"no {self.segment} customers at {self.as_of}"
        if not float(self.test["label_eur"].sum()) > 0:
            return f"no revenue of {self.segment} customers in the {self.horizon_days} days from {self.as_of}"
        return ""

    @property
    def trees_were_judged(self) -> bool:
        """Say whether the judged model was a boosted one, on customers who brought revenue."""
        return not self.unjudged and not isinstance(self.fitted.model, WithoutLabels)

    @cached_property
    def candidates(self) -> dict[str, Model]:
        """Return what may score, by its name in the leaderboard: the recipe's choice first.

        Then, of what it was chosen from, what learned most; the last two learn from no label.
        """
        floor = {one.name: one for one in self.floor}
        named: dict[str, Model] = {OURS: self.fitted.model, POOLED: self.fitted.pooled, **floor}
        distinct = {model.version: name for name, model in reversed(named.items())}
        return {name: model for name, model in named.items() if distinct[model.version] == name}

    def beside(self, champion: Model) -> "OutOfTime":
        """Return the same with the champion's forecast too; UserError where it cannot read these features."""
        return replace(self, forecasts={**self.forecasts, CHAMPION: champion.forecast(self.test)})

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The leaderboard of this segment, JSON-ready; empty where there is nobody to judge."""
        if self.test.empty:
            return []
        return to_records(leaderboard(self.test, self.forecasts, self.settings, (self.segment,)))

    def row(self, name: str) -> dict[str, Any]:
        """Return one model's row of the leaderboard."""
        return next(row for row in self.rows if row["model"] == name)

    def figures(self, name: str) -> list[dict[str, Any]]:
        """Return one forecast's figures of every monitored group of these customers, JSON-ready."""
        settings = self.settings
        return to_records(segment_report(self.customers(name), settings.bootstrap_resamples, settings.seed))

    def intervals(self, name: str) -> list[dict[str, Any]]:
        """Return how often one forecast's intervals held, in all and by group; empty without intervals."""
        return to_records(interval_figures(self.customers(name)))

    def groups(self, name: str) -> pd.DataFrame:
        """Return one forecast's calibration by group, as `clv.group_calibration` does."""
        settings = self.settings
        return group_calibration(self.customers(name), settings.bootstrap_resamples, settings.seed)

    def customers(self, name: str) -> pd.DataFrame:
        """Return one row per customer: who it is, what one forecast said of it and what came."""
        said = self.forecasts[name]
        return (
            self.test[list(DIMENSIONS)]
            .assign(
                as_of=self.as_of,
                horizon_days=self.horizon_days,
                **{name: said[name] for name in FIGURES},
                baseline_last_year_eur=last_year(self.test, self.horizon_days)[CLV_EUR],
                model_version=self.candidates[name].version,
            )
            .reset_index(drop=True)
        )


def judge_segment(
    learned_from: pd.DataFrame, test: pd.DataFrame, segment: str, horizon: Horizon, settings: Settings
) -> OutOfTime:
    """Fit the recipe and forecast one segment's customers with it, and with everything it is held against.

    Parameters
    ----------
    learned_from
        As `training.fit.fit_segment`, of snapshots whose horizons had closed at the t₀ of `test`.
    test
        All non-leads of that t₀ with features, priors and labels, at least one.
    """
    factors = level_factors(learned_from, test)
    fitted = fit_segment(learned_from, segment, horizon, settings, settings.threads).releveled(factors)
    rows = test[test["segment"] == segment]
    others = {name: said.loc[rows.index] for name, said in rivals(learned_from, test, horizon).items()}
    forecasts = {OURS: fitted.model.forecast(rows), **others, POOLED: fitted.pooled.forecast(rows)}
    as_of: date = test["as_of"].iloc[0]
    free = (LabelFree(horizon.days), LastYear(horizon.days))
    floor = tuple(taught(one, learned_from).releveled(factors) for one in free)
    found = OutOfTime(as_of, segment, horizon.days, fitted, rows, forecasts, settings, floor=floor)
    more = {name: model.forecast(rows) for name, model in found.candidates.items() if name != OURS}
    again = trained_again(learned_from, test, segment, horizon, settings) if found.trees_were_judged else ()
    return replace(found, forecasts={**forecasts, **more}, again=tuple(again))


def trained_again(
    learned_from: pd.DataFrame, test: pd.DataFrame, segment: str, horizon: Horizon, settings: Settings
) -> Iterator[pd.DataFrame]:
    """Yield forecasts of the recipe trained on customers drawn with replacement, as often as settings say."""
    for draw in range(1, settings.validation_retrainings + 1):
        drawn = customers_drawn(learned_from, draw, settings.seed)
        fitted = fit_segment(drawn, segment, horizon, settings, settings.threads)
        yield fitted.model.releveled(level_factors(drawn, test)).forecast(test[test["segment"] == segment])


def judge_other_half(
    learned_from: pd.DataFrame, test: pd.DataFrame, segment: str, horizon: Horizon, settings: Settings
) -> OutOfTime:
    """Do the same where no horizon had closed at t₀: one half of the customers teaches, the other is judged.

    `learned_from` are closed snapshots of earlier t₀s. No customer serves both ends, but the calendar does:
    what befell everybody is known to the trees, so the level is judged too kindly; the `caveat` says so.
    """
    teachers = learned_from[_half(learned_from) == 0]
    found = judge_segment(teachers, test, segment, horizon, settings)
    asked = _half(found.test) == 1
    forecasts = {name: said[asked] for name, said in found.forecasts.items()}
    again = tuple(said[asked] for said in found.again)
    return replace(found, test=found.test[asked], forecasts=forecasts, again=again, caveat=NOT_OUT_OF_TIME)


def _half(frame: pd.DataFrame) -> "pd.Series[int]":
    return pd.Series((customer_hash(frame["customer_id"], HALVES) % 2).astype(int), index=frame.index)
