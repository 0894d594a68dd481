import shutil
from datetime import timedelta

import pytest

from clv.errors import UserError
from clv.lake import Lake
from step_functions.laptop import cloud
from step_functions.laptop.jobs import Jobs, Runners
from step_functions.laptop.registry import REGISTRY, Registry

GROUPS = ("clv-early-90", "clv-established-90")


def nothing(*_):
    """Run no job: none is started here."""


def account():
    return cloud.cloud(Jobs(Runners(nothing, nothing, nothing, nothing)), {})


def register(lake, status, as_of):
    return cloud.client("sagemaker").create_model_package(
        ModelPackageGroupName="clv-early-90",
        ModelApprovalStatus=status,
        ModelPackageDescription="why",
        CustomerMetadataProperties={"as_of": as_of},
        InferenceSpecification={
            "Containers": [{"Image": "image", "ModelDataUrl": lake.url(f"models/{as_of}/model.tar.gz")}],
            "SupportedContentTypes": ["application/x-parquet"],
            "SupportedResponseMIMETypes": ["application/x-parquet"],
        },
    )["ModelPackageArn"]


def described(arn):
    told = cloud.client("sagemaker").describe_model_package(ModelPackageName=arn)
    return {name: value for name, value in told.items() if name != "ResponseMetadata"}


def test_packages_are_the_same_in_the_next_run_and_the_lake_may_be_moved(tmp_path):
    lake = Lake.at(tmp_path / "a \"lake\" of 'mine'")
    with account():
        registry = Registry(lake)
        registry.load(GROUPS)
        arns = [
            register(lake, status, f"2025-0{n}-01") for n, status in enumerate(("Approved", "Rejected"), 1)
        ]
        before = [described(arn) for arn in arns]
        registry.save()
    moved = Lake.at(shutil.move(lake.root, tmp_path / "elsewhere"))
    with account():
        Registry(moved).load(GROUPS)
        after = [described(arn) for arn in arns]
        newest = cloud.client("sagemaker").list_model_packages(
            ModelPackageGroupName="clv-early-90", SortBy="CreationTime", SortOrder="Descending"
        )["ModelPackageSummaryList"]
        third = register(moved, "Approved", "2025-03-01")
    assert [package["ModelPackageVersion"] for package in newest] == [2, 1]
    assert third.endswith("/clv-early-90/3")
    for old, new in zip(before, after, strict=True):
        (container,) = new["InferenceSpecification"]["Containers"]
        assert container.pop("ModelDataUrl").startswith(moved.root)
        old["InferenceSpecification"]["Containers"][0].pop("ModelDataUrl")
        assert abs(old.pop("CreationTime") - new.pop("CreationTime")) < timedelta(milliseconds=2)
        assert new == old


def test_what_another_run_registered_is_not_overwritten(tmp_path):
    lake = Lake.at(tmp_path)
    with account():
        registry = Registry(lake)
        registry.load(GROUPS)
        lake.write_text(REGISTRY, '{"clv-early-90": []}')
        register(lake, "Approved", "2025-01-01")
        with pytest.raises(UserError, match="another run registered models"):
            registry.save()
    assert lake.read_text(REGISTRY) == '{"clv-early-90": []}'


def test_a_run_that_registers_nothing_writes_nothing(tmp_path):
    lake = Lake.at(tmp_path)
    with account():
        registry = Registry(lake)
        registry.load(GROUPS)
        registry.save()
    assert lake.read_text(REGISTRY) is None
