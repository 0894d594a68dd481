"""Who may do what: each role's actions, listed; patterns have reasons; actions fit their resources."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from infra import judges
from infra.grants import Grant
from tests.infra.permissions import MAY, METRICS, ON_EVERYTHING, STACKS, many, roles, statements


def test_each_actor_may_do_this_and_no_more(stacks):
    found = {
        name: {action for it in statements(told) for action in many(it["Action"])}
        for name, told in roles(stacks).items()
    }
    assert found == MAY


def test_nothing_is_granted_beside_the_roles_own_statements(stacks):
    for stack in (*STACKS, "ClvMonitoring"):
        assert stacks.resources(stack, "AWS::IAM::Policy") == {}
        assert stacks.resources(stack, "AWS::IAM::ManagedPolicy") == {}
    assert [name for name, told in roles(stacks).items() if told.get("ManagedPolicyArns")] == []


def test_everything_is_granted_only_where_aws_knows_no_resource_or_a_condition_narrows(stacks):
    found: dict[str, set[str]] = {}
    for name, told in roles(stacks).items():
        for it in statements(told):
            if "*" in many(it["Resource"]):
                found.setdefault(name, set()).update(many(it["Action"]))
    assert found == ON_EVERYTHING


def test_metrics_are_put_into_named_namespaces_only(stacks):
    for told in roles(stacks).values():
        for it in statements(told):
            if "cloudwatch:PutMetricData" in many(it["Action"]):
                assert it["Condition"]["StringEquals"]["cloudwatch:namespace"]


def test_roles_are_passed_to_sagemaker_and_nobody_else(stacks):
    passing = [
        it
        for told in roles(stacks).values()
        for it in statements(told)
        if "iam:PassRole" in many(it["Action"])
    ]
    (only,) = passing
    assert only["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    passed = {each["Fn::GetAtt"][0] for each in only["Resource"]}
    named = stacks.resources("ClvPipeline", "AWS::IAM::Role")
    assert {named[each]["RoleName"] for each in passed} == {"clv-training", "clv-transform"}


def test_people_of_this_account_may_be_readers_who_write_nothing_and_see_no_raw_table(stacks):
    told = roles(stacks)["clv-reader"]
    (trust,) = told["AssumeRolePolicyDocument"]["Statement"]
    assert judges.flat(trust["Principal"]["AWS"]) == f"arn:aws:iam::{judges.ACCOUNT}:root"
    places = {
        resource.partition("/")[2]
        for it in statements(told)
        if "s3:GetObject" in many(it["Action"])
        for resource in map(judges.flat, many(it["Resource"]))
    }
    judged = {"models/*/evaluation.json", "models/*/verdict.json"}
    assert {place for place in places if place.startswith("models")} == judged
    assert not {place.partition("/")[0] for place in places} & {"raw", "transform", "inputs", "quarantine"}


def test_any_other_role_is_assumed_by_one_service_on_behalf_of_this_account(stacks):
    for name, told in roles(stacks).items():
        if name == "clv-reader":
            continue
        (trust,) = told["AssumeRolePolicyDocument"]["Statement"]
        (service,) = many(trust["Principal"]["Service"])
        if service not in {"lambda.amazonaws.com", "glue.amazonaws.com"}:
            account = trust["Condition"]["StringEquals"]["aws:SourceAccount"]
            assert account == {"Ref": "AWS::AccountId"}, name


def test_the_key_is_lent_to_aws_alone(stacks):
    for told in roles(stacks).values():
        for it in statements(told):
            if "kms:CreateGrant" in many(it["Action"]):
                assert it["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_only_delivery_and_merging_write_raw_tables_and_only_training_and_verdict_write_models(stacks):
    writers: dict[str, set[str]] = {"raw": set(), "models": set(), "scores": set(), "transform": set()}
    for name, told in roles(stacks).items():
        for it in statements(told):
            if "s3:PutObject" not in many(it["Action"]):
                continue
            for resource in map(judges.flat, many(it["Resource"])):
                folder = resource.split(":::", 1)[1].split("/")[1]
                writers.setdefault(folder, set()).add(name)
    assert writers["raw"] == {"clv-delivery", "clv-glue"}
    assert writers["models"] == {"clv-training", "clv-verdict"}
    assert writers["scores"] == {"clv-glue"}
    assert writers["transform"] == {"clv-transform"}


def test_glue_touches_no_raw_files_but_those_of_the_streams_and_what_it_merges_of_them(stacks):
    found: dict[str, set[str]] = {}
    for it in statements(roles(stacks)["clv-glue"]):
        for resource in map(judges.flat, many(it["Resource"])):
            _, _, place = resource.partition("/")
            if ":s3:::" in resource and place.startswith("raw/"):
                for action in many(it["Action"]):
                    found.setdefault(action, set()).add(place)
    merged = {f"raw/{table}/*-merged-*.parquet" for table in ("web_events", "email_events")}
    assert found == {
        "s3:GetObject": {"raw/*"},
        "s3:PutObject": merged,
        "s3:AbortMultipartUpload": merged,
        "s3:DeleteObject": {
            "raw/web_events/*-clv-web-events-*.parquet",
            "raw/email_events/*-clv-email-events-*.parquet",
        },
    }


def kinds_of(arn: str) -> set[str]:
    """Return the kinds of things an ARN names, in the words of AWS's list of actions."""
    service, rest = arn.split(":", 5)[2], arn.split(":", 5)[5]
    if service == "s3":
        return {"object" if "/" in rest else "bucket"}
    if service == "logs":
        return {"log-group", "log-stream"} if rest.endswith(":*") else {"log-group"}
    kinds = {"sns": "topic", "sqs": "queue", "events": "rule-on-default-event-bus", "kms": "key"}
    return {kinds.get(service, re.split("[/:]", rest)[0]).lower()}


