"""The weekly run's last verb: the plan of the budget, the figures of the customer base, in one commit."""

import json
from dataclasses import replace

import boto3
import pandas as pd
import pytest
from moto import mock_aws

from clv.base_tables import BASE_CONCENTRATION, BASE_DECILES, BASE_GROUPS, BASE_STAGES, BASE_TOTALS
from clv.decision_tables import AUDIENCE, CONTACTABLE
from clv.errors import UserError
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import ASSUMPTIONS, decided_at, plan_at, scores_at
from clv.settings import Settings
from decisions.actions import EXAMPLE
from decisions.decided import decided
from decisions.job import main
from decisions.plan_budget import plan_budget, returns_at
from decisions.spend import Wishes
from tests.flow.decided_lake import AS_OF, LEADS, consents, deciding, deliver, publish, scores

SETTINGS = Settings(plan_budget_eur=40.0)
MAIL = {
    "actions": [{"name": "mail", "cost_eur": 0.8}],
    "uplifts": [{"action": "mail", "uplift": 0.1, "low": 0.02, "high": 0.18}],
}

CALL = json.loads(json.dumps(MAIL).replace("mail", "call"))


@pytest.fixture
def lake(tmp_path):
    """A lake whose one action costs everybody the same, so that plans are found by sorting."""
    own = deciding(Lake.at(tmp_path / "lake"))
    own.write_text(ASSUMPTIONS, json.dumps(MAIL))
    return own


def decide(lake, settings=SETTINGS, *more, run_id="run-1"):
    """Run the verb as Glue would, with an argument of Glue's own among ours, and return what it said."""
    said = []
    given = {"--verb": "decide", "--lake": lake.root, "--as-of": str(AS_OF), "--run-id": run_id}
    given |= {"--JOB_NAME": "clv-decide", "--settings": settings.to_json()}
    main([*(word for pair in given.items() for word in pair), *more], said.append)
    return said


def table(lake, of):
    return read_frame(lake.files(decided_at(AS_OF), f"{of.name}/"))


def told(lake):
    return json.loads(lake.committed_text(decided_at(AS_OF), "summary.json"))


def test_the_weekly_plan_is_that_of_the_command_with_the_same_budget(tmp_path):
    lake = deciding(Lake.at(tmp_path))
    said = decide(lake)
    plan = table(lake, AUDIENCE)
    assert tuple(plan.columns) == AUDIENCE.names
    wanted = plan_budget(lake, AS_OF, Wishes(40.0, 0.1), EXAMPLE, SETTINGS.seed)
    wanted_rows = wanted.audience.assign(as_of=AS_OF)[list(AUDIENCE.names)]
    pd.testing.assert_frame_equal(plan, wanted_rows, check_dtype=False)
    assert told(lake)["plan"]["profit_eur"] == wanted.told["profit_eur"]
    agreed = consents(scores())
    assert set(plan.customer_id) < set(agreed[agreed.marketing_consent].customer_id)
    assert set(plan.purpose) == {"exploit", "explore"}
    labelled = f"ASSUMED, not measured: uplifts of {len(plan)} of {len(plan)} contacts"
    assert labelled in said
    assert told(lake)["plan"]["notes"][0] == labelled
    assert json.loads(lake.read_text("runs/run-1/decide.json"))["plan"]["contacts"] == len(plan)


def test_the_customer_base_is_summed_up_as_the_scores_say(lake):
    decide(lake)
    rows = scores()
    known = rows[rows.clv_eur.notna()]
    totals = table(lake, BASE_TOTALS).iloc[0]
    assert (totals.customers, totals.leads) == (len(known), LEADS)
    assert totals.clv_eur == pytest.approx(known.clv_eur.sum())
    assert totals.median_eur == pytest.approx(known.clv_eur.median())
    by_decile = table(lake, BASE_DECILES).set_index("decile")
    assert by_decile.clv_eur.to_dict() == pytest.approx(known.groupby("decile").clv_eur.sum().to_dict())
    assert by_decile.share.sum() == pytest.approx(1)
    curve = table(lake, BASE_CONCENTRATION).set_index("customers").revenue
    assert curve[0.05] == pytest.approx(known.clv_eur.nlargest(6).sum() / known.clv_eur.sum())
    assert (curve[0.0], curve[1.0]) == (0.0, pytest.approx(1))
    stages = table(lake, BASE_STAGES).set_index("segment")
    assert stages.customers.to_dict() == rows.segment.value_counts().to_dict()
    assert stages.model_version["early"] == "m-1"
    assert pd.isna(stages.clv_eur["lead"])
    groups = table(lake, BASE_GROUPS)
    assert groups.customers.sum() == len(known)
    assert groups.clv_eur.sum() == pytest.approx(known.clv_eur.sum())


def test_returns_of_the_kept_customers_are_those_computed_anew(lake):
    decide(lake)
    anew, _ = returns_at(lake, AS_OF, EXAMPLE)
    kept = decided(lake, AS_OF).contactable()
    assert tuple(kept.columns) == CONTACTABLE.names
    pd.testing.assert_frame_equal(kept, anew.customers[list(CONTACTABLE.names)], check_dtype=False)


def test_what_is_decided_stands_until_something_it_was_made_of_changes(lake):
    decide(lake)
    first = lake.current(decided_at(AS_OF))
    assert "stand" in decide(lake, run_id="run-2")[1]
    assert lake.current(decided_at(AS_OF)) == first
    changes = (
        lambda: decide(lake, SETTINGS, "--replace", "true", run_id="run-3"),
        lambda: decide(lake, replace(SETTINGS, plan_budget_eur=20.0), run_id="run-4"),
        lambda: (lake.write_text(ASSUMPTIONS, json.dumps(CALL)), decide(lake, run_id="run-5")),
        lambda: (deliver(lake, consents(scores()).head(90), "run-6"), decide(lake, run_id="run-6")),
    )
    for change in changes:
        before = lake.current(decided_at(AS_OF))
        change()
        assert lake.current(decided_at(AS_OF)) != before
    assert set(table(lake, AUDIENCE).action) == {"call"}


