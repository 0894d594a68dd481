"""The checks of a validation: what each measures, what it is held against, and where that limit comes from.

A figure with an interval fails where the whole interval lies beyond the limit, and warns where only the
figure does, which may be luck. A figure without one warns beyond its limit and fails beyond a further one.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from training.promotion import CALIBRATION_LIMITS, RANKING_MARGIN, Estimate

Outcome = Literal["pass", "warn", "fail", "told", "not judged"]
PASSED: Outcome = "pass"
WARN: Outcome = "warn"
FAIL: Outcome = "fail"
TOLD: Outcome = "told"
"""Of a figure that has no limit."""
NOT_JUDGED: Outcome = "not judged"
WORST_FIRST: tuple[Outcome, ...] = (FAIL, WARN, PASSED, TOLD, NOT_JUDGED)

Area = Literal["statistical", "business", "temporal", "fairness", "stability"]

GUARDRAIL = "the guardrail of monitoring and gate (clv.indicators, training.promotion)"
BASELINE = "no worse than last year's revenue, the ranking in use today (definitions: 12m)"
FIRM = "own, from measured retrainings (docs/validation.md); 5 % is also what stops publishing (settings)"


@dataclass(frozen=True)
class Check:
    """A figure's limits, both ends inside; `far` are those beyond which a figure without interval fails."""

    name: str
    area: Area
    says: str
    low: float | None
    high: float | None
    source: str
    far: float | None = None

    @property
    def limit(self) -> str:
        """Return the limits for a reader."""
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        if self.low is None and self.high is None:
            return "none"
        said = f"at most {self.high:g}" if self.low is None else f"at least {self.low:g}"
        return said if self.far is None else f"{said} ({self.far:g})"

    def outcome(self, found: Estimate) -> Outcome:
        """Return the verdict on a figure."""
        if found.value is None:
            return NOT_JUDGED
        if self.low is None and self.high is None:
            return TOLD
        if not self._beyond(found.value, self.low, self.high):
            return PASSED
        if found.low is None or found.high is None:
            return FAIL if self._far(found.value) else WARN
        return WARN if self._reaches(found.low, found.high) else FAIL

    def badness(self, found: Estimate) -> tuple[int, float]:
        """Return a key that is smallest for the figure a reader must see first."""
        return WORST_FIRST.index(self.outcome(found)), -self._away(found.value)

    def _away(self, value: float | None) -> float:
        """Return how far a figure is on the way beyond its limits; between two of them as ratios are."""
        if value is None:
            return -math.inf
        if self.low is not None and self.high is not None:
            return abs(math.log(value * 2 / (self.low + self.high))) if value > 0 else math.inf
        return -value if self.low is not None else value

    def _reaches(self, low: float, high: float) -> bool:
        below = self.high is None or low <= self.high
        return below and (self.low is None or high >= self.low)

    def _far(self, value: float) -> bool:
        if self.far is None:
            return False
        return value < self.far if self.low is not None else value > self.far

    @staticmethod
    def _beyond(value: float, low: float | None, high: float | None) -> bool:
        return (low is not None and value < low) or (high is not None and value > high)


def _against_12m(name: str, area: Area, says: str, *, smaller_is_better: bool = False) -> Check:
    low, high = (None, 0.0) if smaller_is_better else (0.0, None)
    return Check(f"{name}_against_12m", area, f"{says}, less that of 12m", low, high, BASELINE)


def _by(dimension: str) -> tuple[Check, Check]:
    low, high = CALIBRATION_LIMITS
    calibration = "Σ forecast / Σ actual of the worst material group, over that of everybody"
    ranking = "normalised Gini within the worst material group, less that of 12m"
    return (
        Check(f"calibration_by_{dimension}", "fairness", calibration, low, high, GUARDRAIL),
        Check(f"ranking_by_{dimension}", "fairness", ranking, 0.0, None, BASELINE),
    )


