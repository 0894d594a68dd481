"""The engine: one Ibis connection, DuckDB on a laptop or Spark in Glue, that reads and writes Parquet."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb
import ibis
import ibis.expr.types as ir

from clv.errors import UserError

MEMORY_LIMIT = "3GB"
"""DuckDB spills to disk beyond this, so that a run stays under 4 GiB with the Python process around it."""

KEPT = "kept"
_KEPT_TABLES = 'SELECT table_name FROM duckdb_tables() WHERE "temporary"'


class Engine(Protocol):
    """What the jobs need of a connection."""

    def read(self, files: list[str]) -> ir.Table:
        """Return Parquet files, or CSV files with every column as string, as one table."""

    def write(self, table: ir.Table, folder: Path) -> None:
        """Write a table as Parquet into a new folder."""

    def keep(self, table: ir.Table) -> ir.Table:
        """Return the table computed once, for use in several places until `forget`."""

    def forget(self) -> None:
        """Drop every kept table."""


def as_typed(table: ir.Table) -> ir.Table:
    """Return the table with its numbers in the types that Ibis infers for them.

    Engines infer otherwise: DuckDB sums int64 to HUGEINT, Spark counts rows in int32. The non-null type keeps
    the cast, which Ibis drops as needless.
    """
    numbers = {name: kind for name, kind in table.schema().items() if kind.is_numeric()}
    return table.mutate(
        **{name: table[name].cast(kind.copy(nullable=False)).cast(kind) for name, kind in numbers.items()}
    )


@dataclass(frozen=True)
class DuckEngine:
    """DuckDB in memory, in UTC, spilling to `spill` (a folder)."""

    connection: Any

    @classmethod
    def start(cls, spill: Path, memory_limit: str = MEMORY_LIMIT) -> "DuckEngine":
        """Return a new engine."""
        spill.mkdir(parents=True, exist_ok=True)
        options = {"temp_directory": str(spill), "memory_limit": memory_limit}
        connection = ibis.duckdb.connect(":memory:", preserve_insertion_order=False, **options)
        connection.raw_sql("SET TimeZone = 'UTC'")
        return cls(connection)

    def read(self, files: list[str]) -> ir.Table:
        """Return Parquet files, or CSV files with every column as string, as one table."""
        if files[0].endswith(".csv"):
            return self._read_csv(files)
        return self.connection.read_parquet(files, hive_partitioning=False)

    def _read_csv(self, files: list[str]) -> ir.Table:
        """Return CSV files as strings, sniffing nothing: no line is taken for a comment or a title."""
        form = {"delim": ",", "quote": '"', "escape": '"', "comment": "", "skip": 0}
        try:
            table = self.connection.read_csv(files, all_varchar=True, header=True, **form)
            table.count().execute()
        except duckdb.InvalidInputException as error:
            found = str(error).splitlines()[0]
            raise UserError(
                f"{', '.join(files)}: not a regular CSV file ({found}); mend or remove that line"
            ) from None
        return table

    def write(self, table: ir.Table, folder: Path) -> None:
        """Write a table as one Parquet file in a new folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self.connection.to_parquet(as_typed(table), folder / "part-000.parquet")

    def keep(self, table: ir.Table) -> ir.Table:
        """Return the table computed once, for use in several places until `forget`."""
        name = ibis.util.gen_name(KEPT)
        return self.connection.create_table(name, as_typed(table), temp=True)

    def forget(self) -> None:
        """Drop every kept table."""
        # In plain SQL: what Ibis 12 writes for drop_table is cut short by the sqlglot it is installed with.
        for (name,) in self.connection.raw_sql(_KEPT_TABLES).fetchall():
            self.connection.raw_sql(f'DROP TABLE "{name}"')


@dataclass(frozen=True)
class SparkEngine:
    """A Spark session, in UTC, keeping tables in `spill` (a folder)."""

    session: Any
    connection: Any
    spill: Path

    @classmethod
    def on(cls, session: Any, spill: Path) -> "SparkEngine":
        """Return an engine on a running session, whose timestamps become naive UTC as DuckDB's are."""
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
        return cls(session, ibis.pyspark.connect(session), spill)

    def read(self, files: list[str]) -> ir.Table:
        """Return Parquet files, or CSV files with every column as string, as one table."""
        if files[0].endswith(".csv"):
            frame = self.session.read.csv(files, header=True, escape='"', multiLine=True)
        else:
            frame = self.session.read.parquet(*files)
        zoned = [field.name for field in frame.schema if field.dataType.typeName() == "timestamp"]
        frame = frame.withColumns({name: frame[name].cast("timestamp_ntz") for name in zoned})
        name = ibis.util.gen_name("read")
        frame.createOrReplaceTempView(name)
        return self.connection.table(name)

    def write(self, table: ir.Table, folder: Path) -> None:
        """Write a table as Parquet into a new folder."""
        frame = self.session.sql(self.connection.compile(as_typed(table)))
        frame.write.mode("overwrite").parquet(str(folder))

    def keep(self, table: ir.Table) -> ir.Table:
        """Return the table computed once, for use in several places until `forget`.

        It goes through files: cached tables hold the plans of all before them, which take longer to analyse
        than to run.
        """
        folder = self.spill / ibis.util.gen_name(KEPT)
        self.write(table, folder)
        return self.read([str(folder)])

    def forget(self) -> None:
        """Drop every kept table."""
        shutil.rmtree(self.spill, ignore_errors=True)
