"""What Batch Transform reads: one row per customer of a segment, features and priors side by side."""

import ibis.expr.types as ir

from clv.feature_catalogue import FEATURES
from clv.tables import PRIORS

KEY = ("customer_id", "as_of", "horizon_days")
COLUMNS = (*FEATURES.names, *(name for name in PRIORS.names if name not in KEY))


def inputs(features: ir.Table, priors: ir.Table, segment: str) -> ir.Table:
    """Return the customers of one segment by customer_id, columns `COLUMNS`."""
    rows = features.filter(features.segment == segment)
    sides = priors.select(*(name for name in PRIORS.names if name not in KEY[1:]))
    return rows.inner_join(sides, "customer_id").select(*COLUMNS).order_by("customer_id")
