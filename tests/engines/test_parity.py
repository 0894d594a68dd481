"""The verbs on DuckDB and on Spark: every column of every table they write is equal, row by row."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.engine import DuckEngine, Engine, SparkEngine
from clv.feature_catalogue import FEATURES
from clv.lake import CURRENT, Lake
from clv.settings import Settings
from clv.timeline import Horizon
from glue_jobs.build_features import build_features, build_labels, build_priors
from glue_jobs.build_ledger import build_ledger
from glue_jobs.reference_policy import log_weights
from tests.engines.edge_world import CUSTOMERS, edge_world
from tests.engines.small_lakes import csv_lake, sparse_lake
from tests.spec.lakes import columns_of
from tests.spec.test_treatments import DELIVERED

FLOATS = 1e-12
FITTED = 1e-9
"""Priors are fitted: an optimiser may carry the last bit of a feature a little further."""

SETTINGS = Settings(quarantine_limit=1.0)
RAW = (
    "customers", "email_events", "fx_rates", "markets", "order_lines", "orders", "products", "refunds", "web_events",
)  # fmt: skip
Verbs = Callable[[Engine, Lake], None]
KEYS = {
    "ledger/entries": ("entry_id",),
    "ledger/orders": ("order_id", "state_no"),
    "ledger/lines": ("order_id", "line_no", "known_ts"),
    "ledger/customers": ("customer_id", "known_ts"),
    "ledger/products": ("sku", "known_ts"),
    "ledger/markets": ("country",),
    "ledger/delivered": ("source", "type", "day"),
    "ledger/disputed_web_events": (),
    "ledger/disputed_email_events": (),
    **{f"{partition}/table={name}": () for partition in ("quarantine", "excluded") for name in RAW},
    "features/as_of=2026-01-01": ("customer_id",),
    "labels/horizon_days=180/as_of=2026-01-01": ("customer_id",),
    "priors/horizon_days=180/as_of=2026-01-01": ("customer_id",),
}
"""The key of every table; without one, rows are compared as a bag."""


@dataclass(frozen=True)
class Pair:
    """What the verbs wrote on each engine: tables by place, and the accounts."""

    duck: dict[str, pa.Table]
    spark: dict[str, pa.Table]
    lakes: tuple[Lake, Lake]
    accounts: list[list[dict[str, object]]]


def ledger_alone(engine: Engine, lake: Lake) -> None:
    build_ledger(engine, lake, SETTINGS, "r1", lambda _: None)
    engine.forget()


def all_verbs(engine: Engine, lake: Lake, as_of: date, horizon: Horizon) -> None:
    ledger_alone(engine, lake)
    build_features(engine, lake, as_of, "r1")
    build_labels(engine, lake, as_of, horizon, "r1")
    build_priors(engine, lake, as_of, horizon, "r1")


def run(engine: Engine, raw: Path, root: Path, verbs: Verbs) -> Lake:
    root.mkdir()
    (root / "raw").symlink_to(raw)
    verbs(engine, Lake.at(root))
    return Lake.at(root)


def written(lake: Lake) -> dict[str, pa.Table]:
    """Return every committed table by its folder below the run's."""
    parts = defaultdict(list)
    for marker in lake.path("").rglob(CURRENT):
        partition = marker.parent.relative_to(lake.path(""))
        for file in map(Path, lake.files(partition.as_posix())):
            if file.suffix == ".parquet":
                below = file.parent.relative_to(marker.parent).parts[1:]
                parts[partition.joinpath(*below).as_posix()].append(pq.ParquetFile(file).read())
    return {place: pa.concat_tables(tables) for place, tables in parts.items()}


def accounts(lake: Lake) -> list[dict[str, object]]:
    (file,) = (file for file in lake.files("ledger") if file.endswith("accounts.json"))
    told: list[dict[str, object]] = json.loads(Path(file).read_text())
    return told


def on_both(raw: Path, folder: Path, spark, verbs: Verbs) -> Pair:
    duck = run(DuckEngine.start(folder / "duck-spill"), raw, folder / "duck", verbs)
    sparks = run(SparkEngine.on(spark, folder / "spark-spill"), raw, folder / "spark", verbs)
    return Pair(written(duck), written(sparks), (duck, sparks), [accounts(duck), accounts(sparks)])


@pytest.fixture(scope="module")
def world(spark, tmp_path_factory) -> Pair:
    folder = tmp_path_factory.mktemp("world")
    raw = edge_world(folder / "source").path("raw")
    return on_both(raw, folder, spark, partial(all_verbs, as_of=date(2026, 1, 1), horizon=Horizon(180)))


@pytest.fixture(scope="module")
def csv(spark, tmp_path_factory) -> Pair:
    folder = tmp_path_factory.mktemp("csv")
    return on_both(csv_lake(folder / "source").path("raw"), folder, spark, ledger_alone)


@pytest.fixture(scope="module")
def sparse(spark, tmp_path_factory) -> Pair:
    folder = tmp_path_factory.mktemp("sparse")
    raw = sparse_lake(folder / "source").path("raw")
    return on_both(raw, folder, spark, partial(all_verbs, as_of=date(2024, 2, 1), horizon=Horizon(30)))


