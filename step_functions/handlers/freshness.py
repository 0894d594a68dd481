"""Measures how old the newest published scores are; a schedule asks, whether a run took place or not."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

METRIC = "DaysSinceLastPublish"
SCORES, KEY, CURRENT = "scores/", "as_of=", "_current.json"


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Put the age in days and return it; before the first scores nothing, which the alarm takes for missed.

    The event names the time it was scheduled for, so that no clock is asked.
    """
    import boto3  # noqa: PLC0415 - made per call, so that tests choose the endpoint

    lake, namespace = os.environ["LAKE_ROOT"], os.environ["METRIC_NAMESPACE"]  # noqa: TID251 - a Lambda's edge
    today = datetime.fromisoformat(event["scheduled_time"]).astimezone(UTC).date()
    newest = newest_published(boto3.client("s3"), lake)
    if newest is None:
        return {"newest": None, "days": None}
    days = (today - newest).days
    unit = {"MetricName": METRIC, "Value": days, "Unit": "Count"}
    boto3.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[unit])
    return {"newest": newest.isoformat(), "days": days}


def newest_published(s3: Any, lake: str) -> date | None:
    """Return the newest as_of with committed scores in a lake such as `s3://bucket`, None where none is."""
    bucket, _, prefix = lake.removeprefix("s3://").rstrip("/").partition("/")
    home = f"{prefix}/{SCORES}".lstrip("/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=home)
    keys = [row["Key"] for page in pages for row in page.get("Contents", ())]
    committed = [key.removeprefix(home).split("/") for key in keys if key.endswith(f"/{CURRENT}")]
    days = [date.fromisoformat(part[0].removeprefix(KEY)) for part in committed if len(part) == 2]
    return max(days, default=None)
