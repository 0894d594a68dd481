"""Who may do what: each role's actions, listed; patterns have reasons; actions fit their resources."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from infra import judges
from infra.grants import Grant

STACKS = ("ClvData", "ClvPipeline")
LAKE = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket"}
KEY = {"kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
METRICS = {"cloudwatch:PutMetricData"}
IMAGE = {
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchCheckLayerAvailability",
}
NEW_LOG = {"logs:CreateLogGroup", "logs:DescribeLogStreams"}
REGISTRY = {
    "sagemaker:DescribeModelPackageGroup",
    "sagemaker:DescribeModelPackage",
    "sagemaker:ListModelPackages",
}
READ_LAKE = {"s3:GetObject", "s3:ListBucket"}
JOB_OF_SAGEMAKER = LAKE | KEY | LOG | NEW_LOG | METRICS | IMAGE | {"kms:CreateGrant"}

MAY = {
    "clv-delivery": (LAKE - {"s3:GetObject"}) | KEY | LOG
    | {"s3:GetBucketLocation", "s3:ListBucketMultipartUploads"}
    | {"glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"},
    "clv-glue": LAKE | KEY | LOG | METRICS
    | {"s3:GetBucketLocation", "logs:AssociateKmsKey", "glue:GetDatabase", "glue:GetTable", "glue:GetTables"}
    | {"glue:GetPartition", "glue:GetPartitions", "glue:CreatePartition", "glue:UpdatePartition"}
    | {"glue:DeletePartition"},
    "clv-training": JOB_OF_SAGEMAKER,
    "clv-transform": JOB_OF_SAGEMAKER,
    "clv-plan": READ_LAKE | REGISTRY | KEY | LOG,
    "clv-lock": READ_LAKE | KEY | LOG | {"s3:PutObject", "s3:DeleteObject", "states:DescribeExecution"},
    "clv-resolve": READ_LAKE | REGISTRY | KEY | LOG | {"sagemaker:DescribeModel"},
    "clv-verdict": LAKE | KEY | LOG,
    "clv-notify": KEY | LOG | {"sns:Publish"},
    "clv-freshness": READ_LAKE | KEY | LOG | METRICS,
    "clv-scheduler": {"states:StartExecution", "lambda:InvokeFunction", "sqs:SendMessage"},
    "clv-state-machine": KEY
    | {"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"}
    | {"sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"}
    | {"sagemaker:CreateTransformJob", "sagemaker:DescribeTransformJob", "sagemaker:StopTransformJob"}
    | {"sagemaker:CreateModel", "sagemaker:AddTags", "sagemaker:ListTags"}
    | {"sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "s3:GetObject"}
    | {"iam:PassRole", "kms:CreateGrant", "lambda:InvokeFunction"}
    | {"events:PutTargets", "events:PutRule", "events:DescribeRule"}
    | {"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"}
    | {"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"}
    | {"logs:DescribeLogGroups", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    | {"xray:GetSamplingRules", "xray:GetSamplingTargets"},
}  # fmt: skip

ON_EVERYTHING = {
    "clv-glue": METRICS,
    "clv-training": METRICS | {"ecr:GetAuthorizationToken"},
    "clv-transform": METRICS | {"ecr:GetAuthorizationToken"},
    "clv-freshness": METRICS,
    "clv-state-machine": {action for action in MAY["clv-state-machine"] if action.startswith("xray:")}
    | {
        action
        for action in MAY["clv-state-machine"]
        if re.fullmatch("logs:(.*LogDeliver.*|.*ResourcePolic.*|DescribeLogGroups)", action)
    },
}
"""Actions that AWS defines for no resource, or that a condition narrows; nothing else is granted on `*`."""


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def roles(stacks) -> dict[str, dict[str, Any]]:
    found = [stacks.named(stack, "AWS::IAM::Role", "RoleName") for stack in STACKS]
    return {name: told for each in found for name, told in each.items()}


def statements(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in told.get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]


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


def test_a_role_is_assumed_by_one_service_on_behalf_of_this_account(stacks):
    for name, told in roles(stacks).items():
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


def test_only_the_delivery_writes_raw_tables_and_only_training_and_verdict_write_models(stacks):
    writers: dict[str, set[str]] = {"raw": set(), "models": set(), "scores": set(), "transform": set()}
    for name, told in roles(stacks).items():
        for it in statements(told):
            if "s3:PutObject" not in many(it["Action"]):
                continue
            for resource in map(judges.flat, many(it["Resource"])):
                folder = resource.split(":::", 1)[1].split("/")[1]
                writers.setdefault(folder, set()).add(name)
    assert writers["raw"] == {"clv-delivery"}
    assert writers["models"] == {"clv-training", "clv-verdict"}
    assert writers["scores"] == {"clv-glue"}
    assert writers["transform"] == {"clv-transform"}


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
