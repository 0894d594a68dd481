import json
import sys

import pytest

from app.cli import main
from tests.flow.conftest import AS_OF


def clv(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["clv", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "--lake", "nowhere", "--as-of", "today"], "write a date as YYYY-MM-DD"),
        (["run", "--lake", "s3://bucket/lake", "--as-of", "2025-01-01"], "deployed state machine"),
        (["run", "--as-of", "2025-01-01"], "lake"),
        (["import", "transactions", "missing.csv", "--currency", "EUR", "--lake", "x"], "missing.csv"),
        (["report", "--lake", "nowhere"], "clv run"),
        (["backtest", "--lake", "nowhere", "--as-of", "2025-01-01"], "import"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do_and_exit_code_2(
    monkeypatch, capsys, tmp_path, words, message
):
    monkeypatch.chdir(tmp_path)
    code, out, err = clv(monkeypatch, capsys, *words, "--quiet")
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert message in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    _, _, err = clv(monkeypatch, capsys, "report", "--lake", "nowhere", "--debug")
    assert "Traceback" in err


def test_an_interrupted_command_does_not_look_like_a_success(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("app.commands.make_report", interrupted)
    code, _, err = clv(monkeypatch, capsys, "report", "--lake", "anywhere")
    assert (code, err.count("\n")) == (2, 1)
    assert "interrupted" in err


def test_json_prints_the_result_and_nothing_else(monkeypatch, capsys, scored):
    words = ["run", "--lake", scored[0].root, "--as-of", AS_OF, "--horizon-days", 180, "--json", "--quiet"]
    code, out, err = clv(monkeypatch, capsys, *words, "--quiet")
    assert (code, err) == (0, "")
    assert {row["segment"] for row in json.loads(out)["segments"]} == {"lead", "early", "established"}


@pytest.mark.parametrize(
    "command",
    [
        "world",
        "run",
        "backtest",
        "report",
        "rates",
        "scores",
        "drivers",
        "plan",
        "cost",
        "import online-retail",
        "import transactions",
    ],
)
def test_help_has_an_example(monkeypatch, capsys, command):
    code, out, _ = clv(monkeypatch, capsys, *command.split(), "--help")
    assert code == 0
    assert "Example" in out
