"""Topic, alarms and dashboard as they deploy."""

import json
import re

from clv.indicators import INDICATORS, alarms
from infra import judges, names

AWS_METRICS = {"ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionTime"}


def body(stacks) -> dict:
    told = stacks.only("ClvMonitoring", "AWS::CloudWatch::Dashboard")["DashboardBody"]
    return json.loads(judges.flat(told))


def test_every_limit_of_the_indicators_is_an_alarm_and_no_other_is(stacks):
    deployed = stacks.named("ClvMonitoring", "AWS::CloudWatch::Alarm", "AlarmName")
    declared = alarms(365, {"StateMachineArn": "arn", "QueueName": "queue"})
    assert set(deployed) == {f"clv-{alarm.name}" for alarm in declared}
    assert 10 <= len(deployed) <= 40
    for alarm in declared:
        told = deployed[f"clv-{alarm.name}"]
        assert told["Threshold"] == alarm.rule.limit
        assert told["ComparisonOperator"] == alarm.rule.comparison
        assert told["TreatMissingData"] == alarm.rule.missing
        assert told["MetricName"] == alarm.indicator.name
        assert alarm.rule.runbook in told["AlarmDescription"]
        assert {each["Name"] for each in told.get("Dimensions", [])} == set(alarm.indicator.dimensions)


def test_periods_stay_within_what_cloudwatch_allows(stacks):
    for told in stacks.resources("ClvMonitoring", "AWS::CloudWatch::Alarm").values():
        window = told["Period"] * told["EvaluationPeriods"]
        assert window <= (7 * 86_400 if told["Period"] >= 3_600 else 86_400)


def test_alarms_watch_the_machine_and_the_queue_that_deploy(stacks):
    machine = judges.state_machine(stacks.template("ClvPipeline"))["StateMachineName"]
    queue = stacks.only("ClvPipeline", "AWS::SQS::Queue")["QueueName"]
    watched = {
        judges.flat(each["Value"])
        for told in stacks.resources("ClvMonitoring", "AWS::CloudWatch::Alarm").values()
        for each in told.get("Dimensions", [])
        if each["Name"] != "Model"
    }
    assert {name.rsplit(":", 1)[-1] for name in watched} == {machine, queue}


def test_every_alarm_tells_the_topic_when_it_begins_and_ends(stacks):
    topic = next(iter(stacks.resources("ClvMonitoring", "AWS::SNS::Topic")))
    for told in stacks.resources("ClvMonitoring", "AWS::CloudWatch::Alarm").values():
        assert told["AlarmActions"] == told["OKActions"] == [{"Ref": topic}]


def test_the_topic_is_encrypted_by_ssl_only_and_open_to_alarms(stacks):
    assert stacks.only("ClvMonitoring", "AWS::SNS::Topic")["KmsMasterKeyId"]
    statements = stacks.only("ClvMonitoring", "AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    denied = [it for it in statements if it["Effect"] == "Deny"]
    assert [it["Condition"] for it in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
    allowed = [it["Principal"] for it in statements if it["Effect"] == "Allow"]
    assert allowed == [{"Service": "cloudwatch.amazonaws.com"}]


def test_the_mailbox_hears_of_it(stacks):
    told = stacks.only("ClvMonitoring", "AWS::SNS::Subscription")
    assert (told["Protocol"], told["Endpoint"]) == ("email", "alerts@example.com")


def test_the_dashboard_reads_like_a_page(stacks):
    texts = [it["properties"]["markdown"] for it in body(stacks)["widgets"] if it["type"] == "text"]
    assert [text.splitlines()[0].removeprefix("## ") for text in texts] == [
        "Did it run?",
        "Is the data sound?",
        "Are the scores good?",
        "Where not?",
        "Has the world changed?",
        "What did it cost?",
    ]


def test_no_widget_covers_another_or_leaves_the_page(stacks):
    taken = set()
    for it in body(stacks)["widgets"]:
        cells = {
            (column, row)
            for column in range(it["x"], it["x"] + it["width"])
            for row in range(it["y"], it["y"] + it["height"])
        }
        assert not cells & taken
        assert it["x"] + it["width"] <= 24
        taken |= cells


def test_the_dashboard_shows_metrics_that_somebody_puts(stacks):
    known = {(indicator.name, indicator.dimensions) for indicator in INDICATORS}
    for widget in body(stacks)["widgets"]:
        for metric in widget["properties"].get("metrics", []):
            if not isinstance(metric[0], str):
                assert re.search(r'MetricName="(\w+)"', metric[0]["expression"])[1] in {n for n, _ in known}
                continue
            namespace, name, *rest = [part for part in metric if not isinstance(part, dict)]
            if namespace == names.METRIC_NAMESPACE:
                assert (name, tuple(rest[::2])) in known
            else:
                assert name in AWS_METRICS
