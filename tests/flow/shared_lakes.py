"""Lakes that take long to make: the first worker of a test run makes one, and each has a copy."""

import fcntl
import os
import pickle
import shutil

from clv.lake import Lake


def made_once(tmp_path_factory, name, make):
    """Return a lake of this worker's own, made by `make(lake)` in one of the workers, and what that returned.

    The addresses in a copy are those of the original, as in a lake that was moved.
    """
    own = Lake.at(tmp_path_factory.mktemp(name) / "lake")
    if "PYTEST_XDIST_WORKER" not in os.environ:  # noqa: TID251 - so xdist names its workers
        return own, make(own)
    home = tmp_path_factory.getbasetemp().parent / f"shared-{name}"
    home.mkdir(exist_ok=True)
    told = home / "told.pickle"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_bytes(pickle.dumps(make(Lake.at(home / "lake"))))
    shutil.copytree(home / "lake", own.root)
    return own, pickle.loads(told.read_bytes())
