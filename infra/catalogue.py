"""The Glue catalogue's tables, from the declarations of the lake's tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from clv.contracts import RAW_TABLES
from clv.schema import Column, Table, Type

HIVE_TYPES: Mapping[Type, str] = {
    "string": "string",
    "int64": "bigint",
    "int32": "int",
    "float64": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
    "money": "double",
}

AS_OF = Column("as_of", "date", "t₀ is this day at 00:00 UTC")
HORIZON = Column("horizon_days", "int32", "length of the horizon", "days")
CAMPAIGN = Column("campaign", "string", "the campaign")
RUN = Column("run", "string", "the run that wrote it; only the committed one is listed")

PARTITION_KEYS: Mapping[str, tuple[Column, ...]] = {
    "features": (AS_OF,),
    "labels": (HORIZON, AS_OF),
    "weights": (HORIZON, AS_OF),
    "priors": (HORIZON, AS_OF),
    "forecasts": (HORIZON, AS_OF),
    "scores": (AS_OF,),
    "explanations": (AS_OF,),
    "plans": (CAMPAIGN, AS_OF),
    "metrics": (AS_OF,),
    "segment_report": (AS_OF,),
    "hindsight": (AS_OF,),
    "drift": (AS_OF,),
    "audience": (AS_OF,),
}
"""How a table is cut in the lake; the ledger is whole, and so are the raw tables."""

FOLDERS: Mapping[str, str] = {
    **dict.fromkeys(("metrics", "segment_report", "hindsight", "drift"), "monitoring"),
    "audience": "decisions",
}
"""Folders that are not named as their table."""

PARQUET = {
    "inputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "outputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "serdeInfo": {"serializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}

COMMENT_LIMIT = 255
"""Characters of a comment that Glue takes."""


@dataclass(frozen=True)
class Entry:
    """One table of the catalogue: its folder below the root, its columns and partition keys."""

    name: str
    folder: str
    grain: str
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]


def entry(table: Table) -> Entry:
    """Return the catalogue's entry of one table.

    A partition key is in the files too, and the catalogue wants each name once: it stays a key.
    Partitions are not discovered: the publish job points each at the run that is committed.
    """
    if table.name in RAW_TABLES:
        return Entry(table.name, f"raw/{table.name}", table.grain, table.columns, ())
    keys = PARTITION_KEYS.get(table.name, (RUN,))
    names = {key.name for key in keys}
    columns = tuple(column for column in table.columns if column.name not in names)
    return Entry(table.name, FOLDERS.get(table.name, table.name), table.grain, columns, keys)


def table_input(of: Entry, root: str) -> dict[str, object]:
    """Return Glue's TableInput of an entry, in the spelling of CDK."""
    return {
        "name": of.name,
        "description": of.grain,
        "tableType": "EXTERNAL_TABLE",
        "parameters": {"classification": "parquet", "EXTERNAL": "TRUE"},
        "partitionKeys": [_glue_column(key) for key in of.keys],
        "storageDescriptor": {
            "location": f"{root}/{of.folder}/",
            "columns": [_glue_column(column) for column in of.columns],
            **PARQUET,
        },
    }


def _glue_column(column: Column) -> dict[str, str]:
    unit = f" [{column.unit}]" if column.unit else ""
    comment = f"{column.meaning}{unit}"[:COMMENT_LIMIT]
    return {"name": column.name, "type": HIVE_TYPES[column.type], "comment": comment}
