import pytest

from tests.reliability.deaths import Deaths
from tests.reliability.week import lake_at, left, run


@pytest.fixture(scope="session")
def week(tmp_path_factory):
    """A lake after an undisturbed week, the states in which the run might have died, and what it left."""
    home = tmp_path_factory.mktemp("deaths")
    lake = lake_at(home / "lake")
    deaths = Deaths(home / "lake", home / "copies").during(lambda: run(lake))
    return lake, deaths, left(lake)
