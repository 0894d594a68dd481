"""Features of one random history: DuckDB against Spark, and DuckDB against itself on other threads."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clv.engine import DuckEngine, SparkEngine
from clv.feature_catalogue import FEATURES
from clv.timeline import History, epoch_day
from glue_jobs.features.assemble import features

AS_OF = date(2024, 3, 1)
CUSTOMERS, ORDERS, EVENTS = 150, 600, 3000
PRICES = [0, 1, 999, 1000, 1000, 1999, 2000, 12345, 1_234_567_89]
TABLES = ("orders", "lines", "entries", "customers", "products", "web", "email", "markets")


def _or_null(rng, values, size):
    drawn = rng.choice(np.array([*values, None], dtype=object), size)
    return pa.array(list(drawn))


def _days(rng, size):
    """Days before t₀, half of them tied to a few that lie on the windows' edges or beside the leap day."""
    edges = epoch_day(AS_OF) - np.array([1, 2, 30, 31, 90, 91, 180, 365, 366, 730])
    return np.where(
        rng.random(size) < 0.5, rng.choice(edges, size), epoch_day(AS_OF) - rng.integers(1, 800, size)
    )


def _names(rng, size):
    return [f"c{number}" for number in np.minimum(rng.geometric(0.02, size), CUSTOMERS)]


def _world():
    rng = np.random.default_rng(20240301)
    orders = _orders(rng)
    lines, entries = _lines(rng, orders), _entries(rng)
    return {"orders": orders, "lines": lines, "entries": entries, **_attributes(rng), **_events(rng)}


