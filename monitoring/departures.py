"""What differs from before in one week, in figures and in words: variables, deliveries, cells."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from monitoring import freshness
from monitoring.drift import Drift, Profile, drifted, newly_missing, worst_psi
from monitoring.freshness import Delivery

SHOWN = ("segment", "against", "variable", "kind", "psi", "p_adjusted", "missing_share_now", "flag")
"""Of a flagged variable, in the summary; the table `drift` has everything of all."""
NAMED = 5
"""Variables that a sentence names; the table has the others."""


@dataclass(frozen=True)
class Departures:
    """What a week was held against, and what was found.

    profiled : segments whose model in force has a profile; unprofiled : those whose model has none
    deliveries : None where the ledger is older than the counts they are made of
    profiles : by segment that of this week, for the next one
    """

    variables: tuple[Drift, ...]
    profiled: tuple[str, ...]
    unprofiled: tuple[str, ...]
    deliveries: tuple[Delivery, ...] | None
    profiles: Mapping[str, Profile]

    def of(self, segment: str) -> list[Drift]:
        """Return the variables of one segment."""
        return [each for each in self.variables if each.segment == segment]

    @property
    def data_faults(self) -> list[str]:
        """Return what is wrong with the data, a sentence each."""
        missing = newly_missing(self.variables)
        told = [f"cells are empty that were not: {named(missing)}"] if missing else []
        return [*freshness.lines(self.deliveries or ()), *told]

    @property
    def notes(self) -> list[str]:
        """Return every finding, a sentence each."""
        untold = [
            f"{segment}: no profile lies beside the evaluation of the model in force; train anew"
            for segment in self.unprofiled
        ]
        return [
            *untold,
            *(line for segment in self.profiled for line in self._drift(segment)),
            *self.data_faults,
        ]

    def model_figures(self, segment: str) -> dict[str, float | None]:
        """Return the indicators of one model; none where it has no profile."""
        if segment not in self.profiled:
            return {}
        own = self.of(segment)
        return {
            "DriftedVariables": len(drifted(own, scores=False)) + len(drifted(own, scores=True)),
            "WorstFeaturePsi": worst_psi(own, scores=False),
            "ScorePsi": worst_psi(own, scores=True),
        }

    def data_figures(self) -> dict[str, float | None]:
        """Return the indicator of the data: the faults of deliveries and cells together."""
        known = self.deliveries or ()
        missing = newly_missing(self.variables)
        return {"DataFaults": sum(each.flag != "usual" for each in known) + len(missing)}

    def summary(self) -> dict[str, Any]:
        """Return what `summary.json` says: flagged variables, deliveries, faults of the data."""
        flagged = [each for each in self.variables if each.flag != "stable"]
        return {
            "drift": [{name: getattr(each, name) for name in SHOWN} for each in flagged],
            "deliveries": [{**asdict(each), "newest": str(each.newest)} for each in self.deliveries or ()],
            "data_faults": self.data_faults,
        }

    def _drift(self, segment: str) -> Iterator[str]:
        for what, scores in (("features", False), ("scores", True)):
            found = sorted(drifted(self.of(segment), scores=scores), key=lambda each: -(each.psi or 0.0))
            if found:
                told = named([f"{each.variable} (PSI {each.psi:.2f})" for each in found])
                yield f"{segment}: {what} have drifted since the model's first scores: {told}"


def named(words: list[str]) -> str:
    """Return the first few of a list in words, and how many more there are."""
    more = f" and {len(words) - NAMED} more" if len(words) > NAMED else ""
    return ", ".join(words[:NAMED]) + more
