"""What moto loses without a word: versions, lifecycle, encryption, privacy of the lake; and its catalogue."""

from datetime import date

from aws_cdk import App
from aws_cdk.assertions import Match, Template

from clv import partitions
from clv.contracts import RAW_TABLES
from clv.deliveries import delivered_month
from clv.tables import ALL_TABLES
from clv.timeline import Horizon
from infra.app import FLAGS
from infra.catalogue import COMMENT_LIMIT, HIVE_TYPES, PARTITION_KEYS, entry
from infra.data_stack import DataStack
from infra.stages import Stage

UUID = "0b8a3c1e-5f0d-4c57-9d3e-2a6f1b7c8d90"
LAKE = {"Fn::Join": ["", ["clv-lake-", {"Ref": "AWS::AccountId"}, "-eu-central-1"]]}


def lake(stacks) -> dict:
    return next(p for p in stacks.resources("ClvData", "AWS::S3::Bucket").values() if p["BucketName"] == LAKE)


def test_the_lake_is_versioned_private_and_encrypted_with_bucket_keys(stacks):
    told = lake(stacks)
    (rule,) = told["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert told["VersioningConfiguration"] == {"Status": "Enabled"}


def test_no_bucket_is_public_or_answers_without_ssl(stacks):
    template = Template.from_json(stacks.template("ClvData"))
    closed = dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    template.all_resources_properties(
        "AWS::S3::Bucket",
        {
            "PublicAccessBlockConfiguration": closed,
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        },
    )
    without_ssl = {
        "Action": "s3:*",
        "Effect": "Deny",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        "Principal": {"AWS": "*"},
    }
    template.all_resources_properties(
        "AWS::S3::BucketPolicy",
        {"PolicyDocument": {"Statement": Match.array_with([Match.object_like(without_ssl)])}},
    )
    template.resource_count_is("AWS::S3::Bucket", 2)
    template.resource_count_is("AWS::S3::BucketPolicy", 2)


def test_accesses_to_the_lake_are_logged_in_the_other_bucket(stacks):
    target = lake(stacks)["LoggingConfiguration"]["DestinationBucketName"]["Ref"]
    assert stacks.resources("ClvData", "AWS::S3::Bucket")[target]["BucketName"] != LAKE


def test_only_what_a_run_leaves_on_its_way_expires(stacks):
    rules = {rule["Id"]: rule for rule in lake(stacks)["LifecycleConfiguration"]["Rules"]}
    expiring = {
        rule["Prefix"]: rule["ExpirationInDays"] for rule in rules.values() if "ExpirationInDays" in rule
    }
    assert expiring == {"transform/": 30, "spill/": 1, "athena/": 7, "delivery-errors/": 30}
    assert all(rule["Status"] == "Enabled" for rule in rules.values())
    assert rules["remove-old-versions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rules["abort-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_the_key_rotates_and_outlives_its_stack_with_the_lake(stacks):
    found = stacks.template("ClvData")["Resources"].values()
    kept = [it for it in found if it["Type"] in {"AWS::KMS::Key", "AWS::S3::Bucket"}]
    assert [it["DeletionPolicy"] for it in kept] == ["Retain"] * 3
    assert stacks.only("ClvData", "AWS::KMS::Key")["EnableKeyRotation"] is True


def test_the_catalogue_has_every_declared_table_with_its_columns(stacks):
    tables = {
        told["TableInput"]["Name"]: told["TableInput"]
        for told in stacks.resources("ClvData", "AWS::Glue::Table").values()
    }
    assert set(tables) == set(ALL_TABLES)
    for name, declared in ALL_TABLES.items():
        told = tables[name]
        keys = {column["Name"]: column["Type"] for column in told["PartitionKeys"]}
        columns = {column["Name"]: column["Type"] for column in told["StorageDescriptor"]["Columns"]}
        assert not set(keys) & set(columns), f"{name}: Athena refuses a key that is a column too"
        expected = {column.name: HIVE_TYPES[column.type] for column in declared.columns}
        assert {**expected, **keys} == {**columns, **keys}
        assert all(len(column["Comment"]) <= COMMENT_LIMIT for column in told["StorageDescriptor"]["Columns"])


def test_partition_keys_are_those_of_the_lakes_paths():
    day, horizon = date(2026, 7, 1), Horizon(365)
    paths = [
        partitions.features_at(day),
        partitions.labels_at(day, horizon),
        partitions.weights_at(day, horizon),
        partitions.priors_at(day, horizon),
        partitions.forecasts_at(day, horizon),
        partitions.scores_at(day),
        partitions.explanations_at(day),
        partitions.plan_at("spring", day),
    ]
    for path in paths:
        name, *parts = path.split("/")
        assert [key.name for key in PARTITION_KEYS[name]] == [part.split("=")[0] for part in parts]


def test_every_raw_table_is_catalogued_where_the_lake_lists_it():
    assert {entry(table).folder for table in RAW_TABLES.values()} == {f"raw/{name}" for name in RAW_TABLES}


def test_no_query_scans_without_limit_or_leaves_plain_results(stacks):
    told = stacks.only("ClvData", "AWS::Athena::WorkGroup")["WorkGroupConfiguration"]
    assert told["BytesScannedCutoffPerQuery"] == 10_000_000_000
    assert told["EnforceWorkGroupConfiguration"] is True
    assert told["ResultConfiguration"]["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"


def test_events_arrive_as_parquet_by_the_contract_in_one_folder_without_subfolders(stacks):
    streams = stacks.named("ClvData", "AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName")
    assert set(streams) == {"clv-web-events", "clv-email-events"}
    for name, told in streams.items():
        table = name.removeprefix("clv-").replace("-", "_")
        target = told["ExtendedS3DestinationConfiguration"]
        conversion = target["DataFormatConversionConfiguration"]
        assert told["DeliveryStreamType"] == "DirectPut"
        assert told["DeliveryStreamEncryptionConfigurationInput"]["KeyType"] == "CUSTOMER_MANAGED_CMK"
        assert conversion["SchemaConfiguration"]["TableName"] == table
        assert "ParquetSerDe" in conversion["OutputFormatConfiguration"]["Serializer"]
        # A prefix without an expression gets Firehose's own YYYY/MM/dd/HH folders.
        assert target["Prefix"].startswith(f"raw/{table}/!{{timestamp:")
        assert "/" not in target["Prefix"].removeprefix(f"raw/{table}/")
        assert target["FileExtension"] == ".parquet"
        assert target["ErrorOutputPrefix"].startswith(f"delivery-errors/{table}/")
        day = target["Prefix"].replace("!{timestamp:yyyy-MM-dd}", "2026-06-30").removeprefix(f"raw/{table}/")
        file = f"{day}{name}-1-2026-06-30-23-58-01-{UUID}{target['FileExtension']}"
        assert delivered_month(table, file) == "2026-06"


def test_a_stage_may_feed_the_deliveries_from_kinesis_streams(tmp_path):
    app = App(outdir=str(tmp_path), context=FLAGS)
    template = Template.from_stack(DataStack(app, "Streamed", stage=Stage("test", event_stream=True)))
    template.resource_count_is("AWS::Kinesis::Stream", 2)
    template.all_resources_properties("AWS::Kinesis::Stream", {"StreamEncryption": {"EncryptionType": "KMS"}})
    template.all_resources_properties(
        "AWS::KinesisFirehose::DeliveryStream",
        {
            "DeliveryStreamType": "KinesisStreamAsSource",
            # Firehose refuses its own encryption where the source is a stream.
            "DeliveryStreamEncryptionConfigurationInput": Match.absent(),
        },
    )
