"""Looking again and again at something that ends by itself."""

import time
from collections.abc import Iterator

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 0.5
GROWTH = 1.1
"""A pause is a tenth of the time waited so far: each look costs milliseconds of the processor at work."""


def looks() -> Iterator[None]:
    """Yield at once and again after pauses that grow, for ever."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield
        time.sleep(pause)
        pause = min(GROWTH * pause, LONGEST_PAUSE_SECONDS)
