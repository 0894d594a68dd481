"""The checks of a validation: each limit at its edge, what luck may excuse, and what is told of the worst."""

import math

import pytest

from training.promotion import Estimate
from training.validation.checks import CHECKS, Found, judged
from training.validation.report import not_validated, sentence

LIMITED = [check for check in CHECKS if (check.low, check.high) != (None, None)]
FAR = [check for check in CHECKS if check.far is not None]


def ends(check):
    """Each limit of a check, and the next number beyond it."""
    if check.low is not None:
        yield check.low, math.nextafter(check.low, -math.inf)
    if check.high is not None:
        yield check.high, math.nextafter(check.high, math.inf)


@pytest.mark.parametrize("check", LIMITED, ids=lambda check: check.name)
def test_a_figure_on_the_limit_passes_and_the_next_one_beyond_it_warns(check):
    for limit, beyond in ends(check):
        assert check.outcome(Estimate(limit)) == "pass"
        assert check.outcome(Estimate(beyond)) == "warn"


@pytest.mark.parametrize("check", LIMITED, ids=lambda check: check.name)
def test_it_fails_where_the_whole_interval_is_beyond_and_warns_where_it_touches_the_limit(check):
    for limit, beyond in ends(check):
        far = limit + math.copysign(0.5, beyond - limit)
        reaching, beyond_it = sorted((far, limit)), sorted((far, beyond))
        assert check.outcome(Estimate(far, *reaching)) == "warn"
        assert check.outcome(Estimate(far, *beyond_it)) == "fail"
        assert check.outcome(Estimate(limit, *sorted((far, limit)))) == "pass"


@pytest.mark.parametrize("check", FAR, ids=lambda check: check.name)
def test_a_figure_without_an_interval_fails_beyond_the_further_limit_only(check):
    out = -math.inf if check.low is not None else math.inf
    assert check.outcome(Estimate(check.far)) == "warn"
    assert check.outcome(Estimate(math.nextafter(check.far, out))) == "fail"


def test_the_limits_are_those_that_were_agreed():
    limits = {check.name: (check.low, check.high, check.far) for check in CHECKS}
    assert limits["revenue_accuracy"] == limits["furthest_level"] == (0.8, 1.2, None)
    assert limits["calibration_by_country"] == limits["calibration_by_tenure"] == (0.8, 1.2, None)
    assert limits["worst_ranking_against_12m"] == limits["spearman_against_12m"] == (0.0, None, None)
    assert limits["rmse_against_12m"] == (None, 0.0, None)
    assert limits["bootstrap_moved"] == limits["adjacent_moved"] == (None, 0.01, 0.05)
    assert limits["bootstrap_rank_correlation"] == (0.98, None, 0.95)
    assert limits["gini_range"] == (None, 0.05, 0.10)


def test_every_limit_has_a_source():
    assert all(check.source for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_of_several_groups_the_worst_verdict_is_told_before_the_furthest_figure():
    found = [
        Found("calibration_by_country", Estimate(0.5, 0.2, 0.9), "far, but may be luck"),
        Found("calibration_by_country", Estimate(1.3, 1.25, 1.35), "surely beyond"),
        Found("calibration_by_country", Estimate(1.0, 0.9, 1.1), "fine"),
    ]
    row = next(row for row in judged(found) if row["check"] == "calibration_by_country")
    assert (row["detail"], row["verdict"], row["found"]) == ("surely beyond", "fail", 1.3)


def test_of_figures_that_pass_the_one_nearest_to_its_limit_is_told():
    found = [
        Found("worst_ranking_against_12m", Estimate(gain, 0.0, 1.0), f"{gain}") for gain in (0.3, 0.1, 0.2)
    ]
    row = next(row for row in judged(found) if row["check"] == "worst_ranking_against_12m")
    assert row["detail"] == "0.1"


def test_what_was_not_found_is_not_judged_and_an_unknown_check_is_refused():
    assert {row["verdict"] for row in judged([])} == {"not judged"}
    assert not_validated("nothing closed")["verdict"] == "not judged"
    with pytest.raises(ValueError, match="no such check: speed"):
        judged([Found("speed", Estimate(1.0))])


def test_the_sentence_names_what_fails_and_what_warns():
    rows = judged([Found("r2", Estimate(-0.1, -0.2, -0.05)), Found("gini_range", Estimate(0.07))])
    said = sentence(rows)
    assert "1 warn (gini_range)" in said
    assert "1 fail (r2)" in said
    assert said.startswith("0 checks pass")
