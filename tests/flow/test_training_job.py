"""One training as SageMaker runs it: from a channel folder to model, evaluation and verdict."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clv.closed_snapshots import SnapshotPlan, plan
from clv.errors import UserError
from clv.lake import Lake
from clv.models.catalogue import load_model
from clv.partitions import features_at, labels_at, priors_at, snapshots_at
from clv.segments import SCORED
from clv.snapshots import snapshot
from clv.timeline import Horizon, parse_as_of
from clv.training_metrics import METRIC_DEFINITIONS
from glue_jobs.build_features import build_features, build_labels, build_priors
from glue_jobs.start import engine_for
from tests.flow.conftest import AS_OF, SETTINGS
from training.champion import open_champion
from training.code import copy_code
from training.job import train_segment

HORIZON = Horizon(SETTINGS.horizon_days)
FEW = replace(SETTINGS, minimum_training_rows=100, max_rounds=30)
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def channel(scored, tmp_path_factory):
    """The snapshots channel: a small lake with the plan, its snapshots and as_of's features and priors."""
    lake = Lake.at(tmp_path_factory.mktemp("whole") / "lake")
    shutil.copytree(scored[0].root, lake.root)
    planned = plan(parse_as_of("2023-07-01"), AS_OF, HORIZON, FEW)
    with engine_for(lake, "duckdb", "snapshots") as engine:
        for day in planned.labelled_as_ofs:
            build_features(engine, lake, day, "run-t")
            build_priors(engine, lake, day, HORIZON, "run-t")
            build_labels(engine, lake, day, HORIZON, "run-t")
    small = tmp_path_factory.mktemp("channel")
    for day in {*planned.labelled_as_ofs, AS_OF}:
        for partition in (features_at(day), priors_at(day, HORIZON), labels_at(day, HORIZON)):
            if lake.path(partition).exists():
                shutil.copytree(lake.path(partition), small / partition)
    write_plan(small, planned)
    return small


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


@pytest.fixture(scope="module")
def trained(channel, tmp_path_factory):
    return {name: Trained(tmp_path_factory.mktemp(name), channel, name) for name in SCORED}


def test_what_was_judged_is_the_newest_closed_snapshot_taught_by_horizons_closed_before_it(trained):
    told = trained["established"].told("evaluation.json")
    assert told["evaluation_as_of"] == "2025-01-01"
    assert told["training_as_ofs"] == ["2024-11-01", "2024-12-01", "2025-01-01"]
    assert told["evaluation_training_as_ofs"] == ["2024-05-01", "2024-06-01", "2024-07-01"]
    assert told["evaluated_version"] != told["model_version"]


@pytest.mark.parametrize("segment", SCORED)
def test_every_rival_is_judged_on_the_customers_of_the_segment(channel, trained, segment):
    told = trained[segment].told("evaluation.json")
    frame = snapshot(Lake.at(channel), parse_as_of("2025-01-01"), HORIZON, labelled=True)
    customers = frame[frame.segment == segment]
    assert {row["model"] for row in told["rows"]} == {
        "ours",
        "12m",
        "rfm",
        "btyd-bgnbd-gg-all",
        "btyd-bgnbd-gg-repeat",
        "btyd-mbgnbd-gg-all",
        "btyd-mbgnbd-gg-repeat",
        "btyd-paretonbd-gg-all",
        "btyd-paretonbd-gg-repeat",
        "pooled",
    }
    assert {(row["segment"], row["n"]) for row in told["rows"]} == {(segment, len(customers))}
    [everybody] = [row for row in told["figures"] if row["dimension"] == "all"]
    assert everybody["actual_eur"] == pytest.approx(customers.label_eur.sum())
    [own] = [row for row in told["rows"] if row["model"] == "ours"]
    assert everybody["rmse"] == own["rmse"]
    listed = pd.read_parquet(trained[segment].output / "customers.parquet")
    assert sorted(listed.customer_id) == sorted(customers.customer_id)
    assert listed.clv_eur.sum() == pytest.approx(everybody["predicted_eur"])


