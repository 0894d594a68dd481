"""Whom each arm of an experiment contacts, and how likely that was before the arms were drawn."""

from datetime import timedelta

import numpy as np
import pandas as pd

from clv.contracts import EXPLOIT, HOLDOUT
from clv.segment_figures import UNKNOWN, clv_band
from clv.segments import LEAD
from clv.timeline import t0
from decisions.assignment import arms
from decisions.experiment import CONTROL, STRATA, TREATMENT, Design
from decisions.rfm_rule import clv_ranking

RULES = {CONTROL: "rfm", TREATMENT: "clv"}
CURRENCY = "EUR"


def eligible(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that may be in an experiment: with an order, and with marketing consent.

    customers : `segment`, `marketing_consent` (null is none), `country`, `acquisition_channel`, `customer_id`
        and `clv_eur` of one t₀. The result has `value_band` and no null in `STRATA`; bands are cut among all
        who have ordered.
    """
    known = customers[customers["segment"] != LEAD]
    known = known.assign(value_band=clv_band(known))
    known[list(STRATA)] = known[list(STRATA)].astype(object).fillna(UNKNOWN)
    return known[known["marketing_consent"].eq(True).fillna(False).astype(bool)].reset_index(drop=True)  # noqa: FBT003


def arms_of(customers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return the arms of eligible customers: who is named by which rule, and who is contacted.

    Each rule names the first `design.contacts` of all eligible customers, so that who is contacted depends on
    the own arm alone; in each arm those whom its rule names are contacted. `propensity` is the probability of
    that before the draw: 1 for whom both rules name, the arm's share for whom one does, 0 for all others.
    """
    named = {
        CONTROL: customers.index.isin(design.rule.ranking(customers)[: design.contacts]),
        TREATMENT: customers.index.isin(clv_ranking(customers)[: design.contacts]),
    }
    arm = arms(customers, design.salt, design.treatment_share)
    return customers.assign(
        experiment=design.name,
        design=design.fingerprint,
        arm=arm,
        rfm_tier=design.rule.tiers(customers),
        named_by_control=named[CONTROL],
        named_by_treatment=named[TREATMENT],
        contacted=np.where(arm == TREATMENT, named[TREATMENT], named[CONTROL]).astype(bool),
        propensity=sum(share * flags for share, flags in ((design.share(a), named[a]) for a in named)),
    ).sort_values("customer_id", ignore_index=True)


def contact_rows(members: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return the plan of all contacts in the columns of the raw table `treatments`, by customer and day.

    A customer whom the rule of the other arm alone names is a holdout: not contacted, at no cost.
    """
    rows = members[members["propensity"] > 0]
    waves = [
        pd.DataFrame(
            {
                "treatment_id": design.name + "-" + rows["customer_id"] + f"-{day}",
                "customer_id": rows["customer_id"],
                "campaign": design.name,
                "treatment_ts": t0(design.start + timedelta(days=day)),
                "rule": rows["arm"].map(RULES),
                "purpose": np.where(rows["contacted"], EXPLOIT, HOLDOUT),
                "propensity": rows["propensity"],
                "cost": np.where(rows["contacted"], design.cost_per_contact_eur, 0.0),
                "currency": CURRENCY,
            }
        )
        for day in design.contact_days
    ]
    return pd.concat(waves).sort_values(["customer_id", "treatment_ts"], ignore_index=True)
