"""What to say where the disk of a lake is full."""

import errno

FULL = (errno.ENOSPC, errno.EDQUOT)
SAID = "No space left on device"
"""By DuckDB and Arrow, whose own errors carry no number."""


def disk_full(error: BaseException) -> str | None:
    """Return one line where an error, or what it came from, says that the disk is full; None elsewhere."""
    found: BaseException | None = error
    while found is not None:
        if getattr(found, "errno", None) in FULL or SAID in str(found):
            return (
                f"the disk is full ({' '.join(str(found).split())}); free some space and give the same "
                "command again: what is committed stays"
            )
        found = found.__cause__
    return None
