import pytest

from clv.alarm_rules import DAY_SECONDS
from clv.indicators import (
    BY_NAME,
    INDICATORS,
    MODEL_FIGURES,
    MONITORED,
    SEGMENT_FIGURES,
    TOP_VALUES,
    alarms,
    model_value,
    segment_value,
)
from monitoring.alarms import decide

OF_STACK = {"StateMachineArn": "arn:machine", "QueueName": "dead-letters"}
WEEK_SECONDS = 7 * DAY_SECONDS


def test_every_name_is_declared_once():
    assert len(BY_NAME) == len(INDICATORS)


def test_the_whole_stack_has_at_most_40_alarms_each_with_its_own_name():
    names = [alarm.name for alarm in alarms(365, OF_STACK)]
    assert len(set(names)) == len(names) <= 40


def test_each_model_has_its_own_alarms():
    found = {alarm.name: dict(alarm.dimensions) for alarm in alarms(180, OF_STACK)}
    assert found["BreachedSegments-early"] == {"Model": "early-180"}
    assert found["BreachedSegments-established"] == {"Model": "established-180"}
    assert found["ReconciliationGap"] == {}
    assert found["ExecutionsFailed"] == {"StateMachineArn": "arn:machine"}


def test_the_stack_must_give_the_dimensions_of_aws_own_metrics():
    with pytest.raises(KeyError, match="StateMachineArn"):
        alarms(365, {"QueueName": "dead-letters"})


def test_no_alarm_looks_further_back_than_cloudwatch_lets_it():
    for alarm in alarms(365, OF_STACK):
        rule = alarm.rule
        longest = DAY_SECONDS if rule.period_seconds < 3_600 else WEEK_SECONDS
        assert rule.period_seconds * rule.evaluation_periods <= longest, alarm.name
        assert 1 <= rule.datapoints_to_alarm <= rule.evaluation_periods


def test_a_weekly_figure_keeps_its_alarm_until_the_next_run():
    weekly = [each for each in MODEL_FIGURES if each.rule is not None]
    assert {each.rule.missing for each in weekly} == {"ignore"}


@pytest.mark.parametrize(
    ("figures", "raised"),
    [
        ((0, 1), False),
        ((6, 7), False),  # Sunday and the Monday of the next run
        ((7, 0), False),
        ((7, 8), False),  # the run was missed; a day's patience
        ((8, 9), True),
        ((None, 1), False),
        ((None, None), True),
    ],
)
def test_a_missed_run_is_noticed_and_so_is_that_nobody_puts_the_figure(figures, raised):
    rule = BY_NAME["DaysSinceLastPublish"].rule
    breaching = [None if days is None else days > rule.limit for days in figures]
    state = decide(breaching, rule.evaluation_periods, rule.datapoints_to_alarm, rule.missing, "OK")
    assert (state == "ALARM") == raised


def test_metrics_by_segment_are_bounded():
    segments = 1 + len(MONITORED) * (TOP_VALUES + 1)
    assert 2 * segments * len(SEGMENT_FIGURES) < 500


def test_values_of_dimensions_are_ascii():
    assert segment_value("all", "all") == "all"
    assert segment_value("country", "DE") == "country=DE"
    assert segment_value("country", "Österreich") == "country=\\xd6sterreich"
    assert model_value("early", 365) == "early-365"
