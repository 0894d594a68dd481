"""What experiments are simulated on: revenue of the marketplace, where no campaign ran.

Customers are drawn with replacement from those of the marketplace, so that the population differs each time as
a real one would; arms are drawn by the code of `clv experiment`; effects are added to what came. The score is
last year's revenue: it needs no training, and explains less than a model would.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from app.experiment_data import Behaviour
from app.experiment_power import Question, before, past, season
from clv.deciles import decile
from clv.lake import Lake
from clv.segments import ESTABLISHED
from decisions.contacts import arms_of, eligible
from decisions.effects import winsorised
from decisions.experiment import WEEK, Design
from decisions.power import NO_SEASON, Arms, Past, Season, cap_of, power_table
from decisions.rfm_rule import ORDERS_IN, RULE_DAYS, SPEND_IN, RfmRule

START = date(2026, 5, 6)
"""Its eight weeks end with the marketplace."""
COST_EUR = 2.0
EVER_DAYS = 2_000


class Promise(NamedTuple):
    """The smallest differences of one of all customers that are found in 80 %, in EUR."""

    all_eur: float
    differing_eur: float


@dataclass(frozen=True)
class Ground:
    """The customers of the marketplace at `START`, and the design on them.

    promised : from the weeks before, as `clv experiment design` promises it; fitting : from the very weeks
        that are simulated, so that nothing is in question but the formula
    """

    population: pd.DataFrame
    design: Design
    promised: Promise
    fitting: Promise


def ground(lake: Lake) -> Ground:
    """Return the ground that is simulated on; the lake has a ledger."""
    with Behaviour.of(lake) as behaviour:
        asked = question(lake, behaviour, START)
        members = asked.members
        history = past(asked, before(asked, Design.weeks * WEEK)[0])
        seasonal = season(asked, Design.weeks * WEEK) or NO_SEASON
        end = START + timedelta(days=Design.weeks * WEEK)
        then = replace(asked, as_of=end, members=members.assign(tenure_days=EVER_DAYS))
        same = past(then, before(then, Design.weeks * WEEK)[0])
        weekly = [
            behaviour.within(START, WEEK * (n + 1), members["customer_id"]) for n in range(Design.weeks)
        ]
    columns = {f"revenue_{n + 1}": frame["revenue_eur"] for n, frame in enumerate(weekly)}
    population = members.assign(**columns, revenue_eur=weekly[-1]["revenue_eur"], orders=weekly[-1]["orders"])
    design = Design(
        "bench",
        START,
        START,
        asked.contacts,
        history.cap_eur,
        cap_of(members["clv_eur"].to_numpy()),
        ("12m",),
        "bench",
    )
    return Ground(
        population, design, _promise(history, asked.arms, seasonal), _promise(same, asked.arms, NO_SEASON)
    )


def _promise(seen: Past, arms: Arms, seasonal: Season) -> Promise:
    *_, everyone, differing = (float(row["mde_eur"]) for row in power_table(seen, arms, seasonal))
    return Promise(everyone, differing)


def question(lake: Lake, behaviour: Behaviour, start: date) -> Question:
    """Return what a design on all who had ordered by a day and consent asks of the past."""
    members, rule = _members(behaviour, start), RfmRule()
    arms = Arms(len(members) // 2, len(members) - len(members) // 2)
    return Question(lake, behaviour, members, start, arms, rule, len(rule.ranking(members)))


def _members(behaviour: Behaviour, start: date) -> pd.DataFrame:
    accounts = behaviour.sources.ledger["customers"].to_pandas()
    accounts = accounts.drop_duplicates("customer_id", keep="last").sort_values(
        "customer_id", ignore_index=True
    )
    ids = accounts["customer_id"]
    ever, year, half = (
        behaviour.within(start - timedelta(days=days), days, ids) for days in (EVER_DAYS, 365, RULE_DAYS)
    )
    orders = behaviour.sources.ledger["orders"]
    first = orders.group_by("customer_id").agg(first=orders.entry_ts.min()).to_pandas()
    first_day = ids.map(first.dropna().set_index("customer_id")["first"])
    rows = accounts.assign(
        segment=ESTABLISHED,
        clv_eur=year["revenue_eur"],
        baseline_last_year_eur=year["revenue_eur"],
        recency_days=0,
        frequency=ever["orders"],
        tenure_days=(pd.Timestamp(start) - first_day).dt.days + 1,
        **{ORDERS_IN: half["orders"], SPEND_IN: half["revenue_eur"]},
    )[ever["orders"] > 0]
    return eligible(rows.assign(decile=decile(rows["clv_eur"], rows["customer_id"])))


@dataclass(frozen=True)
class Drawn:
    """One simulated experiment: its members with arms and outcomes, its design, and a generator of its own."""

    members: pd.DataFrame
    design: Design
    rng: np.random.Generator


def draw(grounds: Ground, number: int) -> Drawn:
    """Return customers drawn anew, in arms drawn anew, with their costs and without any effect."""
    rng = np.random.default_rng([20_260_506, number])
    population = grounds.population
    rows = population.iloc[rng.integers(0, len(population), len(population))].reset_index(drop=True)
    rows["customer_id"] = [f"{number}-{place}" for place in range(len(rows))]
    design = replace(grounds.design, salt=f"bench-{number}")
    members = arms_of(rows, design)
    cost = members["contacted"] * COST_EUR
    return Drawn(
        members.assign(cost_eur=cost, reached=members["contacted"], orders_churn=np.nan), design, rng
    )


def with_more_orders(drawn: Drawn, whom: "pd.Series[bool]", mean_eur: float) -> pd.DataFrame:
    """Return members of whom some among `whom` order once more, for `mean_eur` of all `whom` on average.

    Amounts are what customers bring in the window where they bring anything; the mean is of winsorised revenue.
    """
    revenue, rng, cap = drawn.members["revenue_eur"].to_numpy(), drawn.rng, drawn.design.winsor_cap_eur
    extra = rng.choice(revenue[revenue > 0], len(revenue))
    gain = (winsorised(revenue + extra, cap) - winsorised(revenue, cap))[whom].mean()
    more = whom.to_numpy() & (rng.random(len(revenue)) < mean_eur / gain)
    orders = drawn.members["orders"] + more
    return drawn.members.assign(revenue_eur=revenue + np.where(more, extra, 0.0), orders=orders)


def with_fewer_buyers(drawn: Drawn, whom: "pd.Series[bool]", share: float) -> pd.DataFrame:
    """Return members of whom a share of the buyers among `whom` buys nothing."""
    lost = whom.to_numpy() & (drawn.rng.random(len(whom)) < share)
    members = drawn.members
    revenue, orders = (np.where(lost, 0, members[name]) for name in ("revenue_eur", "orders"))
    return members.assign(revenue_eur=revenue, orders=orders)
