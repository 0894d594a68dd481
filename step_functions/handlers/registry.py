"""The model registry as the cycle reads it: one group per segment and horizon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from clv.errors import UserError
from clv.segments import SCORED

APPROVED = "Approved"
NOT_THERE = ("ValidationException", "ValidationError", "ResourceNotFound", "ResourceNotFoundException")
"""How SageMaker answers for a name it does not know, by its documentation and in practice."""


@dataclass(frozen=True)
class Package:
    """One registered training."""

    arn: str
    group: str
    number: int
    as_of: date
    artifact: str
    """Address of its model.tar.gz."""
    evaluation: str
    """Address of its evaluation.json."""
    status: str
    reason: str
    """Of its verdict."""

    @property
    def version(self) -> str:
        """Return group and number as scores name them, such as `clv-early-365/3`."""
        return f"{self.group}/{self.number}"


def groups(prefix: str, horizon_days: int) -> dict[str, str]:
    """Return the registry group of each scored segment."""
    return {segment: f"{prefix}-{segment}-{horizon_days}" for segment in SCORED}


def require_groups(client: Any, named: Mapping[str, str]) -> None:
    """Do nothing if every group exists; UserError naming the first that does not."""
    for group in named.values():
        try:
            client.describe_model_package_group(ModelPackageGroupName=group)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in NOT_THERE:
                raise
            raise UserError(
                f"model registry: no group {group}; deploy the stack for this horizon, or take a deployed one"
            ) from None


def packages(client: Any, group: str, as_of: date, status: str | None = APPROVED) -> list[Package]:
    """Return a group's packages trained as of `as_of` or earlier, newest first; status None takes all.

    A later training knows what came after `as_of`, so it neither scores that day nor stands in its way.
    """
    wanted = {"ModelPackageGroupName": group} | ({"ModelApprovalStatus": status} if status else {})
    pages = client.get_paginator("list_model_packages").paginate(**wanted)
    listed = [row["ModelPackageArn"] for page in pages for row in page["ModelPackageSummaryList"]]
    found = [_package(client.describe_model_package(ModelPackageName=arn)) for arn in listed]
    eligible = [package for package in found if package is not None and package.as_of <= as_of]
    return sorted(eligible, key=lambda package: (package.as_of, package.number), reverse=True)


def newest(client: Any, group: str, as_of: date, status: str | None = APPROVED) -> Package | None:
    """Return the newest of `packages`, None where there is none."""
    return next(iter(packages(client, group, as_of, status)), None)


def model_exists(client: Any, name: str) -> bool:
    """Say whether SageMaker has a model of this name."""
    try:
        client.describe_model(ModelName=name)
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in NOT_THERE:
            raise
        return False
    return True


def _package(told: Mapping[str, Any]) -> Package | None:
    """Return a package of ours, None for one that somebody registered by hand without our metadata."""
    metadata = told.get("CustomerMetadataProperties", {})
    if not {"as_of", "evaluation"} <= set(metadata):
        return None
    return Package(
        arn=told["ModelPackageArn"],
        group=told["ModelPackageGroupName"],
        number=told["ModelPackageVersion"],
        as_of=date.fromisoformat(metadata["as_of"]),
        artifact=told["InferenceSpecification"]["Containers"][0]["ModelDataUrl"],
        evaluation=metadata["evaluation"],
        status=told["ModelApprovalStatus"],
        reason=metadata.get("reason", ""),
    )
