"""Verb: read what was published at earlier t₀s, and what came after."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

from clv.frames import read_frame
from clv.lake import Lake
from clv.parquet import read_table
from clv.partitions import features_at, scores_at
from clv.segment_report import segment_report
from clv.segments import SCORED
from clv.settings import Settings
from clv.timeline import Horizon
from monitoring.accrual import Curve, admissible, curves, expected
from monitoring.figures import read_figures
from monitoring.hindsight import Said
from monitoring.metrics import Judged
from monitoring.outcomes import COLUMNS, Outcomes, milestones
from monitoring.rows import records
from monitoring.spread import Spread, spread

OF_SCORES = ("customer_id", "segment", "clv_eur", "country", "acquisition_channel", "device", "horizon_days")
EVERYBODY = "all"
MOST_SPREADS = 5


class Published:
    """The scores of one horizon before a t₀, read as they are asked for, and the ledger after them."""

    def __init__(self, lake: Lake, as_of: date, settings: Settings) -> None:
        """Remember what to read."""
        self.lake, self.as_of, self.settings = lake, as_of, settings
        self.horizon = Horizon(settings.horizon_days)
        self._curves: dict[date, dict[str, Curve]] = {}

    @cached_property
    def days(self) -> list[date]:
        """Earlier t₀s with committed scores of this horizon, oldest first, as far back as two horizons.

        What closed before that was judged when it did.
        """
        since = self.as_of - timedelta(days=2 * self.horizon.days)
        days = [date.fromisoformat(day) for day in self.lake.partitions("scores", "as_of")]
        return [day for day in days if since <= day < self.as_of and self._of_horizon(day)]

    @cached_property
    def closed(self) -> list[date]:
        """Snapshots with labels whose horizon has closed, oldest first."""
        listed = self.lake.partitions(f"labels/horizon_days={self.horizon.days}", "as_of")
        days = [date.fromisoformat(day) for day in listed]
        return [
            day
            for day in days
            if self.horizon.closed(day, self.as_of) and self.lake.current(features_at(day)) is not None
        ]

    @cached_property
    def outcomes(self) -> Outcomes:
        """The entries of the committed ledger since the first t₀ that is asked about."""
        since = min([self.as_of, *self.days, *self.closed])
        files = self.lake.files("ledger", "entries/")
        return Outcomes.of((read_table(file, list(COLUMNS)) for file in files), since)

    def said(self) -> Iterator[Said]:
        """Yield the earlier scores that have passed a milestone, with what came and what was expected."""
        passed = milestones(self.horizon.days)
        for day in self.days:
            if (self.as_of - day).days >= passed[0]:
                rows = self.customers(day)
                yield Said(
                    day,
                    self.horizon.days,
                    rows["segment"].to_numpy(object),
                    rows["clv_eur"].to_numpy(float),
                    self.outcomes.revenue_eur(rows["customer_id"], day, passed),
                    {name: expected(self._told(day, name), day, len(passed)) for name in SCORED},
                )

    def matured(self) -> list[Judged]:
        """Return the newest scores whose horizon has closed, and those that did since the run before."""
        done = [day for day in self.days if self.horizon.closed(day, self.as_of)]
        before = [day for day in self.lake.partitions("monitoring", "as_of") if day < str(self.as_of)]
        last = date.fromisoformat(max(before)) if before else date.min
        asked = [day for day in done if self.horizon.end(day) > last or day == done[-1]]
        return [self._judged(day) for day in asked]

    def spreads(self) -> list[Spread]:
        """Return the Lorenz curves of this t₀'s forecasts, of some before, and of what came last."""
        earlier = self.days[:: -(-len(self.days) // (MOST_SPREADS - 1))] if self.days else []
        asked = [day for day in earlier if day != self.as_of] + [self.as_of]
        told = [(f"forecasts of {day}", self.customers(day)["clv_eur"]) for day in asked]
        found = [spread(label, amounts) for label, amounts in told]
        done = [day for day in self.days if self.horizon.closed(day, self.as_of)]
        if done:
            ids = self.customers(done[-1])["customer_id"]
            came = self.outcomes.revenue_eur(ids, done[-1], [self.horizon.days])[:, 0]
            found.append(spread(f"came after {done[-1]}", came, came=True))
        return [one for one in found if one is not None]

    def customers(self, day: date) -> pd.DataFrame:
        """Return the customers with a forecast of one t₀."""
        rows = read_frame(self.lake.files(scores_at(day)), list(OF_SCORES))
        return rows[rows["segment"].isin(SCORED) & rows["clv_eur"].notna()].reset_index(drop=True)

    def _judged(self, day: date) -> Judged:
        rows = self.customers(day)
        came = self.outcomes.revenue_eur(rows["customer_id"], day, [self.horizon.days])
        found = segment_report(
            rows.assign(label_eur=came[:, 0]), self.settings.bootstrap_resamples, self.settings.seed
        )
        return Judged(EVERYBODY, day, day, read_figures(records(found), self.lake.url(scores_at(day))))

    def _told(self, day: date, segment: str) -> dict[date, Curve]:
        """Return the curves of the closed snapshots that may speak for a t₀."""
        own = {each: self._curves_at(each) for each in admissible(self.closed, day, self.horizon)}
        return {each: found[segment] for each, found in own.items() if segment in found}

    def _curves_at(self, day: date) -> dict[str, Curve]:
        if day not in self._curves:
            people = read_frame(self.lake.files(features_at(day)), ["customer_id", "segment"])
            people = people[people["segment"].isin(SCORED)]
            came = self.outcomes.revenue_eur(people["customer_id"], day, milestones(self.horizon.days))
            self._curves[day] = curves(people["segment"].to_numpy(object), came)
        return self._curves[day]

    def _of_horizon(self, day: date) -> bool:
        files = self.lake.files(scores_at(day))
        return int(read_frame(files, ["horizon_days"])["horizon_days"].iloc[0]) == self.horizon.days
