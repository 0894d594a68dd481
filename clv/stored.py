"""What a storage says of the files it holds."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Entry:
    """A file: its name below the root, its bytes, and a text that is another once the file has changed."""

    name: str
    size: int
    version: str


@dataclass(frozen=True)
class Stored:
    """The content of a file, and the version to give to `write_if` where it must be the one replaced."""

    data: bytes
    version: str
