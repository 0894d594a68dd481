"""The message about models that were trained and not approved: each with its verdict and the reason."""

from collections.abc import Mapping, Sequence

from step_functions.handlers.logs import execution_link

Waiting = Sequence[Mapping[str, str]]
"""Of each model its segment, the ARN of its package, the registry status and the verdict's reason."""

WORDS = {"PendingManualApproval": "pending", "Rejected": "rejected"}


def subject(waiting: Waiting) -> str:
    """Return the subject of the message."""
    return "CLV models: " + ", ".join(f"{each['segment']} {WORDS[each['status']]}" for each in waiting)


def message(waiting: Waiting, execution: Mapping[str, str]) -> str:
    """Return the text of the message."""
    lines = [f"Run {execution['name']}, started {execution['started']}, trained models that do not score."]
    for each in waiting:
        version = each["package"].rpartition("model-package/")[2]
        lines += [
            f"Segment {each['segment']}: {version} is {WORDS[each['status']]}",
            f"Reason: {each['reason']}",
            f"Package: {each['package']}",
        ]
    lines += [
        f"Execution: {execution_link(execution['id'])}",
        "The run goes on with the newest approved model of each segment, if there is one.",
        "A pending model waits for a person: read its card, then approve or reject it in the Model Registry.",
    ]
    return "\n".join(lines)
