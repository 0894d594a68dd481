"""`clv plan` on a weekly run's lake, and what it did handed back as a raw table."""

import json
import shutil
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.engine import DuckEngine
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at, plan_at
from clv.settings import Settings
from clv.tables import PLANS
from decisions.exploration import Budget
from decisions.plan_campaign import plan_campaign
from decisions.standing_holdout import SETTING, StandingHoldout
from glue_jobs.build_ledger import build_ledger
from tests.flow.conftest import AS_OF, silent
from tests.flow.test_command_line import clv

BUDGET = Budget(100, 0.5)


@pytest.fixture
def lake(scored, tmp_path):
    """A lake of its own, without the models."""
    own = tmp_path / "lake"
    shutil.copytree(scored[0].root, own, ignore=shutil.ignore_patterns("models", "snapshots", "inputs"))
    return Lake.at(own)


def words(lake, *more):
    return ["plan", "--lake", lake.root, "--as-of", AS_OF, "--campaign", "spring", "--budget-eur", 100,
            "--cost-eur", 0.5, *more]  # fmt: skip


def test_the_plan_is_a_table_that_keeps_its_contract_and_the_same_again_changes_nothing(
    monkeypatch, capsys, lake
):
    code, first, _ = clv(monkeypatch, capsys, *words(lake, "--json"))
    commit = lake.current(plan_at("spring", AS_OF))
    again = clv(monkeypatch, capsys, *words(lake, "--json"))
    assert (code, again[0]) == (0, 0)
    assert first == again[1]
    assert lake.current(plan_at("spring", AS_OF)) == commit
    plan = read_frame(lake.files(plan_at("spring", AS_OF)))
    assert tuple(plan.columns) == PLANS.names
    told = {each["purpose"]: each for each in json.loads(first)["purposes"]}
    assert (told["exploit"]["customers"], told["explore"]["customers"]) == (180, 20)
    assert json.loads(first)["spent_eur"] == 100


def test_nobody_without_consent_is_in_it_and_a_later_withdrawal_counts(lake):
    plan = plan_campaign(lake, AS_OF, "spring", BUDGET, 1)
    consent = read_frame(lake.files(features_at(AS_OF)), ["customer_id", "marketing_consent"])
    agreed = set(consent.loc[consent["marketing_consent"].eq(other=True), "customer_id"])
    assert set(plan["customer_id"]) <= agreed
    gone = plan["customer_id"].iloc[0]
    (file,) = lake.files("ledger", "customers/")
    rows = pq.read_table(file, partitioning=None)
    shown = rows["marketing_consent"].to_pandas().where(rows["customer_id"].to_pandas() != gone, other=False)
    place = rows.schema.get_field_index("marketing_consent")
    pq.write_table(rows.set_column(place, "marketing_consent", pa.array(shown, pa.bool_())), file)
    assert gone not in set(plan_campaign(lake, AS_OF, "summer", BUDGET, 1)["customer_id"])


def test_another_plan_of_the_same_wave_is_refused_unless_it_is_to_replace_it(lake):
    plan_campaign(lake, AS_OF, "spring", BUDGET, 1)
    with pytest.raises(UserError, match="holds another plan, which may have been sent"):
        plan_campaign(lake, AS_OF, "spring", BUDGET, 2)
    other = plan_campaign(lake, AS_OF, "spring", BUDGET, 2, replace=True)
    pd.testing.assert_frame_equal(read_frame(lake.files(plan_at("spring", AS_OF))), other)


