"""Events come in through Firehose: JSON in, Parquet by the contract out, into the raw tables.

A stream delivers into one folder without subfolders, as the lake lists raw tables. A late event lands in
a later file and is placed by its event time; a repeated one has the same event_id, and the ledger job
keeps it once. Events of the app are rows of `web_events` whose device says so.
"""

from typing import TypeAlias

from aws_cdk import Duration, Stack
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from clv.deliveries import DAY_EXPRESSION, EVENT_TABLES, stream_name
from infra import grants, names
from infra.log_groups import log_group
from infra.stages import Stage

BUFFER_SECONDS, BUFFER_MB = 900, 128
"""The longest and largest that Firehose allows: few files, each at most a quarter of an hour late."""

Stream: TypeAlias = firehose.CfnDeliveryStream
Destination: TypeAlias = firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty
Conversion: TypeAlias = firehose.CfnDeliveryStream.DataFormatConversionConfigurationProperty


class Intake(Construct):
    """The delivery streams of all event tables."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        key: kms.IKey,
        tables: dict[str, glue.CfnTable],
    ) -> None:
        super().__init__(scope, name)
        self._key = key
        self._log = log_group(self, "Log", f"/aws/kinesisfirehose/{names.PREFIX}", stage, key)
        sources = {table: _source(self, table, key) for table in EVENT_TABLES} if stage.event_stream else {}
        self._role = self._delivery_role(list(sources.values()))
        for table in EVENT_TABLES:
            stream = self._delivery(table, sources.get(table))
            stream.add_resource_dependency(tables[table])

    def _delivery(self, table: str, source: kinesis.Stream | None) -> Stream:
        """Return one delivery: direct puts are encrypted by Firehose, a Kinesis stream is already."""
        encrypted = Stream.DeliveryStreamEncryptionConfigurationInputProperty(
            key_type="CUSTOMER_MANAGED_CMK", key_arn=self._key.key_arn
        )
        fed = source and Stream.KinesisStreamSourceConfigurationProperty(
            kinesis_stream_arn=source.stream_arn, role_arn=self._role.role_arn
        )
        return Stream(
            self,
            f"Deliver-{table}",
            delivery_stream_name=stream_name(table),
            delivery_stream_type="KinesisStreamAsSource" if fed else "DirectPut",
            kinesis_stream_source_configuration=fed,
            delivery_stream_encryption_configuration_input=None if fed else encrypted,
            extended_s3_destination_configuration=self._destination(table),
        )

    def _destination(self, table: str) -> Destination:
        day = "!{timestamp:yyyy-MM-dd}"
        return Destination(
            bucket_arn=names.lake_arn(Stack.of(self)),
            role_arn=self._role.role_arn,
            prefix=f"raw/{table}/{DAY_EXPRESSION}",
            error_output_prefix=f"delivery-errors/{table}/!{{firehose:error-output-type}}/{day}/",
            file_extension=".parquet",
            custom_time_zone="UTC",
            buffering_hints=Stream.BufferingHintsProperty(
                interval_in_seconds=BUFFER_SECONDS, size_in_m_bs=BUFFER_MB
            ),
            encryption_configuration=Stream.EncryptionConfigurationProperty(
                kms_encryption_config=Stream.KMSEncryptionConfigProperty(awskms_key_arn=self._key.key_arn)
            ),
            cloud_watch_logging_options=Stream.CloudWatchLoggingOptionsProperty(
                enabled=True,
                log_group_name=self._log.log_group_name,
                log_stream_name=_log_stream(self, table),
            ),
            data_format_conversion_configuration=self._conversion(table),
        )

    def _conversion(self, table: str) -> Conversion:
        schema = Stream.SchemaConfigurationProperty(
            catalog_id=Stack.of(self).account,
            database_name=names.DATABASE,
            table_name=table,
            region=Stack.of(self).region,
            role_arn=self._role.role_arn,
            version_id="LATEST",
        )
        json_in = Stream.DeserializerProperty(open_x_json_ser_de=Stream.OpenXJsonSerDeProperty())
        parquet_out = Stream.SerializerProperty(
            parquet_ser_de=Stream.ParquetSerDeProperty(compression="SNAPPY")
        )
        return Conversion(
            enabled=True,
            input_format_configuration=Stream.InputFormatConfigurationProperty(deserializer=json_in),
            output_format_configuration=Stream.OutputFormatConfigurationProperty(serializer=parquet_out),
            schema_configuration=schema,
        )

    def _delivery_role(self, sources: list[kinesis.Stream]) -> iam.Role:
        stack = Stack.of(self)
        folders = [f"raw/{table}" for table in EVENT_TABLES]
        catalogue = ("catalog", f"database/{names.DATABASE}", *(_table_path(table) for table in EVENT_TABLES))
        schema = ("glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions")
        may = [
            grants.write_lake(self, *folders, "delivery-errors"),
            grants.list_lake(self),
            grants.Grant(("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), (names.lake_arn(stack),)),
            grants.Grant(schema, [names.arn(stack, "glue", path) for path in catalogue]),
            grants.use_key(self._key.key_arn),
            grants.write_logs(self, f"/aws/kinesisfirehose/{names.PREFIX}"),
        ]
        if sources:
            read = ("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords")
            may.append(grants.Grant((*read, "kinesis:ListShards"), [stream.stream_arn for stream in sources]))
        return grants.role(self, "delivery", "firehose.amazonaws.com", may)


def _table_path(table: str) -> str:
    return f"table/{names.DATABASE}/{table}"


def _log_stream(scope: Intake, table: str) -> str:
    name = stream_name(table)
    logs.CfnLogStream(
        scope, f"Log-{table}", log_group_name=f"/aws/kinesisfirehose/{names.PREFIX}", log_stream_name=name
    ).node.add_dependency(scope.node.find_child("Log"))
    return name


def _source(scope: Construct, table: str, key: kms.IKey) -> kinesis.Stream:
    return kinesis.Stream(
        scope,
        f"Stream-{table}",
        stream_name=stream_name(table),
        stream_mode=kinesis.StreamMode.ON_DEMAND,
        encryption=kinesis.StreamEncryption.KMS,
        encryption_key=key,
        retention_period=Duration.days(2),
    )
