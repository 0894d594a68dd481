"""Random deliveries: each is used, quarantined or refused in one line, and no row or cent is lost.

`make soak` tries thousands; a failure names the delivery's number, by which `tried` makes it again.
"""

import pytest

from clv.engine import DuckEngine
from tests.reliability.fuzz import deliveries, tried

FEW = 200


def test_of_two_hundred_mutations_each_ends_in_quarantine_or_one_clear_error(tmp_path):
    found = list(deliveries(tmp_path, FEW))
    assert sum(len(one.changes) for one in found) >= FEW
    assert not [one for one in found if one.is_bug]
    assert {one.outcome.split(":")[0] for one in found} >= {"quarantined", "refused"}


@pytest.mark.parametrize("number", [334, 382])
def test_a_flipped_byte_that_only_the_engine_minds_is_refused_by_name(number, tmp_path):
    """One put an amount beyond the file's own statistics, the other broke a letter."""
    found = tried(DuckEngine.start(tmp_path / "spill"), tmp_path / "lake", number)
    assert found.outcome.startswith("refused"), found.outcome
