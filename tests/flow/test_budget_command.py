"""`clv budget` and `clv simulate` on a weekly run's lake: tables, limits, labels, errors."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from clv.decision_tables import AUDIENCE, FRONTIER, HELD_OUT, PROFIT_DRAWS, RETURNS, SENSITIVITY, SPEND_CURVE
from clv.experiment_tables import ARMS, UPLIFTS
from clv.frames import read_frame, write_frame
from clv.lake import Lake
from clv.partitions import arms_at, budget_at, features_at, readouts_of, scores_at, simulation_at
from decisions.standing_holdout import SETTING, StandingHoldout
from tests.flow.conftest import AS_OF
from tests.flow.test_command_line import clv

ASSUMED = {
    "margin": 0.4,
    "actions": [
        {"name": "mail", "cost_eur": 0.5},
        {"name": "call", "cost_eur": 5, "most": 3},
    ],
    "uplifts": [
        {"action": "mail", "uplift": 0.1, "low": 0.02, "high": 0.18, "recency_from_days": 60},
        {"action": "mail", "uplift": 0.02, "low": 0.0, "high": 0.04},
        {"action": "call", "uplift": 0.15, "low": 0.0, "high": 0.3, "band": "high"},
    ],
}


@pytest.fixture
def lake(scored, tmp_path):
    """A lake of its own, without the models."""
    own = tmp_path / "lake"
    shutil.copytree(scored[0].root, own, ignore=shutil.ignore_patterns("models", "snapshots", "inputs"))
    return Lake.at(own)


@pytest.fixture
def told(tmp_path):
    """A file of assumptions."""
    file = tmp_path / "assumptions.json"
    file.write_text(json.dumps(ASSUMED), encoding="utf-8")
    return file


def words(command, lake, file, *more):
    given = ["--assumptions", file] if file else []
    return [command, "--lake", lake.root, "--as-of", AS_OF, "--budget-eur", 60, *given, *more]


def test_the_standing_holdout_gets_nothing_and_is_kept_beside_the_audience(monkeypatch, capsys, lake, told):
    lake.write_text(SETTING, '{"share": 0.3, "salt": "a"}')
    code, out, _ = clv(monkeypatch, capsys, *words("budget", lake, told, "--json"))
    assert code == 0
    held = read_frame(lake.files(budget_at(AS_OF), f"{HELD_OUT.name}/"))
    assert tuple(held.columns) == HELD_OUT.names
    assert set(held["purpose"]) == {"holdout"}
    assert json.loads(out)["held_out"] == len(held) > 0
    offered = read_frame(lake.files(budget_at(AS_OF), f"{RETURNS.name}/"))
    holdout = StandingHoldout(0.3, "a")
    assert holdout.holds(held["customer_id"]).all()
    assert not holdout.holds(offered["customer_id"].unique()).any()


def test_the_audience_keeps_budget_caps_consent_and_one_action_each(
    monkeypatch, capsys, lake, told, tmp_path
):
    csv = tmp_path / "audience.csv"
    code, out, _ = clv(monkeypatch, capsys, *words("budget", lake, told, "--csv", csv, "--json"))
    assert code == 0
    chosen = read_frame(lake.files(budget_at(AS_OF), f"{AUDIENCE.name}/"))
    assert tuple(chosen.columns) == AUDIENCE.names
    assert chosen["customer_id"].is_unique
    consent = read_frame(lake.files(features_at(AS_OF)), ["customer_id", "marketing_consent"])
    agreed = set(consent.loc[consent["marketing_consent"].eq(other=True), "customer_id"])
    assert set(chosen["customer_id"]) <= agreed
    assert chosen["cost_eur"].sum() <= 60
    assert chosen["action"].value_counts()["call"] <= 3
    assert set(chosen["purpose"]) == {"exploit", "explore"}
    assert (chosen.loc[chosen["purpose"] == "exploit", "return_eur"] > 0).all()
    assert chosen["return_eur"].to_numpy() == pytest.approx(
        (chosen["uplift"] * chosen["clv_eur"] * 0.4 - chosen["cost_eur"]).to_numpy()
    )
    summary = json.loads(out)
    assert summary["profit_eur"] == pytest.approx(chosen["return_eur"].sum())
    assert summary["gap"] < 1e-3
    assert summary["risk"]["cvar_eur"] >= summary["risk"]["var_eur"]
    assert summary["notes"][0].startswith(f"ASSUMED, not measured: uplifts of {len(chosen)} of {len(chosen)}")
    pd.testing.assert_frame_equal(
        pd.read_csv(csv).drop(columns="as_of"), chosen.drop(columns="as_of"), check_dtype=False
    )
    returns = read_frame(lake.files(budget_at(AS_OF), f"{RETURNS.name}/"))
    assert set(returns["action"]) == {"mail", "call"}
    assert chosen.merge(returns, on=["customer_id", "action", "return_eur"]).shape[0] == len(chosen)


def test_the_same_command_gives_the_same_plan_and_commits_it_once(monkeypatch, capsys, lake, told):
    first = clv(monkeypatch, capsys, *words("budget", lake, told, "--json"))
    commit = lake.current(budget_at(AS_OF))
    assert clv(monkeypatch, capsys, *words("budget", lake, told, "--json")) == first
    assert lake.current(budget_at(AS_OF)) == commit
    clv(monkeypatch, capsys, *words("budget", lake, told, "--seed", 5))
    assert lake.current(budget_at(AS_OF)) != commit


def test_a_minimum_spend_is_kept_by_those_chosen(monkeypatch, capsys, lake, told):
    scores = read_frame(lake.files(scores_at(AS_OF)))
    country = scores["country"].value_counts().index[-1]
    limits = ["--at-least", f"country={country}:4", "--at-least", "stage=early:2"]
    assert clv(monkeypatch, capsys, *words("budget", lake, told, *limits))[0] == 0
    chosen = read_frame(lake.files(budget_at(AS_OF), f"{AUDIENCE.name}/"))
    chosen = chosen[chosen["purpose"] == "exploit"]
    assert chosen.loc[chosen["country"] == country, "cost_eur"].sum() >= 4 - 1e-6
    assert chosen.loc[chosen["segment"] == "early", "cost_eur"].sum() >= 2 - 1e-6


def test_uplifts_come_of_an_experiment_once_it_has_ended(monkeypatch, capsys, lake, told):
    members = read_frame(lake.files(scores_at(AS_OF))).dropna(subset=["clv_eur"])
    strata = members[["country", "acquisition_channel"]].drop_duplicates().assign(value_band="high")
    with lake.commit(arms_at("spring"), "draw-1") as draft:
        (draft.folder / "arms").mkdir(parents=True)
        arms = members.assign(value_band="high").reindex(columns=list(ARMS.names))
        flags = {
            name: False
            for name, column in zip(ARMS.names, ARMS.columns, strict=True)
            if column.type == "boolean"
        }
        write_frame(arms.assign(experiment="spring", as_of=AS_OF, **flags), ARMS, draft.folder / "arms")
    readout(lake, strata, finished=False)
    mail = ["--experiment", "mail=spring"]
    _, out, _ = clv(monkeypatch, capsys, *words("budget", lake, told, *mail, "--json"))
    assert "no read-out after its end" in json.loads(out)["notes"][-1]
    assert set(json.loads(out)["uplift_sources"]) == {"assumption"}
    readout(lake, strata, finished=True)
    _, out, _ = clv(monkeypatch, capsys, *words("budget", lake, told, *mail, "--json"))
    sources = json.loads(out)["uplift_sources"]
    assert sources["experiment spring"] > 0
    chosen = read_frame(lake.files(budget_at(AS_OF), f"{AUDIENCE.name}/"))
    seen = chosen[chosen["uplift_source"] == "experiment spring"]
    assert seen["stratum"].str.contains(" × high × ").all()
    assert (chosen.loc[chosen["action"] == "call", "uplift_source"] == "assumption").all()


def readout(lake, strata, *, finished):
    rows = strata.reindex(columns=list(UPLIFTS.names)).assign(
        experiment="spring", as_of=AS_OF, finished=finished, value_band="high", contact_uplift_eur=20.0,
        contact_uplift_standard_error_eur=1.0, contact_uplift_shrunk_eur=20.0,
        **{c.name: 1 for c in UPLIFTS.columns if c.type == "int64"},
    )  # fmt: skip
    partition = f"{readouts_of('spring')}/as_of={AS_OF}"
    with lake.commit(partition, f"readout-{int(finished)}") as draft:
        (draft.folder / "uplifts").mkdir(parents=True)
        write_frame(rows, UPLIFTS, draft.folder / "uplifts")


def test_a_simulation_writes_its_tables(monkeypatch, capsys, lake, told):
    code, out, _ = clv(monkeypatch, capsys, *words("simulate", lake, told))
    assert code == 0
    for heading in ("Spend curve", "Efficient frontier", "What profit depends on", "P(loss)"):
        assert heading in out
    tables = {t: read_frame(lake.files(simulation_at(AS_OF), f"{t.name}/")) for t in
              (SPEND_CURVE, FRONTIER, SENSITIVITY, PROFIT_DRAWS)}  # fmt: skip
    assert all(tuple(frame.columns) == table.names for table, frame in tables.items())
    assert set(tables[SENSITIVITY]["figure"]) == {"uplift", "margin", "cost", "response", "horizon"}
    summary = json.loads(lake.committed_text(simulation_at(AS_OF), "summary.json"))
    worst = np.sort(tables[PROFIT_DRAWS]["profit_eur"])[: len(tables[PROFIT_DRAWS]) // 20]
    assert summary["risk"]["cvar_eur"] == pytest.approx(-worst.mean())


def test_who_is_erased_is_in_no_table_of_a_budget(monkeypatch, capsys, lake, told):
    assert clv(monkeypatch, capsys, *words("budget", lake, told))[0] == 0
    person = read_frame(lake.files(budget_at(AS_OF), f"{AUDIENCE.name}/"))["customer_id"].iloc[0]
    assert clv(monkeypatch, capsys, "erase", "--lake", lake.root, "--customer", person, "--quiet")[0] == 0
    for table in (AUDIENCE, RETURNS):
        left = read_frame(lake.files(budget_at(AS_OF), f"{table.name}/"))
        assert len(left) > 0
        assert person not in set(left["customer_id"])


def test_without_a_file_it_says_that_the_example_is_nobodys_measurement(monkeypatch, capsys, lake):
    code, out, _ = clv(monkeypatch, capsys, *words("budget", lake, None))
    assert code == 0
    assert "ASSUMED, not measured" in out
    assert "an example that nobody measured" in out


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--at-least", "country"], "--at-least country: write country=DE:500"),
        (["--at-least", "planet=X:5"], "write country=DE:500 or stage=early:500"),
        (["--at-least", "country=DE:5000"], "minimum spend of EUR 5,000.00 for country DE"),
        (["--experiment", "fax=spring"], "actions are mail, call"),
        (["--experiment", "mail=autumn"], "there is no experiment autumn"),
    ],
)
def test_wrong_words_are_one_line(monkeypatch, capsys, lake, told, more, says):
    code, _, err = clv(monkeypatch, capsys, *words("budget", lake, told, *more))
    assert code == 2
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ('{"actions": [{"name": "mail", "cost": 1}]}', "actions.0"),
        ('{"actions": [{"name": "mail", "cost_eur": -1}]}', "cost_eur of mail is -1.0: give 0 or more"),
        (json.dumps(ASSUMED | {"tax": 0.2}), "tax: unknown; known are actions"),
    ],
)
def test_a_file_that_says_something_else_is_refused(monkeypatch, capsys, lake, told, text, says):
    told.write_text(text, encoding="utf-8")
    code, _, err = clv(monkeypatch, capsys, *words("budget", lake, told))
    assert code == 2
    assert says in err
