"""What an experiment reads of a lake: who may take part, what customers did, whom a campaign reached."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import ibis
import pandas as pd

from clv.contracts import HOLDOUT
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import arms_at, experiment_at, features_at, scores_at
from clv.timeline import Horizon, t0
from decisions.contacts import eligible
from decisions.experiment import Design
from decisions.plan_campaign import standing_holdout
from decisions.rfm_rule import ORDERS_IN, SPEND_IN
from glue_jobs.extent import extent
from glue_jobs.known import Sources, future
from glue_jobs.sources import open_sources
from glue_jobs.start import engine_for

DESIGN_FILE = "design.json"
CONSENT = "marketing_consent"
SCORED_COLUMNS = [
    "customer_id", "segment", "clv_eur", "baseline_last_year_eur", "country", "acquisition_channel", "device",
    "recency_days", "frequency", "tenure_days", "model_version",
]  # fmt: skip


def members_at(lake: Lake, as_of: date) -> pd.DataFrame:
    """Return all who may be in an experiment on the scores of one t₀.

    UserError where there are no scores, no features any more, or nobody with an order and consent.
    """
    scores = read_frame(lake.files(scores_at(as_of)), SCORED_COLUMNS)
    features = read_frame(lake.files(features_at(as_of)))
    if CONSENT not in features or not features[CONSENT].eq(True).any():  # noqa: FBT003
        raise UserError(
            f"{lake.url(features_at(as_of))}: nobody has marketing consent; deliver the raw table customers "
            f"with its column {CONSENT}"
        )
    known = features[["customer_id", CONSENT, ORDERS_IN, SPEND_IN]]
    found = eligible(scores.merge(known, on="customer_id", validate="one_to_one"))
    return found[~standing_holdout(lake).holds(found["customer_id"])].reset_index(drop=True)


def scored_days(lake: Lake) -> list[date]:
    """Return the t₀s of all committed scores, oldest first."""
    return [date.fromisoformat(day) for day in lake.partitions("scores", "as_of")]


def models_of(lake: Lake, as_of: date) -> list[str]:
    """Return the model versions that scored one t₀, sorted."""
    column = "model_version"
    return sorted(read_frame(lake.files(scores_at(as_of)), [column])[column].dropna().unique())


def design_of(lake: Lake, name: str) -> Design:
    """Return a design; UserError where there is none of this name."""
    text = lake.read_text(f"{experiment_at(name)}/{DESIGN_FILE}")
    if text is None:
        raise UserError(
            f"{lake.url(experiment_at(name))}: no such experiment; `clv experiment design` declares one"
        )
    return Design.from_json(json.dumps(json.loads(text)["design"]))


def arms_in(lake: Lake, design: Design) -> pd.DataFrame:
    """Return the drawn arms; UserError where there are none, or the design has changed since."""
    if lake.current(arms_at(design.name)) is None:
        raise UserError(f"{lake.url(arms_at(design.name))}: not drawn yet; run `clv experiment assign` first")
    members = read_frame(lake.files(arms_at(design.name), "arms/"))
    if set(members["design"]) != {design.fingerprint}:
        raise UserError(
            f"{lake.url(experiment_at(design.name))}/{DESIGN_FILE}: changed since the arms were drawn; "
            "put back the design that was declared"
        )
    return members


@dataclass(frozen=True)
class Behaviour:
    """What customers did, as the ledger of a lake tells it."""

    sources: Sources

    @classmethod
    @contextmanager
    def of(cls, lake: Lake) -> Iterator["Behaviour"]:
        """Yield the behaviour in a lake; UserError without a ledger."""
        with engine_for(lake, "duckdb", "experiment") as engine:
            yield cls(open_sources(engine, lake))

    @cached_property
    def first_day(self) -> date:
        """Return the day of the first ledger entry."""
        return extent(self.sources).first

    @property
    def last_day(self) -> date:
        """Return the day of the last ledger entry."""
        return extent(self.sources).last

    def within(self, start: date, days: int, customer_id: "pd.Series[str]") -> pd.DataFrame:
        """Return `revenue_eur` and counted `orders` of [start, start + days), a row for each given customer.

        As known at the end of the window; 0 where nothing came.
        """
        came = future(self.sources, start, Horizon(days))
        cents = came.entries.group_by("customer_id").agg(
            cents=came.entries.amount_eur_cents.sum().cast("int64")
        )
        orders = came.orders.group_by("customer_id").agg(orders=came.orders.count())
        found = cents.to_pandas().merge(orders.to_pandas(), on="customer_id", how="outer")
        rows = found.set_index("customer_id").reindex(customer_id).fillna(0)
        return pd.DataFrame(
            {
                "revenue_eur": (rows["cents"] / 100.0).to_numpy(),
                "orders": rows["orders"].astype("int64").to_numpy(),
            },
            index=customer_id.index,
        )

    def known_customers(self) -> "pd.Series[str] | None":
        """Return the ids of all accounts, None where `customers` is not delivered."""
        accounts = self.sources.ledger.get("customers")
        return (
            None if accounts is None else accounts.select("customer_id").distinct().to_pandas()["customer_id"]
        )

    def contacts(self, design: Design, until: date, customer_id: "pd.Series[str]") -> pd.DataFrame | None:
        """Return `cost_eur` and `reached` of a campaign in its window, as known before a day, by customer.

        None where `treatments` has nothing of this campaign: then the plan must do.
        """
        made = self.sources.ledger.get("treatments")
        if made is None:
            return None
        at, within = (ibis.timestamp(t0(day)) for day in (until, min(until, design.end)))
        valid = (made.known_ts < at) & (made.known_until_ts.fill_null(at) >= at)
        made = made.filter(valid & (made.campaign == design.name) & (made.treatment_ts < within))
        sums = made.group_by("customer_id").agg(
            cents=made.cost_eur_cents.sum().cast("int64"), reached=(made.purpose != HOLDOUT).any()
        )
        found = sums.to_pandas()
        if found.empty:
            return None
        rows = found.set_index("customer_id").reindex(customer_id)
        return pd.DataFrame(
            {
                "cost_eur": rows["cents"].fillna(0).to_numpy() / 100.0,
                "reached": rows["reached"].eq(True).to_numpy(),  # noqa: FBT003
            },
            index=customer_id.index,
        )


def planned(members: pd.DataFrame, design: Design, until: date) -> pd.DataFrame:
    """Return `cost_eur` and `reached` as the design plans them before a day."""
    passed = sum(design.start + timedelta(days=day) < until for day in design.contact_days)
    contacted = members["contacted"].astype(bool) & (passed > 0)
    return pd.DataFrame({"cost_eur": contacted * passed * design.cost_per_contact_eur, "reached": contacted})
