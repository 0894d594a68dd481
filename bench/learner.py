"""A fitted uplift against uplift by stratum, judged by what contacting truly brings: `python -m bench learner`."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from bench.policies import (
    BOTH,
    LARGE,
    MAIL,
    MAIL_ALONE,
    MARGIN,
    REACHED,
    Policy,
    best,
    by_recency,
    by_stratum,
    interval,
    knowing,
    rfm_rule,
    truth,
)
from bench.policy_ground import ANSWERS, Half, contactable, halves
from decisions.actions import Assumptions
from decisions.programme import Choice
from decisions.uplift_log import Log
from decisions.uplift_model import Fitted, learn

REDRAWS = 2
RIVAL = "uplift by stratum"
HALF_BY_LOT = 0.5


def by_model(half: Half, lesson: pd.DataFrame, budget_eur: float, rng: np.random.Generator) -> Choice:
    """Mail the highest return by a fitted uplift if its log lets it pass, else by stratum: `--uplift auto`."""
    taught = learn(Log(lesson.assign(propensity=HALF_BY_LOT)), 1)
    if not isinstance(taught, Fitted):
        return by_stratum(half, lesson, budget_eur, rng)
    return best(half, Assumptions(MAIL_ALONE, (), MARGIN), {}, budget_eur, {MAIL: taught})


POLICIES: dict[str, Policy] = {
    "RFM rule": rfm_rule,
    RIVAL: by_stratum,
    "uplift by band and recency": by_recency,
    "fitted uplift, else by stratum": by_model,
    "knowing the truth": knowing,
}


def compare(customers: int, seeds: Sequence[int]) -> pd.DataFrame:
    """Return profit, contacts and ROI of each policy, by answer, size of the experiment, seed and redraw."""
    return pd.DataFrame(
        [
            row
            for seed in seeds
            for people in [contactable(customers, seed)]
            for answer in ANSWERS
            for row in _campaigns(people, answer, seed)
        ]
    )


def tell(found: pd.DataFrame) -> None:
    """Print true profit by policy, mean over marketplaces with the 95 % interval of Student's t over them."""
    for (answer, times), own in found.groupby(["answer", "times"], sort=False):
        per_seed = own.groupby(["policy", "seed"], sort=False)["profit_eur"].mean()
        print(f"\nWho answers is decided by {answer}; experiment × {times}:\n")
        print("| policy | true profit, EUR | less that by stratum |")
        print("|---|--:|--:|")
        for policy in POLICIES:
            less = per_seed.loc[policy] - per_seed.loc[RIVAL]
            print(f"| {policy} | {interval(per_seed.loc[policy])} | {interval(less)} |")


def _campaigns(people: pd.DataFrame, answer: str, seed: int) -> Iterator[dict[str, object]]:
    for redraw in range(REDRAWS):
        rng = np.random.default_rng([seed, redraw])
        tests, half = halves(people, answer, (1, LARGE), rng)
        budget = REACHED * len(half.customers) * BOTH[0].cost_eur
        for times, lesson in tests.items():
            for name, policy in POLICIES.items():
                told = truth(half, policy(half, lesson, budget, rng))
                row = {"answer": answer, "times": times, "policy": name, "seed": seed, "redraw": redraw}
                yield row | told
