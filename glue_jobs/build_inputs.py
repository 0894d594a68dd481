"""Verb: what the models read at t₀, by segment, with the manifests that Batch Transform takes."""

import json
from datetime import date
from typing import Any

from clv.engine import Engine
from clv.errors import UserError
from clv.lake import Draft, Lake
from clv.partitions import features_at, inputs_at, priors_at
from clv.segments import SCORED
from clv.settings import Settings
from clv.timeline import Horizon
from glue_jobs.due import due
from glue_jobs.inputs import inputs
from glue_jobs.manifests import manifest

SEGMENTS_FILE = "segments.json"
MAX_FILE_MB = 64
"""Batch Transform sends a file as one request of at most 100 MB."""


def build_inputs(
    engine: Engine, lake: Lake, as_of: date, settings: Settings, run_id: str, *, replace: bool = False
) -> bool:
    """Write `inputs/horizon_days=H/as_of=D`; return False where it is committed already.

    Beside the tables `segment=S/` lie `manifest-S.json` (Parquet parts only) and `segments.json`: customers
    and the manifest's address by segment, null for a segment without customers.
    ValueError where the priors do not cover the non-lead customers.
    """
    horizon = Horizon(settings.horizon_days)
    partition = inputs_at(as_of, horizon)
    if not due(lake, partition, run_id, replace=replace):
        return False
    features = engine.read(lake.files(features_at(as_of)))
    priors = engine.read(lake.files(priors_at(as_of, horizon)))
    told = {}
    with lake.commit(partition, run_id) as draft:
        for segment in SCORED:
            table = inputs(features, priors, segment, settings)
            wanted = int(features.filter(features.segment == segment).count().execute())
            joined = int(table.count().execute())
            if joined != wanted:
                raise ValueError(f"{partition}: priors for {joined} of {wanted} {segment} customers")
            url = None
            if joined:
                engine.write(table, draft.url(f"segment={segment}"), max_file_mb=MAX_FILE_MB)
                url = _write_manifest(draft, segment)
            told[segment] = {"customers": joined, "manifest": url}
        (draft.folder / SEGMENTS_FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")
    return True


def segments_of(lake: Lake, as_of: date, horizon: Horizon) -> dict[str, dict[str, Any]]:
    """Return `segments.json` of the committed inputs: customers and manifest by segment."""
    partition = inputs_at(as_of, horizon)
    text = lake.committed_text(partition, SEGMENTS_FILE)
    if text is None:
        raise UserError(f"{lake.url(partition)}: nothing committed there; run the features job first")
    told: dict[str, dict[str, Any]] = json.loads(text)
    return told


def _write_manifest(draft: Draft, segment: str) -> str:
    name, table = f"manifest-{segment}.json", f"segment={segment}"
    parts = [url.rpartition("/")[2] for url in draft.files(table)]
    (draft.folder / name).write_text(manifest(draft.url(table), parts), encoding="utf-8")
    return draft.url(name)
