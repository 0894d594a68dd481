"""The engine: one Ibis connection, DuckDB on a laptop or Spark in Glue, that reads and writes Parquet.

Files are local paths or `s3://` addresses; all files of one table are of one kind.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from clv.errors import UserError
from clv.parquet import dataset, schema_of, write_parts
from clv.s3 import copy_of, is_s3
from clv.storage import storage_at

MEMORY_LIMIT = "3GB"
"""DuckDB spills to disk beyond this, so that a run stays under 4 GiB with the Python process around it."""

BYTES_PER_TEXT, BYTES_PER_NUMBER = 64, 8
"""What one value takes at most in the tables that are written with a cap; Parquet's encodings only save."""

BATCH_ROWS = 122_880
"""Rows of a batch, and so of a row group, on their way from DuckDB to pyarrow: DuckDB's own row group."""

DICTIONARY_VALUES = 4_096
"""Columns of a row group with more values than this are written plainly: identifiers gain nothing by a
dictionary, and building one takes a third of the time of writing."""

KEPT = "kept"
_KEPT_TABLES = 'SELECT table_name FROM duckdb_tables() WHERE "temporary"'


class Engine(Protocol):
    """What the jobs need of a connection."""

    def read(self, files: list[str]) -> ir.Table:
        """Return Parquet files, or CSV files with every column as string, as one table."""

    def apart(self, files: list[str], most: int) -> list[ir.Table]:
        """Return the files as up to `most` tables, as one where the engine works in parts by itself."""

    def write(self, table: ir.Table, url: str | Path, max_file_mb: int | None = None) -> None:
        """Write a table as Parquet into a new folder, in files of about `max_file_mb` MB at most."""

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


