"""`clv experiment design|assign|readout` on a small lake, from the declaration to the verdict."""

import json
import shutil
from datetime import date, datetime

import ibis
import pandas as pd
import pytest

from app.experiment_data import Behaviour, arms_in, design_of
from clv.experiment_tables import ARMS, UPLIFTS
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import arms_at, readouts_of
from glue_jobs.known import Sources
from tests.flow.conftest import AS_OF
from tests.flow.test_command_line import clv

NAME = ["--name", "spring", "--quiet", "--json"]


@pytest.fixture(scope="module")
def trial(scored, tmp_path_factory):
    """A copy of the scored lake for experiments."""
    lake = Lake.at(tmp_path_factory.mktemp("trial") / "copy")
    shutil.copytree(scored[0].root, lake.root)
    return lake


def say(monkeypatch, capsys, lake, command, *words):
    return clv(monkeypatch, capsys, "experiment", command, "--lake", lake.root, *NAME, *words)


@pytest.fixture
def told(monkeypatch, capsys, trial):
    """What the design and the drawing of the arms say; they are done once and found again."""
    if trial.read_text("experiments/spring/design.json") is None:
        code, out, err = say(monkeypatch, capsys, trial, "design", "--as-of", AS_OF, "--weeks", 8)
        assert (code, err) == (0, "")
        trial.write_text("experiments/spring/told.json", out)
    code, out, err = say(monkeypatch, capsys, trial, "assign")
    assert (code, err) == (0, "")
    return json.loads(trial.read_text("experiments/spring/told.json")), json.loads(out)


def test_the_design_names_models_power_and_duration(trial, told):
    design, power = told[0]["design"], told[0]["power"]
    assert all("@clv-" in model for model in design["model_versions"])
    assert design["contacts"] == told[0]["rule_names"] > 0
    effects = [row["mde_eur"] for row in power["table"]]
    assert effects == sorted(effects, reverse=True)
    assert power["members"] == power["control"] + power["treatment"]
    assert [row["weeks"] for row in power["durations"]] == [2, 4, 6, 8, 10, 12, 16, 20, 26]
    assert design_of(trial, "spring").fingerprint == told[0]["fingerprint"]


def test_the_arms_are_a_file_with_one_row_for_each_eligible_customer(trial, told):
    members = read_frame(trial.files(arms_at("spring"), "arms/"))
    assert list(members.columns) == list(ARMS.names)
    assert members["customer_id"].is_unique
    assert len(members) == told[0]["power"]["members"] == sum(row["customers"] for row in told[1]["arms"])
    features = read_frame(trial.files(f"features/as_of={AS_OF}")).set_index("customer_id")
    assert features.loc[members["customer_id"], "marketing_consent"].all()
    assert (features.loc[members["customer_id"], "orders_all"] > 0).all()
    missing = features[(features["marketing_consent"] == True) & (features["orders_all"] > 0)]  # noqa: E712
    assert set(missing.index) == set(members["customer_id"])


def test_drawn_arms_stay_and_their_design_with_them(monkeypatch, capsys, trial, told):
    before = read_frame(trial.files(arms_at("spring"), "arms/"))
    code, out, _ = say(monkeypatch, capsys, trial, "assign")
    assert (code, json.loads(out)["drawn_now"]) == (0, False)
    pd.testing.assert_frame_equal(before, read_frame(trial.files(arms_at("spring"), "arms/")))
    code, _, err = say(monkeypatch, capsys, trial, "design", "--as-of", AS_OF, "--replace")
    assert (code, err.count("\n")) == (2, 1)
    assert "its arms are drawn, the design is fixed" in err


def test_looks_are_kept_and_the_end_has_a_verdict(monkeypatch, capsys, trial, told):
    code, out, err = say(monkeypatch, capsys, trial, "readout", "--as-of", "2025-08-01")
    assert (code, err) == (0, "")
    first = json.loads(out)
    assert first["state"] == "early"
    assert first["warnings"][0].startswith("peeking: 55% of the window has passed")
    assert first["churn_high_value"] is None

    code, out, _ = say(monkeypatch, capsys, trial, "readout", "--as-of", "2025-10-01")
    last = json.loads(out)
    assert code == 0
    assert (last["earlier_looks"], last["elapsed"], last["costs_from"]) == (["2025-08-01"], 1.0, "plan")
    assert last["level"] < 0.05
    assert last["churn_high_value"]["customers"] > 0
    assert sum(row["customers"] for row in last["segments"] if row["column"] == "country") == sum(
        row["customers"] for row in last["arms"]
    )
    partition = f"{readouts_of('spring')}/as_of=2025-10-01"
    assert json.loads(trial.committed_text(partition, "readout.json"))["verdict"] == last["verdict"]
    assert f"**{last['verdict']}**" in trial.committed_text(partition, "summary.md")
    strata = read_frame(trial.files(partition, "uplifts/"))
    assert list(strata.columns) == list(UPLIFTS.names)
    assert strata["n_treatment"].sum() + strata["n_control"].sum() == told[0]["power"]["members"]
    assert strata["finished"].all()


