"""The catalogue of the lake and the workgroup that queries it."""

from aws_cdk import Stack
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from clv.tables import ALL_TABLES
from infra import names
from infra.catalogue import entry, table_input
from infra.stages import Stage

GIGABYTE = 1_000_000_000


def database(scope: Construct) -> dict[str, glue.CfnTable]:
    """Return the catalogue's tables by name: one for each declared table of the lake."""
    stack = Stack.of(scope)
    home = glue.CfnDatabase(
        scope,
        "Database",
        catalog_id=stack.account,
        database_input=glue.CfnDatabase.DatabaseInputProperty(
            name=names.DATABASE, description="Customer lifetime value: raw tables, ledger, features, scores"
        ),
    )
    tables = {}
    for name, table in ALL_TABLES.items():
        told = table_input(entry(table), names.lake_root(stack))
        made = glue.CfnTable(
            scope,
            f"Table-{name}",
            catalog_id=stack.account,
            database_name=names.DATABASE,
            table_input=told,
        )
        made.add_resource_dependency(home)
        tables[name] = made
    return tables


def workgroup(scope: Construct, stage: Stage, key_arn: str) -> athena.CfnWorkGroup:
    """Return the workgroup for readers of the lake: results encrypted, and no query scans without limit."""
    encrypted = athena.CfnWorkGroup.EncryptionConfigurationProperty(
        encryption_option="SSE_KMS", kms_key=key_arn
    )
    results = athena.CfnWorkGroup.ResultConfigurationProperty(
        output_location=f"{names.lake_root(Stack.of(scope))}/athena/", encryption_configuration=encrypted
    )
    return athena.CfnWorkGroup(
        scope,
        "Workgroup",
        name=names.WORKGROUP,
        description="Queries on the CLV lake",
        recursive_delete_option=not stage.keep_data,
        work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
            enforce_work_group_configuration=True,
            publish_cloud_watch_metrics_enabled=True,
            bytes_scanned_cutoff_per_query=stage.athena_scan_limit_gb * GIGABYTE,
            result_configuration=results,
        ),
    )
