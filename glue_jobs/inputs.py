"""What Batch Transform reads: one row per customer of a segment, features and priors side by side."""

import ibis
import ibis.expr.types as ir

from clv.feature_catalogue import FEATURES
from clv.models.forecast import EXPLAINED
from clv.settings import Settings
from clv.tables import PRIORS

KEY = ("customer_id", "as_of", "horizon_days")
COLUMNS = (*FEATURES.names, *(name for name in PRIORS.names if name not in KEY))


def inputs(features: ir.Table, priors: ir.Table, segment: str, settings: Settings) -> ir.Table:
    """Return the customers of one segment by customer_id, columns `COLUMNS` and `EXPLAINED`."""
    rows = features.filter(features.segment == segment)
    sides = priors.select(*(name for name in PRIORS.names if name not in KEY[1:]))
    drawn = sample(rows, settings.explained_customers, settings.seed).mutate(**{EXPLAINED: True})
    joined = rows.inner_join(sides, "customer_id").left_join(drawn, "customer_id")
    marked = joined.mutate(**{EXPLAINED: joined[EXPLAINED].fill_null(False)})  # noqa: FBT003 - a value
    return marked.select(*COLUMNS, EXPLAINED).order_by("customer_id")


def sample(rows: ir.Table, size: int, seed: int) -> ir.Table:
    """Return the customer_id of the customers whose hash is smallest, at most `size`.

    Whoever is drawn at one t₀ is likely to be drawn at the next, so that drivers are compared on the same
    customers. SHA-256 is the same on every engine.
    """
    lot = (ibis.literal(f"{seed}|") + rows.customer_id).hexdigest("sha256")
    drawn = rows.select("customer_id", lot=lot).order_by("lot", "customer_id").limit(size)
    return drawn.select("customer_id")
