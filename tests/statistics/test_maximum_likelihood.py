import numpy as np
import pytest

from clv.models.maximum_likelihood import LOG_BOUND, maximise


def poisson(log_rate):
    """1,000 customers with 2,500 events in all: peak at ln 2.5, information 2,500 per unit of log rate."""
    return float(2500 * log_rate[0] - 1000 * np.exp(log_rate[0])), 2500 - 1000 * np.exp(log_rate)


def test_peak_and_standard_error_are_the_analytic_ones():
    found = maximise(poisson, np.zeros(1), 1000)
    assert found.status == "converged"
    assert np.exp(found.log_parameters[0]) == pytest.approx(2.5, rel=1e-7)
    assert found.log_standard_errors[0] == pytest.approx(2500**-0.5, rel=1e-6)
    assert not found.is_weak.any()


def test_iteration_cap_is_not_taken_for_convergence():
    assert maximise(poisson, np.array([-5.0]), 1000, iteration_cap=1).status == "iteration_cap"


def test_a_flat_direction_is_weak_and_the_other_is_not():
    found = maximise(lambda at: (poisson(at[:1])[0], np.append(poisson(at[:1])[1], 0.0)), np.zeros(2), 1000)
    assert found.is_weak.tolist() == [False, True]


def test_a_parameter_that_runs_to_the_edge_of_the_search_is_weak():
    found = maximise(lambda at: (float(-np.exp(at[0])), -np.exp(at)), np.zeros(1), 1)
    assert found.log_parameters[0] <= -LOG_BOUND + 1 or found.log_standard_errors[0] > 1
    assert found.is_weak.all()


def test_a_wrong_gradient_ends_stalled():
    found = maximise(lambda at: (poisson(at)[0], -poisson(at)[1]), np.zeros(1), 1000)
    assert found.status == "stalled"
