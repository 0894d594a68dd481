"""An experiment as it was declared before it began: control by the RFM rule, treatment by CLV ranking."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, timedelta
from hashlib import sha256
from re import fullmatch
from typing import Any

from clv.errors import UserError
from decisions.rfm_rule import RfmRule

CONTROL, TREATMENT = "control", "treatment"
STRATA = ("country", "value_band", "acquisition_channel")
ALL, DIFFERING = "all", "differing"
WEEK = 7
CHURN_DAYS = 90
"""A customer without an order for so long counts as churned."""

HIGH_VALUE = "high"
"""The value band whose churn is watched."""


@dataclass(frozen=True)
class Design:
    """What is fixed before the first contact; nothing of it may change afterwards.

    Both arms share calendar (`start`, `contact_days` after it), creative (`name` is the campaign) and budget:
    each rule names `contacts` customers of all that are eligible, and in each arm those of its own rule are
    contacted. All eligible customers of an arm are analysed, contacted or not.
    """

    name: str
    as_of: date
    start: date
    contacts: int
    winsor_cap_eur: float
    """Revenue of one customer beyond which it counts as this much, either way; from history."""
    covariate_cap_eur: float
    """The same for the CLV score as covariate."""
    model_versions: tuple[str, ...]
    """The models whose ranking is tried."""
    salt: str
    weeks: int = 8
    treatment_share: float = 0.5
    cost_per_contact_eur: float = 1.0
    contact_days: tuple[int, ...] = (0, 28)
    margin: float = 1.0
    """Share of net revenue that is earned; 1 judges by net revenue itself."""
    alpha: float = 0.05
    power: float = 0.8
    decides: str = ALL
    """Whose revenue decides: that of `all` customers of the arms, or of those whom the rules treat
    differently (`differing`), as a part of all. The first asks nothing; the second sees far smaller effects,
    and asks that all others be treated alike indeed."""
    segments: tuple[str, ...] = STRATA
    """Columns by whose values lifts are read, declared beforehand."""
    rule: RfmRule = field(default_factory=RfmRule)

    def __post_init__(self) -> None:
        for broken, message in _rules(self):
            if broken:
                raise UserError(f"experiment {self.name}: {message}")

    @property
    def days(self) -> int:
        """Return the length of the window in which revenue counts."""
        return self.weeks * WEEK

    @property
    def end(self) -> date:
        """Return the first day after the window."""
        return self.start + timedelta(days=self.days)

    @property
    def churn_end(self) -> date:
        """Return the first day at which churn is known."""
        return self.start + timedelta(days=CHURN_DAYS)

    @property
    def cost_per_customer_eur(self) -> float:
        """Return what all contacts of one customer cost."""
        return self.cost_per_contact_eur * len(self.contact_days)

    def share(self, arm: str) -> float:
        """Return the share of customers that an arm is to have."""
        return self.treatment_share if arm == TREATMENT else 1 - self.treatment_share

    @property
    def fingerprint(self) -> str:
        """Return a digest of the whole design, by which a later change is noticed."""
        return sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the design as one line of JSON; `from_json` restores it."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "Design":
        """Return a design that `to_json` wrote; UserError where it is not one."""
        try:
            told = json.loads(text)
            return cls(**_typed(told))
        except (TypeError, ValueError, AttributeError) as error:
            raise UserError(
                f"design of an experiment: {error}; write it by `clv experiment design`"
            ) from None


def _typed(told: Mapping[str, Any]) -> dict[str, Any]:
    lists = {f.name for f in fields(Design) if str(f.type).startswith("tuple")}
    given: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in told.items()}
    days = {name: date.fromisoformat(given[name]) for name in ("as_of", "start") if name in given}
    return given | days | ({"rule": RfmRule(**given["rule"])} if "rule" in given else {})


def _rules(design: Design) -> list[tuple[bool, str]]:
    """Return the rules a design must keep: whether it is broken, and what to do."""
    known = {*STRATA, "rfm_tier", "device", "segment"}
    return [
        (fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", design.name) is None, "name it by a–z, 0–9 and -"),
        (design.start < design.as_of, f"start on {design.as_of} or later: scores may not know the outcome"),
        (design.decides not in {ALL, DIFFERING}, f"{ALL} or {DIFFERING} customers decide"),
        (design.weeks < 1, "run at least one week"),
        (not 0 < design.treatment_share < 1, "give the treatment a share between 0 and 1"),
        (not 0 < design.alpha < 1 or not 0 < design.power < 1, "alpha and power lie between 0 and 1"),
        (not 0 < design.margin <= 1, "margin lies in (0, 1]"),
        (design.contacts < 1, "the budget pays for no contact; give more"),
        (design.cost_per_contact_eur < 0, "a contact costs at least 0"),
        (
            not design.contact_days or not all(0 <= day < design.days for day in design.contact_days),
            f"contact within the window, on days 0 to {design.days - 1}",
        ),
        (not set(design.segments) <= known, f"segments are some of {', '.join(sorted(known))}"),
    ]
