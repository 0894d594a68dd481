"""Ways to choose whom to contact, judged by what contacting truly brings: `python -m bench policies`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from bench.feedback_shop import ORDER_EUR
from bench.policy_ground import ANSWERS, Half, contactable, halves
from clv.deciles import DECILES
from decisions.actions import EIGHTY, Action, AssumedUplift, Assumptions
from decisions.experiment import STRATA
from decisions.optimiser import best_plan
from decisions.programme import NOTHING, Choice, Programme
from decisions.returns import Returns, returns
from decisions.rfm_rule import RfmRule
from decisions.spend import programme
from decisions.uplift_lines import measured_lines, uplift_lines
from decisions.uplift_model import Fitted
from decisions.uplifts import shrink, shrunk_errors, uplifts

MAIL, VOUCHER = "mail", "voucher 5 EUR"
MAIL_ALONE = (Action(MAIL, 0.8, experiment="trial"),)
BOTH = (*MAIL_ALONE, Action(VOUCHER, 0.8, 5.0, response=0.15, used_anyway=0.05))
MARGIN = 0.3
REACHED = 0.1
"""Share of the customers whom the budget would reach by mail."""
REDRAWN = 10
"""Times that halves and experiment are drawn of each marketplace."""
RECENCY_DAYS = (0, 60, 120, 240, None)
VOUCHER_GUESS = 1.6
"""What a voucher is taken to bring of what a mail was measured to bring: right here, by assumption."""


Policy = Callable[[Half, pd.DataFrame, float, np.random.Generator], Choice]
"""Of the half to choose from, the members of the experiment with their outcomes, and the budget in EUR."""


def by_lot(half: Half, _: pd.DataFrame, budget_eur: float, rng: np.random.Generator) -> Choice:
    """Mail customers drawn by lot."""
    return _first(half, rng.permutation(len(half.customers)), budget_eur)


def top_decile(half: Half, _: pd.DataFrame, budget_eur: float, rng: np.random.Generator) -> Choice:
    """Mail the top decile by CLV, by lot if the money ends before it does."""
    top = np.flatnonzero(half.customers["decile"] == DECILES)
    return _first(half, rng.permutation(top), budget_eur)


def rfm_rule(half: Half, _: pd.DataFrame, budget_eur: float, __: np.random.Generator) -> Choice:
    """Mail whom the RFM rule names, in its order."""
    return _first(half, RfmRule().ranking(half.customers).to_numpy(), budget_eur)


def uniform(half: Half, lesson: pd.DataFrame, budget_eur: float, _: np.random.Generator) -> Choice:
    """Mail the highest return with one uplift for everybody, as measured: the ranking by CLV."""
    contacted = lesson["contacted"]
    outcome = lesson["outcome_eur"]
    eur = outcome[contacted].mean() - outcome[~contacted].mean()
    share = float(eur / lesson["clv_eur"].mean())
    lines = (AssumedUplift(MAIL, share, share, share),)
    return best(half, Assumptions(MAIL_ALONE, lines, MARGIN), {}, budget_eur)


def by_stratum(half: Half, lesson: pd.DataFrame, budget_eur: float, _: np.random.Generator) -> Choice:
    """Mail the highest return with uplift by country, band and channel, as `clv experiment readout` tells."""
    strata = uplifts(lesson)
    mean_clv = lesson.groupby(list(STRATA))["clv_eur"].mean()
    measured = {"trial": measured_lines(strata, mean_clv)}
    return best(half, Assumptions(MAIL_ALONE, (), MARGIN), measured, budget_eur)


def by_recency(half: Half, lesson: pd.DataFrame, budget_eur: float, _: np.random.Generator) -> Choice:
    """Mail the highest return with uplift by band and recency, measured by the same experiment."""
    return best(half, Assumptions(MAIL_ALONE, tuple(_cells(lesson)), MARGIN), {}, budget_eur)


def with_vouchers(half: Half, lesson: pd.DataFrame, budget_eur: float, _: np.random.Generator) -> Choice:
    """Do the same with a mail or a voucher each, as the optimiser chooses."""
    mail = tuple(_cells(lesson))
    more = tuple(
        replace(
            one,
            action=VOUCHER,
            uplift=VOUCHER_GUESS * one.uplift,
            low=VOUCHER_GUESS * one.low,
            high=VOUCHER_GUESS * one.high,
        )
        for one in mail
    )
    return best(half, Assumptions(BOTH, mail + more, MARGIN), {}, budget_eur)


def knowing(half: Half, _: pd.DataFrame, budget_eur: float, __: np.random.Generator) -> Choice:
    """Choose as one who knows what each contact truly brings."""
    cost = costs(half)
    value = MARGIN * np.column_stack([half.mail_eur, half.voucher_eur]) - cost
    return best_plan(Programme(value, cost, budget_eur, np.full(2, np.inf))).choice


LARGE = 20
"""Times that the larger experiment is as large."""
POLICIES: dict[str, tuple[Policy, int]] = {
    "by lot": (by_lot, 1),
    "top decile by CLV": (top_decile, 1),
    "RFM rule": (rfm_rule, 1),
    "optimised, one uplift for all": (uniform, 1),
    "optimised, uplift by stratum": (by_stratum, 1),
    "optimised, uplift by band and recency": (by_recency, 1),
    f"by stratum, experiment {LARGE} times as large": (by_stratum, LARGE),
    f"by band and recency, experiment {LARGE} times as large": (by_recency, LARGE),
    "the same, mail or voucher": (with_vouchers, LARGE),
    "knowing the truth": (knowing, 1),
}
"""By name, with the size of the experiment it learns from."""
RIVAL = "RFM rule"


def compare(customers: int, seeds: Sequence[int]) -> pd.DataFrame:
    """Return profit, contacts and ROI of each policy, by answer, seed and redraw."""
    shops = {seed: contactable(customers, seed) for seed in seeds}
    rows = [
        row for answer in ANSWERS for seed, people in shops.items() for row in campaigns(people, answer, seed)
    ]
    return pd.DataFrame(rows)


def campaigns(
    people: pd.DataFrame, answer: str, seed: int, redraws: int = REDRAWN
) -> Iterator[dict[str, object]]:
    """Yield profit, contacts and ROI of each policy and redraw on the customers of one marketplace."""
    for redraw in range(redraws):
        rng = np.random.default_rng([seed, redraw])
        tests, half = halves(people, answer, (1, LARGE), rng)
        budget = REACHED * len(half.customers) * BOTH[0].cost_eur
        for name, (policy, size) in POLICIES.items():
            choice = policy(half, tests[size], budget, rng)
            yield {"answer": answer, "policy": name, "seed": seed, "redraw": redraw} | truth(half, choice)


def tell(found: pd.DataFrame) -> None:
    """Print true profit by policy: mean over marketplaces with the 95 % interval of Student's t over them."""
    for answer, own in found.groupby("answer", sort=False):
        print(f"\nWho answers is decided by {answer}:\n")
        _tell(own)