def test_revenue_is_that_of_the_window_alone(monkeypatch, capsys, trial, told):
    _, out, _ = say(monkeypatch, capsys, trial, "readout", "--as-of", "2026-01-01")
    members = set(arms_in(trial, design_of(trial, "spring"))["customer_id"])
    entries = read_frame(trial.files("ledger", "entries/"))
    window = entries[(entries["entry_ts"] >= "2025-07-01") & (entries["entry_ts"] < "2025-08-26")]
    known = window[(window["known_ts"] < "2025-08-26") & window["customer_id"].isin(members)]
    total = sum(row["revenue_eur"] for row in json.loads(out)["arms"])
    assert total == pytest.approx(known["amount_eur_cents"].sum() / 100)


@pytest.mark.parametrize(
    ("command", "words", "message"),
    [
        ("design", ["--as-of", "2025-01-04"], "nothing committed there yet"),
        ("design", ["--contact-days", "soon"], "give whole days such as 0,28"),
        ("design", ["--budget-eur", 1], "the budget pays for no contact"),
        ("design", ["--min-orders", 999], "the RFM rule names nobody"),
        ("design", ["--weeks", 0], "weeks"),
        ("assign", [], "no such experiment"),
        ("readout", [], "no such experiment"),
    ],
)
def test_what_cannot_be_is_one_line(monkeypatch, capsys, trial, command, words, message):
    words = ["experiment", command, "--lake", trial.root, "--name", "other", "--quiet", *words]
    code, out, err = clv(monkeypatch, capsys, *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert "internal error" not in err


@pytest.mark.parametrize(
    ("day", "message"), [("2025-07-01", "the experiment starts on"), ("2030-01-01", "the ledger ends on")]
)
def test_a_read_out_needs_data_of_its_day(monkeypatch, capsys, trial, told, day, message):
    code, _, err = say(monkeypatch, capsys, trial, "readout", "--as-of", day)
    assert code == 2
    assert message in err


def test_a_design_that_was_changed_by_hand_is_refused(monkeypatch, capsys, trial, told, tmp_path):
    lake = Lake.at(tmp_path / "changed")
    shutil.copytree(trial.root, lake.root)
    place = "experiments/spring/design.json"
    lake.write_text(place, lake.read_text(place).replace('"weeks": 8', '"weeks": 9'))
    code, _, err = say(monkeypatch, capsys, lake, "readout")
    assert code == 2
    assert "changed since the arms were drawn" in err


def test_costs_are_those_of_the_treatments_that_were_known(trial, told):
    design = design_of(trial, "spring")
    at = datetime(2025, 7, 2)
    columns = [
        "customer_id",
        "campaign",
        "treatment_ts",
        "purpose",
        "cost_eur_cents",
        "known_ts",
        "known_until_ts",
    ]
    rows = [
        ("a", "spring", at, "exploit", 80, at, None),
        ("a", "spring", datetime(2025, 7, 29), "exploit", 70, datetime(2025, 7, 29), None),
        ("a", "other", at, "exploit", 9_999, at, None),
        ("b", "spring", at, "holdout", 0, at, None),
        ("c", "spring", at, "exploit", 50, at, datetime(2025, 7, 10)),
        ("d", "spring", at, "exploit", 60, datetime(2025, 9, 1), None),
    ]
    frame = pd.DataFrame(rows, columns=columns).astype({"known_until_ts": "datetime64[us]"})
    behaviour = Behaviour(Sources({"treatments": ibis.memtable(frame)}, {}))
    found = behaviour.contacts(design, date(2025, 8, 1), pd.Series(list("abcde")))
    assert found["cost_eur"].tolist() == [1.5, 0, 0, 0, 0]
    assert found["reached"].tolist() == [True, False, False, False, False]
    assert behaviour.contacts(design, date(2025, 7, 1), pd.Series(["a"])) is None
