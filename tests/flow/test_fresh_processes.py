"""A job of the rehearsal finds what its service would give it, and nothing of this checkout."""

import json

import pytest

from step_functions.rehearsal import processes
from step_functions.rehearsal.processes import JobFailed, lambda_packages, run, site_packages


def ran(tmp_path, code, path=(), variables=None):
    program = tmp_path / "program.py"
    program.write_text(code)
    return run(program, ["one", "two"], path, tmp_path, variables or {})


def test_the_checkout_is_not_on_the_search_path_even_beside_the_installed_packages(tmp_path):
    with pytest.raises(JobFailed, match="No module named 'clv'"):
        ran(tmp_path, "import pandas, clv", [site_packages()])


def test_a_lambda_function_has_boto3_and_no_other_package(tmp_path):
    path = [lambda_packages(tmp_path / "lambda")]
    assert ran(tmp_path, "import boto3; print(boto3.client)", path)
    with pytest.raises(JobFailed, match="No module named 'numpy'"):
        ran(tmp_path, "import numpy", path)


def test_the_environment_is_the_one_given(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    monkeypatch.setenv("CLV_SETTINGS", "{}")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    found = json.loads(ran(tmp_path, code, variables={"SM_MODEL_DIR": "/opt/ml/model"}))
    assert found["SM_MODEL_DIR"] == "/opt/ml/model"
    assert "CLV_SETTINGS" not in found
    assert not [name for name in found if name.startswith("AWS_") and name not in processes.SYSTEM]


def test_arguments_and_path_arrive_and_the_output_is_returned(tmp_path):
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "mine.py").write_text("NAME = 'mine'")
    code = "import sys, mine; print(mine.NAME, *sys.argv[1:])"
    assert ran(tmp_path, code, [tmp_path / "modules"]) == "mine one two\n"


def test_the_last_line_of_the_log_says_why_a_job_failed(tmp_path):
    with pytest.raises(JobFailed, match=r"^ValueError: no column order_id$"):
        ran(tmp_path, "raise ValueError('no column order_id')")