def test_the_standing_holdout_is_in_every_plan_named_as_such_and_in_no_file(
    monkeypatch, capsys, lake, tmp_path
):
    lake.write_text(SETTING, '{"share": 0.2, "salt": "a"}')
    out, sent = tmp_path / "send.csv", tmp_path / "spring.parquet"
    code, _, said = clv(monkeypatch, capsys, *words(lake, "--out", out, "--treatments", sent))
    assert code == 0, said
    plan = read_frame(lake.files(plan_at("spring", AS_OF)))
    standing = plan[plan["rule"] == "standing_holdout"]
    assert set(standing["purpose"]) == {"holdout"}
    assert (standing[["propensity", "cost_eur"]] == 0).all(axis=None)
    assert (
        StandingHoldout(0.2, "a").holds(plan["customer_id"]).tolist()
        == (plan["rule"] == "standing_holdout").tolist()
    )
    assert 0.1 < len(standing) / len(plan) < 0.3
    for file in (pd.read_csv(out), pd.read_parquet(sent)):
        assert not set(file["customer_id"]) & set(standing["customer_id"])
    held = set(standing["customer_id"])
    assert held == set(
        plan_campaign(lake, AS_OF, "summer", BUDGET, 2).query("propensity == 0")["customer_id"]
    )


def test_a_faulty_setting_of_the_holdout_is_one_line(monkeypatch, capsys, lake):
    lake.write_text(SETTING, '{"share": 2, "salt": "a"}')
    code, _, err = clv(monkeypatch, capsys, *words(lake))
    assert (code, err.count("\n")) == (2, 1)
    assert "settings/holdout.json: share is 2; give at least 0 and below 1" in err


def test_the_file_to_send_names_nobody_who_is_held_out(monkeypatch, capsys, lake, tmp_path):
    out = tmp_path / "send.csv"
    code, said, _ = clv(monkeypatch, capsys, *words(lake, "--out", out, "--exploration-share", 0))
    assert code == 0
    assert "not learned" in said
    assert set(pd.read_csv(out)["purpose"]) == {"exploit"}


def test_what_the_plan_did_comes_back_as_a_raw_table_without_loss(monkeypatch, capsys, lake, tmp_path):
    file = tmp_path / "spring.parquet"
    sent = ["--treatments", file, "--sent-at", f"{AS_OF} 09:30:00"]
    assert clv(monkeypatch, capsys, *words(lake, *sent))[0] == 0
    plan = read_frame(lake.files(plan_at("spring", AS_OF)))
    lake.path("raw/treatments").mkdir()
    shutil.copy(file, lake.path("raw/treatments"))
    lines = build_ledger(DuckEngine.start(tmp_path / "spill"), lake, Settings(), "again", silent)
    (line,) = [line for line in lines if line.table == "treatments"]
    assert (line.fate, line.rows, line.cents) == ("used", len(plan), 100_00)
    kept = read_frame(lake.files("ledger", "treatments/")).sort_values("customer_id", ignore_index=True)
    for name in ("customer_id", "campaign", "rule", "purpose", "propensity"):
        assert kept[name].tolist() == plan[name].tolist()
    assert kept["treatment_ts"].iloc[0] == pd.Timestamp(f"{AS_OF} 09:30")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--campaign", "../scores"], "write letters, digits"),
        (["--as-of", date(2020, 1, 1)], "nothing committed there yet"),
        (["--budget-eur", -1], "give an amount above 0"),
        (["--out", "send.xlsx"], "end the name in .csv or .parquet"),
        (["--treatments", "sent.csv"], "end the name in .parquet"),
    ],
)
def test_what_cannot_be_planned_is_one_line(monkeypatch, capsys, lake, more, message):
    code, _, err = clv(monkeypatch, capsys, *words(lake, *more))
    assert (code, err.count("\n")) == (2, 1)
    assert message in err
    assert not lake.path("plans").exists()


def test_without_a_table_of_customers_nobody_is_known_to_have_consented(lake):
    shutil.rmtree(next(lake.path("ledger").glob("run=*/customers")))
    told = json.loads(lake.read_text("ledger/_current.json"))
    told["files"] = [name for name in told["files"] if "/customers/" not in name]
    lake.write_text("ledger/_current.json", json.dumps(told))
    with pytest.raises(UserError, match="nobody is known to have consented"):
        plan_campaign(lake, AS_OF, "spring", BUDGET, 1)
