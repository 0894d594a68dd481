"""A process that runs the week and kills itself at one of its writes: `python -m tests.reliability.dying LAKE K`."""

import os
import signal
import sys
from itertools import count
from pathlib import Path

from clv.lake import Lake
from tests.reliability.disk import watched
from tests.reliability.week import run


def main(root: str, turn: int) -> None:
    """Die before change number `turn` below the lake's root."""
    numbers = count(1)

    def die(change: object) -> None:
        if next(numbers) == turn:
            os.kill(os.getpid(), signal.SIGKILL)

    with watched(Path(root), die):
        run(Lake.at(root))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
