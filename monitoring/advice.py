"""When to train anew, by a table of named rules that the next plan follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from monitoring.departures import named
from monitoring.drift import MODEL, Drift, drifted
from monitoring.metrics import Judged
from monitoring.verdicts import Breach, breaches, sure

Retrain = Literal["now", "weekly", "monthly", "quarterly"]

MOST_URGENT_FIRST: tuple[Retrain, ...] = ("now", "weekly", "monthly", "quarterly")
"""How ties end: of all rules that hold, of either model, the most urgent advice counts."""

MIN_AGE_DAYS = 14
"""A younger model was fitted to nearly the same snapshots: another training would say the same."""
MANY_DRIFTED = 10
"""Features drifted at once that are no single campaign or category but another population: a tenth of all."""


@dataclass(frozen=True)
class Evidence:
    """What is known of one model in force.

    variables : those of its segment; none where it has no profile
    breaches : of any limit, surely or by luck
    data_faults : of the whole run, a sentence each
    """

    model: Judged
    age_days: int
    variables: Sequence[Drift] = ()
    data_faults: Sequence[str] = ()
    breaches: Sequence[Breach] = field(default=())

    @property
    def surely_breached(self) -> list[Breach]:
        """Flags that are no luck."""
        return sure(self.breaches)

    @property
    def features(self) -> list[Drift]:
        """Features that drifted since the model's first scores."""
        return drifted(self.variables, scores=False)

    @property
    def scores(self) -> list[Drift]:
        """Scores that drifted since then."""
        return drifted(self.variables, scores=True)

    @property
    def drifts(self) -> bool:
        """Whether anything has."""
        return bool(self.features or self.scores)

    @property
    def words(self) -> dict[str, str]:
        """What rules may name."""
        return {
            "breached": ", ".join(dict.fromkeys(breach.segment for breach in self.surely_breached)),
            "drifted": named([each.variable for each in (*self.scores, *self.features)]),
            "faults": f"{len(self.data_faults)} data_faults in summary.json",
        }

    @property
    def old_enough(self) -> bool:
        """Whether another training would be taught anything new."""
        return self.age_days >= MIN_AGE_DAYS

    @property
    def sound(self) -> bool:
        """Whether the data can be learned from."""
        return not self.data_faults

    @property
    def quiet(self) -> bool:
        """Whether the model was judged, keeps every limit, and nothing has moved since."""
        since = [each for each in self.variables if each.against == MODEL]
        judged_well = bool(self.model.figures) and not self.breaches
        return judged_well and bool(since) and all(each.flag == "stable" for each in since)


@dataclass(frozen=True)
class Rule:
    """A reason for an advice: when it holds, and what it says of a model, with the words of the evidence."""

    name: str
    retrain: Retrain
    holds: Callable[[Evidence], bool]
    says: str


RULES: tuple[Rule, ...] = (
    Rule(
        "breached",
        "now",
        lambda of: of.sound and of.old_enough and bool(of.surely_breached),
        "is outside its limits in {breached}",
    ),
    Rule(
        "scores_drifted",
        "now",
        lambda of: of.sound and of.old_enough and bool(of.scores),
        "says other things than at first: {drifted}",
    ),
    Rule(
        "many_features_drifted",
        "now",
        lambda of: of.sound and of.old_enough and len(of.features) >= MANY_DRIFTED,
        "meets other customers than at first: {drifted}",
    ),
    Rule("some_drift", "weekly", lambda of: of.sound and of.drifts, "meets some drift: {drifted}"),
    Rule(
        "data_fault",
        "monthly",
        lambda of: not of.sound,
        "would learn from faulty data: {faults}",
    ),
    Rule("usual", "monthly", lambda of: of.sound and not of.quiet, "gives no reason to hurry, nor to wait"),
    Rule("quiet", "quarterly", lambda of: of.sound and of.quiet, "keeps its limits, and nothing has drifted"),
)
"""Snapshots close once a month, so that monthly is usual. Faulty data is to be mended first: it hides whether
anything else has changed, and a model trained on it would learn the fault."""


def advice(evidence: Sequence[Evidence], as_of: date) -> dict[str, str]:
    """Return what the plan reads: `retrain`, its `reason`, the `rules` that gave it, and the t₀ of both.

    Without any model the advice is `monthly`: the plan trains what is missing by itself.
    """
    holding = [(rule, of) for of in evidence for rule in RULES if rule.holds(of)]
    retrain = min((rule.retrain for rule, _ in holding), key=MOST_URGENT_FIRST.index, default="monthly")
    given = [(rule, of) for rule, of in holding if rule.retrain == retrain]
    told = [f"the {of.model.segment} model {rule.says.format(**of.words)}" for rule, of in given]
    return {
        "retrain": retrain,
        "reason": "; ".join(told) or "there is no model to judge",
        "rules": ", ".join(dict.fromkeys(rule.name for rule, _ in given)),
        "as_of": str(as_of),
    }


def evidence_of(
    model: Judged, as_of: date, variables: Sequence[Drift] = (), data_faults: Sequence[str] = ()
) -> Evidence:
    """Return what is known of a model at the t₀ of the scores."""
    found = breaches(model.figures)
    return Evidence(model, (as_of - model.trained_as_of).days, variables, data_faults, found)
