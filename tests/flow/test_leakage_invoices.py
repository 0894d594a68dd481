"""What is learnt of invoices and exchange rates after t₀ never changes what was known at t₀."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.world.build import write_world
from clv.engine import DuckEngine
from clv.frames import read_frame
from clv.lake import Lake
from clv.partitions import features_at
from clv.settings import Settings
from clv.timeline import parse_as_of, t0
from glue_jobs.build_features import build_features
from glue_jobs.build_ledger import build_ledger
from tests.flow.conftest import silent
from tests.flow.perturb import DAY, read_raw, write_raw

AS_OF = parse_as_of("2025-01-01")
T0 = pd.Timestamp(t0(AS_OF))
HOLE = (T0 - 40 * DAY, T0 - 20 * DAY)
SETTINGS = Settings(quarantine_limit=1.0)


def with_invoices(raw):
    """Bill every order the next day, and publish no rate in the hole, so that some of it cannot be priced."""
    orders = raw["orders"].drop_duplicates("order_id")
    invoices = pd.DataFrame(
        {
            "invoice_id": "i-" + orders.order_id,
            "order_id": orders.order_id,
            "invoice_ts": orders.order_ts + DAY,
            "recorded_ts": pd.Series(pd.NaT, orders.index),
        }
    )
    rates = raw["fx_rates"]
    published = pd.to_datetime(rates.rate_date)
    return raw | {"invoices": invoices, "fx_rates": rates[(published < HOLE[0]) | (published > HOLE[1])]}


def restated(raw):
    """Restate invoices after t₀: onto days in the hole, and onto days that have a rate."""
    invoices = raw["invoices"]
    old = invoices[invoices.invoice_ts < T0].sample(frac=0.4, random_state=7)
    days = np.random.default_rng(7).integers(-60, 60, len(old))
    moved = old.assign(invoice_ts=T0 + pd.to_timedelta(days, "D"), recorded_ts=T0 + 70 * DAY)
    return raw | {"invoices": pd.concat([invoices, moved])}


def ledger_and_features(lake, source, raw):
    schema = pa.schema(
        [
            ("invoice_id", pa.string()),
            ("order_id", pa.string()),
            ("invoice_ts", pa.timestamp("us")),
            ("recorded_ts", pa.timestamp("us")),
        ]
    )
    write_raw(lake, source, {name: frame for name, frame in raw.items() if name != "invoices"})
    (lake.path("raw") / "invoices").mkdir()
    table = pa.Table.from_pandas(raw["invoices"], schema, preserve_index=False)
    pq.write_table(table, lake.path("raw") / "invoices" / "part-000.parquet")
    engine = DuckEngine.start(lake.path(".spill"))
    build_ledger(engine, lake, SETTINGS, "ledger", silent)
    build_features(engine, lake, AS_OF, "features")
    entries = read_frame(lake.files("ledger", "entries/"))
    return (
        entries[entries.known_ts < T0].sort_values("entry_id", ignore_index=True),
        read_frame(lake.files(features_at(AS_OF))).sort_values("customer_id", ignore_index=True),
        read_frame(lake.files("quarantine", "table=invoices/")),
    )


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    source, true, other = (Lake.at(tmp_path_factory.mktemp(name)) for name in ("source", "true", "other"))
    write_world(source, 400, 12, replace=False, progress=silent)
    raw = with_invoices(read_raw(source))
    return ledger_and_features(true, source, raw), ledger_and_features(other, source, restated(raw))


def test_invoices_restated_after_t0_leave_the_ledger_and_the_features_of_t0_as_they_were(worlds):
    (entries, features, _), (entries_restated, features_restated, _) = worlds
    pd.testing.assert_frame_equal(entries_restated, entries, check_exact=True)
    pd.testing.assert_frame_equal(features_restated, features, check_exact=True)


def test_the_restated_invoices_that_no_rate_prices_are_the_ones_in_quarantine(worlds):
    (_, _, before), (_, _, after) = worlds
    assert len(before) > 0
    assert len(after) > len(before)
    added = after[after.recorded_ts.notna()]
    assert (added.invoice_ts.between(HOLE[0], HOLE[1] + DAY)).all()
