import json
import re
from dataclasses import asdict

import pytest

from clv.errors import UserError
from clv.settings import Settings
from step_functions.handlers.verdict import handler
from tests.handlers.trainings import EVALUATION, PAGE, REPORTS, VERDICT, leave_output

METADATA_ENTRIES = 50
METADATA_VALUE = re.compile(r"[\w\s.:/=+\-@]{0,256}")


def judge(store, reports, job="early-run-a-0-0", page=PAGE):
    artifact = leave_output(store.root, job, reports, page)
    return handler(
        {
            "segment": "early",
            "as_of": "2025-07-07",
            "horizon_days": 365,
            "run_id": "run-a",
            "job": job,
            "artifact": artifact,
        },
        None,
    )


def test_the_reports_lie_beside_the_models_output(store):
    told = judge(store, REPORTS)
    home = "models/horizon_days=365/segment=early/early-run-a-0-0"
    for name, report in REPORTS.items():
        assert told["urls"][name] == f"{store.root}/{home}/{name}.json"
        assert json.loads(store.read(f"{home}/{name}.json")) == report


def test_the_page_for_people_lies_beside_the_reports_where_the_training_wrote_one(store):
    home = "models/horizon_days=365/segment=early/early-run-a-0-0"
    judge(store, REPORTS)
    assert store.read(f"{home}/card.html") == PAGE
    judge(store, REPORTS, job="old", page=None)
    assert store.read("models/horizon_days=365/segment=early/old/card.html") is None


@pytest.mark.parametrize("status", ["Approved", "PendingManualApproval", "Rejected"])
def test_the_verdict_becomes_the_registry_status_with_its_reason(store, status):
    told = judge(store, {**REPORTS, "verdict": {**VERDICT, "status": status}})
    assert (told["status"], told["reason"]) == (status, VERDICT["reason"])
    assert told["description"] == f"{EVALUATION['model_version']}: {status}. {VERDICT['reason']}"


def test_metadata_says_what_later_runs_look_for_in_the_registrys_alphabet(store):
    told = judge(store, REPORTS)["metadata"]
    assert (told["as_of"], told["horizon_days"], told["run_id"]) == ("2025-07-07", "365", "run-a")
    assert told["training_window"] == "2025-01-01 to 2025-03-01 in 3 snapshots"
    assert told["evaluation"].endswith("/early-run-a-0-0/evaluation.json")
    plain = {name: value for name, value in told.items() if name not in {"evaluation", "verdict"}}
    assert all(METADATA_VALUE.fullmatch(value) for value in plain.values())
    assert "better than last year" in told["reason"]


def test_metadata_holds_every_setting_of_the_training_within_the_registrys_limit(store):
    card = {**REPORTS["card"], "parameters": asdict(Settings(losses="tweedie,poisson"))}
    told = judge(store, {**REPORTS, "card": card})["metadata"]
    assert {name for name in told if name.startswith("setting_")} == {
        f"setting_{name}" for name in asdict(Settings()) if not name.startswith("plan_")
    }
    assert told["setting_losses"] == "tweedie poisson"  # the registry takes no comma
    assert len(told) <= METADATA_ENTRIES


def test_a_label_free_model_has_no_window(store):
    evaluation = {"model_version": "btyd-1", "training_as_ofs": [], "evaluation_as_of": None}
    told = judge(store, {**REPORTS, "evaluation": evaluation})
    assert told["metadata"]["training_window"] == "none closed"
    assert told["metadata"]["evaluation_as_of"] == "none closed"


def test_the_model_card_has_the_registrys_sections_and_the_rules_figures(store):
    card = json.loads(judge(store, REPORTS)["model_card"])
    assert set(card) == {
        "model_overview",
        "intended_uses",
        "training_details",
        "evaluation_details",
        "additional_information",
    }
    assert card["intended_uses"]["purpose_of_model"] == "Expected net revenue of early customers"
    assert card["additional_information"]["caveats_and_recommendations"] == "Young markets. Large customers."
    groups = {g["name"]: g["metric_data"] for g in card["evaluation_details"][0]["metric_groups"]}
    assert groups == {
        "promotion rules": [{"name": "beats 12m", "type": "number", "value": 0.05}],
        "validation (warn)": [{"name": "r2", "type": "number", "value": 0.5}],
        "clv": [
            {"name": "n", "type": "number", "value": 300},
            {"name": "rmse", "type": "number", "value": 80.5},
        ],
        "12m": [{"name": "n", "type": "number", "value": 300}],
    }


def test_two_jobs_never_share_a_token_and_a_repeated_call_keeps_it(store):
    first = judge(store, REPORTS)["token"]
    assert re.fullmatch(r"[a-zA-Z0-9-]{36}", first)
    assert judge(store, REPORTS, job="early-run-a-0-1")["token"] != first


def test_a_missing_report_is_an_error_that_names_it(store):
    reports = {name: report for name, report in REPORTS.items() if name != "card"}
    with pytest.raises(UserError, match=r"lacks card\.json"):
        judge(store, reports)


def test_a_status_that_no_registry_takes_is_an_error(store):
    with pytest.raises(UserError, match="'Maybe'"):
        judge(store, {**REPORTS, "verdict": {**VERDICT, "status": "Maybe"}})


def test_a_job_without_output_is_an_error(store):
    event = {"artifact": f"{store.root}/models/early-run-a-0-0/output/model.tar.gz"}
    with pytest.raises(UserError, match="wrote no output"):
        handler(event, None)
