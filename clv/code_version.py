"""Which code this is: a digest of the rooms' files, the one that the deployed archive carries as VERSION."""

import importlib
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]
VERSION = "VERSION"
DIGITS = 12
UNTRACKED = {"__pycache__", "entry"}
"""Folders of a checkout that no archive holds as they are."""


def code_version(rooms: tuple[str, ...]) -> str:
    """Return VERSION of the archive that this code was imported from, else the digest of the rooms here."""
    loader: Any = importlib.import_module("clv").__loader__
    try:
        text: bytes = loader.get_data(str(HERE / VERSION))
    except OSError:
        return digest_of(HERE, rooms)
    return text.decode().strip()


def digest_of(root: Path, rooms: tuple[str, ...]) -> str:
    """Return the digest of every file of some rooms, by name and content."""
    found = (path for room in rooms for path in (root / room).rglob("*") if path.is_file())
    names = sorted(
        path.relative_to(root).as_posix() for path in found if not UNTRACKED.intersection(path.parts)
    )
    told = b"".join(name.encode() + (root / name).read_bytes() for name in names)
    return sha256(told).hexdigest()[:DIGITS]
