"""The container's entry to a training: the same model, the serving code beside it, one clear last line."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clv.errors import UserError
from step_functions.rehearsal.processes import inherited
from tests.flow.conftest import AS_OF
from tests.flow.trainings import FEW
from training.code import copy_code

CHECKOUT = Path(__file__).parents[2]


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
        **inherited(),
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
