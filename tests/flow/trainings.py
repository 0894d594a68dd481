"""Trainings as SageMaker runs them: their snapshots channel, and what a finished one left."""

import json
import shutil
import tarfile
from dataclasses import replace

from clv.closed_snapshots import plan
from clv.lake import Lake
from clv.partitions import features_at, labels_at, priors_at, snapshots_at
from clv.timeline import Horizon, parse_as_of
from glue_jobs.build_features import build_features, build_labels, build_priors
from glue_jobs.start import engine_for
from tests.flow.weekly_lake import AS_OF, SETTINGS
from training.job import train_segment

HORIZON = Horizon(SETTINGS.horizon_days)
FEW = replace(SETTINGS, minimum_training_rows=100, max_rounds=30)


def snapshots_channel(scored, whole, small):
    """Fill a folder as the snapshots channel, a small lake of the plan, its snapshots and as_of's features.

    scored : the lake they come from; whole : a folder for a copy that also gets the snapshots
    """
    lake = Lake.at(whole)
    shutil.copytree(scored.root, lake.root)
    planned = plan(parse_as_of("2023-07-01"), AS_OF, HORIZON, FEW)
    with engine_for(lake, "duckdb", "snapshots") as engine:
        for day in planned.labelled_as_ofs:
            build_features(engine, lake, day, "run-t")
            build_priors(engine, lake, day, HORIZON, "run-t")
            build_labels(engine, lake, day, HORIZON, "run-t")
    for day in {*planned.labelled_as_ofs, AS_OF}:
        for partition in (features_at(day), priors_at(day, HORIZON), labels_at(day, HORIZON)):
            if lake.path(partition).exists():
                shutil.copytree(lake.path(partition), small / partition)
    write_plan(small, planned)


def write_plan(folder, planned):
    home = folder / snapshots_at(AS_OF, HORIZON)
    (home / "run=run-t").mkdir(parents=True, exist_ok=True)
    (home / "run=run-t" / "plan.json").write_text(planned.to_json())
    told = {"run_id": "run-t", "files": ["run=run-t/plan.json"], "row_count": 0}
    (home / "_current.json").write_text(json.dumps(told))


class Trained:
    """A finished training: its two folders, its verdict and what it said."""

    def __init__(self, folder, channel, segment, champion=None, leaderboard=None, settings=FEW):
        self.model, self.output, self.said = folder / "model", folder / "output", []
        self.model.mkdir(parents=True)
        self.output.mkdir()
        self.verdict = train_segment(
            channel,
            champion,
            leaderboard,
            self.model,
            self.output,
            segment,
            AS_OF,
            settings,
            self.said.append,
        )

    def told(self, name):
        return json.loads((self.output / name).read_text())

    def files(self):
        both = {"model": self.model, "output": self.output}
        return {
            f"{name}/{p.relative_to(home)}": p.read_bytes()
            for name, home in both.items()
            for p in home.rglob("*")
            if p.is_file()
        }

    def archive(self, folder, **card):
        """Pack the model as SageMaker does, its card changed."""
        copy = folder / "unpacked"
        shutil.copytree(self.model, copy)
        told = json.loads((copy / "card.json").read_text())
        (copy / "card.json").write_text(json.dumps(told | card))
        with tarfile.open(folder / "model.tar.gz", "w:gz") as packed:
            for path in sorted(copy.iterdir()):
                packed.add(path, path.name)
        shutil.rmtree(copy)
        return folder
