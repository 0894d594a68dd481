"""One week of the deployed machine with faults: how it is run, what refuses it, and what must be told of it."""

from collections import Counter
from datetime import date, timedelta
from itertools import count

from moto.core.exceptions import ServiceException

from step_functions.handlers.store import store_at
from step_functions.laptop.replaced import replaced
from step_functions.rehearsal.rehearse import run_week

LOCK = "runs/lock.json"
MONDAYS = (date(2026, 1, 5) + timedelta(weeks=week) for week in count())
"""Each run has a week of its own: nothing is committed for it."""


def run(stacks, as_of=None, train="always", **more):
    day = as_of or next(MONDAYS)
    return run_week(stacks, day, f"run-{day}-1", {"train": train, **more})


def lock_of(stacks):
    return store_at(stacks.lake).read(LOCK)


def names(found):
    return [state.name for state in found.states]


def check_told(stacks, found, state, cause):
    """A failure is caught, told with state, cause and log, the lock released, and the run ends in Fail."""
    assert (found.status, found.error) == ("FAILED", f"Clv.{state}Failed")
    assert cause in found.cause
    assert names(found)[-1] == "Failed"
    (message,) = (text for text in found.messages if text.startswith("CLV run failed"))
    assert f"State: {state}\n" in message
    assert cause in message
    assert "Log: https://eu-central-1.console.aws.amazon.com/" in message
    assert lock_of(stacks) is None
    return message


def refusing(backend, call, error, times):
    """Let a service refuse its first calls; yields the count of refusals."""
    real, refused = getattr(backend, call), Counter()

    def refuse(self, *given, **named):
        if refused[call] < times:
            refused[call] += 1
            raise error
        return real(self, *given, **named)

    return replaced(backend, call, refuse), refused


def sagemaker_error(code):
    return type(code, (ServiceException,), {"code": code})("try later")
