"""The prices of AWS in one region on one day, from `prices.json` beside this module."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from clv.errors import UserError


@dataclass(frozen=True)
class Price:
    """What `per` units cost in USD without tax, and how many units a month cost nothing.

    `free_per_month` holds only what stays free; free tiers of an account's first year are left out.
    """

    service: str
    unit: str
    usd: float
    per: float = 1
    free_per_month: float = 0
    note: str = ""

    @property
    def usd_per_unit(self) -> float:
        """Return the price of one unit, USD."""
        return self.usd / self.per


@dataclass(frozen=True)
class Prices:
    """Prices by the name of what is billed, with their region, their day and one exchange rate."""

    region: str
    as_of: str
    source: str
    usd_per_eur: float
    rate_of: str
    rate_source: str
    prices: Mapping[str, Price]

    def of(self, name: str) -> Price:
        """Return the price of one billed thing; UserError where the file has none."""
        if name not in self.prices:
            raise UserError(f"{name}: no price in clv/prices.json; add it with the file's date")
        return self.prices[name]


@cache
def read_prices() -> Prices:
    """Return the prices of the file; it is read as a part of the package, from a zip too."""
    told = json.loads(files("clv").joinpath("prices.json").read_text(encoding="utf-8"))
    prices = {name: Price(**price) for name, price in told.pop("prices").items()}
    return Prices(**told, prices=prices)
