"""Verb: point the Glue catalogue at the committed runs, so that Athena reads what the lake reads."""

from collections.abc import Iterable, Mapping
from typing import Any

from clv.lake import Lake

KEY_SIGN = "="
RUN = "run"

WHOLE = {"ledger": "entries/"}
"""Tables that the lake keeps whole, and the folder of a run that holds them: their only key is the run."""

BESIDE = {"monitoring": ("metrics", "segment_report", "hindsight", "drift"), "decisions": ("audience",)}
"""Partitions that hold several tables: those listed, each also the folder of a run that holds it."""


def switch(glue: Any, database: str, lake: Lake, partitions: Iterable[str]) -> int:
    """Set the location of each partition, such as `scores/as_of=D`, to its committed run; return the moves.

    glue : a boto3 Glue client
    A partition that is not committed is left out, and so is a table that the database does not have.
    """
    tables = _tables(glue, database)
    moved = 0
    for partition in partitions:
        commit, (top, *keys) = lake.current(partition), partition.split("/")
        if commit is None:
            continue
        for name in (name for name in BESIDE.get(top, (top,)) if name in tables):
            location = f"{lake.url(partition)}/run={commit.run_id}/" + (f"{name}/" if top in BESIDE else "")
            moved += _point(glue, database, tables[name], _values(tables[name], keys), location)
    return moved


def list_run(glue: Any, database: str, lake: Lake, name: str) -> bool:
    """List the committed run of a whole table as its only partition; return whether that is news.

    False too where nothing is committed, or where the database does not cut the table by run.
    """
    table, commit = _tables(glue, database).get(name), lake.current(name)
    if commit is None or table is None or [key["Name"] for key in table.get("PartitionKeys", [])] != [RUN]:
        return False
    location = f"{lake.url(name)}/run={commit.run_id}/{WHOLE[name]}"
    moved = _point(glue, database, table, [commit.run_id], location)
    place = {"DatabaseName": database, "TableName": name}
    pages = glue.get_paginator("get_partitions").paginate(**place)
    for values in [part["Values"] for page in pages for part in page["Partitions"]]:
        if values != [commit.run_id]:
            glue.delete_partition(**place, PartitionValues=values)
    return moved


def drop_removed(glue: Any, database: str, lake: Lake, names: Iterable[str]) -> int:
    """Delete the partitions of some tables that the lake does not have any more; return how many.

    A table that the database does not have is left out.
    """
    tables, dropped = _tables(glue, database), 0
    for name in (name for name in names if name in tables):
        place = {"DatabaseName": database, "TableName": name}
        keys = [key["Name"] for key in tables[name]["PartitionKeys"]]
        pages = glue.get_paginator("get_partitions").paginate(**place)
        for values in [part["Values"] for page in pages for part in page["Partitions"]]:
            path = [f"{key}{KEY_SIGN}{value}" for key, value in zip(keys, values, strict=True)]
            if lake.current("/".join([name, *path])) is None:
                glue.delete_partition(**place, PartitionValues=values)
                dropped += 1
    return dropped


def _tables(glue: Any, database: str) -> dict[str, Any]:
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    return {table["Name"]: table for page in pages for table in page["TableList"]}


def _values(table: Mapping[str, Any], keys: list[str]) -> list[str]:
    """Return the values of a partition's path in the order of the table's partition keys."""
    said = dict(key.split(KEY_SIGN, 1) for key in keys)
    return [said[key["Name"]] for key in table["PartitionKeys"]]


def _point(glue: Any, database: str, table: Mapping[str, Any], values: list[str], location: str) -> bool:
    place = {"DatabaseName": database, "TableName": table["Name"]}
    told = {"Values": values, "StorageDescriptor": {**table["StorageDescriptor"], "Location": location}}
    try:
        standing = glue.get_partition(**place, PartitionValues=values)["Partition"]
    except glue.exceptions.EntityNotFoundException:
        glue.create_partition(**place, PartitionInput=told)
        return True
    if standing["StorageDescriptor"]["Location"] == location:
        return False
    glue.update_partition(**place, PartitionValueList=values, PartitionInput=told)
    return True
