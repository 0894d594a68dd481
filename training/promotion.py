"""Promotion: whether a fitted model may score, by a table of small named rules.

Each rule answers with a status; the worst one decides. All are evaluated and told, so that a reader sees how
close each was. The burden of proof grows with what a model claims: a model that learned from labels must be
shown to be better than what the shop has without it (last year's revenue, and the best buy-till-you-die
model); a label-free one, which is that, may score until it is shown to be worse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["Approved", "PendingManualApproval", "Rejected"]
APPROVED: Status = "Approved"
PENDING: Status = "PendingManualApproval"
REJECTED: Status = "Rejected"
WORST_FIRST: tuple[Status, ...] = (REJECTED, PENDING, APPROVED)

RANKING_MARGIN = 0.01
"""Normalised Gini that counts as none: less than the luck of one snapshot."""
CALIBRATION_LIMITS = (0.8, 1.2)
"""Of a material segment's predicted over actual revenue, over the same ratio of everybody."""
SEASON_LIMITS = (0.5, 2.0)
"""Of everybody's ratio: a season, or a year without a predecessor, moved it to 0.62 and to 1.62."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % bootstrap interval; None where it is undefined or was not estimated."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def written(self, form: str) -> str:
        """Return the figure for a reader, each number in a format such as `+.3f`."""
        if self.value is None:
            return "undefined"
        known = self.low is not None and self.high is not None
        within = f" ({self.low:{form}} to {self.high:{form}})" if known else ""
        return f"{self.value:{form}}{within}"

    def outside(self, limits: tuple[float, float]) -> bool:
        """Say whether the whole interval, or a figure without one, lies outside the limits."""
        low, high = (self.value if end is None else end for end in (self.low, self.high))
        return low is None or high is None or low > limits[1] or high < limits[0]


@dataclass(frozen=True)
class Duel:
    """A model's normalised Gini and RMSE in EUR less those of a reference, on the same customers."""

    reference: str
    ranking: Estimate
    rmse: Estimate

    @property
    def in_words(self) -> str:
        """Return both differences for a reader."""
        ranking, rmse = self.ranking.written("+.3f"), self.rmse.written("+,.1f")
        return f"against {self.reference} normalised Gini {ranking}, RMSE € {rmse}"


@dataclass(frozen=True)
class Contest:
    """The model against the champion: difference of normalised Gini, None if they cannot be compared."""

    champion: str
    champion_is_label_free: bool
    difference: Estimate | None
    note: str


@dataclass(frozen=True)
class Group:
    """A material segment's predicted over actual revenue, over the same ratio of everybody."""

    name: str
    ratio: Estimate


@dataclass(frozen=True)
class Evidence:
    """What the rules look at.

    `customers` were judged, 0 if none could be, which `unjudged` then explains. `same_kind` says whether what
    was judged and what was fitted both learned from labels or both did not; `caveat` what the judgement
    lacks; `groups` are the material segments.
    """

    model_is_label_free: bool
    customers: int
    unjudged: str
    same_kind: bool
    caveat: str = ""
    versus_last_year: Duel | None = None
    versus_btyd: Duel | None = None
    versus_champion: Contest | None = None
    level: Estimate | None = None
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One rule's answer; `says` is the sentence for a reader."""

    status: Status
    figure: float | None
    says: str


@dataclass(frozen=True)
class Rule:
    """A named rule with the limit it holds its figure against."""

    name: str
    limit: float | tuple[float, float]
    check: Callable[[Evidence], Finding]


