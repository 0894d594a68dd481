"""A name of a library set to something of ours, and set back afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """Set an attribute of a module or class for the length of a block; KeyError where it has none."""
    before = vars(owner)[name]  # not getattr: a static method must go back as one
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
