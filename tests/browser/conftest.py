"""The lake that the dashboard shows."""

from tests.flow.conftest import scored, tried

__all__ = ["scored", "tried"]
