"""What is sold: products with category, brand and price, the same for every chunk of one seed."""

from dataclasses import dataclass

import numpy as np

from app.world import parameters as p
from app.world.seasons import Floats, Ints

_STREAM = 2**32 - 1  # no chunk has this number
_MEDIAN_PRICE_EUR = (38.0, 32.0, 95.0, 21.0, 36.0, 24.0, 15.0, 18.0)
_PRICE_SIGMA = 1.1
_KEY_STEP = 100.0  # wider than any log price, so that category and log price sort as one number


@dataclass(frozen=True)
class Catalogue:
    """Products sorted by (category, price)."""

    category: Ints
    brand: Ints
    price_eur: Floats

    @property
    def sku(self) -> list[str]:
        """Return the products' keys."""
        return [f"sku-{number:05d}" for number in range(len(self.category))]

    def near(self, category: Ints, price_eur: Floats, jitter: Ints) -> Ints:
        """Return for each line a product of its category near its price, `jitter` places aside."""
        keys = self.category * _KEY_STEP + np.log(self.price_eur)
        found = np.searchsorted(keys, category * _KEY_STEP + np.log(np.maximum(price_eur, 0.01))) + jitter
        low = category * p.PRODUCTS_PER_CATEGORY
        return np.asarray(np.clip(found, low, low + p.PRODUCTS_PER_CATEGORY - 1))


def draw_catalogue(seed: int) -> Catalogue:
    """Return the products of a marketplace."""
    rng = np.random.default_rng(np.random.SeedSequence((seed, _STREAM)))
    category = np.repeat(np.arange(len(p.CATEGORIES)), p.PRODUCTS_PER_CATEGORY)
    price = np.array(_MEDIAN_PRICE_EUR)[category] * np.exp(_PRICE_SIGMA * rng.standard_normal(len(category)))
    order = np.lexsort((price, category))
    brand = rng.integers(0, p.BRANDS_PER_CATEGORY, len(category))
    return Catalogue(category, brand, price[order])
