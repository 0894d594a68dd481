"""When work starts: the weekly run, the daily features, the daily look at the scores' age."""

import json

from aws_cdk import Acknowledgment, Duration, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra import grants, names
from infra.checkov import leave_out
from infra.grants import Grant
from infra.stages import Stage

ATTEMPTS, PATIENCE_SECONDS = 3, 3_600
"""Of a start that fails; the scheduler's own 185 attempts over a day would start yesterday's run."""

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""The scheduler puts the time for which a start was planned, in UTC, here."""


class Schedules(Construct):
    """The schedules, with a queue for the starts that could not be made."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        machine: sfn.StateMachine,
        freshness: lambda_.Function,
    ) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self._dead = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=names.DEAD_LETTERS,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        reason = "It is the dead-letter queue of the schedules, which cdk-nag does not look at."
        Validations.of(self._dead).acknowledge(Acknowledgment(id="AwsSolutions-SQS3", reason=reason))
        leave_out(self._dead, "CKV_AWS_27", "It is encrypted, by the key of SQS: it holds dates and no data.")
        self._role = self._scheduler_role(machine, freshness)
        run = machine.state_machine_arn
        self._schedule("weekly", stage.weekly, run, {"scheduled_time": SCHEDULED_TIME})
        self._schedule("daily", stage.daily, run, {"scheduled_time": SCHEDULED_TIME, "until": "features"})
        measured = {"scheduled_time": SCHEDULED_TIME}
        self._schedule("freshness", stage.freshness, freshness.function_arn, measured)

    def _schedule(self, name: str, when: str, target: str, told: dict[str, str]) -> None:
        retry = scheduler.CfnSchedule.RetryPolicyProperty(
            maximum_retry_attempts=ATTEMPTS, maximum_event_age_in_seconds=PATIENCE_SECONDS
        )
        dead = scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self._dead.queue_arn)
        scheduler.CfnSchedule(
            self,
            f"Schedule-{name}",
            name=f"{names.PREFIX}-{name}",
            schedule_expression=when,
            schedule_expression_timezone=self._stage.zone,
            state="ENABLED" if self._stage.schedules_on else "DISABLED",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=target,
                role_arn=self._role.role_arn,
                input=json.dumps(told),
                retry_policy=retry,
                dead_letter_config=dead,
            ),
        )

    def _scheduler_role(self, machine: sfn.StateMachine, freshness: lambda_.Function) -> iam.Role:
        may = [
            Grant(("states:StartExecution",), (names.state_machine_arn(Stack.of(self)),)),
            Grant(("lambda:InvokeFunction",), (freshness.function_arn,)),
            Grant(("sqs:SendMessage",), (self._dead.queue_arn,)),
        ]
        role = grants.role(self, "scheduler", "scheduler.amazonaws.com", may)
        role.node.add_dependency(machine)
        return role
