"""What an order is worth and how it splits into invoiced lines, vouchers and VAT."""

from dataclasses import dataclass

import numpy as np

from app.world import parameters as p
from app.world import seasons
from app.world.catalogue import Catalogue
from app.world.customers import Flags, Population, of_kind, of_market
from app.world.purchases import Purchases
from app.world.rates import CURRENCIES
from app.world.seasons import Floats, Ints

_BOOKS = p.CATEGORIES.index("books")
_WELCOME = p.CAMPAIGNS.index("welcome_voucher")
VOUCHERS = (*p.VOUCHERS, p.WELCOME_VOUCHER)
_MAX_UNIT_PRICE_EUR = 600.0
_CURRENCY = np.array([CURRENCIES.index(market.currency) for market in p.MARKETS], dtype=np.int64)


@dataclass(frozen=True)
class Orders:
    """Orders as in `purchases`; `net_eur` is before rounding to cents, `cancelled` a day or NaN."""

    customer: Ints
    day: Floats
    market: Ints
    currency: Ints
    rate: Floats
    device: Ints
    payment: Ints
    voucher: Ints
    cancelled: Floats
    net_eur: Floats


@dataclass(frozen=True)
class Lines:
    """Lines sorted by order; amounts are int64 cents of the order's currency."""

    order: Ints
    number: Ints
    category: Ints
    product: Ints
    quantity: Ints
    gross: Ints
    discount: Ints
    tax: Ints
    unit_cost: Ints
    vat: Floats
    net_eur: Floats

    @property
    def paid(self) -> Ints:
        """Return what the customer pays for each line, VAT included."""
        return self.gross - self.discount


def basket_growth(population: Population, customer: Ints, day: Floats) -> Floats:
    """Return what a customer's basket is multiplied by on `day`: its own drift, prices, gifts."""
    age = np.maximum(day - population.first_order[customer], 0.0)
    own = np.exp(population.drift_per_year[customer] * age / 365.0)
    growth: Floats = own * seasons.BASKET[np.minimum(day.astype(np.int64), seasons.ALL_DAYS - 1)]
    return growth


def draw_orders(
    rng: np.random.Generator, population: Population, purchases: Purchases, rates: Floats
) -> Orders:
    """Return the head and the net value of every order; `rates` is [currency, day] per EUR."""
    customer, day = purchases.customer, purchases.day
    size = len(customer)
    sigma = of_kind("order_sigma", population.kind[customer])
    noise = np.exp(sigma * rng.standard_normal(size) - sigma**2 / 2)
    market = population.market[customer]
    elsewhere = rng.choice(len(p.DEVICES), size, p=(0.5, 0.3, 0.05, 0.15))
    usual = rng.random(size) < 0.75
    cancelled = day + rng.exponential(0.7, size)
    cancels = (rng.random(size) < p.CANCELLED_SHARE) & (cancelled < seasons.DAYS)
    return Orders(
        customer=customer,
        day=day,
        market=market,
        currency=_CURRENCY[market],
        rate=rates[_CURRENCY[market], day.astype(np.int64)],
        device=np.where(usual | purchases.first, population.device[customer], elsewhere),
        payment=_payments(rng, len(population), customer),
        voucher=_vouchers(rng, population, purchases),
        cancelled=np.where(cancels, cancelled, np.nan),
        net_eur=population.basket_eur[customer] * noise * basket_growth(population, customer, day),
    )


def _payments(rng: np.random.Generator, customers: int, customer: Ints) -> Ints:
    """Return the place of the payment method among the market's: mostly the customer's usual one."""
    usual = rng.choice(3, customers, p=p.PAYMENT_SHARES)[customer]
    other = rng.choice(3, len(customer), p=p.PAYMENT_SHARES)
    return np.where(rng.random(len(customer)) < 0.8, usual, other)


