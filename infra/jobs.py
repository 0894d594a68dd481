"""The Glue jobs: one for each verb, all with the same code, wheels, role and encryption."""

from aws_cdk import Stack
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from clv.deliveries import EVENT_TABLES, deliveries_of, merges_of
from clv.tables import ALL_TABLES
from infra import grants, names
from infra.assets import Asset, Files, upload, upload_wheels
from infra.log_groups import log_group
from infra.stages import Stage

GLUE_VERSION = "5.1"
SECURITY = "clv"
CONCURRENT_RUNS = 2
"""A run that is stopping may still hold its place when the next one starts; the lock keeps runs apart."""


class Jobs(Construct):
    """The Glue jobs with what they share."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, key: kms.IKey, files: Files) -> None:
        super().__init__(scope, name)
        self._stage, self._key = stage, key
        self._code = upload(self, files.glue_code)
        self._wheels = upload_wheels(self, files.wheels)
        scripts = {path: upload(self, path) for path in sorted(set(files.scripts.values()))}
        self._role = self._glue_role([self._code, self._wheels, *scripts.values()])
        for kind in ("error", "output"):
            log_group(self, f"Log-{kind}", f"{names.GLUE_LOGS}/{kind}", stage, key)
        security = self._security()
        for verb in names.VERBS:
            self._job(verb, scripts[files.scripts[verb]]).add_resource_dependency(security)

    def _job(self, verb: str, script: Asset) -> glue.CfnJob:
        size = self._stage.jobs[verb]
        return glue.CfnJob(
            self,
            f"Job-{verb}",
            name=names.job(verb),
            description=f"CLV: the verb {verb}",
            role=self._role.role_arn,
            glue_version=GLUE_VERSION,
            worker_type="G.1X",
            number_of_workers=size.workers,
            execution_class="FLEX" if self._stage.flex else "STANDARD",
            timeout=size.timeout_minutes,
            max_retries=0,  # the state machine retries, and knows why
            execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs=CONCURRENT_RUNS),
            security_configuration=SECURITY,
            command=glue.CfnJob.JobCommandProperty(
                name="glueetl", python_version="3", script_location=script.url
            ),
            default_arguments=self._arguments(verb),
        )

    def _arguments(self, verb: str) -> dict[str, str]:
        return {
            "--verb": verb,
            "--engine": "spark",
            "--stage": self._stage.name,
            "--job-language": "python",
            "--extra-py-files": self._code.url,
            "--additional-python-modules": self._wheels.url,
            "--python-modules-installer-option": "--no-index",
            "--enable-auto-scaling": "true",
            "--enable-metrics": "true",
            "--custom-logGroup-prefix": names.GLUE_LOGS,
        }

    def _security(self) -> glue.CfnSecurityConfiguration:
        """Return what puts logs and output under our key; bookmarks too, though no job keeps one."""
        security = glue.CfnSecurityConfiguration
        mode = {"kms_key_arn": self._key.key_arn}
        return security(
            self,
            "Security",
            name=SECURITY,
            encryption_configuration=security.EncryptionConfigurationProperty(
                cloud_watch_encryption=security.CloudWatchEncryptionProperty(
                    cloud_watch_encryption_mode="SSE-KMS", **mode
                ),
                job_bookmarks_encryption=security.JobBookmarksEncryptionProperty(
                    job_bookmarks_encryption_mode="CSE-KMS", **mode
                ),
                s3_encryptions=[security.S3EncryptionProperty(s3_encryption_mode="SSE-KMS", **mode)],
            ),
        )

    def _glue_role(self, assets: list[Asset]) -> iam.Role:
        stack = Stack.of(self)
        may = [
            grants.read_lake(self, *names.READ_BY_GLUE, *names.WRITTEN_BY_GLUE),
            grants.write_lake(self, *names.WRITTEN_BY_GLUE),
            *self._merging(stack),
            grants.list_lake(self),
            grants.Grant(("s3:GetBucketLocation",), (names.lake_arn(stack),)),
            grants.Grant(("s3:GetObject",), [asset.arn(stack) for asset in assets]),
            grants.use_key(self._key.key_arn),
            grants.put_metrics(names.METRIC_NAMESPACE, "Glue"),
            *self._catalogue(stack),
            *(grants.write_logs(self, f"{names.GLUE_LOGS}/{kind}") for kind in ("error", "output")),
            grants.Grant(
                ("logs:AssociateKmsKey",),
                (names.arn(stack, "logs", f"log-group:{names.GLUE_LOGS}/*"),),
                "Glue binds the key of its security configuration to the jobs' two log groups.",
            ),
        ]
        return grants.role(self, "glue", "glue.amazonaws.com", may)

    @staticmethod
    def _merging(stack: Stack) -> list[grants.Grant]:
        """Return what the ledger job needs to put merged files of events in the place of delivered ones."""
        merged = names.lake_arns(stack, *map(merges_of, EVENT_TABLES))
        delivered = names.lake_arns(stack, *map(deliveries_of, EVENT_TABLES))
        put = ("s3:PutObject", "s3:AbortMultipartUpload")
        return [
            grants.Grant(put, merged, "Merged files of events; their names carry month and digest."),
            grants.Grant(("s3:DeleteObject",), delivered, "Files of the streams, once they are merged."),
        ]

    @staticmethod
    def _catalogue(stack: Stack) -> list[grants.Grant]:
        """Return what the jobs need to point partitions at what is committed."""
        tables = [f"table/{names.DATABASE}/{name}" for name in ALL_TABLES]
        paths = ("catalog", f"database/{names.DATABASE}", *tables)
        actions = (
            *(
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:GetTables",
                "glue:GetPartition",
                "glue:GetPartitions",
            ),
            *("glue:CreatePartition", "glue:UpdatePartition", "glue:DeletePartition"),
        )
        return [grants.Grant(actions, [names.arn(stack, "glue", path) for path in paths])]
