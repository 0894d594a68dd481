import json

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from step_functions.handlers.notify import failure, handler

EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:clv-weekly:run-a"
FUNCTIONS = {"Plan": "arn:aws:lambda:eu-west-1:123456789012:function:clv-plan"}
CONSOLE = "https://eu-west-1.console.aws.amazon.com"
LOGS = f"{CONSOLE}/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/"


def caught(state, error, cause):
    return {"state": state, "error": error, "cause": cause if isinstance(cause, str) else json.dumps(cause)}


GLUE_RUN = {"Id": "jr_1", "JobName": "clv-ledger", "ErrorMessage": "UserError: raw/orders:\n none"}


@pytest.mark.parametrize(
    ("told", "cause", "log"),
    [
        (
            caught(
                "BuildLedger", "States.TaskFailed", {**GLUE_RUN, "LogGroupName": "/aws-glue/jobs-glue-kms/"}
            ),
            "UserError: raw/orders: none",
            f"{LOGS}$252Faws-glue$252Fjobs-glue-kms$252Ferror$3FlogStreamNameFilter$3Djr_1",
        ),
        (
            caught(
                "TrainEarly",
                "States.TaskFailed",
                {"TrainingJobName": "early-run-a-0-1", "FailureReason": "AlgorithmError: exit 1"},
            ),
            "AlgorithmError: exit 1",
            f"{LOGS}$252Faws$252Fsagemaker$252FTrainingJobs$3FlogStreamNameFilter$3Dearly-run-a-0-1",
        ),
        (
            caught(
                "TransformEarly",
                "States.TaskFailed",
                {"TransformJobName": "early-run-a-0-1", "FailureReason": "ClientError: 400"},
            ),
            "ClientError: 400",
            f"{LOGS}$252Faws$252Fsagemaker$252FTransformJobs$3FlogStreamNameFilter$3Dearly-run-a-0-1",
        ),
        (
            caught("Plan", "UserError", {"errorMessage": "input: unknown asof", "requestId": "r-1"}),
            "input: unknown asof",
            f"{LOGS}$252Faws$252Flambda$252Fclv-plan/log-events$3FfilterPattern$3D$2522r-1$2522",
        ),
        (
            caught("TransformEarly", "SageMaker.AmazonSageMakerException", "Rate exceeded"),
            "Rate exceeded",
            f"{CONSOLE}/states/home?region=eu-west-1#/v2/executions/details/{EXECUTION}",
        ),
        (
            caught("ResolveModels", "Clv.NoApprovedModel", "[1, 2]"),
            "[1, 2]",
            f"{CONSOLE}/states/home?region=eu-west-1#/v2/executions/details/{EXECUTION}",
        ),
    ],
)
def test_a_failure_says_its_cause_in_one_line_and_where_its_log_is(told, cause, log):
    found = failure(told, FUNCTIONS, EXECUTION)
    assert (found.state, found.error, found.cause, found.log) == (told["state"], told["error"], cause, log)


def test_a_failure_inside_a_branch_names_the_inner_state():
    inner = caught("TrainEarly", "States.TaskFailed", {"TrainingJobName": "j", "FailureReason": "exit 1"})
    found = failure(caught("Train", "Clv.TrainEarlyFailed", inner), FUNCTIONS, EXECUTION)
    assert (found.state, found.error, found.cause) == ("TrainEarly", "States.TaskFailed", "exit 1")
    assert "TrainingJobs" in found.log


def event(told):
    execution = {"id": EXECUTION, "name": "run-a", "started": "2025-07-07T01:00:00Z"}
    return {"failure": told, "functions": FUNCTIONS, "execution": execution}


def test_people_are_told_state_error_cause_and_log(aws, monkeypatch):
    topic = boto3.client("sns").create_topic(Name="clv")["TopicArn"]
    monkeypatch.setenv("TOPIC_ARN", topic)
    told = handler(event(caught("BuildLedger", "States.TaskFailed – ü", GLUE_RUN)), None)
    [sent] = sns_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].topics[topic].sent_notifications
    _, text, subject, *_ = sent
    assert subject == "CLV run failed in BuildLedger: States.TaskFailed ? ?"
    for line in ("State: BuildLedger", "Cause: UserError: raw/orders: none", f"Log: {told['log']}"):
        assert line in text.splitlines()


WAITING = [
    {
        "segment": "early",
        "package": "arn:aws:sagemaker:eu-west-1:123456789012:model-package/clv-early-365/4",
        "status": "PendingManualApproval",
        "reason": "nobody has judged these trees",
    },
    {
        "segment": "established",
        "package": "arn:aws:sagemaker:eu-west-1:123456789012:model-package/clv-established-365/4",
        "status": "Rejected",
        "reason": "normalised Gini below that of 12m: -0.05",
    },
]


def test_people_are_told_which_models_were_not_approved_and_why(aws, monkeypatch):
    topic = boto3.client("sns").create_topic(Name="clv")["TopicArn"]
    monkeypatch.setenv("TOPIC_ARN", topic)
    execution = {"id": EXECUTION, "name": "run-a", "started": "2025-07-07T01:00:00Z"}
    assert handler({"waiting": WAITING, "execution": execution}, None) == {"waiting": 2}
    [sent] = sns_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].topics[topic].sent_notifications
    _, text, subject, *_ = sent
    assert subject == "CLV models: early pending, established rejected"
    for line in (
        "Segment early: clv-early-365/4 is pending",
        "Reason: nobody has judged these trees",
        "Segment established: clv-established-365/4 is rejected",
        "Reason: normalised Gini below that of 12m: -0.05",
        f"Package: {WAITING[1]['package']}",
    ):
        assert line in text.splitlines()


def test_without_a_topic_the_failure_is_only_returned(aws):
    told = handler(event(caught("BuildLedger", "States.TaskFailed", GLUE_RUN)), None)
    assert told["state"] == "BuildLedger"
    assert told["cause"] == "UserError: raw/orders: none"
