"""Verb: read and note in the model registry who approved or refused a package, when and why."""

from collections.abc import Mapping
from typing import Any

from clv.errors import UserError
from step_functions.handlers.registry import NOT_THERE

SHOWN = {
    "status": "ModelApprovalStatus",
    "approval_note": "ApprovalDescription",
    "registered": "CreationTime",
    "changed": "LastModifiedTime",
}
DECIDED_BY = "decided_by"
METADATA = ("run_id", "training_job", DECIDED_BY, "rolled_back_by")


def described(client: Any, arn: str) -> dict[str, Any]:
    """Return what SageMaker tells of a package; UserError where there is none."""
    try:
        told: dict[str, Any] = client.describe_model_package(ModelPackageName=arn)
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in NOT_THERE:
            raise
        raise UserError(f"model registry: no package {arn}") from None
    return told


def approval(told: Mapping[str, Any]) -> dict[str, str]:
    """Return who approved or refused a package, when and why, as texts by name, without what is not known.

    told : of `describe_model_package`. On AWS a change by hand carries the name of its user profile.
    """
    found = {name: told.get(key) for name, key in SHOWN.items()}
    found["changed_by"] = told.get("LastModifiedBy", {}).get("UserProfileName")
    metadata = told.get("CustomerMetadataProperties", {})
    found |= {name: metadata.get(name) for name in METADATA}
    group, number = told["ModelPackageGroupName"], told["ModelPackageVersion"]
    return {
        "package": f"{group}/{number}",
        **{name: str(value) for name, value in found.items() if value},
    }


def decide(client: Any, arn: str, status: str, by: str, why: str) -> None:
    """Approve or reject a package in a person's name; SageMaker notes when.

    status : Approved or Rejected
    by : goes to the package's metadata, as SageMaker itself knows a user of its Studio alone
    """
    metadata = described(client, arn).get("CustomerMetadataProperties", {})
    client.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus=status,
        ApprovalDescription=why,
        CustomerMetadataProperties={**metadata, DECIDED_BY: by},
    )
