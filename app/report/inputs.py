"""What the report reads from the lake."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from app.drivers.sample import Sample, read_sample
from app.report.decisions import Decisions, read_decisions
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import backtest_at, backtests_of, scores_at
from clv.segments import LEAD, SCORED
from clv.timeline import Horizon, parse_as_of
from glue_jobs.intake.accounts import Line

NAMES = ("segment", "model", "btyd_reference")
LEADERBOARD, CUSTOMERS, WALK = "leaderboard.json", "customers.parquet", "walk.json"


@dataclass(frozen=True)
class Backtest:
    """A forecast of a past t₀ beside what came.

    leaderboard : what `leaderboard.json` says, its `rows` excepted
    rows : one row per model and segment, the metrics in columns
    customers : customer_id, segment, label_eur, and one column of EUR per model
    """

    as_of: date
    leaderboard: dict[str, Any]
    rows: pd.DataFrame
    customers: pd.DataFrame

    @property
    def headline(self) -> str:
        """The model that the report is about."""
        return str(self.leaderboard["headline"])

    @property
    def has_revenue(self) -> bool:
        """Whether shares of what came are defined."""
        return bool(self.customers.label_eur.sum() > 0)


@dataclass(frozen=True)
class Inputs:
    """Everything on the page; `accounts`, `backtest` and `walk` are None where nobody has produced them.

    `walk` is what `walk.json` says of the backtests of the same horizon at several t₀s.
    `notes` are the remarks of the run that published the scores. `samples` holds, by segment, the customers
    all of whose drivers are published.
    """

    as_of: date
    horizon: Horizon
    scores: pd.DataFrame
    notes: list[str]
    accounts: list[Line] | None
    backtest: Backtest | None
    walk: dict[str, Any] | None
    samples: Mapping[str, Sample] = field(default_factory=dict)
    decisions: Decisions = field(default_factory=Decisions)

    @cached_property
    def scored(self) -> pd.DataFrame:
        """The customers that have a forecast: all but leads."""
        return self.scores[self.scores.segment != LEAD].reset_index(drop=True)


def read_inputs(lake: Lake, as_of: date | None) -> Inputs:
    """Return what the lake holds for the scores of `as_of`, by default the newest; UserError if none."""
    day = _scored_day(lake, as_of)
    scores = read_frame(lake.files(scores_at(day)))
    if not (scores.segment != LEAD).any():
        raise UserError(f"{lake.url(scores_at(day))}: no customer had an order by then; take a later --as-of")
    horizon = Horizon(int(scores.horizon_days.iloc[0]))
    back, walk = _newest_backtest(lake, horizon), _walk(lake, horizon)
    found = {segment: read_sample(lake, day, segment) for segment in SCORED}
    samples = {segment: sample for segment, sample in found.items() if sample is not None}
    notes, accounts, plans = _notes(lake, day), _accounts(lake), read_decisions(lake, day)
    return Inputs(day, horizon, scores, notes, accounts, back, walk, samples, plans)


def _scored_day(lake: Lake, as_of: date | None) -> date:
    days = lake.partitions("scores", "as_of")
    if not days:
        raise UserError(
            f"{lake.root}: nothing is scored; run `clv run --lake {lake.root} --as-of YYYY-MM-DD` first"
        )
    if as_of is None:
        return parse_as_of(days[-1])
    if str(as_of) not in days:
        raise UserError(
            f"{lake.root}: no scores of {as_of}, only of {', '.join(days[-5:])}; take one of these or run "
            f"`clv run --lake {lake.root} --as-of {as_of}`"
        )
    return as_of


def _notes(lake: Lake, day: date) -> list[str]:
    commit = lake.current(scores_at(day))
    told = lake.read_text(f"runs/{commit.run_id}.json") if commit else None
    return [] if told is None else [str(note) for note in json.loads(told).get("notes", [])]


def _accounts(lake: Lake) -> list[Line] | None:
    told = lake.committed_text("ledger", "accounts.json")
    return None if told is None else [Line(**line) for line in json.loads(told)]


def _walk(lake: Lake, horizon: Horizon) -> dict[str, Any] | None:
    told = lake.read_text(f"{backtests_of(horizon)}/{WALK}")
    return None if told is None else dict(json.loads(told))


def _newest_backtest(lake: Lake, horizon: Horizon) -> Backtest | None:
    home = lake.path(backtests_of(horizon))
    days = sorted(p.parent.name.removeprefix("as_of=") for p in home.glob(f"as_of=*/{LEADERBOARD}"))
    if not days:
        return None
    as_of = parse_as_of(days[-1])
    folder = lake.path(backtest_at(as_of, horizon))
    told = json.loads((folder / LEADERBOARD).read_text(encoding="utf-8"))
    rows = pd.DataFrame(told.pop("rows"))
    figures = rows.columns.difference(list(NAMES))
    rows[figures] = rows[figures].astype(
        np.float64
    )  # undefined figures are null in the file, NaN from here on
    return Backtest(as_of, told, rows, read_frame([str(folder / CUSTOMERS)]))
