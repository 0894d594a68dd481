import re
import zipfile
from pathlib import Path

import pytest

from infra.wheels import zip_of_wheels

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
WHEELS = {"toolz-1.2.0-py3-none-any.whl": b"one", "ibis_framework-12.0.0-py3-none-any.whl": b"two"}


def pins(group):
    text = (REQUIREMENTS / f"{group}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, content in WHEELS.items():
        (folder / name).write_bytes(content)
    return folder


def test_the_zip_holds_the_wheels_and_a_list_that_pins_them_as_aws_lays_it_out(folder, tmp_path):
    zip_of_wheels(folder, tmp_path / "wheels.zip")
    with zipfile.ZipFile(tmp_path / "wheels.zip") as found:
        assert set(found.namelist()) == {f"wheels/{name}" for name in (*WHEELS, "requirements.txt")}
        assert found.read("wheels/requirements.txt") == b"ibis_framework==12.0.0\ntoolz==1.2.0\n"


def test_equal_wheels_make_equal_bytes(folder, tmp_path):
    zip_of_wheels(folder, tmp_path / "one.zip")
    for name in WHEELS:
        (folder / name).touch()
    zip_of_wheels(folder, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_folder_without_wheels_names_the_target_that_fetches_them(tmp_path):
    with pytest.raises(ValueError, match="run `make glue-wheels`"):
        zip_of_wheels(tmp_path, tmp_path / "wheels.zip")


def test_the_wheels_are_the_versions_that_all_other_tests_run_on():
    wheels, tested = pins("glue"), pins("check")
    assert {"ibis-framework", "sqlglot", "scipy"} <= set(wheels)
    assert wheels == {name: tested[name] for name in wheels}


def test_no_wheel_takes_the_place_of_a_library_that_glue_installs():
    assert set(pins("glue")).isdisjoint(pins("glue-runtime"))
