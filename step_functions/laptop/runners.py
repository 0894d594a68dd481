"""What stands in for Glue, SageMaker and Lambda on a laptop: the same verbs in this process."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clv.settings import Settings
from clv.timeline import parse_as_of
from decisions import job as decisions_job
from glue_jobs import job as glue_job
from inference.transform import transform
from monitoring import job as monitoring_job
from step_functions.handlers import lock, notify, plan, resolve, verdict
from step_functions.laptop.archives import pack, unpack
from step_functions.laptop.jobs import Runners, Training, Transform
from training.code import copy_code
from training.job import train_segment

Say = Callable[[str], None]
GLUE = {
    "ledger": glue_job.main,
    "features": glue_job.main,
    "snapshots": glue_job.main,
    "publish": glue_job.main,
    "watch": monitoring_job.main,
    "decide": decisions_job.main,
}
"""The script of each Glue job, by the verb that is its name here."""
FUNCTIONS = {
    "plan": plan.handler,
    "lock": lock.handler,
    "resolve": resolve.handler,
    "verdict": verdict.handler,
    "notify": notify.handler,
}
TOOLKIT = "sagemaker_"
"""How the hyperparameters begin that are for the container's toolkit."""


@dataclass(frozen=True)
class InProcess:
    """Runners that work below one folder of the lake and report through `say`.

    before_function : called before each function, which may let go of the lock
    """

    spill: Path
    say: Say
    before_function: Callable[[], None]

    def runners(self) -> Runners:
        """Return what does the work of the services."""
        return Runners(self.glue, self.training, self.transform, self.function)

    def glue(self, name: str, arguments: Mapping[str, str]) -> None:
        """Run a Glue script with its arguments."""
        GLUE[name]([word for pair in arguments.items() for word in pair], _after_first(self.say))

    def training(self, request: Training) -> dict[str, float]:
        """Train a segment, leave both archives where SageMaker would, and return the metrics it printed."""
        lines: list[str] = []

        def say(line: str) -> None:
            lines.append(line)
            if not metrics([line], request.metric_definitions):
                self.say(line if line.startswith(segment) else f"{segment}: {line}")

        given = {n: v for n, v in request.hyperparameters.items() if not n.startswith(TOOLKIT)}
        segment, as_of = given.pop("segment"), parse_as_of(given.pop("as_of"))
        with self._folders(request.name) as (model, output):
            train_segment(
                channel(request.channels["snapshots"]),
                _optional(request.channels, "champion"),
                _optional(request.channels, "leaderboard"),
                model,
                output,
                segment,
                as_of,
                Settings.from_hyperparameters(given),
                say,
            )
            copy_code(model)
            pack(model, Path(request.artifact))
            pack(output, Path(request.artifact).with_name("output.tar.gz"))
        return metrics(lines, request.metric_definitions)

    def transform(self, request: Transform) -> None:
        """Score the files of a manifest with the model of an archive."""
        with self._folders(request.name) as (model, _):
            unpack(Path(request.model_data), model)
            written = transform(request.manifest, model, request.output)
        self.say(f"{request.name}: {len(written)} files scored")

    def function(self, name: str, event: Any) -> Any:
        """Call a Lambda handler."""
        self.before_function()
        return FUNCTIONS[name](event, None)

    @contextmanager
    def _folders(self, name: str) -> Iterator[tuple[Path, Path]]:
        with TemporaryDirectory(prefix=f".{name}-", dir=self.spill) as home:
            model, output = Path(home) / "model", Path(home) / "output"
            model.mkdir()
            output.mkdir()
            yield model, output


def channel(asked: Mapping[str, Any]) -> Path:
    """Return the folder of an input channel, as it lies on this disk: nothing is copied.

    The folder of a manifest is what its files are below; that of a single file holds the file.
    """
    source = asked["DataSource"]["S3DataSource"]
    if source["S3DataType"] != "ManifestFile":
        found = Path(source["S3Uri"])
        return found if found.is_dir() else found.parent
    head, *_ = json.loads(Path(source["S3Uri"]).read_text(encoding="utf-8"))
    return Path(head["prefix"])


def metrics(lines: list[str], definitions: tuple[Mapping[str, str], ...]) -> dict[str, float]:
    """Return what SageMaker reads out of a job's log: the last match of each metric's pattern."""
    text = "\n".join(lines)
    found = {one["Name"]: re.findall(one["Regex"], text) for one in definitions}
    return {name: float(values[-1]) for name, values in found.items() if values}


def _optional(channels: Mapping[str, Mapping[str, Any]], name: str) -> Path | None:
    return channel(channels[name]) if name in channels else None


def _after_first(say: Say) -> Say:
    """Return `say` without a job's first line: the versions, of one and the same environment here."""
    number = count()
    return lambda line: say(line) if next(number) else None
