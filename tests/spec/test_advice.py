"""Which rule advises what, and which advice counts where several do."""

from datetime import date, timedelta

import pytest

from monitoring.advice import MANY_DRIFTED, MIN_AGE_DAYS, MOST_URGENT_FIRST, RULES, Evidence, advice
from monitoring.drift import MODEL, WEEK_BEFORE, Drift
from monitoring.figures import Figures
from monitoring.metrics import Judged
from monitoring.verdicts import Breach

AS_OF = date(2026, 7, 6)
SOUND = Figures("all", "all", 1_000, 10_000.0, 10_000.0, 1.0, 0.5, 1.0, 10.0, 0.6, True)  # noqa: FBT003
BREACH = (Breach("country=FR", "CalibrationRatio", 1.3, "[0.8, 1.2]", 1.21, 1.4, True),)  # noqa: FBT003
LUCK = (Breach("country=FR", "CalibrationRatio", 1.3, "[0.8, 1.2]", 1.1, 1.5, False),)  # noqa: FBT003


def variable(name, flag="drifted", against=MODEL, kind="number"):
    return Drift("early", against, name, kind, 300, 300, 0.0, 0.0, 1.0, 0.3, 0.3, None, 1e-9, 1e-8, 1.0, flag)


def evidence(segment="early", age=MIN_AGE_DAYS, variables=None, faults=(), breaches=(), judged=True):
    trained = AS_OF - timedelta(days=age)
    model = Judged(segment, trained, trained if judged else None, (SOUND,) if judged else ())
    still = [variable("recency_days", "stable")]
    return Evidence(model, age, still if variables is None else variables, faults, breaches)


def told(*of):
    given = advice(of, AS_OF)
    return given["retrain"], given["rules"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("quarterly", "quiet")),
        ({"variables": [variable("a", "shifted")]}, ("monthly", "usual")),
        ({"variables": [variable("a", "shifted", WEEK_BEFORE)]}, ("monthly", "usual")),  # and no profile
        ({"variables": []}, ("monthly", "usual")),
        ({"judged": False}, ("monthly", "usual")),
        ({"variables": [variable("a")]}, ("weekly", "some_drift")),
        ({"variables": [variable("a", against=WEEK_BEFORE), variable("b", "stable")]}, ("quarterly", "quiet")),
        ({"breaches": BREACH}, ("now", "breached")),
        ({"breaches": LUCK}, ("monthly", "usual")),
        ({"breaches": BREACH, "age": MIN_AGE_DAYS - 1}, ("monthly", "usual")),
        ({"variables": [variable("clv_eur", kind="score")]}, ("now", "scores_drifted")),
        ({"variables": [variable("clv_eur", kind="score")], "age": 7}, ("weekly", "some_drift")),
        ({"variables": [variable(f"f{k}") for k in range(MANY_DRIFTED)]}, ("now", "many_features_drifted")),
        ({"variables": [variable(f"f{k}") for k in range(MANY_DRIFTED - 1)]}, ("weekly", "some_drift")),
        ({"breaches": BREACH, "variables": [variable("p", kind="score")]}, ("now", "breached, scores_drifted")),
        ({"breaches": BREACH, "faults": ["orders are late"]}, ("monthly", "data_fault")),
        ({"faults": ["orders are late"]}, ("monthly", "data_fault")),
    ],
)  # fmt: skip
def test_each_rule(changes, expected):
    assert told(evidence(**changes)) == expected


def test_of_two_models_the_more_urgent_counts_and_both_are_named_where_they_agree():
    quiet, drifting = evidence("early"), evidence("established", variables=[variable("a")])
    assert told(quiet, drifting) == ("weekly", "some_drift")
    given = advice([evidence("early", breaches=BREACH), evidence("established", breaches=BREACH)], AS_OF)
    assert given["reason"] == (
        "the early model is outside its limits in country=FR; "
        "the established model is outside its limits in country=FR"
    )


def test_faulty_data_is_counted_and_told_elsewhere():
    given = advice([evidence(faults=["orders are late", "cells are empty"])], AS_OF)
    assert given["reason"] == "the early model would learn from faulty data: 2 data_faults in summary.json"


def test_without_a_model_it_is_monthly():
    assert advice([], AS_OF) == {
        "retrain": "monthly",
        "reason": "there is no model to judge",
        "rules": "",
        "as_of": "2026-07-06",
    }


def test_every_rule_has_its_own_name_and_stands_in_the_order_of_urgency():
    assert len({rule.name for rule in RULES}) == len(RULES)
    ranks = [MOST_URGENT_FIRST.index(rule.retrain) for rule in RULES]
    assert ranks == sorted(ranks)
