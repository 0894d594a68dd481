"""Promotion: whether a fitted model may score, by a table of small named rules.

The first rejecting rule that fails decides, then the first that asks for a person; with none the model is
approved. All rules are evaluated and told, so that a reader sees how close each one was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["Approved", "PendingManualApproval", "Rejected"]

CHAMPION_MARGIN = 0.01
"""Normalised Gini a new model may lose to the one in force: less than the luck of one snapshot."""
CALIBRATION_LIMITS = (0.5, 2.0)
"""Predicted over actual revenue: a season's miss lies within. Broken if the whole interval lies outside."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % bootstrap interval; None where it is undefined or was not estimated."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def in_words(self) -> str:
        """Return the figure for a reader."""
        if self.value is None:
            return "undefined"
        within = "" if self.low is None or self.high is None else f" ({self.low:.3g} to {self.high:.3g})"
        return f"{self.value:.3g}{within}"


@dataclass(frozen=True)
class Contest:
    """The new model against the champion: difference of normalised Gini, None if they cannot be compared."""

    champion: str
    champion_is_label_free: bool
    difference: Estimate | None
    note: str


@dataclass(frozen=True)
class Evidence:
    """What the rules look at.

    `customers` were judged, 0 if none could be, which `unjudged` then explains. `same_kind` says whether what
    was judged and what was fitted are both boosted or both label-free; `caveat` what the judgement lacks. The
    differences are of normalised Gini, positive where the new model ranks better.
    """

    model_is_label_free: bool
    customers: int
    unjudged: str
    same_kind: bool
    caveat: str = ""
    versus_last_year: Estimate | None = None
    versus_champion: Contest | None = None
    calibration: Estimate | None = None


@dataclass(frozen=True)
class Finding:
    """One rule's answer; `says` is the sentence for a reader."""

    passed: bool
    figure: float | None
    says: str


@dataclass(frozen=True)
class Rule:
    """A named rule, its limit, and what becomes of a model that breaks it."""

    name: str
    limit: float | tuple[float, float]
    otherwise: Status
    check: Callable[[Evidence], Finding]


def verdict(evidence: Evidence) -> dict[str, Any]:
    """Return `status`, `reason` and, for every rule, its figure, limit and whether it passed; JSON-ready."""
    found = [(rule, rule.check(evidence)) for rule in RULES]
    status, reasons = "Approved", [finding.says for _, finding in found]
    for worst in ("PendingManualApproval", "Rejected"):
        broken = [finding.says for rule, finding in found if not finding.passed and rule.otherwise == worst]
        if broken:
            status, reasons = worst, broken
    return {
        "status": status,
        "reason": "; ".join(reasons),
        "rules": [
            {
                "rule": rule.name,
                "figure": finding.figure,
                "limit": rule.limit,
                "passed": finding.passed,
                "otherwise": rule.otherwise,
                "says": finding.says,
            }
            for rule, finding in found
        ],
    }


def _judged(evidence: Evidence) -> Finding:
    if evidence.customers:
        kind = "" if evidence.same_kind else ", but what was judged is of another kind than this model"
        how = f" ({evidence.caveat})" if evidence.caveat else " out of time"
        says = f"judged{how} on {evidence.customers:,} customers{kind}"
        return Finding(evidence.same_kind, float(evidence.customers), says)
    contest = evidence.versus_champion
    if contest is not None and not contest.champion_is_label_free:
        says = f"{evidence.unjudged}: it may not replace {contest.champion} unseen"
        return Finding(passed=False, figure=0.0, says=says)
    says = f"{evidence.unjudged}: approved because it is label-free"
    if not evidence.model_is_label_free:
        says = f"{evidence.unjudged}: nobody has judged these trees"
    return Finding(evidence.model_is_label_free, 0.0, says)


def _versus_last_year(evidence: Evidence) -> Finding:
    found = evidence.versus_last_year
    if found is None:
        return Finding(passed=True, figure=None, says="not compared with 12m: nothing was judged")
    worse = found.high is not None and found.high < 0
    says = f"normalised Gini {'below' if worse else 'less'} that of 12m: {found.in_words}"
    return Finding(not worse, found.value, says)


def _versus_champion(evidence: Evidence) -> Finding:
    contest = evidence.versus_champion
    if contest is None:
        return Finding(passed=True, figure=None, says="no champion to compare with")
    found = contest.difference
    if found is None or found.value is None:
        says = f"not comparable with {contest.champion}: {contest.note}"
        return Finding(passed=True, figure=None, says=says)
    beyond_luck = found.high is None or found.high < 0
    worse = beyond_luck and found.value < -CHAMPION_MARGIN
    says = f"normalised Gini less that of {contest.champion}: {found.in_words}, {contest.note}"
    return Finding(not worse, found.value, says)


def _calibrated(evidence: Evidence) -> Finding:
    found = evidence.calibration
    if found is None:
        return Finding(passed=True, figure=None, says="calibration not judged")
    lowest, highest = CALIBRATION_LIMITS
    low, high = (found.value if end is None else end for end in (found.low, found.high))
    passed = low is not None and high is not None and low <= highest and high >= lowest
    return Finding(passed, found.value, f"predicted over actual revenue {found.in_words}")


RULES = (
    Rule("judged_before_it_scores", 1.0, "PendingManualApproval", _judged),
    Rule("ranks_no_worse_than_last_year", 0.0, "Rejected", _versus_last_year),
    Rule("ranks_no_worse_than_the_champion", -CHAMPION_MARGIN, "Rejected", _versus_champion),
    Rule("calibrated", CALIBRATION_LIMITS, "PendingManualApproval", _calibrated),
)
