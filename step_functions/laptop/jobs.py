"""Jobs that the machine starts: run in threads, their own errors kept.

The threads do not outlive the command: an interrupted run stops at once.
"""

import json
import re
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clv.errors import UserError

ATTEMPT = re.compile(r"-\d+$")
"""The machine ends the name of a training or transform job with the number of the attempt."""


@dataclass(frozen=True)
class Training:
    """What a CreateTrainingJob asks for; `channels` are the input channels by name, as requested."""

    name: str
    hyperparameters: Mapping[str, str]
    channels: Mapping[str, Mapping[str, Any]]
    artifact: str
    metric_definitions: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Transform:
    """What a CreateTransformJob asks for; `model_data` is the artefact of its model."""

    name: str
    model_data: str
    environment: Mapping[str, str]
    manifest: str
    output: str
    content_type: str = ""
    accept: str = ""


@dataclass(frozen=True)
class Runners:
    """What does the work of the services.

    glue : job name and arguments -> None
    training : request -> final metrics by name
    transform : request -> None
    function : name and event -> the result, JSON
    """

    glue: Callable[[str, Mapping[str, str]], None]
    training: Callable[[Training], Mapping[str, float]]
    transform: Callable[[Transform], None]
    function: Callable[[str, Any], Any]


@dataclass
class Jobs:
    """Starts jobs and remembers how they failed.

    An error of the user's is a fact about the input: a second attempt repeats it and does no work.
    """

    runners: Runners
    _failed: dict[str, Exception] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(
        self, name: str, work: Callable[[], Any], ended: Callable[[Any, Exception | None], None]
    ) -> None:
        """Run `work` in a thread and hand its result or its error to `ended`."""

        def run() -> None:
            try:
                ended(self.call(name, work), None)
            except Exception as error:  # noqa: BLE001 - handed on: the machine decides what becomes of it
                ended(None, error)

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def call(self, name: str, work: Callable[[], Any]) -> Any:
        """Run `work` here and return its result; what it raises is remembered under the job's name."""
        key = ATTEMPT.sub("", name)
        known = self._failed.get(key)
        if isinstance(known, UserError):
            raise known
        try:
            result = work()
        except Exception as error:
            with self._lock:
                self._failed[key] = error
            raise
        with self._lock:
            self._failed.pop(key, None)
        return result

    def first_error(self) -> Exception | None:
        """Return the error of the job that failed first and for good, None if there is none."""
        return next(iter(self._failed.values()), None)

    def wait(self) -> None:
        """Wait for jobs still at work, such as the other branch of a failed one."""
        for thread in self._threads:
            thread.join()


def function_error(error: Exception) -> str:
    """Return what Lambda answers for a handler that raised."""
    told = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_exception(error),
    }
    return json.dumps(told)
