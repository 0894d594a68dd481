"""The code archives: the same bytes on every build, only what is tracked, and each imports on its own."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from clv.code_version import digest_of
from glue_jobs.lineage import ROOMS
from infra.archives import CHECKOUT, ArchiveError, main, write_archives


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    return write_archives(tmp_path_factory.mktemp("archives"))


@pytest.fixture
def checkout(tmp_path):
    """A checkout of a few files, of which one is not tracked."""
    root = tmp_path / "checkout"
    for name in (
        "clv/__init__.py", "clv/money.py", "clv/lake.py", "glue_jobs/__init__.py", "training/__init__.py",
        "training/entry/train.py", "inference/__init__.py", "inference/entry/serve.py", "pyproject.toml",
        "step_functions/__init__.py", "step_functions/handlers/plan.py", "step_functions/weekly.asl.json",
    ):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f'"""{name}."""\n')
    git(root.parent, "init", "--quiet", str(root))
    git(root, "add", ".")
    (root / "clv" / "scratch.py").write_text("")
    return root


def names(archive):
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as file:
            return file.namelist()
    with tarfile.open(archive) as file:
        return file.getnames()


def test_each_archive_holds_the_tracked_files_of_its_runtime(checkout, tmp_path):
    found = write_archives(tmp_path / "out", checkout)
    assert names(found.glue_code) == [
        "clv/__init__.py",
        "clv/lake.py",
        "clv/money.py",
        "glue_jobs/__init__.py",
        "VERSION",
    ]
    assert names(found.source_folder) == [
        "clv/__init__.py",
        "clv/lake.py",
        "clv/money.py",
        "inference/__init__.py",
        "serve.py",
        "train.py",
        "training/__init__.py",
    ]
    assert names(found.lambda_code) == [
        "clv/__init__.py",
        "clv/money.py",
        "step_functions/__init__.py",
        "step_functions/handlers/plan.py",
    ]


def test_bytes_depend_on_the_sources_alone(checkout, tmp_path):
    first = write_archives(tmp_path / "first", checkout)
    for file in checkout.rglob("*.py"):
        os.utime(file, (1, 1))
        file.chmod(0o700)
    second = write_archives(tmp_path / "second", checkout)
    for one, other in zip(vars(first).values(), vars(second).values(), strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_change_of_a_source_changes_the_archives_that_hold_it(checkout, tmp_path):
    first = write_archives(tmp_path / "first", checkout)
    (checkout / "clv" / "lake.py").write_text("ROOT = 1\n")
    second = write_archives(tmp_path / "second", checkout)
    same = [
        one.read_bytes() == other.read_bytes()
        for one, other in zip(vars(first).values(), vars(second).values(), strict=True)
    ]
    assert same == [False, False, True]


def test_folder_without_git_is_named(tmp_path):
    with pytest.raises(ArchiveError, match="build from a git checkout"):
        write_archives(tmp_path / "out", tmp_path)


def test_machine_without_git_is_told_to_install_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith("install git\n")


def test_this_checkout_has_everything_at_its_place(archives):
    assert {"train.py", "serve.py", "training/job.py", "inference/handlers.py"} <= set(
        names(archives.source_folder)
    )
    assert {"clv/engine.py", "glue_jobs/features/__init__.py"} <= set(names(archives.glue_code))
    for archive in vars(archives).values():
        assert not [name for name in names(archive) if "pyproject" in name or "entry" in name]


def unpacked(archive, folder):
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    return [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in sorted(file.namelist())
        if name.endswith(".py")
    ]


def test_every_lambda_module_imports_with_boto3_and_the_standard_library_alone(archives, tmp_path):
    modules = unpacked(archives.lambda_code, tmp_path / "asset")
    # -S leaves out site-packages: boto3 and what it stands on come back alone, by links.
    lent = tmp_path / "boto3-only"
    lent.mkdir()
    packages = Path(sys.modules["pytest"].__file__).parents[1]
    for name in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"):
        (lent / name).symlink_to(packages / name)
    program = f"import sys; sys.path[:0] = [{str(tmp_path / 'asset')!r}, {str(lent)!r}]\n"
    program += "".join(f"import {module}\n" for module in modules)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "clv.contracts" in modules


def test_command_writes_the_archives_and_names_them(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "infra.archives", str(tmp_path)], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )  # fmt: skip
    listed = [Path(line) for line in done.stdout.split()]
    assert [path.name for path in listed] == ["glue-code.zip", "sourcedir.tar.gz", "lambda.zip"]
    assert all(path.stat().st_size for path in listed)


def test_the_version_of_the_archive_is_the_one_that_a_checkout_tells(tmp_path):
    found = write_archives(tmp_path)
    with zipfile.ZipFile(found.glue_code) as file:
        told = file.read("VERSION").decode()
        file.extractall(tmp_path / "out")
    (tmp_path / "out" / "VERSION").unlink()
    assert digest_of(tmp_path / "out", ROOMS) == told
