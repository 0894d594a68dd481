"""The rules: what is refused, what a person must look at, what may score."""

from dataclasses import replace

import pytest

from training.promotion import Contest, Duel, Estimate, Evidence, Group, verdict

TREES = "xgb-1", False
BETTER, ALIKE = Estimate(0.03, 0.01, 0.05), Estimate(0.0, -0.01, 0.01)
ERRS_LESS, ERRS_ALIKE = Estimate(-20.0, -40.0, -1.0), Estimate(-20.0, -40.0, 1.0)


def duel(ranking, rmse=ERRS_ALIKE, reference="12m"):
    return Duel(reference, ranking, rmse)


def contest(*difference, **changed):
    return replace(Contest(*TREES, Estimate(*difference), "on the same customers"), **changed)


def group(*ratio):
    return Group("country DE", Estimate(*ratio))


GOOD = Evidence(
    model_is_label_free=False,
    customers=5_000,
    unjudged="",
    same_kind=True,
    versus_last_year=duel(BETTER),
    versus_btyd=duel(BETTER, reference="btyd-1"),
    versus_champion=contest(0.0, -0.01, 0.01),
    level=Estimate(0.9, 0.8, 1.0),
    groups=(group(0.9, 0.7, 1.1), group(1.1, 1.0, 1.25)),
)
FREE = replace(GOOD, model_is_label_free=True, versus_champion=None)
LAST_YEAR, BTYD = "beats_last_year", "beats_buy_till_you_die"
CHAMPION, LEVEL = "ranks_no_worse_than_the_champion", "level_is_that_of_some_season"
GROUPS = "calibrated_in_material_segments"
CASES = {
    "all is well": ({}, "Approved", None),
    "12m ranks better beyond luck": (
        {"versus_last_year": duel(Estimate(-0.02, -0.03, -0.001), ERRS_LESS)},
        "Rejected",
        LAST_YEAR,
    ),
    "touching zero is not above it": (
        {"versus_last_year": duel(Estimate(0.02, 0.0, 0.04))},
        "PendingManualApproval",
        LAST_YEAR,
    ),
    "ranks as well as 12m within the margin and errs less": (
        {"versus_last_year": duel(ALIKE, ERRS_LESS)},
        "Approved",
        None,
    ),
    "errs less, but may rank worse by more than the margin": (
        {"versus_last_year": duel(Estimate(0.0, -0.011, 0.01), ERRS_LESS)},
        "PendingManualApproval",
        LAST_YEAR,
    ),
    "beats 12m but not the classical model": (
        {"versus_btyd": duel(ALIKE, reference="btyd-1")},
        "PendingManualApproval",
        BTYD,
    ),
    "the classical model ranks better": (
        {"versus_btyd": duel(Estimate(-0.02, -0.03, -0.001), reference="btyd-1")},
        "Rejected",
        BTYD,
    ),
    "ranking undefined": (
        {"versus_last_year": duel(Estimate(None), Estimate(None))},
        "PendingManualApproval",
        LAST_YEAR,
    ),
    "champion better beyond margin and luck": (
        {"versus_champion": contest(-0.02, -0.03, -0.001)},
        "Rejected",
        CHAMPION,
    ),
    "champion better beyond luck, within the margin": (
        {"versus_champion": contest(-0.01, -0.012, -0.001)},
        "Approved",
        None,
    ),
    "champion better beyond the margin, within luck": (
        {"versus_champion": contest(-0.02, -0.05, 0.0)},
        "Approved",
        None,
    ),
    "champion's record better beyond the margin": (
        {"versus_champion": contest(-0.011)},
        "Rejected",
        CHAMPION,
    ),
    "no champion": ({"versus_champion": None}, "Approved", None),
    "not comparable": ({"versus_champion": Contest(*TREES, None, "other t₀")}, "Approved", None),
    "far too low": ({"level": Estimate(0.4, 0.3, 0.499)}, "PendingManualApproval", LEVEL),
    "just not too low": ({"level": Estimate(0.45, 0.3, 0.5)}, "Approved", None),
    "far too high": ({"level": Estimate(2.4, 2.001, 3)}, "PendingManualApproval", LEVEL),
    "just not too high": ({"level": Estimate(2.0, 1.5, 3)}, "Approved", None),
    "level undefined": ({"level": Estimate(None)}, "PendingManualApproval", LEVEL),
    "a material segment surely too low": (
        {"groups": (group(1.0, 0.9, 1.1), group(0.7, 0.6, 0.799))},
        "PendingManualApproval",
        GROUPS,
    ),
    "a material segment surely too high": (
        {"groups": (group(1.3, 1.201, 1.4),)},
        "PendingManualApproval",
        GROUPS,
    ),
    "a material segment perhaps too high": ({"groups": (group(1.3, 1.2, 1.4),)}, "Approved", None),
    "no material segment": ({"groups": ()}, "Approved", None),
    "another kind was judged": ({"same_kind": False}, "PendingManualApproval", "judged_before_it_scores"),
}