def references(stacks) -> dict[str, str]:
    """Return the ARN that each referred resource will have, in form."""
    kinds = {
        "AWS::Lambda::Function": "arn:aws:lambda:r:1:function:x",
        "AWS::IAM::Role": "arn:aws:iam::1:role/x",
        "AWS::SQS::Queue": "arn:aws:sqs:r:1:x",
    }
    found = stacks.template("ClvPipeline")["Resources"].items()
    return {name: kinds[it["Type"]] for name, it in found if it["Type"] in kinds}


def arns(value: Any, known: dict[str, str]) -> str:
    if isinstance(value, dict) and "Fn::ImportValue" in value:
        return "arn:aws:kms:r:1:key/x" if "Key" in value["Fn::ImportValue"] else "arn:aws:sns:r:1:x"
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        return known.get(value["Fn::GetAtt"][0], "arn:aws:kms:r:1:key/x")
    return judges.flat(value)


def test_every_action_exists_and_is_granted_on_a_kind_of_resource_that_it_knows(stacks):
    """AWS's service authorization reference, as cfn-lint carries it."""
    text = (files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text(encoding="utf-8")
    reference, known = json.loads(text), references(stacks)
    misfits = []
    for name, told in roles(stacks).items():
        for it in statements(told):
            named = [arns(each, known) for each in many(it["Resource"]) if each != "*"]
            kinds = {kind for each in named for kind in kinds_of(each)}
            for action in many(it["Action"]):
                service, verb = action.split(":")
                allowed = set(reference[service]["Actions"][verb.lower()].get("Resources", []))
                if kinds and not kinds & allowed:
                    misfits.append(f"{name}: {action} on {sorted(kinds)}, knows {sorted(allowed)}")
                if not kinds and allowed and action not in METRICS:  # a condition narrows those
                    misfits.append(f"{name}: {action} on *, knows {sorted(allowed)}")
    assert misfits == []


def test_a_pattern_without_a_reason_is_refused():
    with pytest.raises(ValueError, match="a pattern needs its reason"):
        Grant(("s3:GetObject",), ("arn:aws:s3:::lake/*",)).statement()


def test_no_role_outgrows_what_iam_takes_of_inline_policies(stacks):
    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(each) for each in value]
        if isinstance(value, dict) and not any(key in value for key in ("Ref", "Fn::Join", "Fn::Sub")):
            if "Fn::GetAtt" in value or "Fn::ImportValue" in value:
                return "a" * 100
            return {key: plain(each) for key, each in value.items()}
        return judges.flat(value)

    sizes = {
        name: len(json.dumps(plain(list(statements(told))), separators=(",", ":")))
        for name, told in roles(stacks).items()
    }
    assert max(sizes.values()) < 10_240, sizes
