"""Who may be contacted: scored customers with marketing consent, at t₀ and still."""

import pandas as pd

from clv.segments import LEAD

CONTACT_COLUMNS = ["customer_id", "segment", "decile", "clv_eur"]
"""What is told of a customer who may be contacted."""


def contactable(scores: pd.DataFrame, consent_at_t0: pd.DataFrame, consent_now: pd.DataFrame) -> pd.DataFrame:
    """Return the scored customers who agreed to be contacted, by customer_id.

    Both consents must be given: a withdrawal that became known after t₀ counts, a later consent does not.
    Unknown is no consent. Leads have no forecast to rank by and are left out.

    Parameters
    ----------
    scores
        The published scores of t₀, with the columns `CONTACT_COLUMNS`.
    consent_at_t0, consent_now
        `customer_id` and `marketing_consent`, one row per customer: as known at t₀, and as known last.

    Returns
    -------
    pandas.DataFrame
        The columns `CONTACT_COLUMNS`.
    """
    scored = scores.loc[scores["segment"] != LEAD, CONTACT_COLUMNS]
    agreed = _agreed(consent_at_t0) & _agreed(consent_now)
    kept = scored[scored["customer_id"].isin(agreed)]
    return kept.sort_values("customer_id", ignore_index=True)


def _agreed(consent: pd.DataFrame) -> set[str]:
    given = consent["marketing_consent"].astype("boolean").fillna(value=False).astype(bool)
    return set(consent.loc[given, "customer_id"])
