"""Euro reference rates of the ECB, so that a basket drawn in EUR is worth that in EUR on its day."""

import numpy as np
import pyarrow as pa

from app.world import parameters as p
from app.world import seasons
from app.world.seasons import Floats

CURRENCIES = tuple(dict.fromkeys(market.currency for market in p.MARKETS))


def daily_rates(published: pa.Table) -> Floats:
    """Return [currency, day] units per EUR by the last rate published, for the days with orders.

    published : the raw table `fx_rates`, sorted by currency and day; EUR is not in it.
    """
    rates = published.to_pandas(date_as_object=False).set_index("currency")
    days = np.arange(np.datetime64(p.START), np.datetime64(p.END))
    daily = np.ones((len(CURRENCIES), len(days)))
    for row, currency in enumerate(CURRENCIES):
        if currency != "EUR":
            own = rates.loc[[currency]]
            last = np.searchsorted(own["rate_date"].to_numpy(), days, side="right") - 1
            daily[row] = own["rate_per_eur"].to_numpy()[last]
    assert daily.shape[1] == seasons.DAYS
    return daily
