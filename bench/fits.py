"""`python -m bench.fits CONTENDER FILE`: one fit of BG/NBD, in an environment that has NumPy, SciPy and lifetimes.

The file holds `frequency`, `t_x_days` and `tenure_days` of one customer a row.
"""

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pyarrow.parquet as pq

from bench.measure import clocked
from clv.models.bg_nbd import BgNbd, fit_bg_nbd
from clv.models.triples import unique_triples

COLUMNS = ("frequency", "t_x_days", "tenure_days")
Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def ours(columns: Columns) -> BgNbd:
    """Fit customers as they come: collapsing them is part of the work."""
    return fit_bg_nbd(*columns).model


def lifetimes(columns: Columns) -> BgNbd:
    """Fit as its documentation says."""
    return _lifetimes(*columns)


def lifetimes_on_triples(columns: Columns) -> BgNbd:
    """Give it our distinct triples and their weights, too."""
    triples = unique_triples(*columns)
    return _lifetimes(triples.x, triples.t_x, triples.T, triples.weight)


WORK: dict[str, Callable[[Columns], BgNbd]] = {
    "ours": ours,
    "lifetimes": lifetimes,
    "lifetimes on our triples": lifetimes_on_triples,
}


def _lifetimes(*columns: np.ndarray) -> BgNbd:
    from lifetimes import BetaGeoFitter  # noqa: PLC0415 - its import takes a second

    found = BetaGeoFitter().fit(*columns).params_
    return BgNbd(found["r"], found["alpha"], found["a"], found["b"])


def main(contender: str, file: str) -> None:
    """Fit and print what it took and the log-likelihood reached."""
    table = pq.ParquetFile(file).read(list(COLUMNS))
    columns = tuple(table[name].to_numpy().astype(np.float64) for name in COLUMNS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if contender != "ours":
            import lifetimes as _  # noqa: F401, PLC0415
        model, measured = clocked(lambda: WORK[contender](columns))
    reached = float(model.log_likelihood(*columns).sum())
    print(json.dumps({**asdict(measured), "log_likelihood": reached}))


if __name__ == "__main__":
    main(*sys.argv[1:])
