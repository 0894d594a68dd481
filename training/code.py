"""The code a model is served with travels inside its archive, under `code/`."""

import shutil
from pathlib import Path

from clv.errors import UserError

CODE = "code"
ROOMS = ("clv", "inference", "training")
ENTRIES = {"serve.py": "inference", "train.py": "training"}
"""Programs at the root of the code archive; in a checkout they lie in the folder `entry` of their room."""

HERE = Path(__file__).resolve().parents[1]
"""What this process runs from: the unpacked code archive, or a checkout."""


def copy_code(model_dir: Path, root: Path = HERE) -> None:
    """Write what serves a model into `code/` of its folder, replacing what is there.

    UserError where `root` lacks a room or a program: its archive is incomplete.
    """
    found = _found(root)
    target = model_dir / CODE
    shutil.rmtree(target, ignore_errors=True)
    for name, file in found.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target / name)


def _found(root: Path) -> dict[str, Path]:
    """Return each file by its name below `code/`."""
    modules = [file.relative_to(root) for room in ROOMS for file in sorted((root / room).rglob("*.py"))]
    found = {file.as_posix(): root / file for file in modules if "entry" not in file.parts}
    for entry, room in ENTRIES.items():
        at_root = root / entry
        found[entry] = at_root if at_root.exists() else root / room / "entry" / entry
    wanted = [*(f"{room}/__init__.py" for room in ROOMS), *ENTRIES]
    missing = [name for name in wanted if name not in found or not found[name].exists()]
    if missing:
        raise UserError(f"{root}: the code archive lacks {', '.join(missing)}; build it again")
    return found