def assert_equal(pair: Pair, place: str, key: tuple[str, ...]) -> None:
    duck, spark = pair.duck[place], pair.spark[place]
    types = [[(field.name, field.type) for field in table.schema] for table in (duck, spark)]
    assert types[0] == types[1]
    assert len(duck) == len(spark)
    order = [(name, "ascending") for name in key or sorted(duck.column_names)]
    duck, spark = (table.sort_by(order).combine_chunks() for table in (duck, spark))
    for name in duck.column_names:
        tolerance = FITTED if place.startswith("priors/") else FLOATS
        assert_column_equal(duck[name], spark[name], tolerance, f"{place}: {name}")


def assert_column_equal(duck: pa.ChunkedArray, spark: pa.ChunkedArray, tolerance: float, where: str) -> None:
    assert duck.is_null().equals(spark.is_null()), f"{where}: nulls differ"
    if pa.types.is_floating(duck.type):
        values = (column.drop_null().to_numpy() for column in (spark, duck))
        np.testing.assert_allclose(*values, rtol=tolerance, atol=0, err_msg=where)
    elif not duck.equals(spark):
        pairs = zip(duck.to_pylist(), spark.to_pylist(), strict=True)
        unequal = [pair for pair in pairs if pair[0] != pair[1]]
        pytest.fail(f"{where}: {len(unequal)} values differ, such as (DuckDB, Spark) {unequal[:3]}")


def test_both_engines_write_the_same_tables_and_no_other(world):
    assert set(world.duck) == set(world.spark) == set(KEYS)


@pytest.mark.parametrize(("place", "key"), KEYS.items(), ids=KEYS)
def test_every_column_of_a_marketplace_is_equal(world, place, key):
    assert_equal(world, place, key)


def test_the_accounts_of_a_marketplace_are_equal(world):
    assert world.accounts[0] == world.accounts[1]


@pytest.mark.parametrize("name", ["csv", "sparse"])
def test_every_column_of_a_small_lake_is_equal(name, request):
    pair = request.getfixturevalue(name)
    assert set(pair.duck) == set(pair.spark)
    for place in pair.duck:
        assert_equal(pair, place, ())
    assert pair.accounts[0] == pair.accounts[1]


def test_the_marketplace_has_what_engines_may_read_differently(world):
    features = {row["customer_id"]: row for row in world.duck["features/as_of=2026-01-01"].to_pylist()}
    assert len(features) > 0.75 * CUSTOMERS
    segments = {
        "e-refund": "lead",
        "e-cancel": "lead",
        "e-lead": "lead",
        "e-undone": "early",
        "e-tie": "established",
    }
    assert {name: features[name]["segment"] for name in segments} == segments
    assert "e-late" in features, "a customer with an order before the account was opened"
    assert features["Ünal ß 🛒"]["country"] == "Österreich"
    assert features["e-zero"]["monetary_all_eur"] == 0
    silent = {column.name for column in FEATURES.columns if column.nullable} - {
        name
        for name, column in world.duck["features/as_of=2026-01-01"].to_pydict().items()
        if any(value is not None for value in column)
    }
    assert not silent
    reasons = {line["reason"] for line in world.accounts[0]}
    assert {"exact duplicate", "same key, different content", "gross_amount out of range"} <= reasons
    kinds = set(world.duck["ledger/entries"]["kind"].to_pylist())
    assert kinds == {"sale", "refund", "cancellation", "restatement"}


def test_what_text_holds_is_read_alike(csv):
    used = {row["order_id"] for row in csv.duck["ledger/orders"].to_pylist()}
    assert used == {"1", "2", "3", "4", "5", "9", "14"}
    names = [row["country"] for row in csv.duck["ledger/customers"].to_pylist()]
    assert "two\nlines" in names


def test_of_treatments_each_fault_is_set_aside_alike(csv):
    told = columns_of(DELIVERED, {})
    bad = {t: why for t, why in zip(told["treatment_id"], told["becomes"], strict=True) if why != "used"}
    for tables in (csv.duck, csv.spark):
        aside = tables["quarantine/table=treatments"].to_pylist()
        assert {row["treatment_id"]: row["reason"] for row in aside} == bad
    assert_equal(csv, "ledger/treatments", ("treatment_id", "known_ts"))
    assert len(csv.duck["ledger/treatments"]) == told["becomes"].count("used")


def test_the_weights_of_treatments_are_equal_to_a_few_billionths(csv, spark, tmp_path):
    engines = DuckEngine.start(tmp_path / "duck"), SparkEngine.on(spark, tmp_path / "spark")
    duck, other = (weighed(engine, lake) for engine, lake in zip(engines, csv.lakes, strict=True))
    assert [row["customer_id"] for row in duck] == [row["customer_id"] for row in other] == ["ann", "bob"]
    for one, two in zip(duck, other, strict=True):
        assert one["nano_log_weight"] == pytest.approx(two["nano_log_weight"], abs=3)


def weighed(engine: Engine, root: Lake) -> list[dict[str, object]]:
    """Return the weights of the horizon, by customer."""
    table = log_weights(engine.read(root.files("ledger", "treatments/")), date(2024, 1, 1), Horizon(120))
    rows: list[dict[str, object]] = table.to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: str(row["customer_id"]))
