"""Who the customers are: what they show (channel, device, consent) and what stays latent."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from app.world import parameters as p
from app.world import seasons
from app.world.seasons import Floats, Ints

Flags = npt.NDArray[np.bool_]
NEVER = float("inf")
SWITCHES = 60
"""Enough on and off spells to outlast the calendar."""


@dataclass(frozen=True)
class Population:
    """Customers as arrays of one length; days count from the marketplace's start.

    Codes index the tuples of the parameters; −1 for an untracked channel, and for no campaign. `switches` is
    (customers, SWITCHES): the ages in days at which a customer's interest goes off, on, off …
    """

    member: Flags
    kind: Ints
    market: Ints
    channel: Ints
    campaign: Ints
    device: Ints
    favourite: Ints
    consent: Flags
    signup: Floats
    first_order: Floats
    opt_out: Floats
    orders_per_year: Floats
    conversions_per_year: Floats
    basket_eur: Floats
    drift_per_year: Floats
    lifetime_scale: Floats
    lifetime: Floats
    fade_per_day: Floats
    on_days: Floats
    off_days: Floats
    switches: Floats
    returns: Floats
    voucher_share: Floats
    interest: Floats
    open_share: Floats

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: Flags | Ints) -> "Population":
        """Return the customers at `rows`, an index or a mask."""
        return Population(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @property
    def end(self) -> Floats:
        """Return the day on which the customer leaves for good."""
        return self.first_order + self.lifetime

    @property
    def season(self) -> Ints:
        """Return the code of the season each customer's orders follow."""
        codes = np.array([p.SEASONS.index(kind.season) for kind in p.KINDS], dtype=np.int64)
        return codes[self.kind]


def of_kind(name: str, kind: Ints) -> Floats:
    """Return the number that each customer's kind has for the parameter `name`."""
    return np.array([getattr(each, name) for each in p.KINDS], dtype=np.float64)[kind]


def of_market(name: str, market: Ints) -> Floats:
    """Return the number that each customer's market has for the parameter `name`."""
    return np.array([getattr(each, name) for each in p.MARKETS], dtype=np.float64)[market]


def draw_by_kind(rng: np.random.Generator, name: str, kind: Ints) -> Ints:
    """Return codes drawn from each customer's kind's shares `name`."""
    shares = np.array([getattr(each, name) for each in p.KINDS]).cumsum(axis=1)
    drawn = (rng.random(len(kind))[:, None] >= shares[kind]).sum(axis=1)
    return np.asarray(np.minimum(drawn, shares.shape[1] - 1))


def draw_population(rng: np.random.Generator, members: int) -> Population:
    """Return `members` customers followed by the guests of the chunk, who order once and are never known."""
    guests = round(members * p.GUEST_ORDERS_PER_CUSTOMER)
    size = members + guests
    member = np.arange(size) < members
    kind = rng.choice(len(p.KINDS), size, p=[each.share for each in p.KINDS])
    kind[members:] = 0
    market = rng.choice(len(p.MARKETS), size, p=[each.share for each in p.MARKETS])
    signup = _signups(rng, market)
    channel = np.where(rng.random(size) < p.UNTRACKED_SHARE, -1, draw_by_kind(rng, "channels", kind))
    paid = np.isin(channel, [p.CHANNELS.index(name) for name in p.PAID_CHANNELS])
    consent = rng.random(size) < of_kind("consent", kind)
    return Population(
        member=member,
        kind=kind,
        market=market,
        signup=signup,
        channel=channel,
        campaign=np.where(paid, draw_by_kind(rng, "campaigns", kind), -1),
        device=draw_by_kind(rng, "devices", kind),
        favourite=draw_by_kind(rng, "categories", kind),
        consent=consent,
        opt_out=_opt_outs(rng, signup, consent),
        **_first_orders(rng, kind, signup, member),
        **_habits(rng, kind, market),
        **_endings(rng, kind),
    )


def _signups(rng: np.random.Generator, market: Ints) -> Floats:
    """Return signup days from the market's launch on, seasonal and growing."""
    daily = seasons.DAILY[0, : seasons.DAYS] * (1 + p.SIGNUP_GROWTH_PER_YEAR) ** (
        np.arange(seasons.DAYS) / 365
    )
    passed = np.r_[0.0, daily.cumsum()]
    launch = np.array([passed[seasons.day_of(each.launch)] for each in p.MARKETS])[market]
    drawn = launch + rng.random(len(market)) * (passed[-1] - launch)
    day = np.interp(drawn, passed, np.arange(seasons.DAYS + 1, dtype=np.float64))
    return np.floor(day) + seasons.time_of_day(rng, len(market))