def _tell(found: pd.DataFrame) -> None:
    per_seed = found.groupby(["policy", "seed"], sort=False)[
        ["profit_eur", "roi", "contacts", "clv_eur"]
    ].mean()
    rival = per_seed.loc[RIVAL, "profit_eur"]
    print("| policy | true profit, EUR | less the RFM rule's | ROI | contacts | mean CLV, EUR |")
    print("|---|--:|--:|--:|--:|--:|")
    for policy in POLICIES:
        rows = per_seed.loc[policy]
        own, less = rows["profit_eur"], rows["profit_eur"] - rival
        mean = rows.mean()
        print(
            f"| {policy} | {interval(own)} | {interval(less)} | {mean['roi']:.2f} | {mean['contacts']:.0f} "
            f"| {mean['clv_eur']:,.0f} |"
        )


def costs(half: Half) -> np.ndarray:
    """Return what mail and voucher truly cost for each customer."""
    _, voucher = BOTH
    used = half.voucher_eur / ORDER_EUR + voucher.used_anyway * half.customers["p_active"].to_numpy()
    mail = np.full(len(used), voucher.cost_eur)
    return np.column_stack([mail, voucher.cost_eur + voucher.voucher_eur * np.minimum(used, 1.0)])


def truth(half: Half, choice: Choice) -> dict[str, float]:
    """Return what a choice truly brings: profit, ROI, contacts and their mean CLV."""
    chosen = np.flatnonzero(choice != NOTHING)
    gain = MARGIN * np.column_stack([half.mail_eur, half.voucher_eur])[chosen, choice[chosen]].sum()
    cost = costs(half)[chosen, choice[chosen]].sum()
    clv = half.customers["clv_eur"].to_numpy()[chosen]
    return {
        "profit_eur": float(gain - cost),
        "roi": float((gain - cost) / cost) if cost > 0 else 0.0,
        "contacts": len(chosen),
        "clv_eur": float(clv.mean()) if len(clv) else 0.0,
    }


def _cells(lesson: pd.DataFrame) -> Iterator[AssumedUplift]:
    """Yield the uplift by value band and recency, shrunk, as shares of the cell's mean CLV."""
    until = [np.inf if end is None else end for end in RECENCY_DAYS]
    cell = pd.cut(lesson["recency_days"], until, right=False, labels=False)
    sides = lesson.groupby(["value_band", cell, "contacted"])["outcome_eur"].agg(["mean", "var", "size"])
    found = sides.unstack("contacted")
    eur = found["mean"][True] - found["mean"][False]
    error = np.sqrt(sum(found["var"][side] / found["size"][side] for side in (True, False)))
    clv = lesson.groupby(["value_band", cell])["clv_eur"].mean()
    share, sd = eur / clv, error / clv
    parts = shrunk_errors(share, sd)
    told = pd.DataFrame({"uplift": shrink(share, sd), "sd": np.hypot(parts["shared"], parts["own"])})
    for (band, place), row in told.iterrows():
        uplift, wide = row["uplift"], EIGHTY * row["sd"]
        begin, end = RECENCY_DAYS[int(place)], RECENCY_DAYS[int(place) + 1]
        yield AssumedUplift(MAIL, uplift, uplift - wide, uplift + wide, band, None, None, begin or 0, end)


def best(
    half: Half,
    assumed: Assumptions,
    measured: dict[str, pd.DataFrame],
    budget_eur: float,
    fitted: dict[str, Fitted] | None = None,
) -> Choice:
    """Return the best plan for the half to choose from, by what is known of uplifts."""
    lines = uplift_lines(half.customers, assumed, measured, fitted)
    found: Returns = returns(half.customers, assumed, lines)
    return best_plan(programme(found, budget_eur)).choice


def _first(half: Half, order: Choice, budget_eur: float) -> Choice:
    choice = np.full(len(half.customers), NOTHING, np.int64)
    choice[order[: int(budget_eur / MAIL_ALONE[0].cost_eur + 1e-9)]] = 0
    return choice


def interval(values: "pd.Series[float]") -> str:
    """Return a mean with the 95 % interval of Student's t, in words."""
    wide = stats.t.ppf(0.975, len(values) - 1) * values.sem() if len(values) > 1 else np.nan
    return f"{values.mean():,.0f} ({values.mean() - wide:,.0f} to {values.mean() + wide:,.0f})"
