"""Treatments on DuckDB and on Spark: what becomes of each row, and the weights that follow, are equal."""

from datetime import date

import pytest

from clv.engine import DuckEngine, Engine, SparkEngine
from clv.lake import Lake
from clv.timeline import Horizon
from glue_jobs.reference_policy import log_weights
from tests.engines.test_parity import assert_equal, ledger_alone, on_both
from tests.spec.lakes import lake
from tests.spec.test_treatments import CUSTOMERS, DELIVERED, EXTRACTED, LINES, ORDERS, RATES

AS_OF, HORIZON = date(2024, 1, 1), Horizon(120)


def weighed(engine: Engine, root: Lake) -> list[dict[str, object]]:
    """Return the weights of the horizon, by customer."""
    table = log_weights(engine.read(root.files("ledger", "treatments/")), AS_OF, HORIZON)
    rows: list[dict[str, object]] = table.to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: str(row["customer_id"]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("treatments")


@pytest.fixture(scope="module")
def pair(spark, folder):
    tables = {"orders": ORDERS, "order_lines": LINES, "fx_rates": RATES, "customers": CUSTOMERS}
    raw = lake(folder / "source", EXTRACTED, "csv", **tables, treatments=DELIVERED).path("raw")
    return on_both(raw, folder, spark, ledger_alone)


@pytest.mark.parametrize(
    ("place", "key"),
    [("ledger/treatments", ("treatment_id", "known_ts")), ("quarantine/table=treatments", ())],
)
def test_every_column_is_equal(pair, place, key):
    assert len(pair.duck[place]) > 0
    assert_equal(pair, place, key)


def test_the_accounts_are_equal(pair):
    assert pair.accounts[0] == pair.accounts[1]


@pytest.mark.usefixtures("pair")
def test_the_weights_are_equal_to_a_few_billionths(spark, folder):
    duck = weighed(DuckEngine.start(folder / "duck-spill"), Lake.at(folder / "duck"))
    other = weighed(SparkEngine.on(spark, folder / "spark-spill"), Lake.at(folder / "spark"))
    assert [row["customer_id"] for row in duck] == [row["customer_id"] for row in other] == ["ann", "bob"]
    for one, two in zip(duck, other, strict=True):
        assert one["nano_log_weight"] == pytest.approx(two["nano_log_weight"], abs=3)
