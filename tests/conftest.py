"""Fixtures for the tests of every folder."""

import gc

from hypothesis import settings

from tests.s3 import any_lake, s3, s3_server

__all__ = ["any_lake", "s3", "s3_server"]

OBJECTS = 50_000
"""Created before garbage is collected; writing SQL creates millions that reference counting frees."""

settings.register_profile("untimed", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("untimed")


def pytest_collection_finish():
    """Leave what is imported to the end out of garbage collection, and collect less often."""
    gc.freeze()
    gc.set_threshold(OBJECTS)
