"""What the tests of the three purchase models share."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from clv.models.bg_nbd import BgNbd, fit_bg_nbd
from clv.models.geometric_dropout import GeometricDropoutLikelihood
from clv.models.mbg_nbd import MbgNbd, fit_mbg_nbd
from clv.models.pareto_nbd import ParetoNbd, ParetoNbdLikelihood, fit_pareto_nbd
from tests.statistics.buyers import simulate_bg_nbd, simulate_mbg_nbd, simulate_pareto_nbd


class Kind(NamedTuple):
    """A model with its published CDNOW fit (weeks), ours to more digits, and its other doors."""

    model: type
    fit: Callable
    likelihood: Callable
    simulate: Callable
    published: tuple
    fitted: tuple
    log_likelihood: float
    in_weeks: tuple
    leaving: tuple


KINDS = {
    "BG/NBD": Kind(
        BgNbd,
        fit_bg_nbd,
        lambda triples: GeometricDropoutLikelihood(BgNbd, triples),
        simulate_bg_nbd,
        (0.243, 4.414, 0.793, 2.426),
        (0.24259, 4.41360, 0.79292, 2.42591),
        -9582.4292,
        (1, 7, 1, 1),
        ("a", "b"),
    ),
    "MBG/NBD": Kind(
        MbgNbd,
        fit_mbg_nbd,
        lambda triples: GeometricDropoutLikelihood(MbgNbd, triples),
        simulate_mbg_nbd,
        (0.525, 6.183, 0.891, 1.614),
        (0.52484, 6.18309, 0.89136, 1.61400),
        -9582.1357,
        (1, 7, 1, 1),
        ("a", "b"),
    ),
    "Pareto/NBD": Kind(
        ParetoNbd,
        fit_pareto_nbd,
        ParetoNbdLikelihood,
        simulate_pareto_nbd,
        (0.553, 10.578, 0.606, 11.669),
        (0.55328, 10.57768, 0.60624, 11.66873),
        -9594.9762,
        (1, 7, 1, 7),
        ("s", "beta"),
    ),
}


def parameters(model):
    return np.array(list(vars(model).values()))
