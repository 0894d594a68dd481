"""Where a model comes from: the code that trained it, and the runs that wrote the tables it read."""

from datetime import date
from typing import Any

from clv.closed_snapshots import SnapshotPlan
from clv.code_version import code_version
from clv.lake import Lake
from clv.partitions import features_at, labels_at, priors_at
from clv.timeline import Horizon

ROOMS = ("clv", "inference", "training")


def provenance(lake: Lake, plan: SnapshotPlan, as_of: date, horizon: Horizon) -> dict[str, Any]:
    """Return `code_version`, and `read`: the run that committed each partition of the training, by its name.

    lake : the snapshots of one training
    """
    days = plan.labelled_as_ofs
    labelled = [labels_at(day, horizon) for day in days]
    names = [part for day in (*days, as_of) for part in (features_at(day), priors_at(day, horizon))]
    commits = {name: lake.current(name) for name in sorted({*names, *labelled})}
    return {
        "code_version": code_version(ROOMS),
        "read": {name: commit.run_id for name, commit in commits.items() if commit is not None},
    }
