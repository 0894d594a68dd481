import shutil

import pytest

from app.cli import cli
from app.rehearsal import synthesize
from app.weekly import run_once
from app.world.build import write_world
from clv.lake import Lake
from clv.segments import SCORED
from tests.flow import glue_runs, trainings
from tests.flow.shared_lakes import made_once
from tests.flow.weekly_lake import AS_OF, SETTINGS


def silent(message):
    """Drop the progress."""


@pytest.fixture(scope="session")
def scored(tmp_path_factory):
    """A lake of 1,500 customers with one weekly run, and what the run told."""

    def make(lake):
        write_world(lake, 1_500, 7, replace=False, progress=silent)
        return run_once(lake, AS_OF, SETTINGS, silent)

    return made_once(tmp_path_factory, "weekly", make)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory):
    """The cloud assembly of the stage prod, synthesized as for a deployment."""
    return synthesize(tmp_path_factory.mktemp("assembly") / "cdk.out", "prod")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A lake of 1,000 customers after ledger, features and snapshots, and the answers to its inputs."""
    lake = Lake.at(tmp_path_factory.mktemp("glue"))
    write_world(lake, 1_000, 7, replace=False, progress=silent)
    lines = [line for verb in glue_runs.FIRST for line in glue_runs.job(lake, verb)]
    glue_runs.answers(lake, "run-1")
    return lake, lines


@pytest.fixture
def copy(built, tmp_path):
    """A lake of its own for a test that changes it; the addresses in it are those of the copy."""
    lake = Lake.at(tmp_path / "copy")
    shutil.copytree(built[0].root, lake.root)
    return lake


@pytest.fixture(scope="session")
def channel(scored, tmp_path_factory):
    """The snapshots channel of a training on the weekly run's lake."""
    small = tmp_path_factory.mktemp("channel")
    trainings.snapshots_channel(scored[0], tmp_path_factory.mktemp("whole") / "lake", small)
    return small


@pytest.fixture(scope="session")
def trained(channel, tmp_path_factory):
    """A finished training of each segment."""
    return {name: trainings.Trained(tmp_path_factory.mktemp(name), channel, name) for name in SCORED}


@pytest.fixture(scope="session")
def tried(scored, tmp_path_factory):
    """The weekly run's lake with an experiment that is read out at its end and a budget simulated on it."""
    lake = Lake.at(tmp_path_factory.mktemp("tried") / "lake")
    shutil.copytree(scored[0].root, lake.root)
    for verb in (["design", "--weeks", "8"], ["assign"], ["readout", "--as-of", "2025-10-01"]):
        options = ["--lake", lake.root, "--name", "spring", "--quiet", "--json"]
        cli(["experiment", *verb, *options], standalone_mode=False)
    week = ["--lake", lake.root, "--as-of", str(AS_OF), "--budget-eur", "500", "--quiet", "--json"]
    cli(["simulate", *week], standalone_mode=False)
    return lake
