"""The verdict on an experiment: its state and one sentence, by rules asked in order."""

from collections.abc import Mapping
from typing import Any

BROKEN, HARM, EARLY, BETTER, WORSE, OPEN = "broken", "harm", "early", "better", "worse", "undecided"

REACHED_LIMIT = 0.95
"""Share of the planned customers that must have been contacted: fewer water the effect down."""


def verdict(told: Mapping[str, Any]) -> tuple[str, str]:
    """Return the state of a read-out and a sentence that says it.

    A broken split comes first, since no figure holds then; sure harm before the end, since it stops the
    experiment; then the end, and the primary figure.
    """
    model = " + ".join(told["model_versions"])
    for state, sentence in (_broken(told), _harm(told, model), _early(told), _decided(told, model)):
        if sentence:
            return state, sentence
    return OPEN, _undecided(told, model)


def warnings(told: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know beside the verdict."""
    now = set(told["models_now"])
    imbalanced = [row["column"] for row in told["balance"] if row["sure"]]
    notes = {
        f"models in force are now {', '.join(sorted(now))}: the verdict is on those tried": now
        and now != set(told["model_versions"]),
        f"{told.get('lost', 0):,} members have no account any more and are left out": told.get("lost"),
        f"imbalanced before the start: {', '.join(imbalanced)}": imbalanced,
    }
    said = [note for note, holds in notes.items() if holds]
    return [*_looks(told), *said, *_contacts(told), *_raw_harm(told)]


def _looks(told: Mapping[str, Any]) -> list[str]:
    before = sum(day < told["end"] for day in told["earlier_looks"])
    if told["elapsed"] < 1:
        note = (
            f"peeking: {told['elapsed']:.0%} of the window has passed, it ends on {told['end']}; "
            f"a difference counts today only with p < {told['level']:.4f}, "
            "and each look takes from the later ones"
        )
        return [note]
    return [f"looks before the end: {before}; they leave a level of {told['level']:.4f}"] if before else []


def _contacts(told: Mapping[str, Any]) -> list[str]:
    return [
        f"{row['arm']}: {row['reached']:,} of {row['planned']:,} planned customers were contacted, and "
        f"{row['reached_unplanned']:,} others"
        for row in told["arms"]
        if row["reached_unplanned"] or row["reached"] < REACHED_LIMIT * row["planned"]
    ]


def _raw_harm(told: Mapping[str, Any]) -> list[str]:
    return [
        f"{row['figure']} differs by {row['relative']:+.1%} from the control's: {row['raw']}, but not sure "
        f"(up to {row['high']:+.1%})"
        for row in told["harm"]
        if row["raw"] != "none" and row["sure"] == "none"
    ]


def _broken(told: Mapping[str, Any]) -> tuple[str, str]:
    split = told["sample_ratio"]
    if not split["mismatch"]:
        return BROKEN, ""
    return BROKEN, (
        f"Do not use these figures: {split['control']:,} and {split['treatment']:,} customers are not the "
        f"{split['treatment_share']:.0%} declared (p = {split['p_value']:.1g}); find out who is missing."
    )


def _harm(told: Mapping[str, Any], model: str) -> tuple[str, str]:
    sure = [row for row in told["harm"] if row["sure"] != "none"]
    if not sure:
        return HARM, ""
    worst = ", ".join(
        f"{row['figure']} {row['relative']:+.1%} ({row['low']:+.1%} to {row['high']:+.1%})" for row in sure
    )
    return HARM, f"Stop: targeting by {model} does harm against the RFM rule: {worst}."


def _early(told: Mapping[str, Any]) -> tuple[str, str]:
    primary = told["primary"]
    if told["elapsed"] >= 1 or primary["p_value"] < told["level"]:
        return EARLY, ""
    return EARLY, (
        f"Too early to say: {told['elapsed']:.0%} of the window has passed; read again from {told['end']} on "
        f"(so far {_euros(primary)})."
    )


def _decided(told: Mapping[str, Any], model: str) -> tuple[str, str]:
    primary = told["primary"]
    if not primary["p_value"] < told["level"]:
        return BETTER, ""
    state, word = (BETTER, "more") if primary["difference"] > 0 else (WORSE, "less")
    return state, (
        f"Targeting by {model} brings {word} than the RFM rule: {_euros(primary)}, "
        f"p = {primary['p_value']:.2g} at a level of {told['level']:.3g}."
    )


def _undecided(told: Mapping[str, Any], model: str) -> str:
    return (
        f"No difference shown between targeting by {model} and the RFM rule: {_euros(told['primary'])}, "
        f"p = {told['primary']['p_value']:.2g}."
    )


def _euros(one: Mapping[str, Any]) -> str:
    return f"{one['difference']:+,.2f} € a customer, 95 % interval {one['low']:+,.2f} to {one['high']:+,.2f}"
