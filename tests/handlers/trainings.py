"""Trainings as a job leaves them, and as the registry keeps them."""

import io
import json
import tarfile
from pathlib import Path

import boto3

GROUPS = {"early": "clv-early-365", "established": "clv-established-365"}
EVALUATION = {
    "model_version": "xgb-tweedie-early-787a3b25",
    "training_as_ofs": ["2025-01-01", "2025-02-01", "2025-03-01"],
    "evaluation_as_of": "2025-03-01",
}
VERDICT = {
    "status": "Approved",
    "reason": "better than last year's revenue (Gini +0.05)",
    "rules": [
        {"rule": "beats 12m", "figure": 0.05, "limit": 0.0, "passed": True},
        {"rule": "beats champion", "figure": None, "limit": 0.0, "passed": True},
    ],
}
CARD = {
    "purpose": "Expected net revenue of early customers",
    "segment": "early",
    "horizon_days": 365,
    "training_as_ofs": EVALUATION["training_as_ofs"],
    "population": {"all": {"rows": 900}},
    "parameters": {"max_depth": 4},
    "metrics": {"clv": {"n": 300, "rmse": 80.5}, "12m": {"n": 300, "rmse": None}},
    "validation": {
        "verdict": "warn",
        "checks": [{"check": "r2", "found": 0.5}, {"check": "gini_range", "found": None}],
    },
    "known_limits": ["Young markets.", "Large customers."],
}
PAGE = b"<!doctype html>"
REPORTS = {"evaluation": EVALUATION, "verdict": VERDICT, "card": CARD, "baseline": {"features": {}}}


def make_groups():
    """Create the registry groups of both segments."""
    for group in GROUPS.values():
        boto3.client("sagemaker").create_model_package_group(ModelPackageGroupName=group)


def register(segment, as_of, status="Approved", reason="fine"):
    """Register a training of ours; returns its ARN."""
    return boto3.client("sagemaker").create_model_package(
        ModelPackageGroupName=GROUPS[segment],
        ModelApprovalStatus=status,
        CustomerMetadataProperties={
            "as_of": as_of,
            "evaluation": f"s3://lake/{segment}/{as_of}/evaluation.json",
            "reason": reason,
        },
        InferenceSpecification={
            "Containers": [{"Image": "i", "ModelDataUrl": f"s3://lake/{segment}/{as_of}/model.tar.gz"}]
        },
    )["ModelPackageArn"]


def archive(reports, page=PAGE):
    """Return the bytes of an output.tar.gz that holds these reports, a page and the judged customers."""
    files = {f"{name}.json": json.dumps(told).encode() for name, told in reports.items()}
    files |= {"card.html": page} if page else {}
    files["customers.parquet"] = b"PAR1"
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file.getvalue()


def leave_output(root, job, reports, page=PAGE):
    """Put a job's output.tar.gz where SageMaker would; returns the address of its model.tar.gz."""
    home = f"{root}/models/horizon_days=365/segment=early/{job}/output"
    if root.startswith("s3://"):
        bucket, _, prefix = home.removeprefix("s3://").partition("/")
        boto3.client("s3").put_object(
            Bucket=bucket, Key=f"{prefix}/output.tar.gz", Body=archive(reports, page)
        )
    else:
        Path(home).mkdir(parents=True)
        (Path(home) / "output.tar.gz").write_bytes(archive(reports, page))
    return f"{home}/model.tar.gz"
