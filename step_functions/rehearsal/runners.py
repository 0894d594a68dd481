"""What stands in for Glue, SageMaker and Lambda in a rehearsal: each job in a fresh process of its own.

A process gets what its service would give it and no more: objects of the deployed buckets, arguments,
environment. SageMaker's processes do not even learn the address of the server: network isolation is on.
"""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from moto.awslambda_simple.models import lambda_simple_backends
from moto.core import DEFAULT_ACCOUNT_ID

from step_functions.laptop.archives import BROKEN, pack, unpack
from step_functions.laptop.cloud import REGION, client
from step_functions.laptop.jobs import Runners, Training, Transform
from step_functions.laptop.runners import metrics
from step_functions.rehearsal import objects
from step_functions.rehearsal.processes import FAKE, PROGRAMS, JobFailed, lambda_packages, run, site_packages

ENGINE = {"CLV_ENGINE": "duckdb"}
"""Spark would read S3 through Hadoop's client, which no laptop has; `make test-glue` runs the jobs on it."""
EXTRA_FILES, EXTRA_MODULES = "--extra-py-files", "--additional-python-modules"
Say = Callable[[str], None]


@dataclass(frozen=True)
class FreshProcesses:
    """Runners of one rehearsal; `spill` is an empty folder, `endpoint` where the services answer."""

    endpoint: str
    spill: Path
    say: Say

    def runners(self) -> Runners:
        """Return what does the work of the services."""
        return Runners(self.glue, self.training, self.transform, self.function)

    def glue(self, name: str, arguments: Mapping[str, str]) -> None:
        """Run the deployed script with the deployed files; boto3 and pyarrow find the server."""
        job = client("glue").get_job(JobName=name)["Job"]
        with self._folder(name) as home:
            script = objects.fetch(job["Command"]["ScriptLocation"], home / "script.py")
            path = [*self._modules(arguments.get(EXTRA_MODULES, "")), site_packages()]
            extra = [url for url in arguments.get(EXTRA_FILES, "").split(",") if url]
            files = [objects.fetch(url, home / "extra" / url.rsplit("/", 1)[1]) for url in extra]
            words = [word for pair in arguments.items() for word in pair]
            log = run(script, words, [*files, *path], home, {**self._cloud(), **ENGINE})
        self._tell(name, log)

    def training(self, request: Training) -> dict[str, float]:
        """Train as script mode does in its container, and return the metrics read out of the log."""
        with self._folder(request.name) as base:
            channels = {name: base / "input" / "data" / name for name in request.channels}
            for name, asked in request.channels.items():
                objects.fetch_source(asked["DataSource"]["S3DataSource"], channels[name])
            model, output, code = base / "model", base / "output" / "data", base / "code"
            model.mkdir()
            output.mkdir(parents=True)
            given = {name: _decoded(value) for name, value in request.hyperparameters.items()}
            _unpack(channels["code"] / Path(given["sagemaker_submit_directory"]).name, code)
            variables = {f"SM_CHANNEL_{name.upper()}": str(path) for name, path in channels.items()}
            variables |= {"SM_HPS": json.dumps(given), "SM_MODEL_DIR": str(model)}
            variables |= {"SM_OUTPUT_DATA_DIR": str(output)}
            log = run(code / given["sagemaker_program"], [], [code, site_packages()], code, variables)
            self._upload(model, output, base, request.artifact)
        self._tell(request.name, log)
        return metrics(log.splitlines(), request.metric_definitions)

    def transform(self, request: Transform) -> None:
        """Score the files of the manifest by the code that travels in the model's archive."""
        with self._folder(request.name) as base:
            source = {"S3DataType": "ManifestFile", "S3Uri": request.manifest}
            given, answers, model = base / "input", base / "output", base / "model"
            files = objects.fetch_source(source, given)
            _unpack(objects.fetch(request.model_data, base / "model.tar.gz"), model)
            code = model / Path(request.environment["SAGEMAKER_SUBMIT_DIRECTORY"]).name
            words = [request.environment["SAGEMAKER_PROGRAM"], model, given, answers]
            kinds = [request.content_type, request.accept]
            arguments = [str(word) for word in (*words, *kinds)]
            run(PROGRAMS / "serve.py", arguments, [code, site_packages()], code, request.environment)
            objects.put_folder(answers, request.output)
        self._tell(request.name, f"{len(files)} files scored")

    def function(self, name: str, event: Any) -> Any:
        """Call the handler of the deployed zip with the environment of the deployed function."""
        function = lambda_simple_backends[DEFAULT_ACCOUNT_ID][REGION].get_function(name)
        with self._folder(name) as task:
            (task / f"{name}.zip").write_bytes(function.code_bytes)
            _unzip(task / f"{name}.zip", task / "task")
            variables = {**self._cloud(), **(function.environment_vars or {})}
            path = [task / "task", self._lambda_packages()]
            program = PROGRAMS / "function.py"
            log = run(program, [function.handler], path, task, variables, json.dumps(event))
        answer = json.loads(log)
        if "result" not in answer:
            raise type(answer["errorType"], (Exception,), {})(answer["errorMessage"])
        return answer["result"]

    def _lambda_packages(self) -> Path:
        folder = self.spill / "lambda"
        return folder if folder.exists() else lambda_packages(folder)

    def _modules(self, url: str) -> list[Path]:
        """Return the folder of what a deployed zip of wheels installs; none where no zip was built."""
        if not url or not any(objects.listed(url)):
            return []
        modules = self.spill / f"modules-{sha256(url.encode()).hexdigest()[:12]}"
        if not modules.exists():  # Glue jobs run one after the other
            with self._folder("wheels") as home:
                _unzip(objects.fetch(url, home / "wheels.zip"), home)
                for wheel in sorted(home.rglob("*.whl")):
                    _unzip(wheel, modules)
        return [modules]

    def _cloud(self) -> dict[str, str]:
        return {**FAKE, "AWS_ENDPOINT_URL": self.endpoint}

    def _tell(self, name: str, log: str) -> None:
        for line in log.splitlines():
            self.say(f"{name}: {line}")

    @contextmanager
    def _folder(self, name: str) -> Iterator[Path]:
        with TemporaryDirectory(prefix=f"{name}-", dir=self.spill) as home:
            yield Path(home)

    @staticmethod
    def _upload(model: Path, output: Path, base: Path, artifact: str) -> None:
        for folder, name in ((model, "model.tar.gz"), (output, "output.tar.gz")):
            pack(folder, base / name)
            objects.put(base / name, artifact.replace("model.tar.gz", name))


def _decoded(value: str) -> Any:
    """Return a hyperparameter as the container's toolkit reads it: as JSON where it is JSON."""
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _unpack(archive: Path, folder: Path) -> None:
    try:
        unpack(archive, folder)
    except BROKEN as error:
        raise JobFailed(f"{archive.name}: no whole tar.gz ({error})") from error


def _unzip(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
    except (zipfile.BadZipFile, *BROKEN) as error:
        raise JobFailed(f"{archive.name}: no whole zip ({error})") from error
