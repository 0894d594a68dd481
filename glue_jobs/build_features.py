"""Verb: the features of one t₀, the labels of a closed one, and its buy-till-you-die priors."""

from datetime import date

from clv.conform import check_written
from clv.engine import Engine
from clv.feature_catalogue import FEATURES
from clv.frames import write_frame
from clv.lake import Lake
from clv.models.priors import NEEDED, priors
from clv.partitions import features_at, labels_at, priors_at
from clv.segments import SCORED
from clv.tables import LABELS, PRIORS
from clv.timeline import Horizon
from glue_jobs.features.assemble import features
from glue_jobs.known import future, history
from glue_jobs.labels import labels
from glue_jobs.sources import open_sources


def build_features(engine: Engine, lake: Lake, as_of: date, run_id: str) -> bool:
    """Write `features/as_of=D` as known at t₀; return False where it is committed already."""
    partition = features_at(as_of)
    if lake.current(partition) is not None:
        return False
    table = features(history(open_sources(engine, lake), as_of))
    check_written(FEATURES, table)
    with lake.commit(partition, run_id) as draft:
        engine.write(table, draft.url())
    return True


def build_labels(engine: Engine, lake: Lake, as_of: date, horizon: Horizon, run_id: str) -> bool:
    """Write `labels/horizon_days=H/as_of=D` as known when the horizon closed; False where committed."""
    partition = labels_at(as_of, horizon)
    if lake.current(partition) is not None:
        return False
    population = engine.read(lake.files(features_at(as_of)))
    table = labels(population, future(open_sources(engine, lake), as_of, horizon))
    check_written(LABELS, table)
    with lake.commit(partition, run_id) as draft:
        engine.write(table, draft.url())
    return True


def build_priors(engine: Engine, lake: Lake, as_of: date, horizon: Horizon, run_id: str) -> bool:
    """Write `priors/horizon_days=H/as_of=D`: the label-free forecast fitted on everybody at t₀.

    It needs the whole population at once, so it is computed here and not where models see one file at a time.
    """
    partition = priors_at(as_of, horizon)
    if lake.current(partition) is not None:
        return False
    population = engine.read(lake.files(features_at(as_of)))
    scored = population.filter(population.segment.isin(SCORED)).select("customer_id", *NEEDED)
    scored = scored.order_by("customer_id").to_pandas()
    said = priors(scored, horizon.days)
    frame = said.assign(customer_id=scored.customer_id, as_of=as_of, horizon_days=horizon.days)
    with lake.commit(partition, run_id) as draft:
        write_frame(frame, PRIORS, draft.folder)
    return True