@pytest.mark.parametrize("segment", SCORED)
def test_the_model_folder_loads_and_forecasts_todays_customers(channel, trained, segment):
    done = trained[segment]
    model = load_model(done.model, HORIZON.days)
    card = json.loads((done.model / "card.json").read_text())
    assert model.version == card["model_version"] == done.told("evaluation.json")["model_version"]
    assert card["trained_as_of"] == AS_OF.isoformat()
    assert card["population"]["all"]["rows"] > card["population"][segment]["rows"] > 0
    assert set(card["metrics"]) == {"ours", "12m"}
    frame = snapshot(Lake.at(channel), AS_OF, HORIZON, labelled=False)
    said = model.forecast(frame[frame.segment == segment])
    baseline = done.told("baseline.json")
    assert baseline["customers"] == len(said)
    quantiles = baseline["numeric"]["clv_eur"]["quantiles"]
    assert quantiles["0.5"] == np.quantile(said.clv_eur, 0.5, method="inverted_cdf")


def test_metrics_are_printed_as_their_definitions_find_them(trained):
    done = trained["established"]
    [own] = [row for row in done.told("evaluation.json")["rows"] if row["model"] == "ours"]
    log = "\n".join(done.said)
    found = {d["Name"]: float(re.search(d["Regex"], log)[1]) for d in METRIC_DEFINITIONS}
    assert found == pytest.approx(
        {
            "validation-gini": own["gini_normalised"],
            "validation-calibration": own["calibration_ratio"],
            "validation-rmse": own["rmse"],
            "validation-mae": own["mae"],
        },
        abs=1e-6,
    )


@pytest.mark.parametrize("segment", SCORED)
def test_a_second_training_writes_the_same_bytes(channel, trained, segment, tmp_path):
    assert Trained(tmp_path, channel, segment).files() == trained[segment].files()


def test_a_champion_that_has_not_seen_the_label_is_judged_on_the_same_customers(channel, trained, tmp_path):
    packed = trained["established"].archive(tmp_path, trained_as_of="2025-01-01")
    done = Trained(tmp_path / "new", channel, "established", packed, trained["established"].output)
    rows = {row["model"]: row for row in done.told("evaluation.json")["rows"]}
    assert "champion" in rows
    [rule] = [r for r in done.verdict["rules"] if r["rule"] == "ranks_no_worse_than_the_champion"]
    gap = rows["ours"]["gini_normalised"] - rows["champion"]["gini_normalised"]
    assert rule["figure"] == pytest.approx(gap)
    assert "on the same customers of 2025-01-01" in rule["says"]


def test_a_champion_that_has_seen_the_label_is_compared_by_its_own_evaluation(channel, trained, tmp_path):
    done = trained["established"]
    again = Trained(tmp_path / "new", channel, "established", done.archive(tmp_path), done.output)
    assert "champion" not in {row["model"] for row in again.told("evaluation.json")["rows"]}
    [rule] = [r for r in again.verdict["rules"] if r["rule"] == "ranks_no_worse_than_the_champion"]
    assert (rule["figure"], rule["passed"]) == (0.0, True)
    told = done.told("evaluation.json") | {"evaluation_as_of": "2024-12-01"}
    (tmp_path / "evaluation.json").write_text(json.dumps(told))
    other = Trained(tmp_path / "other", channel, "established", tmp_path, tmp_path)
    [rule] = [r for r in other.verdict["rules"] if r["rule"] == "ranks_no_worse_than_the_champion"]
    assert (rule["figure"], rule["passed"]) == (None, True)
    assert "its last evaluation is of another t₀" in rule["says"]


def test_a_champion_of_another_horizon_is_refused(channel, trained, tmp_path):
    packed = trained["early"].archive(tmp_path)
    with pytest.raises(UserError, match="forecasts 180 days, not 90"):
        open_champion(packed, Horizon(90))


def without_labels(channel, tmp_path, planned):
    folder = tmp_path / "channel"
    shutil.copytree(channel, folder)
    write_plan(folder, planned)
    return folder


@pytest.mark.parametrize("segment", SCORED)
def test_with_nothing_closed_the_label_free_model_is_approved_and_says_why(channel, segment, tmp_path):
    folder = without_labels(channel, tmp_path, SnapshotPlan((), None, ()))
    done = Trained(tmp_path / "done", folder, segment)
    assert done.verdict["status"] == "Approved"
    assert done.verdict["reason"].startswith("no snapshot has closed a horizon of 180 days")
    assert load_model(done.model, 180).version == "paretonbd-gg-12m"
    told = done.told("evaluation.json")
    assert (told["evaluation_as_of"], told["rows"], told["figures"]) == (None, [], [])
    assert not [line for line in done.said if line.startswith("validation-")]


