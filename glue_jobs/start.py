"""Verb: start the engine of a job: Spark where Glue runs it, DuckDB on a laptop."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from clv.engine import DuckEngine, Engine, SparkEngine
from clv.lake import Lake
from clv.scratch import scratch

SPILL = "spill"
"""Below the lake's root; expired by the bucket's lifecycle where a job dies before it clears it."""


@contextmanager
def engine_for(lake: Lake, kind: str, run_id: str) -> Iterator[Engine]:
    """Yield an engine of a kind, `spark` or `duckdb`, that spills to the lake's own disk or bucket.

    What is imported by now stays until the end, so garbage collection need not look at it: writing the SQL of
    the jobs makes so many objects that it would many times.
    """
    gc.freeze()
    with _spark(lake, run_id) if kind == "spark" else _duck(lake) as engine:
        yield engine


@contextmanager
def _spark(lake: Lake, run_id: str) -> Iterator[Engine]:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - the laptop needs no Spark

    engine = SparkEngine.on(SparkSession.builder.getOrCreate(), lake.url(f"{SPILL}/run={run_id}"))
    try:
        yield engine
    finally:
        engine.forget()


@contextmanager
def _duck(lake: Lake) -> Iterator[Engine]:
    beside = lake.path("") if lake.is_local else None
    with scratch(SPILL, beside) as spill:
        yield DuckEngine.start(spill)
