"""Verb: go back to the models before the newest training, by rejecting its packages in the registry."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from clv.errors import UserError
from step_functions.handlers.registry import Package, packages, require_groups

REJECTED = "Rejected"


def reject_newest(client: Any, groups: Mapping[str, str], run_id: str) -> list[dict[str, str]]:
    """Reject the approved packages of the newest training; return segment, `rejected` and `in_force`.

    client : boto3's of SageMaker
    groups : registry group of each segment that is to go back; of the others nothing changes
    run_id : of the rollback, noted in the package

    UserError where a segment would be left without an approved model; then none is rejected.
    """
    require_groups(client, groups)
    approved = {segment: packages(client, group, date.max) for segment, group in groups.items()}
    newest = max((found[0].as_of for found in approved.values() if found), default=None)
    of_it = {segment: found for segment, found in approved.items() if found and found[0].as_of == newest}
    if not of_it:
        raise UserError(f"model registry: no approved package in {', '.join(groups.values())}")
    alone = [found[0].version for found in of_it.values() if len(found) < 2]
    if alone:
        raise UserError(
            f"model registry: {', '.join(alone)} is the only approved package of its group; with it rejected "
            "nothing could be scored: train a better one first"
        )
    for found in of_it.values():
        _reject(client, found[0], run_id)
    return [
        {"segment": segment, "rejected": found[0].version, "in_force": found[1].version}
        for segment, found in of_it.items()
    ]


def _reject(client: Any, package: Package, run_id: str) -> None:
    metadata = client.describe_model_package(ModelPackageName=package.arn)["CustomerMetadataProperties"]
    client.update_model_package(
        ModelPackageArn=package.arn,
        ModelApprovalStatus=REJECTED,
        ApprovalDescription=f"rolled back by {run_id}",
        CustomerMetadataProperties={**metadata, "rolled_back_by": run_id},
    )
