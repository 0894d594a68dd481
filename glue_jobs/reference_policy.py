"""What rows would count if contacting had been left to chance alike for every contactable customer.

A customer who is contacted brings revenue that others were not offered. Trained on that, a model takes the
campaign's work for the customer's own. Weights turn the logged policy into a *reference policy* that contacts
each customer of a wave's log with the same probability, the mean of their propensities. What is learned then
is E[revenue in the horizon] under that policy: level and frequency of contacts stay those of the business,
and who was picked plays no part.
"""

from datetime import date

import ibis
import ibis.expr.types as ir

from clv.contracts import HOLDOUT
from clv.timeline import Horizon, t0

NANO = 1_000_000_000
"""Sums are of whole billionths, so that their order plays no part."""
WAVE = ("campaign", "treatment_ts")


def log_weights(treatments: ir.Table, as_of: date, horizon: Horizon) -> ir.Table:
    """Return `customer_id` and `nano_log_weight` (int64) of everyone in the logs of [t₀, t₀ + H).

    The sum over a customer's waves of ln(P_reference / P_logged) of what happened, in billionths: the
    stabilised weights of marginal structural models (Robins, Hernán and Brumback 2000, equation 3). Customers
    in no log were not contactable and count once.

    treatments : of the ledger. As known when the horizon closed, as the labels are.

    Notes
    -----
    Who was contacted for certain gets the finite weight of the wave's mean. That is no substitute for the
    overlap that is missing there: nobody like that was held out.
    """
    rows = _of_horizon(treatments, as_of, horizon)
    nano = (rows.propensity * NANO).round().cast("int64")
    waves = rows.mutate(nano=nano).group_by(list(WAVE))
    means = waves.agg(logged=lambda wave: wave.count(), total=lambda wave: wave.nano.sum().cast("int64"))
    joined = rows.inner_join(means, list(WAVE))
    rate = joined.total / (joined.logged * NANO)
    held_out = joined.purpose == HOLDOUT
    # Guarded: both engines compute both branches, and the logarithm of 0 is an error on one of them.
    logged = ibis.ifelse(held_out, 1 - joined.propensity, joined.propensity)
    reference = ibis.ifelse(held_out, 1 - rate, rate)
    ratio = ibis.greatest(reference, 1 / NANO) / ibis.greatest(logged, 1 / NANO)
    told = joined.select("customer_id", nano_log=(ratio.ln() * NANO).round().cast("int64"))
    return told.group_by("customer_id").agg(nano_log_weight=told.nano_log.sum().cast("int64"))


def _of_horizon(treatments: ir.Table, as_of: date, horizon: Horizon) -> ir.Table:
    begin, end = ibis.timestamp(t0(as_of)), ibis.timestamp(t0(horizon.end(as_of)))
    known = treatments.known_ts < end
    known &= treatments.known_until_ts.isnull() | (treatments.known_until_ts >= end)
    return treatments.filter(known & (treatments.treatment_ts >= begin) & (treatments.treatment_ts < end))