def rows_per_file(table: ir.Table, max_file_mb: int | None) -> int | None:
    """Return how many rows stay below a size in MB whatever they hold, None for no limit.

    Of rows and not of bytes, so that the same table is cut at the same rows each time it is written.
    """
    if max_file_mb is None:
        return None
    row = sum(BYTES_PER_TEXT if kind.is_string() else BYTES_PER_NUMBER for kind in table.schema().types)
    return max(max_file_mb * 1_000_000 // row, 1)


def literal(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class DuckEngine:
    """DuckDB in memory, in UTC, spilling to `spill` (a folder of this machine)."""

    connection: Any
    spill: Path

    @classmethod
    def start(cls, spill: Path, memory_limit: str = MEMORY_LIMIT) -> "DuckEngine":
        """Return a new engine."""
        spill.mkdir(parents=True, exist_ok=True)
        options = {"temp_directory": str(spill), "memory_limit": memory_limit}
        connection = ibis.duckdb.connect(":memory:", preserve_insertion_order=False, **options)
        connection.raw_sql("SET TimeZone = 'UTC'")
        return cls(connection, spill)

    def read(self, files: list[str]) -> ir.Table:
        """Return Parquet files, or CSV files with every column as string, as one table."""
        if files[0].endswith(".csv"):
            return self._read_csv(files)
        if not is_s3(files[0]):
            return self.connection.read_parquet(files, hive_partitioning=False)
        name = ibis.util.gen_name("s3")
        self.connection.con.register(name, dataset(files))
        return self.connection.table(name)

    def apart(self, files: list[str], most: int) -> list[ir.Table]:
        """Return the files as up to `most` tables; those of CSV, which are read in full first, as one."""
        if files[0].endswith(".csv") or most < 2:
            return [self.read(files)]
        size = -(-len(files) // most)
        return [self.read(files[begin : begin + size]) for begin in range(0, len(files), size)]

    def _read_csv(self, files: list[str]) -> ir.Table:
        """Return CSV files as strings, sniffing nothing: no line is taken for a comment or a title."""
        import duckdb  # noqa: PLC0415 - Glue has none, and needs none

        form = {"delim": ",", "quote": '"', "escape": '"', "comment": "", "skip": 0}
        try:
            table = self.connection.read_csv(self._on_disk(files), all_varchar=True, header=True, **form)
            table.count().execute()
        except duckdb.InvalidInputException as error:
            found = str(error).splitlines()[0]
            raise UserError(
                f"{', '.join(files)}: not a regular CSV file ({found}); mend or remove that line"
            ) from None
        return table

    def _on_disk(self, files: list[str]) -> list[str]:
        """Return the files, those of S3 as copies in the spill folder."""
        if not is_s3(files[0]):
            return files
        copies = self.spill / ibis.util.gen_name("csv")
        copies.mkdir()
        return [str(copy_of(file, copies / f"{number}.csv")) for number, file in enumerate(files)]

    def write(self, table: ir.Table, url: str | Path, max_file_mb: int | None = None) -> None:
        """Write a table as Parquet into a new folder, in the table's order where its files are capped."""
        typed = as_typed(table)
        if max_file_mb is None and not is_s3(url):
            Path(url).mkdir(parents=True, exist_ok=True)
            # In plain SQL: Ibis's own to_parquet quotes as Python does.
            place = literal(str(Path(url) / "part-000.parquet"))
            written = f"FORMAT parquet, DICTIONARY_SIZE_LIMIT {DICTIONARY_VALUES}"
            self.connection.raw_sql(f"COPY ({self.connection.compile(typed)}) TO {place} ({written})")
            return
        batches = self.connection.raw_sql(self.connection.compile(typed)).to_arrow_reader(BATCH_ROWS)
        columns = pa.schema([field.with_nullable(True) for field in typed.schema().to_pyarrow()])  # noqa: FBT003
        rows = pa.RecordBatchReader.from_batches(columns, (batch.cast(columns) for batch in batches))
        write_parts(rows, url, rows_per_file(table, max_file_mb))

    def keep(self, table: ir.Table) -> ir.Table:
        """Return the table computed once, for use in several places until `forget`."""
        name = ibis.util.gen_name(KEPT)
        return self.connection.create_table(name, as_typed(table), temp=True)

    def forget(self) -> None:
        """Drop every kept table."""
        # In plain SQL: what Ibis 12 writes for drop_table is cut short by the sqlglot it is installed with.
        for (name,) in self.connection.raw_sql(_KEPT_TABLES).fetchall():
            self.connection.raw_sql(f'DROP TABLE "{name}"')


def _in_micros(frame: Any, file: str) -> Any:
    """Return a Spark frame with times for the nanoseconds of pandas, which Spark reads as whole numbers."""
    if not file.endswith(".parquet"):
        return frame
    wholes = {field.name for field in frame.schema if field.dataType.typeName() == "long"}
    fields = [
        field for field in schema_of(file) if field.name in wholes and pa.types.is_timestamp(field.type)
    ]
    from pyspark.sql.functions import expr  # noqa: PLC0415 - a laptop without Java has no use for it

    quoted = {field.name: "`" + field.name.replace("`", "``") + "`" for field in fields}
    return frame.withColumns(
        {name: expr(f"timestamp_micros({sql} div 1000)") for name, sql in quoted.items()}
    )


@dataclass(frozen=True)
class SparkEngine:
    """A Spark session, in UTC, keeping tables below `spill` (a folder or an `s3://` address)."""

    session: Any
    connection: Any
    spill: str

    @classmethod
    def on(cls, session: Any, spill: str | Path) -> "SparkEngine":
        """Return an engine on a running session, whose timestamps become naive UTC as DuckDB's are."""
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
        session.conf.set("spark.sql.legacy.parquet.nanosAsLong", "true")
        return cls(session, ibis.pyspark.connect(session), str(spill))

    def read(self, files: list[str]) -> ir.Table:
        """Return Parquet files, or CSV files with every column as string, as one table."""
        if files[0].endswith(".csv"):
            return self._named(self.session.read.csv(files, header=True, escape='"', multiLine=True))
        return self._named(_in_micros(self.session.read.parquet(*files), files[0]))

    def _named(self, frame: Any) -> ir.Table:
        """Return a Spark frame as a table, its times as naive UTC."""
        zoned = [field.name for field in frame.schema if field.dataType.typeName() == "timestamp"]
        frame = frame.withColumns({name: frame[name].cast("timestamp_ntz") for name in zoned})
        name = ibis.util.gen_name("read")
        frame.createOrReplaceTempView(name)
        return self.connection.table(name)

    def apart(self, files: list[str], most: int) -> list[ir.Table]:  # noqa: ARG002 - Spark cuts by itself
        """Return the files as one table."""
        return [self.read(files)]

    def write(self, table: ir.Table, url: str | Path, max_file_mb: int | None = None) -> None:
        """Write a table as Parquet into a new folder, one file per partition of the query or more."""
        writer = self._frame(table).write.mode("overwrite")
        limit = rows_per_file(table, max_file_mb)
        if limit is not None:
            writer = writer.option("maxRecordsPerFile", limit)
        writer.parquet(str(url))

    def _frame(self, table: ir.Table) -> Any:
        return self.session.sql(self.connection.compile(as_typed(table)))

    def keep(self, table: ir.Table) -> ir.Table:
        """Return the table computed once, for use in several places until `forget`.

        It goes through files: cached tables hold the plans of all before them, which take longer to analyse
        than to run. Their columns are known: to look for them in the files is a Spark job of its own.
        """
        folder = f"{self.spill}/{KEPT}/{ibis.util.gen_name(KEPT)}"
        frame = self._frame(table)
        frame.write.mode("overwrite").parquet(folder)
        return self._named(self.session.read.schema(frame.schema).parquet(folder))

    def forget(self) -> None:
        """Drop every kept table."""
        storage_at(self.spill).remove(KEPT)
