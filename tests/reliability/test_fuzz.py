"""Random deliveries: each is used, quarantined or refused in one line, and no row or cent is lost.

`make soak` tries thousands; a failure names the delivery's number, by which `tried` makes it again.
"""

from tests.reliability.fuzz import deliveries

FEW = 200


def test_of_two_hundred_mutations_each_ends_in_quarantine_or_one_clear_error(tmp_path):
    found = list(deliveries(tmp_path, FEW))
    assert sum(len(one.changes) for one in found) >= FEW
    assert not [one for one in found if one.is_bug]
    assert {one.outcome.split(":")[0] for one in found} >= {"quarantined", "refused"}