def test_an_attempt_that_is_made_again_after_its_commit_changes_nothing(lake):
    decide(lake, SETTINGS, "--replace", "true")
    first = lake.current(decided_at(AS_OF))
    decide(lake, SETTINGS, "--replace", "true")
    assert lake.current(decided_at(AS_OF)) == first


def test_minimum_spends_of_the_settings_are_kept(lake):
    decide(lake, replace(SETTINGS, plan_at_least="country=FR:20, stage=early:5"))
    chosen = table(lake, AUDIENCE)
    chosen = chosen[chosen.purpose == "exploit"]
    assert chosen[chosen.country == "FR"].cost_eur.sum() >= 20 - 1e-6
    assert chosen[chosen.segment == "early"].cost_eur.sum() >= 5 - 1e-6


@pytest.mark.parametrize(
    ("settings", "agreed", "says"),
    [
        (replace(SETTINGS, plan_budget_eur=0.0), True, "no plan: the setting plan_budget_eur is 0"),
        (SETTINGS, False, "no plan: nobody may be contacted"),
    ],
)
def test_without_a_budget_or_a_consent_there_is_no_plan_but_the_figures(lake, settings, agreed, says):
    if not agreed:
        deliver(lake, consents(scores()).assign(marketing_consent=False), "run-2")
    said = decide(lake, settings)
    assert any(line.startswith(says) for line in said)
    assert told(lake)["plan"] is None
    assert table(lake, AUDIENCE).empty
    assert table(lake, CONTACTABLE).empty is not agreed
    assert len(table(lake, BASE_DECILES)) == 10


def test_a_base_of_leads_alone_is_summed_up(tmp_path):
    lake, rows = Lake.at(tmp_path), scores()
    leads = rows[rows.segment == "lead"]
    publish(lake, leads)
    deliver(lake, consents(leads))
    decide(lake)
    assert table(lake, BASE_TOTALS).customers.tolist() == [0]
    assert table(lake, BASE_DECILES).empty


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ('{"actions": [{"name": "mail", "cost_eur": -1}]}', "cost_eur of mail is -1.0: give 0 or more"),
    ],
)
def test_faulty_assumptions_stop_the_verb_and_leave_scores_and_plan_as_they_were(lake, text, says):
    decide(lake)
    before = lake.current(decided_at(AS_OF))
    lake.write_text(ASSUMPTIONS, text)
    with pytest.raises(UserError) as error:
        decide(lake, run_id="run-2")
    assert str(error.value).startswith(lake.url(ASSUMPTIONS))
    assert says in str(error.value)
    assert lake.current(decided_at(AS_OF)) == before
    assert lake.current(scores_at(AS_OF)) is not None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"plan_at_least": "FR"}, "setting plan_at_least FR: write country=DE:500"),
        ({"plan_at_least": "country=FR:4000"}, "minimum spend of EUR 4,000.00 for country FR"),
        ({"plan_budget_eur": -1.0}, "budget_eur is -1.0: give an amount above 0"),
    ],
)
def test_settings_that_allow_no_plan_stop_the_verb(lake, change, says):
    with pytest.raises(UserError, match=says):
        decide(lake, replace(SETTINGS, **change))


def test_nothing_is_decided_of_scores_that_were_replaced_and_consents_may_be_old(lake):
    assert decided(lake, AS_OF) is None
    decide(lake)
    assert decided(lake, AS_OF).consents_stand
    deliver(lake, consents(scores()), "run-2")
    assert not decided(lake, AS_OF).consents_stand
    assert decided(lake, AS_OF).contactable() is None
    publish(lake, scores(), "run-2")
    assert decided(lake, AS_OF) is None


def test_the_job_knows_its_verb_and_what_it_must_be_told(lake):
    for given, says in (
        (["--verb", "watch"], "--as-of, --run-id missing"),
        (["--verb", "watch", "--as-of", "2026-07-06", "--run-id", "r"], "knows only decide"),
        (["--verb", "decide", "--as-of", "2026-07-06", "--run-id", "r", "--replace", "no"], "--replace 'no'"),
    ):
        with pytest.raises(UserError, match=says):
            main(["--lake", lake.root, *given], lambda _: None)


def test_athena_sees_the_weekly_plan_and_those_of_campaigns(lake, monkeypatch):
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with lake.commit(plan_at("spring", AS_OF), "plan-1") as draft:
        (draft.folder / "note.txt").write_text("rows", encoding="utf-8")
    with mock_aws():
        glue = boto3.client("glue")
        glue.create_database(DatabaseInput={"Name": "clv"})
        for name, keys in {"audience": ["as_of"], "plans": ["campaign", "as_of"]}.items():
            keyed = [{"Name": key, "Type": "string"} for key in keys]
            given = {"Name": name, "PartitionKeys": keyed, "StorageDescriptor": {"Location": lake.url(name)}}
            glue.create_table(DatabaseName="clv", TableInput=given)
        decide(lake, SETTINGS, "--catalogue", "clv")
        (plan,) = glue.get_partitions(DatabaseName="clv", TableName="plans")["Partitions"]
        (audience,) = glue.get_partitions(DatabaseName="clv", TableName="audience")["Partitions"]
    assert plan["Values"] == ["spring", str(AS_OF)]
    commit = lake.current(decided_at(AS_OF))
    assert (
        audience["StorageDescriptor"]["Location"]
        == f"{lake.url(decided_at(AS_OF))}/run={commit.run_id}/audience/"
    )
