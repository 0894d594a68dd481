"""Findings of checkov that stay at one resource."""

from aws_cdk import CfnResource
from constructs import IConstruct


def leave_out(of: IConstruct, check: str, reason: str) -> None:
    """Leave one check out at one resource; the reason goes into the template, where checkov reads it.

    TypeError where the construct is not a single resource.
    """
    resource = of.node.default_child
    if not isinstance(resource, CfnResource):
        raise TypeError(f"{of.node.path}: no single resource to leave {check} out at")
    resource.add_metadata("checkov", {"skip": [{"id": check, "comment": reason}]})
