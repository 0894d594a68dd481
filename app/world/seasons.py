"""Time in the marketplace: days since its start (floats), seasons, hours of the day, timestamps."""

from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from app.world import parameters as p

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY_US = 86_400_000_000
DAYS = (p.END - p.START).days
ALL_DAYS = DAYS + p.HORIZON_DAYS
START_US = (p.START - date(1970, 1, 1)).days * DAY_US
END_US = START_US + DAYS * DAY_US
END_TS = datetime(p.END.year, p.END.month, p.END.day)  # noqa: DTZ001 - every timestamp of the lake is UTC
# Share of the orders by hour, UTC: quiet nights, a peak in the evening (assumption).
_HOURS = np.array([3, 2, 1, 1, 1, 2, 4, 6, 9, 11, 12, 12, 12, 12, 12, 12, 13, 15, 18, 20, 19, 15, 10, 5])
_HOUR_EDGES = np.round(np.r_[0, _HOURS.cumsum()] * 256 / _HOURS.sum()).astype(int)
_HOUR_TABLE = np.repeat(np.arange(24), np.diff(_HOUR_EDGES))


def day_of(when: date) -> int:
    """Return whole days from the marketplace's start to 00:00 of a date."""
    return (when - p.START).days


def date_at(day: int) -> date:
    """Return the date that begins `day` days after the start."""
    return p.START + timedelta(days=day)


def black_friday(year: int) -> date:
    """Return the day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def in_promotion() -> npt.NDArray[np.bool_]:
    """Return for each day of the calendar whether a promotion runs."""
    flags = np.zeros(ALL_DAYS, dtype=bool)
    for year in range(p.START.year, date_at(ALL_DAYS).year + 1):
        periods = [(date(year, *begin), days) for begin, days in p.PROMO_PERIODS]
        friday = black_friday(year)
        periods.append((friday - timedelta(days=p.BLACK_FRIDAY_DAYS - 4), p.BLACK_FRIDAY_DAYS))
        for begin, days in periods:
            low = day_of(begin)
            flags[max(low, 0) : max(low + days, 0)] = True
    return flags


def _bump(peak: tuple[int, int], width_days: float) -> Floats:
    """Return a bell of height 1 around the same date of every year."""
    days = np.arange(ALL_DAYS, dtype=np.float64)
    peaks = [day_of(date(year, *peak)) for year in range(p.START.year - 1, date_at(ALL_DAYS).year + 2)]
    bells = np.exp(-0.5 * ((days[:, None] - np.array(peaks)) / width_days) ** 2)
    return np.asarray(bells.sum(axis=1), dtype=np.float64)


def _courses() -> dict[str, Floats]:
    """Return the yearly course of each season, before weekdays and normalisation."""
    promo = in_promotion().astype(np.float64)
    christmas, summer = _bump((12, 8), 13), _bump((8, 5), 22)
    return {
        "general": 1 + 0.9 * christmas + 0.6 * promo - 0.2 * summer,
        "steady": 1 + 0.1 * christmas - 0.1 * summer,
        "promo": 0.5 + 0.8 * christmas + 5.0 * promo,
        "gift": 0.25 + 7.0 * christmas + 1.2 * _bump((5, 9), 8) + 0.8 * _bump((2, 10), 6),
        "office": 1 - 0.75 * _bump((12, 28), 6) - 0.35 * summer,
    }


def _daily() -> Floats:
    weekday = (np.arange(ALL_DAYS) + p.START.weekday()) % 7
    courses = _courses()
    weights = np.stack([courses[name] * np.array(p.WEEKDAYS[name])[weekday] for name in p.SEASONS])
    return np.asarray(weights / weights.mean(axis=1, keepdims=True))


DAILY: Floats = _daily()
"""[season, day] relative intensity, mean 1."""
CUMULATIVE: Floats = np.hstack([np.zeros((len(p.SEASONS), 1)), DAILY.cumsum(axis=1)]) / 365.0
"""[season, day] seasonal years passed by 00:00 of the day."""
_PRICES = (1 + p.PRICE_GROWTH_PER_YEAR) ** (np.arange(ALL_DAYS) / 365.0)
BASKET: Floats = _PRICES * (1 + 0.12 * _bump((12, 8), 13))
"""[day] what all baskets are multiplied by: prices grow, gifts are larger."""
PROMOTION = in_promotion()


def seasonal_years(season: Ints, day: Floats) -> Floats:
    """Return the seasonal years passed at `day`, elementwise; days are cut to the calendar."""
    day = np.clip(day, 0, ALL_DAYS)
    whole = np.minimum(day.astype(np.int64), ALL_DAYS - 1)
    below = CUMULATIVE[season, whole]
    years: Floats = below + (day - whole) * (CUMULATIVE[season, whole + 1] - below)
    return years


def day_at(season: Ints, years: Floats) -> Floats:
    """Return the day at which `years` seasonal years have passed: the inverse of `seasonal_years`."""
    found = np.empty(len(years))
    edges = np.arange(ALL_DAYS + 1, dtype=np.float64)
    for code in range(len(p.SEASONS)):
        mine = season == code
        found[mine] = np.interp(years[mine], CUMULATIVE[code], edges)
    return found


def time_of_day(rng: np.random.Generator, size: int) -> Floats:
    """Return times of day as fractions, in whole seconds."""
    hour = _HOUR_TABLE[rng.integers(0, 256, size, dtype=np.uint8)]
    fraction: Floats = (hour * 3600 + rng.integers(0, 3600, size)) / 86_400
    return fraction


def microseconds(day: Floats) -> Ints:
    """Return days since the start as microseconds since 1970, cut to whole seconds."""
    seconds: Ints = np.floor(day * 86_400 + 1e-4).astype(np.int64)
    return START_US + seconds * 1_000_000
