"""CloudFormation types that moto lacks: each is created by a call of its service, and nothing else.

moto skips a type it does not know with a warning and still says CREATE_COMPLETE; `unknown_types` finds those
before. A policy's Deny under a condition is left out, because moto denies without looking at the condition.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.cloudformation import parsing
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.common_models import CloudFormationModel
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from step_functions.laptop.cloud import REGION, client

Properties = dict[str, Any]
Created = tuple[str, dict[str, str]]
"""What `Ref` gives, and what `Fn::GetAtt` gives."""
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
CDK = "AWS::CDK::Metadata"


@contextmanager
def resource_types() -> Iterator[None]:
    """Let moto's CloudFormation create the types of `CREATE` for the length of a block."""
    models = [_model(name, create) for name, create in CREATE.items()]  # moto keeps weak references only
    _forget_models()
    yield
    models.clear()
    _forget_models()


def unknown_types(template: Mapping[str, Any]) -> list[str]:
    """Return the resource types of a template that moto would skip."""
    used = {resource["Type"] for resource in template["Resources"].values()}
    return sorted(used - {CDK} - set(parsing.get_model_map()))


def _forget_models() -> None:
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()


class _Resource:
    """One resource of any type: what `Ref` and `Fn::GetAtt` give of it."""

    def __init__(self, physical_id: str, attributes: dict[str, str]) -> None:
        self.id, self._attributes = physical_id, attributes

    @property
    def physical_resource_id(self) -> str:
        return self.id

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""  # every name is given in the template

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in {"Arn", "Name", "ModelPackageGroupArn"}

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self._attributes[attribute_name]


def _model(name: str, create: Callable[[Properties], Created]) -> type:
    class Resource(_Resource, CloudFormationModel):  # type: ignore[misc]
        """One type; moto asks for direct subclasses with a dotted module."""

        __module__ = "moto.cloudformation.rehearsal"

        @staticmethod
        def cloudformation_type() -> str:
            return name

        @classmethod
        def create_from_cloudformation_json(
            cls, resource_name: str, cloudformation_json: Any, *_: Any, **__: Any
        ) -> "Resource":
            return cls(*create({"LogicalId": resource_name, **cloudformation_json.get("Properties", {})}))

    Resource.__name__ = name.replace("::", "")
    return Resource


def _state_machine(given: Properties) -> Created:
    values = given.get("DefinitionSubstitutions") or {}  # moto leaves the placeholders as they are
    definition = PLACEHOLDER.sub(
        lambda found: json.dumps(str(values.get(found[1], found[0])))[1:-1], given["DefinitionString"]
    )
    backend = stepfunctions_parser_backends[DEFAULT_ACCOUNT_ID][REGION]  # the one that executes
    made = backend.create_state_machine(
        name=given["StateMachineName"], definition=definition, roleArn=given["RoleArn"]
    )
    return made.arn, {"Arn": made.arn, "Name": made.name}


def _glue_job(given: Properties) -> Created:
    client("glue").create_job(**_without(given, "LogicalId"))
    return given["Name"], {}


def _glue_database(given: Properties) -> Created:
    client("glue").create_database(DatabaseInput=given["DatabaseInput"])
    return given["DatabaseInput"]["Name"], {}


def _glue_table(given: Properties) -> Created:
    client("glue").create_table(DatabaseName=given["DatabaseName"], TableInput=given["TableInput"])
    return given["TableInput"]["Name"], {}


def _glue_security(given: Properties) -> Created:
    encryption = dict(given["EncryptionConfiguration"])
    encryption["S3Encryption"] = encryption.pop("S3Encryptions")  # the API's name of it
    client("glue").create_security_configuration(Name=given["Name"], EncryptionConfiguration=encryption)
    return given["Name"], {}


def _package_group(given: Properties) -> Created:
    arn = client("sagemaker").create_model_package_group(**_without(given, "LogicalId"))
    return arn["ModelPackageGroupArn"], {"ModelPackageGroupArn": arn["ModelPackageGroupArn"]}


def _alarm(given: Properties) -> Created:
    client("cloudwatch").put_metric_alarm(**_without(given, "LogicalId"))
    name = given["AlarmName"]
    return name, {"Arn": f"arn:aws:cloudwatch:{REGION}:{DEFAULT_ACCOUNT_ID}:alarm:{name}"}


def _schedule(given: Properties) -> Created:
    arn = client("scheduler").create_schedule(**_without(given, "LogicalId"))["ScheduleArn"]
    return given["Name"], {"Arn": arn}


def _subscription(given: Properties) -> Created:
    asked = {name: given[name] for name in ("TopicArn", "Protocol", "Endpoint")}
    return client("sns").subscribe(**asked, ReturnSubscriptionArn=True)["SubscriptionArn"], {}


def _topic_policy(given: Properties) -> Created:
    text = _policy(given["PolicyDocument"])
    for topic in given["Topics"]:
        client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=text)
    return given["LogicalId"], {}


def _queue_policy(given: Properties) -> Created:
    text = _policy(given["PolicyDocument"])
    for queue in given["Queues"]:
        client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": text})
    return given["LogicalId"], {}


def _bucket_policy(given: Properties) -> Created:
    text = _policy(given["PolicyDocument"])
    if json.loads(text)["Statement"]:
        client("s3").put_bucket_policy(Bucket=given["Bucket"], Policy=text)
    return given["Bucket"], {}


def _delivery_stream(given: Properties) -> Created:
    arn = client("firehose").create_delivery_stream(**_without(given, "LogicalId"))["DeliveryStreamARN"]
    return given["DeliveryStreamName"], {"Arn": arn}


def _work_group(given: Properties) -> Created:
    client("athena").create_work_group(
        Name=given["Name"], Configuration=given.get("WorkGroupConfiguration", {}), Tags=given.get("Tags", [])
    )
    return given["Name"], {}


def _log_stream(given: Properties) -> Created:
    group, stream = given["LogGroupName"], given["LogStreamName"]
    client("logs").create_log_stream(logGroupName=group, logStreamName=stream)
    return stream, {}


def _policy(document: Mapping[str, Any]) -> str:
    """Return a policy as text, without what moto would deny always: a Deny under a condition."""
    kept = [each for each in document["Statement"] if each["Effect"] != "Deny" or "Condition" not in each]
    return json.dumps({**document, "Statement": kept})


def _without(given: Properties, name: str) -> Properties:
    return {key: value for key, value in given.items() if key != name}


CREATE: Mapping[str, Callable[[Properties], Created]] = {
    "AWS::Athena::WorkGroup": _work_group,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::Glue::Database": _glue_database,
    "AWS::Glue::Job": _glue_job,
    "AWS::Glue::SecurityConfiguration": _glue_security,
    "AWS::Glue::Table": _glue_table,
    "AWS::KinesisFirehose::DeliveryStream": _delivery_stream,
    "AWS::Logs::LogStream": _log_stream,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::SageMaker::ModelPackageGroup": _package_group,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::StepFunctions::StateMachine": _state_machine,
}
"""Missing in moto 5.2.5, but the last one: moto makes it where nothing executes it."""
