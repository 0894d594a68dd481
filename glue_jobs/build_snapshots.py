"""Verb: the closed snapshots that training needs, and the list by which it takes them."""

from collections.abc import Callable
from datetime import date

from clv.closed_snapshots import SnapshotPlan
from clv.engine import Engine
from clv.errors import UserError
from clv.lake import CURRENT, Lake
from clv.partitions import features_at, labels_at, priors_at, snapshots_at, weights_at
from clv.timeline import Horizon
from glue_jobs.build_features import build_features, build_labels, build_priors
from glue_jobs.manifests import manifest

PLAN = "plan.json"
MANIFEST = "manifest.json"


def build_snapshots(
    engine: Engine,
    lake: Lake,
    days: tuple[date, ...],
    horizon: Horizon,
    run_id: str,
    say: Callable[[str], None],
) -> int:
    """Write features, priors and labels of every t₀ that lacks them; return how many did.

    Each is built as known at its own t₀, so that the first run backfills what weekly runs would have written.
    """
    written = 0
    for number, day in enumerate(days, start=1):
        built = build_features(engine, lake, day, run_id)
        built |= build_priors(engine, lake, day, horizon, run_id)
        built |= build_labels(engine, lake, day, horizon, run_id)
        if built:
            written += 1
            say(f"features: t₀ {day} ({number} of {len(days)})")
    return written


def list_snapshots(lake: Lake, plan: SnapshotPlan, as_of: date, horizon: Horizon, run_id: str) -> bool:
    """Write `snapshots/horizon_days=H/as_of=D`: the plan, and the manifest of all files training reads.

    The manifest's names start at the lake's root, so that the folder SageMaker makes of it is a small lake.
    Return False where the same plan and files are committed already.
    """
    partition = snapshots_at(as_of, horizon)
    weighed = [part for day in plan.labelled_as_ofs if lake.current(part := weights_at(day, horizon))]
    needed = [*_needed(plan, as_of, horizon), *weighed]
    names = [name for part in needed for name in _committed(lake, part)]
    before = lake.current(partition)
    if before is not None:
        told = tuple(lake.committed_text(partition, name) for name in (PLAN, MANIFEST))
        if before.run_id == run_id or told == _said(lake, plan, names, partition, before.run_id):
            return False
    with lake.commit(partition, run_id) as draft:
        texts = _said(lake, plan, names, partition, run_id)
        for name, text in zip((PLAN, MANIFEST), texts, strict=True):
            (draft.folder / name).write_text(text, encoding="utf-8")
    return True


def _said(lake: Lake, plan: SnapshotPlan, names: list[str], partition: str, run_id: str) -> tuple[str, str]:
    """Return the texts of the plan and of the manifest, which lists the plan too."""
    own = [f"{partition}/{CURRENT}", f"{partition}/run={run_id}/{PLAN}"]
    return plan.to_json(), manifest(lake.url(""), [*names, *own])


def _needed(plan: SnapshotPlan, as_of: date, horizon: Horizon) -> list[str]:
    """Return the partitions that training reads: labelled snapshots, and t₀ itself without labels."""
    days = plan.labelled_as_ofs
    labelled = [part for day in days for part in (*_unlabelled(day, horizon), labels_at(day, horizon))]
    return [*labelled, *_unlabelled(as_of, horizon)]


def _unlabelled(day: date, horizon: Horizon) -> tuple[str, str]:
    return features_at(day), priors_at(day, horizon)


def _committed(lake: Lake, partition: str) -> list[str]:
    """Return a partition's files and its commit, named from the lake's root."""
    commit = lake.current(partition)
    if commit is None:
        raise UserError(
            f"{lake.url(partition)}: nothing committed there; run the features job of this day first"
        )
    return [f"{partition}/{name}" for name in (CURRENT, *commit.files)]
