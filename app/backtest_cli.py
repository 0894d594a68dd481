"""The command `clv backtest`."""

from app.console import Console
from app.options import (
    DEFAULTS,
    AsJson,
    AsOf,
    Contenders,
    Debug,
    EveryMonths,
    FirstAsOf,
    HorizonDays,
    LakeOption,
    QuarantineLimit,
    Quiet,
    Seed,
    Walk,
    on_disk,
)
from clv.errors import UserError
from clv.settings import Settings
from clv.timeline import parse_as_of


def backtest(
    lake: LakeOption,
    as_of: AsOf,
    horizon_days: HorizonDays = DEFAULTS.horizon_days,
    walk: Walk = None,
    first: FirstAsOf = None,
    every_months: EveryMonths = 3,
    contenders: Contenders = False,
    quarantine_limit: QuarantineLimit = DEFAULTS.quarantine_limit,
    seed: Seed = DEFAULTS.seed,
    quiet: Quiet = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Judge the forecast of a past t₀, or of several, each trained only on horizons that had closed by then.

    One t₀ gives a leaderboard of all models and baselines, by segment. A walk (--walk or --from) gives one
    for each t₀ and says what all of them together show.

    Example: `clv backtest --lake build/lake --as-of 2025-07-01`

    `clv backtest --lake build/lake --as-of 2025-07-01 --walk 4 --every-months 3`

    `clv backtest --lake build/retail --as-of 2011-09-01 --from 2011-03-01 --every-months 1 --horizon-days 90`
    """
    from app.backtest_commands import run_backtest, run_walk
    from training.walk import walk_as_ofs

    settings = Settings(horizon_days=horizon_days, quarantine_limit=quarantine_limit, seed=seed)
    console, last = Console(quiet, as_json), parse_as_of(as_of)
    if walk is None and first is None:
        run_backtest(on_disk(lake), last, settings, console, contenders=contenders)
        return
    start = None if first is None else parse_as_of(first)
    as_ofs = walk_as_ofs(last, every_months, walk, start)
    if not as_ofs:
        raise UserError(f"--from {first} lies after --as-of {as_of}: give an earlier day")
    run_walk(on_disk(lake), as_ofs, settings, console, contenders=contenders)
