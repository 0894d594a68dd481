"""What policies are compared on: customers whose answer to a contact is known, and an experiment on half of them.

The marketplace knows no marketing, so each customer has a probability of one more order when contacted, by kind
and not by value as in `bench.feedback_shop`, or by recency; those who have left do not answer. All of that is assumed. Half of
the contactable customers, by lot, have been in an experiment of one mail; the other half gets the campaign.
The score is the label-free forecast of the lake, so that nothing needs training.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.experiment_data import Behaviour
from app.world import parameters as p
from bench.feedback_shop import MOST_PULL, ORDER_EUR, ORDER_SIGMA, PULL, PULL_SIGMA
from bench.measure import measure
from bench.tasks import HORIZON
from bench.worlds import world
from clv.deciles import decile
from clv.frames import read_frame
from clv.partitions import features_at, priors_at
from clv.segments import LEAD
from decisions.contacts import eligible
from decisions.effects import winsorised
from decisions.experiment import CONTROL, TREATMENT
from decisions.power import cap_of
from decisions.rfm_rule import ORDERS_IN, SPEND_IN

AS_OF = date(2026, 4, 1)
WINDOW_DAYS = 56
MORE_WITH_VOUCHER = 1.6
"""How much likelier the one more order is with a voucher than with a mail."""

HIDDEN, SEEN = "kind", "recency"
ANSWERS: Mapping[str, Callable[[pd.DataFrame], npt.ArrayLike]] = {
    HIDDEN: lambda people: people["kind"].map(PULL),
    SEEN: lambda people: np.select(
        [people["recency_days"] < days for days in (60, 120, 240)], [0.02, 0.08, 0.2], default=0.3
    ),
}
"""P(one more order | contacted) by what no model sees, or by what everybody sees: those who fade answer most."""

Floats = npt.NDArray[np.float64]
KNOWN = [
    "customer_id", "segment", "country", "acquisition_channel", "marketing_consent", "recency_days",
    "frequency", "tenure_days", "monetary_365d_eur", ORDERS_IN, SPEND_IN,
]  # fmt: skip


@dataclass(frozen=True)
class Half:
    """Customers and what contacting truly adds to their revenue: EUR expected, by a mail and by a voucher."""

    customers: pd.DataFrame
    mail_eur: Floats
    voucher_eur: Floats


def contactable(customers: int, seed: int) -> pd.DataFrame:
    """Return the contactable customers of a marketplace with score, kind and what came in the window."""
    lake = world(customers, seed)
    steps = {"ledger": "ledger", "features": features_at(AS_OF), "priors": priors_at(AS_OF, HORIZON)}
    for step, partition in steps.items():
        if lake.current(partition) is None:
            measure(step, lake.path(""), AS_OF)
    features = read_frame(lake.files(features_at(AS_OF)), KNOWN)
    priors = read_frame(lake.files(priors_at(AS_OF, HORIZON)))
    known = features[features["segment"] != LEAD].merge(priors, on="customer_id", validate="one_to_one")
    known = known.rename(columns={"btyd_clv_eur": "clv_eur", "btyd_p_active": "p_active"})
    known = known.assign(clv_low_eur=np.nan, clv_high_eur=np.nan)
    known["decile"] = decile(known["clv_eur"].to_numpy(), known["customer_id"].to_numpy())
    people = eligible(known).sort_values("customer_id", ignore_index=True)
    with Behaviour.of(lake) as behaviour:
        came = behaviour.within(AS_OF, WINDOW_DAYS, people["customer_id"])["revenue_eur"].to_numpy()
    latent = read_frame([str(f) for f in sorted(lake.path("truth/latent").glob("*.parquet"))])
    latent = latent.set_index("customer_id").loc[people["customer_id"]]
    day = (AS_OF - p.START).days
    here = (latent["first_order"] + latent["lifetime"] > day).to_numpy()
    return people.assign(came_eur=came, kind=latent["kind"].to_numpy(), here=here)


def halves(
    people: pd.DataFrame, answer: str, times: Sequence[int], rng: np.random.Generator
) -> tuple[dict[int, pd.DataFrame], Half]:
    """Return the members of experiments with their outcomes, and the half that gets the campaign.

    answer : of `ANSWERS`, what decides who answers to a contact
    times : sizes of the experiments, in halves: a larger one draws more customers of the same kinds
    """
    pull = np.asarray(ANSWERS[answer](people), np.float64)
    pull = np.minimum(pull * np.exp(PULL_SIGMA * rng.standard_normal(len(people))), MOST_PULL)
    pull *= people["here"].to_numpy()
    tried = rng.random(len(people)) < 0.5
    rest = people[~tried].reset_index(drop=True)
    left = pull[~tried]
    voucher = np.minimum(left * MORE_WITH_VOUCHER, MOST_PULL)
    tests = {}
    for size in times:
        rows = (
            rng.choice(np.flatnonzero(tried), size * int(tried.sum())) if size > 1 else np.flatnonzero(tried)
        )
        tests[size] = _experiment(people.iloc[rows], pull[rows], rng)
    return tests, Half(rest, left * ORDER_EUR, voucher * ORDER_EUR)


def _experiment(people: pd.DataFrame, pull: Floats, rng: np.random.Generator) -> pd.DataFrame:
    contacted = rng.random(len(people)) < 0.5
    basket = ORDER_EUR * np.exp(ORDER_SIGMA * rng.standard_normal(len(people)) - ORDER_SIGMA**2 / 2)
    more = (rng.random(len(people)) < pull) & contacted
    revenue = people["came_eur"].to_numpy() + more * basket
    return people.reset_index(drop=True).assign(
        arm=np.where(contacted, TREATMENT, CONTROL),
        contacted=contacted,
        named_by_control=False,
        named_by_treatment=True,
        outcome_eur=winsorised(revenue, cap_of(people["came_eur"].to_numpy())),
    )