def _orders(rng):
    day, customer = _days(rng, ORDERS), _names(rng, ORDERS)
    net, discount = rng.choice(PRICES, ORDERS), rng.choice([0, 0, 100], ORDERS)
    seconds = rng.choice([0, 1, 43_200, 86_399], ORDERS)
    cost = [None if rng.random() < 0.05 else int(value) // 2 for value in net]
    return {
        "order_id": [f"o{number}" for number in range(ORDERS)],
        "customer_id": customer,
        "day": pa.array(day, pa.int32()),
        "entry_ts": pa.array((day * 86_400 + seconds) * 1_000_000, pa.timestamp("us")),
        "country": _or_null(rng, ["DE", "FR"], ORDERS),
        "device": _or_null(rng, ["mobile", "app", "desktop"], ORDERS),
        "payment_method": _or_null(rng, ["card", "invoice"], ORDERS),
        "voucher": pa.array(rng.integers(0, 2, ORDERS), pa.int32()),
        "rate_per_eur": np.ones(ORDERS),
        "gross_eur_cents": net + discount,
        "discount_eur_cents": discount,
        "net_eur_cents": net,
        "cost_eur_cents": pa.array(cost, pa.int64()),
        "line_count": rng.integers(1, 4, ORDERS),
        "units": rng.integers(0, 9, ORDERS),
    }


def _lines(rng, orders):
    of = rng.integers(0, ORDERS, 2 * ORDERS)
    return {
        "order_id": [f"o{number}" for number in of],
        "customer_id": [orders["customer_id"][number] for number in of],
        "day": orders["day"].take(of),
        "sku": _or_null(rng, [f"s{number}" for number in range(30)], 2 * ORDERS),
        "units": rng.integers(0, 4, 2 * ORDERS),
        "net_eur_cents": rng.choice(PRICES, 2 * ORDERS),
    }


def _entries(rng):
    kind = rng.choice(["sale", "refund", "cancellation", "restatement"], ORDERS)
    return {
        "customer_id": [f"c{number}" for number in rng.integers(0, CUSTOMERS, ORDERS)],
        "day": pa.array(_days(rng, ORDERS), pa.int32()),
        "kind": kind,
        "amount_eur_cents": np.where(kind == "sale", 1, -1) * rng.choice(PRICES, ORDERS),
    }


def _attributes(rng):
    signup = [
        None if rng.random() < 0.1 else epoch_day(AS_OF) - int(rng.integers(-9, 900))
        for _ in range(CUSTOMERS)
    ]
    customers = {
        "customer_id": [f"c{number}" for number in range(CUSTOMERS)],
        "signup_day": pa.array(signup, pa.int32()),
        "country": _or_null(rng, ["DE", "FR", "SE"], CUSTOMERS),
        "device": _or_null(rng, ["mobile", "desktop"], CUSTOMERS),
        "acquisition_channel": _or_null(rng, ["search", "social"], CUSTOMERS),
        "campaign": _or_null(rng, ["a", "b", "ä"], CUSTOMERS),
        "marketing_consent": _or_null(rng, [True, False], CUSTOMERS),
    }
    products = {
        "sku": [f"s{number}" for number in range(25)],
        "category": _or_null(rng, ["books", "toys", "Über", "zoo"], 25),
        "brand": _or_null(rng, ["north", "south"], 25),
    }
    markets = {"country": ["DE", "FR"], "launch_day": pa.array([15_000, 19_600], pa.int32())}
    return {"customers": customers, "products": products, "markets": markets}


def _events(rng):
    def events(types):
        return {
            "customer_id": _names(rng, EVENTS),
            "day": pa.array(_days(rng, EVENTS), pa.int32()),
            "type": rng.choice(types, EVENTS),
            "device": _or_null(rng, ["mobile", "app", "desktop"], EVENTS),
        }

    return {
        "web": events(["view", "add_to_cart", "search", "login", "install"]),
        "email": events(["open", "click"]),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    for name, columns in _world().items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return folder


def _written(engine, folder: Path, out: Path):
    known = History(AS_OF, **{name: engine.read([str(folder / f"{name}.parquet")]) for name in TABLES})
    engine.write(features(known), out)
    table = pa.concat_tables(pq.read_table(file) for file in sorted(out.glob("*.parquet")))
    return table.sort_by("customer_id")


@pytest.fixture(scope="module")
def on_duckdb(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("duckdb")
    return _written(DuckEngine.start(out / "spill"), folder, out / "features")


@pytest.fixture(scope="module")
def on_spark(spark, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("spark")
    return _written(SparkEngine.on(spark, out / "spill"), folder, out / "features")


def test_both_engines_write_the_same_columns_and_types(on_duckdb, on_spark):
    plain = [[(field.name, field.type) for field in table.schema] for table in (on_duckdb, on_spark)]
    assert plain[0] == plain[1]
    assert on_duckdb.column_names == list(FEATURES.names)


def test_integers_strings_and_dates_are_equal_and_floats_within_1e_12(on_duckdb, on_spark):
    assert on_duckdb.num_rows == on_spark.num_rows >= CUSTOMERS * 0.9
    for column in FEATURES.columns:
        duck, spark = (table[column.name].to_pandas() for table in (on_duckdb, on_spark))
        rtol = 1e-12 if column.type == "float64" else 0
        pd.testing.assert_series_equal(duck, spark, rtol=rtol, atol=0, check_exact=rtol == 0)


def test_every_column_says_something_and_most_have_nulls(on_duckdb):
    assert all(column.null_count < len(column) for column in on_duckdb.columns)
    assert sum(column.null_count > 0 for column in on_duckdb.columns) > 50


def test_threads_and_row_order_do_not_change_a_bit(folder, on_duckdb, tmp_path):
    rng = np.random.default_rng(7)
    for name in TABLES:
        rows = pq.read_table(folder / f"{name}.parquet")
        shuffled = rows.take(rng.permutation(len(rows)))
        pq.write_table(shuffled, tmp_path / f"{name}.parquet", row_group_size=100)
    engine = DuckEngine.start(tmp_path / "spill")
    engine.connection.raw_sql("SET threads = 4")
    assert _written(engine, tmp_path, tmp_path / "features").equals(on_duckdb)
