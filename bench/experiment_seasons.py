"""Whether power that was promised from the weeks before a day is there in the weeks after it, through the year."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from scipy import stats

from app.experiment_data import Behaviour
from app.experiment_power import before, season
from app.world.parameters import FINAL_AS_OF
from bench.experiment_ground import START, question
from bench.measure import measure
from bench.worlds import world
from decisions.effects import winsorised
from decisions.experiment import WEEK, Design
from decisions.power import NO_SEASON, Floats, cap_of, unexplained

DAYS = Design.weeks * WEEK
STARTS = tuple(START - timedelta(days=DAYS * n) for n in range(7))
"""A year of eight weeks each; a year before all of them is in the ledger."""
SIGNIFICANT, FOUND = stats.norm.ppf(0.975), stats.norm.ppf(0.8)


class Kept(NamedTuple):
    """Power in the weeks after a day of an effect that was promised to be found in 80 %."""

    start: date
    seed: int
    spread_before_eur: float
    spread_after_eur: float
    season: float
    power_without: float
    power: float


def kept(customers: int, seeds: Sequence[int]) -> Iterator[Kept]:
    """Yield what became of the promise for all customers, by seed and day.

    The spread of winsorised revenue after CUPED decides: Φ((z(0.975) + z(0.8)) σ before / σ after − z(0.975)).
    """
    for seed in seeds:
        lake = world(customers, seed)
        if lake.current("ledger") is None:
            measure("ledger", lake.path(""), FINAL_AS_OF)
        with Behaviour.of(lake) as behaviour:
            for start in STARTS:
                asked = question(lake, behaviour, start)
                rows, _ = before(asked, DAYS)
                cap = cap_of(rows["revenue_eur"].to_numpy())
                was = _spread(rows["revenue_eur"].to_numpy(), rows["clv_eur"].to_numpy(), cap)
                came = behaviour.within(start, DAYS, asked.members["customer_id"])["revenue_eur"].to_numpy()
                now = _spread(came, asked.members["clv_eur"].to_numpy(), cap)
                factor = (season(asked, DAYS) or NO_SEASON).spread
                yield Kept(start, seed, was, now, factor, _power(was / now), _power(was * factor / now))


def tell_kept(customers: int, seeds: Sequence[int]) -> None:
    """Print it."""
    print(
        f"\n{customers:,} customers, seeds {', '.join(map(str, seeds))}\n\n"
        "| 8 weeks from | seed | spread before, € | in them, € | season | power without it | with it |\n"
        "|---|--:|--:|--:|--:|--:|--:|"
    )
    for one in kept(customers, seeds):
        print(
            f"| {one.start} | {one.seed} | {one.spread_before_eur:.1f} | {one.spread_after_eur:.1f} | "
            f"{one.season:.2f} | {one.power_without:.0%} | {one.power:.0%} |",
            flush=True,
        )


def _spread(outcome: Floats, covariate: Floats, cap: float) -> float:
    y, x = winsorised(outcome, cap), winsorised(covariate, cap_of(covariate))
    return float(y.std()) * unexplained(y, x)


def _power(ratio: float) -> float:
    return float(stats.norm.cdf((SIGNIFICANT + FOUND) * ratio - SIGNIFICANT))
