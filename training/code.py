"""The code a model is served with travels inside its archive, under `code/`."""

import shutil
from pathlib import Path

CODE = "code"
ROOMS = ("clv", "inference", "training")
ENTRIES = {"serve.py": "inference", "train.py": "training"}
"""Programs at the root of the code archive; in a checkout they lie in the folder `entry` of their room."""


def copy_code(model_dir: Path) -> None:
    """Write the code this process runs from into `code/` of a model's folder, replacing what is there."""
    root = Path(__file__).resolve().parents[1]
    target = model_dir / CODE
    shutil.rmtree(target, ignore_errors=True)
    for room in ROOMS:
        for file in sorted((root / room).rglob("*.py")):
            if "entry" not in file.relative_to(root).parts:
                _copy(file, target / file.relative_to(root))
    for entry, room in ENTRIES.items():
        at_root = root / entry
        _copy(at_root if at_root.exists() else root / room / "entry" / entry, target / entry)


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
