"""What must stand beside a plan: how much of it nobody measured."""

from collections.abc import Mapping

from decisions.actions import ASSUMPTION, EXAMPLE, Assumptions

EXAMPLE_NOTE = "actions, costs, margin and uplifts are an example that nobody measured: give yours by "


def labels(sources: Mapping[str, int], assumptions: Assumptions, place: str) -> list[str]:
    """Return the sentences that a plan is shown with, none where everything was measured.

    sources : contacts by the source of their uplift
    place : where one's own assumptions are given
    """
    assumed = sources.get(ASSUMPTION, 0)
    found = []
    if assumed:
        found.append(f"ASSUMED, not measured: uplifts of {assumed:,} of {sum(sources.values()):,} contacts")
    if assumptions.without_measurements() == EXAMPLE:
        found.append(EXAMPLE_NOTE + place)
    return found
