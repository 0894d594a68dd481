"""What is deployed, and the raw tables that are brought there."""

import pytest

from app.rates import ensure_rates
from app.world.build import write_world
from clv.lake import Lake
from tests.flow.conftest import assembly, silent

__all__ = ["assembly", "raw"]


@pytest.fixture(scope="session")
def raw(tmp_path_factory):
    """The raw tables of a marketplace of 2,000 customers."""
    lake = Lake.at(tmp_path_factory.mktemp("marketplace"))
    write_world(lake, 2_000, 7, replace=False, progress=silent)
    ensure_rates(lake, silent)
    return lake.path("raw")