def _reruns(kind: str, says: str) -> tuple[Check, Check]:
    moved, alike = f"customers two deciles away or more, {says}", f"rank correlation of forecasts, {says}"
    return (
        Check(f"{kind}_moved", "stability", moved, None, 0.01, FIRM, far=0.05),
        Check(f"{kind}_rank_correlation", "stability", alike, 0.98, None, FIRM, far=0.95),
    )


BY = ("country", "channel", "device", "tenure")
BOOTSTRAP, ADJACENT = "bootstrap", "adjacent"

CHECKS: tuple[Check, ...] = (
    _against_12m("rmse", "statistical", "root mean squared error €", smaller_is_better=True),
    _against_12m("mae", "statistical", "mean absolute error €", smaller_is_better=True),
    Check(
        "r2",
        "statistical",
        "R², share of the actuals' variance that the forecast explains",
        0.0,
        None,
        "0 is what the mean of all that came would do, known only afterwards (Kvålseth 1985)",
    ),
    Check(
        "ks_of_euros",
        "statistical",
        "largest gap between forecast and actual euros, both as shares summed up along the forecast",
        None,
        0.10,
        "calibration error without bins (Gupta et al. 2021); own limit: half of the guardrail's fifth",
    ),
    Check(
        "ks_of_customers",
        "statistical",
        "Kolmogorov-Smirnov distance of forecasts and actuals; never small, as means spread less",
        None,
        None,
        "told without a limit: it would refuse a forecast of means that is right",
    ),
    Check(
        "interval_coverage",
        "statistical",
        "actuals within their 80 % interval, without what only-zero intervals add",
        0.75,
        0.85,
        "80 % is what the interval promises (split-conformal); own margin of 5 points",
    ),
    Check("revenue_accuracy", "business", "Σ forecast / Σ actual", *CALIBRATION_LIMITS, GUARDRAIL),
    _against_12m("spearman", "business", "rank correlation of forecast and actual"),
    _against_12m("precision_top10", "business", "share of the top tenth by forecast that is truly in it"),
    _against_12m("recall_top10", "business", "share of the true top tenth that the forecast's holds"),
    Check(
        "worst_ranking_against_12m",
        "temporal",
        "normalised Gini less that of 12m, at the worst t₀",
        0.0,
        None,
        BASELINE,
    ),
    Check(
        "gini_range",
        "temporal",
        "normalised Gini, best less worst t₀",
        None,
        0.05,
        f"own: five times what counts as none at one t₀ ({RANKING_MARGIN}, training.promotion)",
        far=0.10,
    ),
    Check(
        "furthest_level",
        "temporal",
        "Σ forecast / Σ actual furthest from 1, of t₀s that know last year's season",
        *CALIBRATION_LIMITS,
        GUARDRAIL,
    ),
    *(check for dimension in BY for check in _by(dimension)),
    *_reruns(BOOTSTRAP, "trained again on customers drawn with replacement"),
    *_reruns(ADJACENT, "against a training with other, neighbouring snapshots"),
)


@dataclass(frozen=True)
class Found:
    """A figure of one check, and for a reader what it is of."""

    check: str
    estimate: Estimate
    detail: str = ""


def judged(found: Iterable[Found]) -> list[dict[str, Any]]:
    """Return a JSON-ready row per check of `CHECKS`; of several figures of one check the worst is told."""
    by_name: dict[str, list[Found]] = {}
    for one in found:
        by_name.setdefault(one.check, []).append(one)
    unknown = set(by_name) - {check.name for check in CHECKS}
    if unknown:
        raise ValueError(f"no such check: {', '.join(sorted(unknown))}")
    return [_row(check, by_name.get(check.name, [])) for check in CHECKS]


def _row(check: Check, found: list[Found]) -> dict[str, Any]:
    worst = min(found, key=lambda one: check.badness(one.estimate), default=Found(check.name, Estimate(None)))
    figure = worst.estimate
    return {
        "check": check.name,
        "area": check.area,
        "says": check.says,
        "found": figure.value,
        "low": figure.low,
        "high": figure.high,
        "limit": check.limit,
        "verdict": check.outcome(figure),
        "detail": worst.detail,
        "source": check.source,
    }
