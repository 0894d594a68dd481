"""Erasure on S3: the bucket keeps old versions, and none of them may hold a person."""

import io
import json

import boto3
import pyarrow.parquet as pq
import pytest

from app.console import Console
from app.erasure import erase_people
from clv.lake import Lake
from clv.timeline import parse_as_of
from tests.s3 import BUCKET

QUIET = Console(quiet=True, as_json=True)
DAY = parse_as_of("2026-07-10")
EVENT = "eyJjdXN0b21lcl9pZCI6ICJhbm4tMSJ9"  # {"customer_id": "ann-1"}


@pytest.fixture
def lake(s3):
    """A versioned lake with two weeks of scores, the second published twice, raw tables and passing files."""
    client = boto3.client("s3")
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    on = Lake.at(s3)
    for day, run in (("2026-06-29", "run-1"), ("2026-07-06", "run-2"), ("2026-07-06", "run-3")):
        with on.commit(f"scores/as_of={day}", run) as draft:
            pq.write_table(table(), draft.folder / "part-000.parquet")
    orders = (
        "order_id,customer_id,order_ts,currency\norder-7,ann-1,2026-01-01,EUR\norder-8,bob-2,2026-01-02,EUR\n"
    )
    lines = "order_id,line_no,quantity,gross_amount,discount,tax\norder-7,1,1,10,0,0\norder-8,1,1,20,0,0\n"
    on.write_text("raw/orders/part-0.csv", "order_id,customer_id\norder-6,ann-1\n")
    on.write_text("raw/orders/part-0.csv", orders)
    on.write_text("raw/order_lines/part-0.csv", lines)
    on.write_text("athena/query.csv", "customer_id\nann-1\n")
    on.write_text("delivery-errors/web_events/x", f'{{"rawData": "{EVENT}"}}\n{{"rawData": "e30="}}\n')
    on.write_text("runs/run-1.json", "{}")
    on.write_text("runs/run-1.json", '{"state": "done"}')
    yield on
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})


def table():
    import pyarrow as pa  # noqa: PLC0415

    return pa.table({"customer_id": ["ann-1", "bob-2"], "clv_eur": [1.0, 2.0]})


def versions(lake):
    """Every version of every object below the lake: its name, and all text in it."""
    client, prefix = boto3.client("s3"), lake.root.removeprefix(f"s3://{BUCKET}/")
    pages = client.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=prefix)
    found = []
    for told in [told for page in pages for told in page.get("Versions", [])]:
        body = client.get_object(Bucket=BUCKET, Key=told["Key"], VersionId=told["VersionId"])["Body"].read()
        if body[:4] == b"PAR1":
            body += str(pq.read_table(io.BytesIO(body)).to_pylist()).encode()
        found.append((told["Key"].removeprefix(f"{prefix}/"), body))
    return found


def test_no_version_of_any_object_names_them_and_the_others_are_all_there(lake):
    before = [name for name, body in versions(lake) if b"ann-1" in body or b"order-7" in body]
    assert len(before) >= 7
    erase_people(lake, ["ann-1"], None, DAY, "", QUIET)
    after = versions(lake)
    assert [
        name for name, body in after if b"ann-1" in body or b"order-7" in body or EVENT.encode() in body
    ] == []
    for day in ("2026-06-29", "2026-07-06"):
        (file,) = lake.files(f"scores/as_of={day}")
        assert b"bob-2" in lake.storage.read(file.removeprefix(f"{lake.root}/")).data
    assert lake.read_text("raw/order_lines/part-0.csv").splitlines()[1:] == ["order-8,1,1,20,0,0"]
    assert [name for name, _ in after].count("runs/run-1.json") == 2
    told = json.loads(lake.read_text(f"runs/erase-{DAY}-1.json"))
    assert (told["rows"]["scores"], told["left"]) == (2, [])
    assert told["versions"] > 5
    assert lake.read_text("runs/lock.json") is None
