"""What the registry of a lake on disk says of the models that a run trained."""

import json
from pathlib import Path
from typing import Any

from clv.lake import Lake

REGISTRY = "runs/registry.json"
LAKE = "${LakeRoot}"


def trained_by(lake: Lake, run_id: str) -> list[dict[str, Any]]:
    """Return segment, package, version, status, reason and notes of each model that a run registered."""
    text = lake.read_text(REGISTRY)
    packages = [one for group in (json.loads(text) if text else {}).values() for one in group]
    return [_told(lake, one) for one in packages if one["CustomerMetadataProperties"]["run_id"] == run_id]


def _told(lake: Lake, package: dict[str, Any]) -> dict[str, Any]:
    metadata = package["CustomerMetadataProperties"]
    return {
        "segment": metadata["segment"],
        "package": package["ModelPackageArn"].rpartition("model-package/")[2],
        "model_version": metadata["model_version"],
        "status": package["ModelApprovalStatus"],
        "reason": _report(lake, metadata["verdict"])["reason"],
        "notes": _report(lake, metadata["evaluation"]).get("notes", []),
    }


def _report(lake: Lake, address: str) -> dict[str, Any]:
    text = Path(address.replace(LAKE, lake.root)).read_text(encoding="utf-8")
    told: dict[str, Any] = json.loads(text)
    return told
