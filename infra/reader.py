"""The role of people who open the dashboard: they read what it shows and write nothing."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from clv.partitions import SHOWN
from infra import grants


def reader(scope: Construct, key_arn: str) -> iam.Role:
    """Return the role; whoever of this account is allowed `sts:AssumeRole` on it may take it.

    It lists the whole bucket: S3 says of an absent object that it is absent to those alone who may.
    """
    may = [
        grants.read_lake(scope, *SHOWN),
        grants.list_lake(scope),
        grants.read_by_key(key_arn),
    ]
    return grants.role_of(scope, "reader", iam.AccountPrincipal(Stack.of(scope).account), may)
