"""Equal trees are grown once: a laptop trains both segments, which share a base, in one process."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

Shelf = dict[bytes, "Future[xgb.Booster]"]

_shelves: list[Shelf] = []
_lock = Lock()


@contextmanager
def grown_once() -> Iterator[None]:
    """Keep what any thread grows within the outermost block, for whoever asks for equal trees."""
    with _lock:
        _shelves.append(_shelves[-1] if _shelves else {})
    try:
        yield
    finally:
        with _lock:
            _shelves.pop()


def booster_of(
    recipe: Any, told: Sequence[npt.NDArray[Any] | None], grow: Callable[[], xgb.Booster]
) -> xgb.Booster:
    """Return what `grow` returns, or what it did for an equal `recipe` and equal arrays.

    `repr(recipe)` has to tell recipes apart. Who asks while another thread grows waits for it.
    """
    if not _shelves:
        return grow()
    key = _digest(recipe, told)
    with _lock:
        shelf = _shelves[-1] if _shelves else {}
        mine, known = Future[xgb.Booster](), shelf.get(key)
        shelf.setdefault(key, mine)
    if known is not None:
        return known.result()
    try:
        mine.set_result(grow())
    except BaseException as error:
        shelf.pop(key)  # who tries again grows anew
        mine.set_exception(error)
        raise
    return mine.result()


def _digest(recipe: Any, told: Sequence[npt.NDArray[Any] | None]) -> bytes:
    digest = hashlib.blake2b(repr(recipe).encode(), digest_size=16)
    for array in told:
        digest.update(b"none" if array is None else f"{array.dtype} {array.shape}".encode())
        if array is not None:
            digest.update(np.ascontiguousarray(array).data)
    return digest.digest()
