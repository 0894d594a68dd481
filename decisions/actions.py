"""What may be done to a customer, and what is believed of it: the assumptions of a budget plan."""

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Literal

from clv.errors import UserError
from clv.segment_figures import CLV_BANDS
from clv.segments import EARLY, ESTABLISHED

EIGHTY = 1.2815515655446004
"""An 80 % interval of a normal is its mean ± this many standard deviations."""
Source = Literal["auto", "model", "experiment", "assumption"]
"""What uplifts may be taken from."""
AUTO: Literal["auto"] = "auto"
MODEL: Literal["model"] = "model"
ASSUMPTION: Literal["assumption"] = "assumption"
SOURCES = (AUTO, MODEL, "experiment", ASSUMPTION)


def _require(known: bool, what: str) -> None:
    if not known:
        raise UserError(f"assumptions: {what}")


@dataclass(frozen=True)
class Action:
    """One way to treat a customer, and what it costs in EUR.

    cost_eur : of each contact
    voucher_eur : what the shop pays for each voucher that is used
    response : share of those contacted who use it because of the contact
    used_anyway : share of customers active in the horizon who use it on an order they would have placed
    most : contacts at most
    experiment : a finished experiment that measured the uplift of a contact
    campaigns : campaigns of the raw table `treatments` that did this; the experiment's where none is named
    """

    name: str
    cost_eur: float
    voucher_eur: float = 0.0
    response: float = 0.0
    used_anyway: float = 0.0
    most: int | None = None
    experiment: str | None = None
    campaigns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(bool(self.name), "an action has no name")
        for name in ("cost_eur", "voucher_eur"):
            value = getattr(self, name)
            _require(isfinite(value) and value >= 0, f"{name} of {self.name} is {value}: give 0 or more")
        for name in ("response", "used_anyway"):
            value = getattr(self, name)
            _require(0 <= value <= 1, f"{name} of {self.name} is {value}: give a share, 0 to 1")
        _require(self.cost_eur + self.voucher_eur > 0, f"{self.name} costs nothing: give cost_eur")
        _require(self.most is None or self.most >= 0, f"most of {self.name} is {self.most}: give 0 or more")

    @property
    def logged(self) -> tuple[str, ...]:
        """Campaigns whose treatments can teach the uplift of this action."""
        return self.campaigns or ((self.experiment,) if self.experiment else ())

    @property
    def taught_by(self) -> str:
        """The same in words."""
        return " + ".join(self.logged)


@dataclass(frozen=True)
class AssumedUplift:
    """What contacting adds to the CLV of some customers, as a share of it, with its 80 % interval.

    It counts for customers to whom all that is given applies: band and stage (`segment`), country, and
    recency of at least `recency_from_days` and less than `recency_below_days`. Of the lines of an action, the
    first that applies counts; to whom none does cannot get the action.
    """

    action: str
    uplift: float
    low: float
    high: float
    band: Literal["low", "medium", "high"] | None = None
    stage: Literal["early", "established"] | None = None
    country: str | None = None
    recency_from_days: int = 0
    recency_below_days: int | None = None

    def __post_init__(self) -> None:
        _require(
            self.low <= self.uplift <= self.high,
            f"uplift of {self.label}: {self.uplift} is not within {self.low} to {self.high}",
        )
        _require(self.band in {None, *CLV_BANDS}, f"band {self.band!r}: there are {', '.join(CLV_BANDS)}")
        _require(
            self.stage in {None, EARLY, ESTABLISHED}, f"stage {self.stage!r}: there are early, established"
        )

    @property
    def sd(self) -> float:
        """Standard deviation, of a normal with this 80 % interval."""
        return (self.high - self.low) / (2 * EIGHTY)

    @property
    def label(self) -> str:
        """To whom it applies, in words."""
        since = f"from {self.recency_from_days} d" if self.recency_from_days else None
        until = f"below {self.recency_below_days} d" if self.recency_below_days is not None else None
        parts = (self.country, self.band, self.stage, since, until)
        return " × ".join(part for part in parts if part) or "everybody"


