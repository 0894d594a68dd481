"""The examples of the CloudWatch User Guide, and our own alarms over small series."""

from datetime import datetime, timedelta

import pytest

from clv.errors import UserError
from monitoring.alarms import alarm_states, decide, metric_key

KEEPS = "the state before"
INSUFFICIENT = "INSUFFICIENT_DATA"
SETTINGS = ("missing", "ignore", "breaching", "notBreaching")

# 0 is a good datapoint, X a breaching one, - a missing one; the newest is last.
EXAMPLES = [
    # 3 out of 3
    (3, "0 - X - X", ("OK", "OK", "OK", "OK")),
    (3, "0 - - - -", ("OK", "OK", "OK", "OK")),
    (3, "- - - - -", (INSUFFICIENT, KEEPS, "ALARM", "OK")),
    (3, "0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (3, "- - - - X", (INSUFFICIENT, KEEPS, "ALARM", "OK")),
    (3, "X - - - -", ("ALARM", KEEPS, "ALARM", "OK")),
    (3, "- - X - -", ("ALARM", KEEPS, "ALARM", "OK")),
    # 2 out of 3
    (2, "0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (2, "0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (2, "0 - X - -", ("OK", "OK", "ALARM", "OK")),
    (2, "- - - - 0", ("OK", "OK", "ALARM", "OK")),
    (2, "- - - - X", (INSUFFICIENT, KEEPS, "ALARM", "OK")),
    (2, "- - - X -", ("ALARM", KEEPS, "ALARM", "OK")),
]
CASES = [
    pytest.param(to_alarm, drawn, missing, state, id=f"{to_alarm} of 3, {drawn}, {missing}")
    for to_alarm, drawn, states in EXAMPLES
    for missing, state in zip(SETTINGS, states, strict=True)
]


@pytest.mark.parametrize(("to_alarm", "drawn", "missing", "state"), CASES)
@pytest.mark.parametrize("before", ["OK", "ALARM"])
def test_the_guide_s_examples(to_alarm, drawn, missing, state, before):
    breaching = [{"0": False, "X": True, "-": None}[point] for point in drawn.split()]
    assert decide(breaching, 3, to_alarm, missing, before) == (before if state == KEEPS else state)


NOW = datetime(2026, 7, 6, 12)
ALARM = {
    "AlarmName": "gap",
    "Namespace": "CLV",
    "MetricName": "ReconciliationGap",
    "Dimensions": [{"Name": "Model", "Value": "early-365"}],
    "Period": 86_400,
    "EvaluationPeriods": 1,
    "DatapointsToAlarm": 1,
    "Statistic": "Maximum",
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 2.0,
    "TreatMissingData": "ignore",
    "StateValue": "OK",
}
KEY = metric_key("CLV", "ReconciliationGap", ALARM["Dimensions"])


def state(*points, at=NOW, **changes):
    put = [(NOW - timedelta(hours=hours), value) for hours, value in points]
    (found,) = alarm_states([ALARM | changes], {KEY: put}, at)
    return found.state


def test_a_value_above_the_limit_is_an_alarm_and_one_at_it_is_none():
    assert state((1, 2.5)) == "ALARM"
    assert state((1, 2.0)) == "OK"
    assert state((1, 2.0), ComparisonOperator="GreaterThanOrEqualToThreshold") == "ALARM"
    assert state((1, 1.0), ComparisonOperator="LessThanThreshold") == "ALARM"
    assert state((1, 2.0), ComparisonOperator="LessThanOrEqualToThreshold") == "ALARM"


def test_values_of_one_period_become_one_by_the_statistic():
    put = ((1, 1.0), (2, 4.0))
    assert state(*put, Statistic="Maximum") == "ALARM"
    assert state(*put, Statistic="Minimum") == "OK"
    assert state(*put, Statistic="Average") == "ALARM"
    assert state(*put, Statistic="Average", Threshold=2.5) == "OK"
    assert state(*put, Statistic="Sum", Threshold=4.9) == "ALARM"
    assert state(*put, Statistic="SampleCount", Threshold=2) == "OK"


def test_a_newer_period_decides_over_an_older_one():
    assert state((30, 9.0), (1, 0.0)) == "OK"
    assert state((30, 0.0), (1, 9.0)) == "ALARM"


def test_a_week_later_an_ignored_silence_keeps_the_state():
    late = NOW + timedelta(days=7)
    assert state((1, 9.0), at=late, StateValue="ALARM") == "ALARM"
    assert state((1, 0.0), at=late, StateValue="OK") == "OK"
    assert state((1, 0.0), at=late, TreatMissingData="breaching") == "ALARM"


def test_what_is_put_after_the_instant_is_not_known_yet():
    assert state((-1, 9.0)) == "OK"


def test_another_metric_s_values_do_not_count():
    other = metric_key("CLV", "ReconciliationGap", [{"Name": "Model", "Value": "established-365"}])
    (found,) = alarm_states([ALARM], {other: [(NOW, 9.0)]}, NOW)
    assert found.state == "OK"


def test_an_alarm_written_as_a_single_query_is_the_same():
    stat = {
        "Metric": {"Namespace": "CLV", "MetricName": "ReconciliationGap", "Dimensions": ALARM["Dimensions"]},
        "Period": 86_400,
        "Stat": "Maximum",
    }
    query = {
        k: v
        for k, v in ALARM.items()
        if k not in {"Namespace", "MetricName", "Dimensions", "Statistic", "Period"}
    }
    (found,) = alarm_states(
        [query | {"Metrics": [{"Id": "m", "MetricStat": stat}]}], {KEY: [(NOW, 9.0)]}, NOW
    )
    assert found.state == "ALARM"


def test_the_reason_names_metric_value_and_rule():
    (found,) = alarm_states([ALARM], {KEY: [(NOW, 9.0)]}, NOW)
    assert found.reason == "ReconciliationGap 9 (GreaterThanThreshold 2, 1 of 1, missing: ignore)"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Metrics": [{"Id": "e", "Expression": "m1 / m2"}, {"Id": "m1"}]}, "gap: metric mathematics"),
        ({"Statistic": None}, "gap: None is not evaluated"),
        (
            {"ComparisonOperator": "GreaterThanUpperThreshold"},
            "gap: GreaterThanUpperThreshold is not evaluated",
        ),
    ],
)
def test_what_is_not_evaluated_is_refused(changes, message):
    with pytest.raises(UserError, match=message):
        alarm_states([ALARM | changes], {}, NOW)
