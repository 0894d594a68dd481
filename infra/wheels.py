"""One zip of wheels for the Glue jobs: `python -m infra.wheels FOLDER ZIP`.

The layout is that of AWS's guide ("Creating a Zip of Wheels Artifact"): a folder `wheels/` with the wheels
and a requirements.txt that names them. In S3 the object's key has to end in `.gluewheels.zip`.
"""

import sys
import zipfile
from pathlib import Path

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""One time for every entry, so that equal wheels make equal bytes."""


def requirements_of(wheels: list[str]) -> str:
    """Return a requirements.txt that pins each wheel by its file name's first two parts (PEP 427)."""
    pins = sorted("==".join(name.split("-")[:2]) for name in wheels)
    return "".join(f"{pin}\n" for pin in pins)


def zip_of_wheels(folder: Path, archive: Path) -> list[str]:
    """Write the zip of all wheels of a folder and return their names; ValueError where there is none."""
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise ValueError(f"{folder}: no wheel there; run `make glue-wheels`")
    names = [wheel.name for wheel in wheels]
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for wheel in wheels:
            target.writestr(_entry(wheel.name), wheel.read_bytes())
        target.writestr(_entry("requirements.txt"), requirements_of(names))
    return names


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"wheels/{name}", LONG_AGO)
    entry.external_attr = 0o644 << 16
    return entry


if __name__ == "__main__":
    packed = zip_of_wheels(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write("".join(f"{name}\n" for name in packed))