def test_trees_that_nobody_could_judge_do_not_score(channel, tmp_path):
    closed = (parse_as_of("2024-07-01"),)
    folder = without_labels(channel, tmp_path, SnapshotPlan(closed, closed[0], ()))
    done = Trained(tmp_path / "done", folder, "established")
    assert load_model(done.model, 180).version == "paretonbd-gg-12m"
    told = done.told("evaluation.json")
    assert told["evaluation_as_of"] == "2024-07-01"
    assert told["notes"][0].startswith("no trees could be judged at 2024-07-01")
    assert {row["model"] for row in told["rows"]} >= {"ours", "12m"}


def test_before_a_second_horizon_has_closed_trees_are_judged_on_the_other_half_and_say_so(channel, tmp_path):
    closed = tuple(map(parse_as_of, ("2024-05-01", "2024-06-01", "2024-07-01")))
    folder = without_labels(channel, tmp_path, SnapshotPlan(closed, closed[-1], ()))
    done = Trained(tmp_path / "done", folder, "established")
    told = done.told("evaluation.json")
    assert told["caveat"].startswith("not out of time")
    assert "not out of time" in done.verdict["reason"] + done.verdict["rules"][0]["says"]
    assert load_model(done.model, 180).version.startswith("xgb-tweedie-")
    frame = snapshot(Lake.at(folder), closed[-1], HORIZON, labelled=True)
    everybody = (frame.segment == "established").sum()
    assert told["customers"] == pytest.approx(everybody / 2, rel=0.15)


def test_a_label_free_model_that_was_not_judged_does_not_replace_trees(channel, trained, tmp_path):
    folder = without_labels(channel, tmp_path, SnapshotPlan((), None, ()))
    packed = trained["established"].archive(tmp_path)
    done = Trained(tmp_path / "done", folder, "established", packed)
    assert done.verdict["status"] == "PendingManualApproval"
    assert "may not replace xgb-tweedie-" in done.verdict["reason"]


@pytest.fixture
def archive(tmp_path):
    """The unpacked code archive: the rooms a container has, with its two modules at the root."""
    for room in ("clv", "training", "inference"):
        shutil.copytree(
            CHECKOUT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "entry")
        )
    shutil.copyfile(CHECKOUT / "training" / "entry" / "train.py", tmp_path / "train.py")
    (tmp_path / "serve.py").write_text("")
    return tmp_path


def start(archive, channel, **hyperparameters):
    told = FEW.hyperparameters() | {"segment": "early", "as_of": AS_OF.isoformat()} | hyperparameters
    for name in ("model", "output"):
        (archive / name).mkdir()
    environment = {
        "PATH": os.defpath,
        "SM_HPS": json.dumps({**told, "sagemaker_program": "train.py"}),
        "SM_CHANNEL_SNAPSHOTS": str(channel),
        "SM_MODEL_DIR": str(archive / "model"),
        "SM_OUTPUT_DATA_DIR": str(archive / "output"),
    }
    command = [sys.executable, "-m", "train", "--segment", "early"]
    return subprocess.run(command, cwd=archive, env=environment, capture_output=True, text=True, check=False)


def test_the_container_entry_trains_the_same_model_and_puts_the_serving_code_beside_it(
    archive, channel, trained
):
    done = start(archive, channel)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("python 3.")
    code = archive / "model" / "code"
    assert (code / "serve.py").exists()
    assert (code / "clv" / "models" / "catalogue.py").exists()
    shutil.rmtree(code)
    written = {
        f"{name}/{p.relative_to(archive / name)}": p.read_bytes()
        for name in ("model", "output")
        for p in (archive / name).rglob("*")
        if p.is_file()
    }
    assert written == trained["early"].files()


def test_a_failed_training_ends_its_log_with_one_clear_line(archive, channel):
    done = start(archive, channel, horizon_days="181")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("clv training failed: ")
    assert "horizon_days=181" in last


def test_an_unknown_hyperparameter_and_an_incomplete_archive_are_named(archive, channel, tmp_path_factory):
    done = start(archive, channel, max_dept="3")
    assert done.stderr.strip().splitlines()[-1].startswith("clv training failed: unknown setting max_dept")
    (archive / "serve.py").unlink()
    with pytest.raises(UserError, match=r"the code archive lacks serve\.py"):
        copy_code(tmp_path_factory.mktemp("model"), archive)
