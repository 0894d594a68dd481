"""What a driver adds to forecasts by its value: the points, and what is typical along the values. Pure."""

import pandas as pd

from app.drivers.sample import Sample

BINS = 12
"""Of equally many customers; fewer different values are told one by one."""
CENTRAL = (0.01, 0.99)
NAMES = 8
"""Of a driver whose values are names: the most frequent."""


def is_number(sample: Sample, driver: str) -> bool:
    """Return whether a driver's values are numbers that differ."""
    return len(sample.of(driver).value.dropna().unique()) > 1


def central(sample: Sample, driver: str) -> pd.DataFrame:
    """Return `value` and `eur` by customer, without the outermost hundredths of either."""
    rows = sample.of(driver).dropna(subset="value")
    for name in ("value", "eur"):
        low, high = rows[name].quantile(list(CENTRAL))
        rows = rows[rows[name].between(low, high)]
    return rows[["value", "eur"]]


def along(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the median `eur` by the median `value` of twelfths of customers, or of each value if few."""
    few = rows.value.nunique() <= BINS
    bins = rows.value if few else pd.qcut(rows.value, BINS, duplicates="drop").cat.codes
    medians = rows.groupby(bins.to_numpy())[["value", "eur"]].median()
    return medians.assign(customers=rows.groupby(bins.to_numpy()).size()).reset_index(drop=True)


def by_name(sample: Sample, driver: str) -> pd.DataFrame:
    """Return `name`, `customers`, `p25`, `p50` and `p75` of EUR of the most frequent names, largest first.

    Empty where the driver has no values at all.
    """
    rows = sample.of(driver).dropna(subset="value_text")
    if rows.empty:
        return pd.DataFrame(columns=["name", "customers", "p25", "p50", "p75"])
    grouped = rows.groupby("value_text").eur
    found = pd.DataFrame({f"p{percent}": grouped.quantile(percent / 100) for percent in (25, 50, 75)})
    found = found.assign(customers=grouped.size()).nlargest(NAMES, "customers", keep="all")
    found.index.name = "name"
    return found.reset_index().sort_values(["p50", "name"], ascending=[False, True], ignore_index=True)