def _vouchers(rng: np.random.Generator, population: Population, purchases: Purchases) -> Ints:
    """Return the voucher's place in VOUCHERS, −1 for none."""
    customer, size = purchases.customer, len(purchases.customer)
    eager = 1.0 + 0.5 * seasons.PROMOTION[purchases.day.astype(np.int64)]
    uses = rng.random(size) < population.voucher_share[customer] * eager
    code = np.where(uses, rng.choice(len(p.VOUCHERS), size, p=p.VOUCHER_SHARES), -1)
    welcome = purchases.first & (population.campaign[customer] == _WELCOME) & (rng.random(size) < 0.8)
    return np.where(welcome, len(VOUCHERS) - 1, code)


def draw_lines(
    rng: np.random.Generator, population: Population, orders: Orders, catalogue: Catalogue
) -> Lines:
    """Return the lines; their net values add up to the order's, up to rounding to cents."""
    more = np.maximum(of_kind("lines", population.kind[orders.customer]) - 1, 0)
    count = 1 + rng.poisson(more)
    order = np.repeat(np.arange(len(count)), count)
    begin = np.repeat(count.cumsum() - count, count)
    weight = rng.gamma(1.5, 1.0, len(order)) + 0.05
    net_eur = weight / np.bincount(order, weight)[order] * orders.net_eur[order]
    category = _categories(rng, population, orders.customer[order])
    vat = _vat(orders.market[order], category)
    paid = np.rint(net_eur * (1 + vat) * orders.rate[order] * 100).astype(np.int64)
    gross = np.rint(paid / (1 - _discounts(rng, orders, order))).astype(np.int64)
    gross_eur = gross / orders.rate[order] / 100
    quantity = 1 + rng.poisson(of_kind("quantity", population.kind[orders.customer[order]]) - 1)
    quantity = np.maximum(quantity, np.ceil(gross_eur / _MAX_UNIT_PRICE_EUR).astype(np.int64))
    return Lines(
        order=order,
        number=np.arange(len(order)) - begin + 1,
        category=category,
        product=catalogue.near(category, gross_eur / quantity, rng.integers(-4, 5, len(order))),
        quantity=quantity,
        gross=gross,
        discount=gross - paid,
        tax=contained_vat(paid, vat),
        unit_cost=_unit_costs(rng, category, gross / (1 + vat) / quantity),
        vat=vat,
        net_eur=net_eur,
    )


def _unit_costs(rng: np.random.Generator, category: Ints, price: Floats) -> Ints:
    """Return what a piece costs, from its price without VAT and discount, both in cents."""
    margin = np.array(p.MARGINS)[category] * rng.uniform(0.8, 1.2, len(category))
    return np.rint(price * (1 - margin)).astype(np.int64)


def contained_vat(paid: Ints, vat: Floats) -> Ints:
    """Return the VAT contained in amounts that include it, in cents."""
    return np.rint(paid * vat / (1 + vat)).astype(np.int64)


def _categories(rng: np.random.Generator, population: Population, customer: Ints) -> Ints:
    other = rng.choice(len(p.CATEGORIES), len(customer), p=p.BASE_CATEGORY_SHARES)
    return np.where(rng.random(len(customer)) < p.FAVOURITE_SHARE, population.favourite[customer], other)


def _vat(market: Ints, category: Ints) -> Floats:
    return np.where(category == _BOOKS, of_market("vat_books", market), of_market("vat", market))


def _discounts(rng: np.random.Generator, orders: Orders, order: Ints) -> Floats:
    """Return each line's discount share: the order's voucher on top of the promotion's markdown."""
    depth = np.array([share for _, share in VOUCHERS] + [0.0])[orders.voucher[order]]
    promoted: Flags = seasons.PROMOTION[orders.day.astype(np.int64)][order]
    promoted = promoted & (rng.random(len(order)) < p.PROMO_LINE_SHARE)
    markdown = np.where(promoted, rng.choice(p.PROMO_DEPTHS, len(order)), 0.0)
    share: Floats = 1 - (1 - depth) * (1 - markdown)
    return share
