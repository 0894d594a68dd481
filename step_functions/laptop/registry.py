"""The model registry of a lake on disk: what SageMaker keeps on AWS lies in `runs/registry.json`.

Versions and ARNs are the same in every run. Addresses of the lake are written as `${LakeRoot}`: a lake may be
moved.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.sagemaker.models import sagemaker_backends

from clv.errors import UserError
from clv.lake import Lake
from step_functions.laptop.cloud import REGION, client

REGISTRY = "runs/registry.json"
LAKE = "${LakeRoot}"
KEPT = (
    "ModelPackageDescription",
    "ModelApprovalStatus",
    "InferenceSpecification",
    "MetadataProperties",
    "ModelMetrics",
    "CustomerMetadataProperties",
    "DriftCheckBaselines",
)
"""What CreateModelPackage is given and DescribeModelPackage tells again."""
NOTE, CHANGED = "ApprovalDescription", "LastModifiedTime"
"""What UpdateModelPackage was given for a reason, and when; CreateModelPackage takes neither."""
Kept = dict[str, list[dict[str, Any]]]


class Registry:
    """The registry of one lake; `load` fills the account's, `save` writes it back."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._here = json.dumps(lake.root)[1:-1]
        self._saved: str | None = None
        self._standing: str | None = None

    def load(self, groups: Iterable[str]) -> None:
        """Create the groups, those of earlier runs too, with the packages registered in them."""
        told = self._standing = self._lake.read_text(REGISTRY)
        kept: Kept = json.loads(told.replace(LAKE, self._here)) if told else {}
        for group in sorted({*kept, *groups}):
            client("sagemaker").create_model_package_group(ModelPackageGroupName=group)
            for package in kept.get(group, []):
                _register(group, package)
        self._saved = self._text()

    def save(self) -> None:
        """Write the registry into the lake if anything was registered since it was loaded or saved.

        UserError where another run has written it meanwhile: one that ended just before this one began.
        """
        text = self._text()
        if text == self._saved:
            return
        if self._lake.read_text(REGISTRY) != self._standing:
            where = self._lake.url(REGISTRY)
            raise UserError(f"{where}: another run registered models while this one began; run again")
        self._lake.write_text(REGISTRY, text)
        self._saved = self._standing = text

    def _text(self) -> str:
        groups = client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"]
        names = sorted(group["ModelPackageGroupName"] for group in groups)
        told = json.dumps({name: _packages(name) for name in names}, indent=1)
        return told.replace(self._here, LAKE)


def _packages(group: str) -> list[dict[str, Any]]:
    """Return the packages of a group by their version."""
    pages = client("sagemaker").get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
    arns = [one["ModelPackageArn"] for page in pages for one in page["ModelPackageSummaryList"]]
    told = [client("sagemaker").describe_model_package(ModelPackageName=arn) for arn in arns]
    return [
        {
            "ModelPackageArn": package["ModelPackageArn"],
            "CreationTime": package["CreationTime"].isoformat(),
            **{name: package[name] for name in (*KEPT, NOTE) if package.get(name)},
            **({CHANGED: package[CHANGED].isoformat()} if package.get(CHANGED) else {}),
        }
        for package in sorted(told, key=lambda package: package["ModelPackageVersion"])
    ]


def _register(group: str, package: dict[str, Any]) -> None:
    given = {name: package[name] for name in KEPT if name in package}
    arn = client("sagemaker").create_model_package(ModelPackageGroupName=group, **given)["ModelPackageArn"]
    made = sagemaker_backends[DEFAULT_ACCOUNT_ID][REGION].model_packages[arn]
    made.creation_time = _naive(package["CreationTime"])
    made.approval_description = package.get(NOTE)
    made.last_modified_time = _naive(package[CHANGED]) if CHANGED in package else None


def _naive(text: str) -> datetime:
    """Return a time as moto keeps it."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
