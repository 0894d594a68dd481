"""What an actor may do, written by hand: statements, and the role that carries them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import names


@dataclass(frozen=True)
class Grant:
    """Actions allowed on resources. A pattern among the resources or actions needs its reason in `wide`."""

    actions: Sequence[str]
    resources: Sequence[str]
    wide: str = ""
    conditions: Mapping[str, object] = field(default_factory=dict)

    @property
    def patterns(self) -> list[str]:
        """Return the findings that cdk-nag makes of this grant: one for each pattern."""
        actions = [f"Action::{action}" for action in self.actions if "*" in action]
        return actions + [f"Resource::{resource}" for resource in self.resources if "*" in resource]

    def statement(self) -> iam.PolicyStatement:
        """Return it as a statement; ValueError for a pattern without a reason."""
        if self.patterns and not self.wide:
            raise ValueError(f"{', '.join(self.patterns)}: a pattern needs its reason")
        return iam.PolicyStatement(
            actions=list(self.actions), resources=list(self.resources), conditions=dict(self.conditions)
        )


def role(scope: Construct, name: str, service: str, grants: Sequence[Grant]) -> iam.Role:
    """Return the role of one actor of AWS, which may do exactly what the grants say."""
    return role_of(
        scope, name, iam.ServicePrincipal(service, conditions=_own_account(scope, service)), grants
    )


def role_of(scope: Construct, name: str, who: iam.IPrincipal, grants: Sequence[Grant]) -> iam.Role:
    """Return the role of whoever may assume it, which may do exactly what the grants say.

    The reasons of its patterns are acknowledged to cdk-nag here, where they are written.
    """
    document = iam.PolicyDocument(statements=[grant.statement() for grant in grants])
    made = iam.Role(
        scope,
        f"{name.title()}Role",
        role_name=f"{names.PREFIX}-{name}",
        assumed_by=who,
        inline_policies={"may": document},
    )
    for grant in grants:
        for pattern in grant.patterns:
            finding = f"AwsSolutions-IAM5[{_as_reported(scope, pattern)}]"
            Validations.of(made).acknowledge(Acknowledgment(id=finding, reason=grant.wide))
    return made


def _own_account(scope: Construct, service: str) -> dict[str, object]:
    # Lambda and Glue assume roles without naming the source.
    if service in {"lambda.amazonaws.com", "glue.amazonaws.com"}:
        return {}
    return {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}}


def _as_reported(scope: Construct, pattern: str) -> str:
    return flat(Stack.of(scope).resolve(pattern))


def flat(value: object) -> str:
    """Return a CloudFormation value as cdk-nag spells it: references in angle brackets."""
    if not isinstance(value, Mapping):
        return str(value)
    if "Ref" in value:
        return f"<{value['Ref']}>"
    if "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([^}]+)\}", r"<\1>", str(value["Fn::Sub"]))
    separator, parts = value["Fn::Join"]
    return str(separator).join(flat(part) for part in parts)


def read_lake(scope: Construct, *folders: str) -> Grant:
    """Return reading of everything below some folders of the lake."""
    resources = names.lake_arns(Stack.of(scope), *folders)
    return Grant(("s3:GetObject",), resources, "Objects of these folders; their keys carry dates and runs.")


def write_lake(scope: Construct, *folders: str) -> Grant:
    """Return writing and removing below some folders of the lake."""
    actions = ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
    resources = names.lake_arns(Stack.of(scope), *folders)
    return Grant(actions, resources, "Objects of these folders; their keys carry dates and runs.")


def list_lake(scope: Construct, *folders: str) -> Grant:
    """Return listing of the lake, of some folders where any are given.

    Who reads objects that may be absent lists without folders: S3 says "no such key" only to those who may
    list the bucket, and "denied" to all others.
    """
    narrowed = {"StringLike": {"s3:prefix": [f"{name}*" for name in folders]}} if folders else {}
    return Grant(("s3:ListBucket",), (names.lake_arn(Stack.of(scope)),), conditions=narrowed)


def use_key(key_arn: str) -> Grant:
    """Return reading and writing of what the key encrypts."""
    return Grant(("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"), (key_arn,))


def read_by_key(key_arn: str) -> Grant:
    """Return reading of what the key encrypts."""
    return Grant(("kms:Decrypt",), (key_arn,))


def lend_key(key_arn: str) -> Grant:
    """Return lending the key to AWS for the disks of a job."""
    only_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return Grant(("kms:CreateGrant",), (key_arn,), conditions=only_aws)


def write_logs(scope: Construct, group: str, *, create: bool = False) -> Grant:
    """Return writing the streams of one log group, and making it where AWS expects that of the role."""
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if create:
        actions += ["logs:CreateLogGroup", "logs:DescribeLogStreams"]
    resources = (names.arn(Stack.of(scope), "logs", f"log-group:{group}:*"),)
    return Grant(actions, resources, "Streams of one log group; AWS names them by run.")


def put_metrics(*namespaces: str) -> Grant:
    """Return putting metrics of some namespaces."""
    only = {"StringEquals": {"cloudwatch:namespace": list(namespaces)}}
    reason = "PutMetricData knows no resources; the condition names the namespaces."
    return Grant(("cloudwatch:PutMetricData",), ("*",), reason, only)