def _opt_outs(rng: np.random.Generator, signup: Floats, consent: Flags) -> Floats:
    leaves = consent & (rng.random(len(signup)) < p.OPT_OUT_SHARE)
    return np.where(leaves, signup + 1 + rng.exponential(300, len(signup)), NEVER)


def _first_orders(rng: np.random.Generator, kind: Ints, signup: Floats, member: Flags) -> dict[str, Floats]:
    """Return first orders: minutes after signup, on its day; for the others after an exponential wait."""
    size = len(kind)
    at_signup = (rng.random(size) < of_kind("orders_at_signup", kind)) | ~member
    hazard = of_kind("conversions_per_year", kind) * np.exp(0.6 * rng.standard_normal(size))
    minutes_later = signup + rng.integers(120, 2400, size) / 86_400
    end_of_day = np.floor(signup) + 1 - 1 / 86_400
    later = np.floor(signup + 1 + rng.exponential(1, size) * 365 / hazard) + seasons.time_of_day(rng, size)
    first = np.where(at_signup, np.minimum(minutes_later, end_of_day), later)
    return {"first_order": first, "conversions_per_year": hazard}


def _habits(rng: np.random.Generator, kind: Ints, market: Ints) -> dict[str, Floats]:
    """Return how often, how much and how each customer buys and browses, all noisily related."""
    size = len(kind)
    z_orders, z_basket, z_visits, z_opens = rng.standard_normal((4, size))
    rho = of_kind("orders_basket_correlation", kind)
    z_basket = rho * z_orders + np.sqrt(1 - rho**2) * z_basket
    pareto = np.minimum((1 - rng.random(size)) ** (-1 / p.BIG_SPENDER_PARETO), p.BIG_SPENDER_CAP)
    big = np.where(rng.random(size) < p.BIG_SPENDER_SHARE, pareto, 1.0)
    orders = of_kind("orders_per_year", kind) * np.exp(of_kind("orders_sigma", kind) * z_orders)
    basket = of_kind("basket_eur", kind) * np.exp(of_kind("basket_sigma", kind) * z_basket) * big
    keen = 0.5 * of_kind("orders_sigma", kind) * z_orders
    visits = of_kind("visits_per_year", kind) * np.exp(keen + p.VISIT_NOISE_SIGMA * z_visits)
    curious = np.sqrt(of_kind("visits_per_year", kind) / p.OPENS_AT_VISITS_PER_YEAR)
    opens = p.OPEN_SHARE * curious * np.exp(keen / 2 + p.OPEN_NOISE_SIGMA * z_opens)
    voucher = of_kind("voucher_share", kind)
    return {
        "orders_per_year": np.minimum(orders * of_market("activity", market), p.MAX_ORDERS_PER_YEAR),
        "basket_eur": basket * of_market("price_level", market),
        "drift_per_year": p.DRIFT_SIGMA * rng.standard_normal(size),
        "returns": of_market("returns", market) * rng.gamma(2.0, 0.5, size),
        "voucher_share": rng.beta(4 * voucher, 4 * (1 - voucher)),
        "interest": visits,
        "open_share": np.minimum(opens, 0.9),
    }


def _endings(rng: np.random.Generator, kind: Ints) -> dict[str, Floats]:
    """Return how interest ends: lifetimes, fading, spells."""
    size = len(kind)
    scale = of_kind("lifetime_days", kind) * np.exp(p.LIFETIME_SIGMA * rng.standard_normal(size))
    half_life = of_kind("half_life_days", kind) * np.exp(p.HALF_LIFE_SIGMA * rng.standard_normal(size))
    stretch = np.exp(np.clip(p.SWITCH_SIGMA * rng.standard_normal(size), -0.7, 0.7))
    on, off = of_kind("on_days", kind) * stretch, of_kind("off_days", kind) * stretch
    switches = np.full((size, SWITCHES), NEVER)
    spells = np.isfinite(on)
    mean = np.stack([on[spells], off[spells]], axis=1)[:, np.arange(SWITCHES) % 2]
    switches[spells] = (rng.exponential(1, mean.shape) * mean).cumsum(axis=1)
    lifetime = scale * rng.weibull(of_kind("lifetime_shape", kind))
    return {
        "lifetime_scale": scale,
        "lifetime": lifetime,
        "fade_per_day": np.log(2) / half_life,
        "on_days": on,
        "off_days": off,
        "switches": switches,
    }