def verdict(evidence: Evidence) -> dict[str, Any]:
    """Return `status`, `reason` and, for every rule, its figure, limit, status and sentence; JSON-ready."""
    found = [(rule, rule.check(evidence)) for rule in RULES]
    status = min((finding.status for _, finding in found), key=WORST_FIRST.index)
    return {
        "status": status,
        "reason": "; ".join(finding.says for _, finding in found if finding.status == status),
        "rules": [
            {
                "rule": rule.name,
                "figure": finding.figure,
                "limit": rule.limit,
                "passed": finding.status == APPROVED,
                "status": finding.status,
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
        return Finding(APPROVED if evidence.same_kind else PENDING, float(evidence.customers), says)
    contest = evidence.versus_champion
    if contest is not None and not contest.champion_is_label_free:
        says = f"{evidence.unjudged}: it may not replace {contest.champion} unseen"
        return Finding(PENDING, 0.0, says)
    if not evidence.model_is_label_free:
        return Finding(PENDING, 0.0, f"{evidence.unjudged}: nobody has judged these trees")
    return Finding(APPROVED, 0.0, f"{evidence.unjudged}: approved because it is label-free")


def _beats(duel: Duel | None, label_free: bool, tolerated: float) -> Finding:
    """Hold a model against a reference; a label-free one may rank worse by what is `tolerated`.

    A model beats a reference if it ranks better, or if it ranks no worse beyond the margin and its RMSE is
    smaller, each with the whole paired interval.
    """
    if duel is None:
        return Finding(APPROVED, None, "not compared: nothing was judged, or there is no such reference")
    low, high = duel.ranking.low, duel.ranking.high
    if high is not None and high < (-tolerated if label_free else 0.0):
        return Finding(REJECTED, duel.ranking.value, f"ranks worse: {duel.in_words}")
    if label_free:
        return Finding(APPROVED, duel.ranking.value, f"label-free, not shown to rank worse: {duel.in_words}")
    if low is not None and low > 0:
        return Finding(APPROVED, duel.ranking.value, f"ranks better: {duel.in_words}")
    errs_less = duel.rmse.high is not None and duel.rmse.high < 0
    if low is not None and low >= -RANKING_MARGIN and errs_less:
        return Finding(APPROVED, duel.ranking.value, f"ranks as well and errs less: {duel.in_words}")
    return Finding(PENDING, duel.ranking.value, f"not shown to be better: {duel.in_words}")


def _versus_last_year(evidence: Evidence) -> Finding:
    return _beats(evidence.versus_last_year, evidence.model_is_label_free, 0.0)


def _versus_btyd(evidence: Evidence) -> Finding:
    return _beats(evidence.versus_btyd, evidence.model_is_label_free, RANKING_MARGIN)


def _versus_champion(evidence: Evidence) -> Finding:
    """Ask a label-free model to rank better than one that learned from labels; others not to rank worse."""
    contest = evidence.versus_champion
    if contest is None:
        return Finding(APPROVED, None, "no champion to compare with")
    found = contest.difference
    if found is None or found.value is None:
        return Finding(APPROVED, None, f"not comparable with {contest.champion}: {contest.note}")
    if evidence.model_is_label_free and not contest.champion_is_label_free:
        worse = (found.value if found.low is None else found.low) <= 0
    else:
        worse = (found.high is None or found.high < 0) and found.value < -RANKING_MARGIN
    says = f"normalised Gini less that of {contest.champion}: {found.written('+.3f')}, {contest.note}"
    return Finding(REJECTED if worse else APPROVED, found.value, says)


def _level(evidence: Evidence) -> Finding:
    found = evidence.level
    if found is None:
        return Finding(APPROVED, None, "level not judged")
    says = f"predicted over actual revenue of all {found.written('.2f')}"
    return Finding(PENDING if found.outside(SEASON_LIMITS) else APPROVED, found.value, says)


def _groups(evidence: Evidence) -> Finding:
    """Look for sure misses: groups whose whole interval lies outside; a label-free model has no remedy."""
    if not evidence.groups:
        return Finding(APPROVED, None, "no material segment to judge calibration in")
    missed = [group for group in evidence.groups if group.ratio.outside(CALIBRATION_LIMITS)]
    worst = max(missed or evidence.groups, key=lambda group: abs((group.ratio.value or 0.0) - 1))
    says = (
        f"{len(missed)} of {len(evidence.groups)} material segments surely miss the level of all by over a "
        f"fifth; the furthest is {worst.name}: {worst.ratio.written('.2f')}"
    )
    if missed and evidence.model_is_label_free:
        says += "; tolerated, for it learns from no label"
    refused = missed and not evidence.model_is_label_free
    return Finding(PENDING if refused else APPROVED, worst.ratio.value, says)


RULES = (
    Rule("judged_before_it_scores", 1.0, _judged),
    Rule("beats_last_year", 0.0, _versus_last_year),
    Rule("beats_buy_till_you_die", 0.0, _versus_btyd),
    Rule("ranks_no_worse_than_the_champion", -RANKING_MARGIN, _versus_champion),
    Rule("level_is_that_of_some_season", SEASON_LIMITS, _level),
    Rule("calibrated_in_material_segments", CALIBRATION_LIMITS, _groups),
)