def broken(found):
    return [rule["rule"] for rule in found["rules"] if not rule["passed"]]


@pytest.mark.parametrize(("changed", "status", "rule"), CASES.values(), ids=CASES)
def test_status_and_the_rule_that_decides_it(changed, status, rule):
    found = verdict(replace(GOOD, **changed))
    assert found["status"] == status
    assert broken(found) == ([rule] if rule else [])
    assert found["reason"]
    assert all(
        {"rule", "figure", "limit", "passed", "status", "says"} <= set(told) for told in found["rules"]
    )


def test_a_rejection_outweighs_a_question_and_is_the_reason():
    worse = duel(Estimate(-0.1, -0.2, -0.05))
    found = verdict(replace(GOOD, level=Estimate(3, 2.5, 4), versus_last_year=worse))
    assert found["status"] == "Rejected"
    assert found["reason"] == (
        "ranks worse: against 12m normalised Gini -0.100 (-0.200 to -0.050), RMSE € -20.0 (-40.0 to +1.0)"
    )


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"versus_last_year": duel(ALIKE), "versus_btyd": duel(ALIKE)}, "Approved"),
        ({"versus_last_year": duel(Estimate(-0.02, -0.03, -0.001))}, "Rejected"),
        ({"versus_btyd": duel(Estimate(-0.01, -0.012, -0.009))}, "Approved"),
        ({"versus_btyd": duel(Estimate(-0.02, -0.03, -0.0101))}, "Rejected"),
        ({"groups": (group(0.7, 0.6, 0.799),)}, "Approved"),
        ({"level": Estimate(0.4, 0.3, 0.499)}, "PendingManualApproval"),
    ],
)
def test_a_label_free_model_may_score_until_it_is_shown_to_be_worse(changed, status):
    assert verdict(replace(FREE, **changed))["status"] == status


def test_a_label_free_model_replaces_trees_only_if_it_ranks_better():
    for difference, status in (((0.0, -0.01, 0.01), "Rejected"), ((0.02, 0.001, 0.03), "Approved")):
        assert verdict(replace(FREE, versus_champion=contest(*difference)))["status"] == status
    free = contest(0.0, -0.01, 0.01, champion_is_label_free=True)
    assert verdict(replace(FREE, versus_champion=free))["status"] == "Approved"


NOTHING = Evidence(model_is_label_free=True, customers=0, unjudged="nothing has closed", same_kind=False)


def test_unjudged_models_score_only_if_they_are_label_free_and_replace_no_trees():
    assert verdict(NOTHING)["status"] == "Approved"
    assert verdict(replace(NOTHING, model_is_label_free=False))["status"] == "PendingManualApproval"
    trees, free = (Contest("v", kind, None, "nothing was judged") for kind in (False, True))
    assert verdict(replace(NOTHING, versus_champion=trees))["status"] == "PendingManualApproval"
    assert verdict(replace(NOTHING, versus_champion=free))["status"] == "Approved"
