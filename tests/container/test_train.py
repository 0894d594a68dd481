"""Script mode of the container's toolkit trains what the laptop trains, without a network."""

import json
import tarfile

import pytest

from tests.container.conftest import SEGMENT, SETTINGS, TEST_AS_OF, hyperparameters
from tests.container.toolkit import train
from training.job import train_segment

OUTPUT = {"baseline.json", "card.html", "card.json", "customers.parquet", "evaluation.json", "verdict.json"}


@pytest.fixture(scope="module")
def here(channel, tmp_path_factory):
    """The same training in this process: its model, its output."""
    model_dir, output_dir = (tmp_path_factory.mktemp(name) for name in ("model", "output"))
    train_segment(channel, None, None, model_dir, output_dir, SEGMENT, TEST_AS_OF, SETTINGS, [].append)
    return model_dir, output_dir


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_model_is_the_laptops_byte_for_byte(trained, here):
    model_dir, _ = here
    told = {name for name in files(trained.model_dir) if not name.startswith("code/")}
    assert told == files(model_dir)
    for name in told:
        assert (trained.model_dir / name).read_bytes() == (model_dir / name).read_bytes(), name


def test_evaluation_and_verdict_are_the_laptops(trained, here):
    _, output_dir = here
    assert files(trained.output_dir) == OUTPUT
    for name in ("evaluation.json", "verdict.json", "baseline.json"):
        assert json.loads((trained.output_dir / name).read_text()) == json.loads(
            (output_dir / name).read_text()
        )


def test_code_that_serves_lies_beside_the_model(trained, code):
    with tarfile.open(code / "sourcedir.tar.gz") as archive:
        shipped = {name for name in archive.getnames() if name.endswith(".py")}
    assert files(trained.model_dir / "code") == shipped
    assert {"serve.py", "train.py", "inference/handlers.py"} <= shipped


def test_log_carries_the_metrics_that_sagemaker_looks_for(trained):
    assert "validation-gini:" in trained.log


def test_failing_training_ends_with_one_clear_line(channel, code, tmp_path):
    base = tmp_path / "ml"
    told = hyperparameters(base, segment="everybody")
    done = train(base, told, {"snapshots": channel, "code": code})
    assert done.returncode == 1
    assert "clv training failed: hyperparameter segment is 'everybody': expected one of early" in done.stderr
    assert (base / "output" / "failure").exists()
    assert files(base / "model") == set()


def test_without_pips_inverted_flag_the_code_cannot_be_installed(channel, code, tmp_path):
    base = tmp_path / "ml"
    channels = {"snapshots": channel, "code": code}
    done = train(base, hyperparameters(base), channels, PIP_NO_BUILD_ISOLATION="1")
    assert done.returncode == 1
    assert "No matching distribution found for setuptools" in done.stderr
