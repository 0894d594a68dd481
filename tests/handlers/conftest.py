import boto3
import pytest
from moto import mock_aws

from step_functions.handlers.store import store_at


@pytest.fixture
def aws(monkeypatch):
    """An empty AWS account in this process; its executions run until they are stopped, and then at once end."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "CLV_SETTINGS", "CLV_PROCESS", "TOPIC_ARN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws(config={"stepfunctions": {"execute_state_machine": False}}):
        yield


@pytest.fixture(params=["folder", "s3"])
def store(request, aws, tmp_path):
    """The store of an empty lake: of a folder with a blank in its name, and of a prefix of a bucket."""
    if request.param == "folder":
        (tmp_path / "my lake").mkdir()
        return store_at(str(tmp_path / "my lake"))
    where = {"LocationConstraint": "eu-west-1"}
    boto3.client("s3").create_bucket(Bucket="lake", CreateBucketConfiguration=where)
    return store_at("s3://lake/some/prefix")