@dataclass(frozen=True)
class Ranges:
    """How far the sensitivity analysis turns what no interval is known of."""

    margin: float = 0.05
    """Points of margin, to both sides."""
    cost: float = 0.2
    """Share, to both sides."""
    response: float = 0.3
    """Share, to both sides: fewer or more react, at more or less vouchers used."""
    horizon_days: int = 180
    """Gains that end so early, in place of the whole horizon."""


@dataclass(frozen=True)
class Assumptions:
    """All that a plan takes on trust.

    margin : share of net revenue that is earned
    level_sd : relative standard deviation of the forecasts' level, the same for all customers, that a
        bootstrap cannot see: a better or worse year than any seen
    shared_error : correlation of the errors of any two assumed uplifts
    uplift_from : `auto` takes a fitted model where the treatments carry one, else the experiment, else what
        is assumed; `model` insists on a model for each action with treatments, `experiment` fits none,
        `assumption` takes neither
    window_days : what a treatment brings is counted so long, where a model is fitted
    """

    actions: tuple[Action, ...]
    uplifts: tuple[AssumedUplift, ...] = ()
    margin: float = 0.3
    level_sd: float = 0.1
    shared_error: float = 0.5
    uplift_from: Source = AUTO
    window_days: int = 56
    ranges: Ranges = field(default_factory=Ranges)

    def __post_init__(self) -> None:
        names = [action.name for action in self.actions]
        _require(bool(names), "there is no action")
        _require(len(set(names)) == len(names), f"two actions have one name: {', '.join(names)}")
        unknown = sorted({line.action for line in self.uplifts} - set(names))
        _require(not unknown, f"uplift of unknown action {', '.join(unknown)}; there are {', '.join(names)}")
        _require(0 < self.margin <= 1, f"margin is {self.margin}: give a share above 0, at most 1")
        _require(0 <= self.shared_error <= 1, f"shared_error is {self.shared_error}: give 0 to 1")
        _require(self.level_sd >= 0, f"level_sd is {self.level_sd}: give 0 or more")
        _require(self.uplift_from in SOURCES, f"uplift_from {self.uplift_from!r}: write {', '.join(SOURCES)}")
        _require(self.window_days > 0, f"window_days is {self.window_days}: give 1 or more")

    def without_measurements(self) -> "Assumptions":
        """Return the same, resting on assumed uplifts alone."""
        actions = tuple(replace(one, experiment=None, campaigns=()) for one in self.actions)
        return replace(self, actions=actions, uplift_from=AUTO)


_MAIL, _VOUCHER_5, _VOUCHER_10, _CALL = "mail", "voucher 5 EUR", "voucher 10 EUR", "call"
EXAMPLE = Assumptions(
    actions=(
        Action(_MAIL, 0.6),
        Action(_VOUCHER_5, 0.6, 5.0, response=0.04, used_anyway=0.1),
        Action(_VOUCHER_10, 0.6, 10.0, response=0.06, used_anyway=0.12),
        Action(_CALL, 6.0, most=500),
    ),
    uplifts=(
        AssumedUplift(_MAIL, 0.02, 0.005, 0.035, recency_below_days=90),
        AssumedUplift(_MAIL, 0.05, 0.0, 0.1, recency_from_days=90),
        AssumedUplift(_VOUCHER_5, 0.03, 0.0, 0.06, recency_below_days=90),
        AssumedUplift(_VOUCHER_5, 0.12, 0.04, 0.2, stage="early"),
        AssumedUplift(_VOUCHER_5, 0.1, 0.02, 0.18, recency_from_days=90),
        AssumedUplift(_VOUCHER_10, 0.04, -0.02, 0.1, recency_below_days=90),
        AssumedUplift(_VOUCHER_10, 0.18, 0.05, 0.31, recency_from_days=90),
        AssumedUplift(_CALL, 0.08, -0.02, 0.18, band="high"),
    ),
)
"""Figures that nobody measured, for a first look: give your own with --assumptions."""
