"""`clv train --on sagemaker` where it cannot train: one line that says what to do, and exit code 2."""

import sys
from datetime import date

import pytest

from app import train_by_hand
from app.cli import main
from clv.errors import UserError
from clv.lake import Lake
from clv.settings import Settings

COMMAND = ["clv", "train", "--lake", "s3://lake", "--as-of", "2026-07-01", "--code", "s3://code/"]


def fails(monkeypatch, capsys, *more):
    monkeypatch.setattr(sys, "argv", [*COMMAND, *more])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_without_the_sdk_the_make_target_is_named(monkeypatch, capsys):
    said = fails(monkeypatch, capsys, "--on", "sagemaker", "--segment", "early")
    assert "`make .venv-sagemaker` builds it" in said


def test_another_service_is_unknown(monkeypatch, capsys):
    assert "--on glue: expected sagemaker" in fails(monkeypatch, capsys, "--on", "glue", "--segment", "early")


@pytest.mark.parametrize(
    ("lake", "segment", "said"),
    [("s3://lake", "lead", "expected one of early, established"), ("lake", "early", r"give --lake s3://")],
)
def test_lead_segment_and_local_lake_are_refused(monkeypatch, tmp_path, lake, segment, said):
    monkeypatch.setattr(train_by_hand, "require_sdk", lambda: None)
    where = lake if lake.startswith("s3://") else tmp_path
    with pytest.raises(UserError, match=said):
        train_by_hand.train_on("sagemaker", Lake.at(where), segment, date(2026, 7, 1), Settings())
