"""A bare DuckDB scan of every column that the features of one t₀ are computed from."""

from pathlib import Path

import duckdb

from bench.files import Files
from clv.engine import MEMORY_LIMIT, literal
from glue_jobs.intake.accept import EVENTS

_KNOWN = ("known_ts", "known_until_ts")
_EVENT = ("event_id", "customer_id", "ts", "type", "device", "recorded_ts")
COLUMNS = {
    "orders": (
        *(
            "order_id",
            "customer_id",
            "entry_ts",
            "cancelled",
            "country",
            "device",
            "payment_method",
            "voucher",
        ),
        *("rate_per_eur", "gross_eur_cents", "discount_eur_cents", "net_eur_cents", "cost_eur_cents"),
        *("line_count", "units", *_KNOWN),
    ),
    "lines": ("order_id", "sku", "gross_amount", "discount", "tax", *_KNOWN),
    "entries": ("customer_id", "entry_ts", "known_ts", "kind", "amount_eur_cents"),
    "customers": (
        *("customer_id", "signup_ts", "country", "device", "acquisition_channel", "campaign"),
        *("marketing_consent", *_KNOWN),
    ),
    "products": ("sku", "category", "brand", *_KNOWN),
    "markets": ("country", "launch_date", *_KNOWN),
    **dict.fromkeys(EVENTS, _EVENT),
    **{f"disputed_{name}": (*_EVENT[:5], "fate", *_KNOWN) for name in EVENTS},
}


def write(files: Files, target: Path) -> None:
    """Write the maximum of every column, which takes every value into account and little else."""
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as connection:
        for name, columns in COLUMNS.items():
            found = ", ".join(f"max({column})" for column in columns)
            query = f"SELECT {found} FROM read_parquet({files.literal(name)})"
            place = literal(f"{target.with_name(name)}.parquet")
            connection.execute(f"COPY ({query}) TO {place} (FORMAT parquet)")
