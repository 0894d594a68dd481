"""Fixtures for the tests of every folder."""

from tests.s3 import any_lake, s3, s3_server

__all__ = ["any_lake", "s3", "s3_server"]
