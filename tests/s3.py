"""Fixtures: S3 by moto's server in this process, and lakes on it and on disk."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from clv.lake import Lake

BUCKET, REGION = "lake", "eu-west-1"
MADE_UP = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Yield the address of a server that holds the bucket `lake`."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - most tests need none

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    _ensure_bucket(endpoint)
    yield endpoint
    server.stop()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Point the AWS SDKs at the server; return the address of a prefix that no other test uses."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**MADE_UP, "AWS_ENDPOINT_URL": s3_server}.items():
        monkeypatch.setenv(name, value)
    _ensure_bucket(s3_server)  # whoever mocks AWS in this process empties moto, this server's bucket too
    return f"s3://{BUCKET}/{uuid4().hex}"


@pytest.fixture(params=["disk", "s3"])
def any_lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """Return an empty lake: the test runs once with one on disk, once with one on S3."""
    return Lake.at(tmp_path / "lake" if request.param == "disk" else request.getfixturevalue("s3"))


def _ensure_bucket(endpoint: str) -> None:
    import boto3  # noqa: PLC0415 - most tests need neither

    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name=REGION, **credentials)
    if BUCKET not in {each["Name"] for each in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.close()
