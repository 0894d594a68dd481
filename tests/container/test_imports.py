"""The code archive in an environment that holds the container's libraries and nothing else."""

import subprocess
import tarfile

from infra.archives import CHECKOUT, write_archives

PYTHON = CHECKOUT / ".venv-container" / "bin" / "python"
OF_OURS_ONLY_ON_GLUE = {"clv.conform", "clv.engine"}
"""They need Ibis; training and inference do not import them."""


def test_training_inference_and_the_words_they_use_import_with_the_containers_libraries_alone(tmp_path):
    source = write_archives(tmp_path).source_folder
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path / "code", filter="data")
        files = [name for name in archive.getnames() if "/" in name and name.endswith(".py")]
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in files}
    program = "\n".join(f"import {module}" for module in sorted(modules - OF_OURS_ONLY_ON_GLUE))
    done = subprocess.run(
        [PYTHON, "-c", program], cwd=tmp_path / "code", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {"training.job", "inference.handlers", "clv.models.catalogue"} <= modules


def test_environment_lacks_what_the_container_lacks():
    for library in ("ibis", "duckdb", "boto3", "pydantic"):
        done = subprocess.run(
            [PYTHON, "-c", f"import {library}"], capture_output=True, text=True, check=False
        )
        assert f"No module named '{library}'" in done.stderr
