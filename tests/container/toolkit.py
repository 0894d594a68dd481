"""Run `train` and `serve` of the container's own toolkit as SageMaker would, without a network."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from infra.archives import CHECKOUT
from step_functions.rehearsal.processes import ARITHMETIC

PYTHON = CHECKOUT / ".venv-toolkit" / "bin" / "python"
ADAPTER = Path(__file__).with_name("adapter.py")
START_SECONDS = 60
NO_NETWORK = {
    # What network isolation does to pip: no index to ask, so that only PIP_NO_BUILD_ISOLATION=0 helps.
    "PIP_NO_INDEX": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_BUILD_ISOLATION": "0",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def environment(base, **more):
    """Return the variables of a container: of this machine's only where programs are and how floats are summed."""
    path = f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"  # noqa: TID251 - of this machine
    alike = {name: os.environ[name] for name in ARITHMETIC if name in os.environ}  # noqa: TID251 - as `path`
    common = alike | {"PATH": path, "SAGEMAKER_BASE_DIR": str(base), "SAGEMAKER_REGION": "eu-west-1"}
    return {**common, **NO_NETWORK, **more}


def train(base, hyperparameters, channels, **more):
    """Lay out /opt/ml as a training job finds it and run `train`; `channels` are folders by name."""
    config, data = base / "input" / "config", base / "input" / "data"
    config.mkdir(parents=True)
    data.mkdir()
    for name, folder in channels.items():
        (data / name).symlink_to(folder)
    for folder in ("model", "output/data"):
        (base / folder).mkdir(parents=True)
    told = {
        "hyperparameters": hyperparameters,
        "inputdataconfig": {name: {"TrainingInputMode": "File"} for name in channels},
        "resourceconfig": {"current_host": "localhost", "hosts": ["localhost"]},
    }
    for name, said in told.items():
        (config / f"{name}.json").write_text(json.dumps(said))
    return subprocess.run(
        [PYTHON, ADAPTER, "train"],
        env=environment(base, SAGEMAKER_TRAINING_MODULE="adapter:train_main", **more),
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@contextmanager
def served(base, log):
    """Yield the address of a running model server whose /opt/ml/model is `base`/model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    variables = environment(
        base,
        SAGEMAKER_PROGRAM="serve.py",
        SAGEMAKER_SUBMIT_DIRECTORY=str(base / "model" / "code"),
        SAGEMAKER_SERVING_MODULE="adapter:serve_main",
        SAGEMAKER_USE_NGINX="false",
        SAGEMAKER_BIND_TO_PORT=str(port),
        SAGEMAKER_MODEL_SERVER_WORKERS="1",
    )
    with log.open("w") as out:
        server = subprocess.Popen(
            [PYTHON, ADAPTER, "serve"], env=variables, stdout=out, stderr=out, start_new_session=True
        )
        try:
            _wait_for(address, server, log)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=START_SECONDS)


def post(address, body, content_type, accept="application/x-parquet"):
    """Return status, content type and body of the answer to one request."""
    request = urllib.request.Request(
        f"{address}/invocations", data=body, headers={"Content-Type": content_type, "Accept": accept}
    )
    try:
        with urllib.request.urlopen(request, timeout=START_SECONDS) as said:
            return said.status, said.headers.get_content_type(), said.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers.get_content_type(), refused.read()


def _wait_for(address, server, log):
    for _ in range(START_SECONDS * 5):
        if server.poll() is not None:
            raise RuntimeError(f"the model server ended with {server.returncode}:\n{log.read_text()}")
        try:
            urllib.request.urlopen(f"{address}/ping", timeout=START_SECONDS).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"no answer to /ping within {START_SECONDS} s:\n{log.read_text()}")
