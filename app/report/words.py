"""Numbers as a reader writes them: thousands separated, with their units, a dash for nothing."""

import math
from datetime import date

SPACE = "\u00a0"  # keeps a number and its unit on one line
MINUS = "\u2212"
NOTHING = "\u2013"
LONGEST_NAME = 60
BASELINE = f"12m = net revenue of the last 365{SPACE}days × min(1,{SPACE}H/365)"
ABOVE_ALL = f"Above 100{SPACE}% where the customers who follow have negative net revenue in total."

MODELS = {
    "ours": "ours",
    "12m": "12m",
    "rfm": "RFM bands",
    "btyd-bgnbd-gg-all": "BG/NBD × Gamma-Gamma, all orders",
    "btyd-bgnbd-gg-repeat": "BG/NBD × Gamma-Gamma, repeat orders",
    "btyd-mbgnbd-gg-all": "MBG/NBD × Gamma-Gamma, all orders",
    "btyd-mbgnbd-gg-repeat": "MBG/NBD × Gamma-Gamma, repeat orders",
    "btyd-paretonbd-gg-all": "Pareto/NBD × Gamma-Gamma, all orders",
    "btyd-paretonbd-gg-repeat": "Pareto/NBD × Gamma-Gamma, repeat orders",
}


def number(value: float, digits: int = 0) -> str:
    """Return `1,234.5`."""
    if not math.isfinite(value):
        return NOTHING
    text = f"{value:,.{digits}f}"
    is_zero = not text.strip("-0.,")
    return text.lstrip("-") if is_zero else text.replace("-", MINUS)


def signed(value: float, digits: int = 0) -> str:
    """Return `+1,234` for a difference, its sign always shown; zero has none."""
    text = number(value, digits)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def eur(value: float, digits: int = 0) -> str:
    """Return `€1,234`."""
    text = number(value, digits)
    if text == NOTHING:
        return text
    return f"{MINUS}€{text[1:]}" if text.startswith(MINUS) else f"€{text}"


def eur_short(value: float) -> str:
    """Return `€4.21 M`, `€421 k` or `€421`: three figures are enough in a sentence."""
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if math.isfinite(value) and abs(value) >= size:
            scaled = value / size
            return f"{eur(scaled, max(0, 2 - int(math.log10(abs(scaled)))))}{SPACE}{letter}"
    return eur(value)


def percent(share: float, digits: int = 0) -> str:
    """Return `46 %` of 0.46."""
    text = number(100 * share, digits)
    return text if text == NOTHING else f"{text}{SPACE}%"


def share_of(part: float, whole: float) -> float:
    """Return part / whole; NaN where the whole is not positive."""
    return part / whole if whole > 0 else math.nan


def span(low: str, high: str) -> str:
    """Return `0.81 to 0.85` of two written numbers, nothing where one is missing."""
    return "" if NOTHING in {low, high} else f"{low} to {high}"


def day(value: date) -> str:
    """Return `1 July 2026`."""
    return f"{value.day}{SPACE}{value:%B %Y}"


def counted(n: int, noun: str) -> str:
    """Return `1 customer` or `1,234 customers`."""
    return f"{number(n)}{SPACE}{noun}{'' if n == 1 else 's'}"


def model(name: str) -> str:
    """Return how the page calls a model of the leaderboard."""
    return short(MODELS.get(name, name))


def short(text: object) -> str:
    """Return a name from the data as a page bears it: printable, not too long, `not given` where missing."""
    if text is None or text != text or text == "":  # noqa: PLR0124 - NaN is how pandas writes a missing name
        return "not given"
    name = "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(str(text).split()))
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
