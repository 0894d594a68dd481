"""Verb: say whether a partition has to be written by this run."""

from clv.lake import Lake


def due(lake: Lake, partition: str, run_id: str, *, replace: bool = False) -> bool:
    """Return whether the partition is to be written: nothing is committed, or another run's work is replaced.

    A job that is tried again finds what its first attempt committed and leaves it.
    """
    commit = lake.current(partition)
    return commit is None or (replace and commit.run_id != run_id)
