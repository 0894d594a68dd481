"""The lake's bucket, and the bucket that records who touched it."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra import names
from infra.checkov import leave_out
from infra.stages import Stage

ACCESS_LOG_DAYS = 365


def lake_bucket(scope: Construct, stage: Stage, key: kms.IKey) -> s3.Bucket:
    """Return the lake: encrypted, versioned, private, by SSL only, its accesses logged."""
    return s3.Bucket(
        scope,
        "Lake",
        bucket_name=names.lake_bucket(Stack.of(scope)),
        encryption=s3.BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=True,
        versioned=True,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        server_access_logs_bucket=_access_logs(scope, stage),
        server_access_logs_prefix="lake/",
        lifecycle_rules=_lifecycle(stage),
        removal_policy=_removal(stage),
    )


def _lifecycle(stage: Stage) -> list[s3.LifecycleRule]:
    """Raw data, ledger, models and published weeks stay; what a run leaves on its way expires."""
    days = {
        "transform/": stage.transform_days,
        "spill/": 1,
        "athena/": stage.query_result_days,
        "delivery-errors/": stage.transform_days,
    }
    expiring = [
        s3.LifecycleRule(id=f"expire-{prefix[:-1]}", prefix=prefix, expiration=Duration.days(count))
        for prefix, count in days.items()
    ]
    superseded = s3.LifecycleRule(
        id="remove-old-versions",
        noncurrent_version_expiration=Duration.days(stage.old_version_days),
        expired_object_delete_marker=True,
    )
    unfinished = s3.LifecycleRule(
        id="abort-uploads", abort_incomplete_multipart_upload_after=Duration.days(7)
    )
    return [*expiring, superseded, unfinished]


def _access_logs(scope: Construct, stage: Stage) -> s3.Bucket:
    """S3 delivers access logs only to a bucket with its own encryption, not with a key of ours."""
    logs = s3.Bucket(
        scope,
        "AccessLogs",
        bucket_name=names.logs_bucket(Stack.of(scope)),
        encryption=s3.BucketEncryption.S3_MANAGED,
        versioned=True,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="expire",
                expiration=Duration.days(ACCESS_LOG_DAYS),
                noncurrent_version_expiration=Duration.days(1),
            )
        ],
        removal_policy=_removal(stage),
    )
    leave_out(logs, "CKV_AWS_18", "It holds the access logs; logging its own accesses would never end.")
    return logs


def _removal(stage: Stage) -> RemovalPolicy:
    return RemovalPolicy.RETAIN if stage.keep_data else RemovalPolicy.DESTROY
