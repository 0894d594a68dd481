"""Fresh processes: what runs in them finds what its service would give it, and nothing of this checkout."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from step_functions.laptop.cloud import REGION

PROGRAMS = Path(__file__).parent / "programs"
LONGEST_CAUSE = 1_000
FAKE = {
    "AWS_ACCESS_KEY_ID": "rehearsal",
    "AWS_SECRET_ACCESS_KEY": "rehearsal",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Credentials that open nothing but moto."""
SYSTEM = ("PATH", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "AWS_CA_BUNDLE")
"""Of this process's environment, what a process needs to start at all."""
ARITHMETIC = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE")
"""What chooses the kernels and threads of sums of floats; where they differ, so do the last digits."""
LAMBDA_HAS = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


class JobFailed(Exception):  # noqa: N818 - what the services say: a job failed
    """The last line of the log of a process that ended badly."""


def site_packages() -> Path:
    """Return where the installed packages lie, without what .pth files add to them: the checkout."""
    return Path(sysconfig.get_path("purelib"))


def run(
    program: Path,
    arguments: Sequence[str],
    path: Sequence[Path],
    folder: Path,
    variables: Mapping[str, str],
    given: str | None = None,
) -> str:
    """Run a Python program in a fresh process and return what it wrote to standard output.

    Parameters
    ----------
    path
        What it may import from beside the standard library.
    folder
        Where it starts.
    variables
        Its environment, besides what a process needs to start.
    given
        Its standard input.

    Raises
    ------
    JobFailed
        If it does not end well.
    """
    command = [sys.executable, "-I", "-S", str(PROGRAMS / "run.py"), json.dumps([str(p) for p in path])]
    done = subprocess.run(  # noqa: S603 - our own programs
        [*command, str(program), *arguments],
        env={**inherited(), **variables},
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise JobFailed(_last_line(done.stderr) or f"ended with status {done.returncode}")
    return done.stdout


def inherited() -> dict[str, str]:
    """Return what a process takes over of this one's environment: to start, and to calculate alike."""
    environ = os.environ  # noqa: TID251 - the search path for programs and certificates, for the child
    return {name: environ[name] for name in (*SYSTEM, *ARITHMETIC) if name in environ}


def lambda_packages(folder: Path) -> Path:
    """Fill a folder with links to what Lambda's runtime brings, and return it."""
    folder.mkdir(parents=True)
    for name in LAMBDA_HAS:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise JobFailed(f"{name} is not installed, and the functions need it: make .venv/.aws")
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


def _last_line(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1][:LONGEST_CAUSE] if lines else ""
