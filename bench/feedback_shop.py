"""A marketplace that answers to campaigns: its own orders, and those that contacting adds.

The marketplace of `app.world` knows no marketing. Its orders are what customers do when left alone; here each
customer also has a probability of one more order when contacted. It follows from the customer's kind and is
not aligned with value: business customers and replenishers buy anyway, those who browse and those who fade
need a reminder. All numbers are assumptions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.world import parameters as p
from bench.measure import measure
from bench.worlds import world
from clv.frames import read_frame
from clv.lake import Lake

Floats = npt.NDArray[np.float64]

SOLD_TO = 6_000
"""Customers of each marketplace; about a third is contactable from the first campaign on."""
CYCLE_DAYS = 28
CYCLES = (p.END - p.START).days // CYCLE_DAYS
CAMPAIGN_CYCLES = 12
FIRST_CAMPAIGN = CYCLES - CAMPAIGN_CYCLES

PULL: Mapping[str, float] = {
    "window_shopper": 0.30,
    "returning": 0.25,
    "fading_loyalist": 0.20,
    "bargain_hunter": 0.12,
    "gift_buyer": 0.08,
    "one_off": 0.04,
    "replenisher": 0.02,
    "business": 0.02,
}
"""P(one more order in the cycle | contacted), by kind; varied lognormally from customer to customer."""
PULL_SIGMA = 0.5
MOST_PULL = 0.6
ORDER_EUR, ORDER_SIGMA = 50.0, 0.3
"""What the one more order brings: a small basket, whoever places it."""
HABIT = 0.3
"""P(another one in the next cycle, without contact | one more order in this)."""


@dataclass(frozen=True)
class Shop:
    """Contactable customers by row, cycles of 28 days by column.

    revenue_eur, orders, views : when left alone, shape (n, CYCLES)
    known : attributes that models may read, shape (n, k)
    first : cycle of the first order
    pull : P(one more order | contacted) while the customer has not left; latent
    leaves : cycle from which nothing draws the customer any more; latent
    """

    customer_id: npt.NDArray[np.object_]
    revenue_eur: Floats
    orders: Floats
    views: Floats
    known: Floats
    first: npt.NDArray[np.int64]
    pull: Floats
    leaves: Floats

    def drawn_by(self, cycle: int) -> Floats:
        """Return P(one more order | contacted) in a cycle, 0 of those who have left."""
        return np.where(self.leaves > cycle, self.pull, 0.0)

    def added_eur(self, cycle: int) -> Floats:
        """Return what contacting is expected to add in a cycle, habit left aside."""
        return self.drawn_by(cycle) * ORDER_EUR


def shop_of(customers: int, seed: int) -> Shop:
    """Return the shop of a marketplace: customers with consent and an order before the first campaign."""
    lake = world(customers, seed)
    if lake.current("ledger") is None:
        measure("ledger", lake.path(""), p.FINAL_AS_OF)
    entries = read_frame(
        lake.files("ledger", "entries/"), ["customer_id", "entry_ts", "kind", "amount_eur_cents"]
    )
    sales = entries[(entries["kind"] == "sale") & entries["customer_id"].notna()]
    sales = sales.assign(cycle=_cycle(sales["entry_ts"]))
    first = sales.groupby("customer_id")["cycle"].min()
    people = _consenting(lake)
    people = people[people["customer_id"].map(first).lt(FIRST_CAMPAIGN)].reset_index(drop=True)
    ids = people["customer_id"]
    eur = sales.assign(eur=sales["amount_eur_cents"] / 100)
    latent = read_frame([str(f) for f in sorted(lake.path("truth/latent").glob("*.parquet"))])
    latent = latent.set_index("customer_id").loc[ids]
    rng = np.random.default_rng([seed, len(ids)])
    pull = latent["kind"].map(PULL).to_numpy() * np.exp(PULL_SIGMA * rng.standard_normal(len(ids)))
    return Shop(
        customer_id=ids.to_numpy(object),
        revenue_eur=_matrix(eur, ids, "eur"),
        orders=_matrix(eur.assign(one=1.0), ids, "one"),
        views=_matrix(_views(lake), ids, "views"),
        known=np.column_stack(
            [pd.factorize(people[c], sort=True)[0] for c in ("country", "acquisition_channel", "device")]
        ).astype(np.float64),
        first=ids.map(first).to_numpy(np.int64),
        pull=np.minimum(pull, MOST_PULL),
        leaves=(latent["first_order"] + latent["lifetime"]).to_numpy(np.float64) / CYCLE_DAYS,
    )


def _consenting(lake: Lake) -> pd.DataFrame:
    rows = read_frame(lake.files("ledger", "customers/"))
    rows = rows[rows["known_until_ts"].isna() & rows["marketing_consent"].eq(other=True)]
    return rows.sort_values("customer_id", ignore_index=True)


def _views(lake: Lake) -> pd.DataFrame:
    events = read_frame(lake.raw_files("web_events"), ["event_id", "customer_id", "ts", "type"])
    events = events[events["type"] == "view"].drop_duplicates("event_id")
    return events.assign(cycle=_cycle(events["ts"]), views=1.0)


def _cycle(ts: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    """Return the cycle of each time; the last one ends with the marketplace."""
    begin = pd.Timestamp(p.END - timedelta(days=CYCLES * CYCLE_DAYS))
    return (ts - begin).dt.days // CYCLE_DAYS


def _matrix(rows: pd.DataFrame, ids: "pd.Series[str]", column: str) -> Floats:
    wide = rows[rows["cycle"].between(0, CYCLES - 1)].pivot_table(
        index="customer_id", columns="cycle", values=column, aggfunc="sum", fill_value=0.0
    )
    return wide.reindex(index=ids, columns=range(CYCLES), fill_value=0.0).to_numpy(np.float64)
