"""Stands in for the container's model server: `serve.py PROGRAM MODEL INPUT OUTPUT CONTENT_TYPE ACCEPT`.

It imports the program that the model brings (`SAGEMAKER_PROGRAM`) and asks it file by file; the first file
that is refused ends it. The toolkit's `worker.Response`, with which the program answers, is of the container.
"""

import importlib
import sys
import types
from dataclasses import dataclass
from pathlib import Path

OK = 200


@dataclass(frozen=True)
class Response:
    """What the toolkit's server takes for an answer."""

    response: bytes
    status: int
    mimetype: str


def provide_toolkit() -> None:
    """Let `from sagemaker_containers.beta.framework import worker` find a worker with a Response."""
    names = ("sagemaker_containers", "sagemaker_containers.beta", "sagemaker_containers.beta.framework")
    for name in (*names, f"{names[-1]}.worker"):
        module = types.ModuleType(name)
        module.__path__ = []
        sys.modules[name] = module
    worker = sys.modules[f"{names[-1]}.worker"]
    worker.Response = Response  # type: ignore[attr-defined]
    sys.modules[names[-1]].worker = worker  # type: ignore[attr-defined]


def main(program: str, model_dir: str, given: str, answers: str, content_type: str, accept: str) -> None:
    """Write the answer to every file below `given` under the same name below `answers`, with `.out` added."""
    provide_toolkit()
    served = importlib.import_module(program.removesuffix(".py"))
    model = served.model_fn(model_dir)
    for file in sorted(path for path in Path(given).rglob("*") if path.is_file()):
        name = file.relative_to(given).as_posix()
        said = served.transform_fn(model, file.read_bytes(), content_type, accept)
        if said.status != OK:
            sys.exit(f"{name}: status {said.status}: {said.response.decode()}")
        answer = Path(answers, f"{name}.out")
        answer.parent.mkdir(parents=True, exist_ok=True)
        answer.write_bytes(said.response)


if __name__ == "__main__":
    main(*sys.argv[1:])
