"""Who is in which arm, and whom it contacts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clv.contracts import TREATMENTS
from clv.errors import UserError
from decisions.assignment import arms, hashed
from decisions.contacts import arms_of, contact_rows, eligible
from decisions.experiment import CONTROL, STRATA, TREATMENT, Design
from decisions.rfm_rule import RfmRule, clv_ranking
from tests.ascii_table import rows, table
from tests.spec.experiment_members import DESIGN, customers


def test_a_hash_stays_what_it_is_on_every_machine_and_version():
    # printf 'spring|c1' | sha256sum | cut -c1-16, and the same of c2
    digests = ["ce25b20682540236", "169761fcf746619f"]
    assert hashed(["c1", "c2"], "spring").tolist() == [(int(one, 16) >> 11) / 2**53 for one in digests]


@settings(max_examples=60)
@given(st.integers(1, 60), st.floats(0.05, 0.95), st.text(max_size=5))
def test_every_stratum_and_the_whole_have_the_share_to_less_than_one_customer(n, share, salt):
    members = customers(n)
    treated = arms(members, salt, share).eq(TREATMENT)
    assert abs(treated.sum() - share * n) < 1 + 1e-9
    for _, stratum in members.groupby(list(STRATA)):
        assert abs(treated[stratum.index].sum() - share * len(stratum)) < 1 + 1e-9


def test_arms_do_not_depend_on_the_order_of_rows():
    members = customers(300)
    shuffled = members.sample(frac=1, random_state=3)
    pd.testing.assert_series_equal(arms(members, "s", 0.3), arms(shuffled, "s", 0.3).sort_index())


def test_each_customer_has_the_same_chance_and_salts_draw_apart():
    members = customers(12)
    drawn = np.array([arms(members, f"salt-{number}", 0.3).eq(TREATMENT) for number in range(400)])
    assert drawn.mean(axis=0) == pytest.approx(0.3, abs=0.092)  # 4 standard errors of 400 draws
    assert np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1] == pytest.approx(0, abs=0.06)


def test_the_rfm_rule_asks_for_orders_and_spend():
    history = table(
        """
        customer_id | orders_180d | monetary_180d_eur | tier
        a           | 2           | 100.00            |
        b           | 2           | 100.01            | bronze
        c           | 1           | 900.00            |
        d           | 3           | 250.01            | silver
        e           | 9           | 250.00            | bronze
        f           | 2           | 500.01            | gold
        """
    )
    rule = RfmRule()
    assert rule.tiers(history).tolist() == history["tier"].fillna("").tolist()
    assert history.loc[rule.ranking(history), "customer_id"].tolist() == ["f", "d", "e", "b"]


def test_ties_are_broken_by_customer():
    history = table(
        """
        customer_id | orders_180d | monetary_180d_eur | clv_eur
        b           | 2           | 120.0             | 7.0
        a           | 2           | 120.0             | 7.0
        """
    )
    for ranking in (RfmRule().ranking(history), clv_ranking(history)):
        assert history.loc[ranking, "customer_id"].tolist() == ["a", "b"]


@pytest.mark.parametrize("rule", [{"min_orders": 0}, {"silver_above_eur": 50.0}, {"gold_above_eur": 200.0}])
def test_a_rule_without_order_is_refused(rule):
    with pytest.raises(UserError, match="bronze ≤ silver ≤ gold"):
        RfmRule(**rule)


def test_only_customers_with_an_order_and_consent_are_eligible():
    found = eligible(
        table(
            """
            customer_id | segment     | marketing_consent | country | acquisition_channel | clv_eur
            a           | established | True              | DE      | direct              | 9.0
            b           | established | False             | DE      | direct              | 8.0
            c           | early       | True              | -       | -                   | 7.0
            d           | lead        | True              | DE      | direct              | -
            e           | early       | -                 | DE      | direct              | 6.0
            """
        )
    )
    assert rows(found, "customer_id", "country", "acquisition_channel") == [
        ("a", "DE", "direct"),
        ("c", "unknown", "unknown"),
    ]


def test_each_rule_contacts_its_own_in_its_own_arm_and_says_how_likely_that_was():
    design = replace(DESIGN, treatment_share=0.3)
    members = arms_of(customers(), design)
    assert members["named_by_treatment"].sum() == members["named_by_control"].sum() == design.contacts
    assert set(members.loc[members["named_by_treatment"], "clv_eur"]) == set(
        customers()["clv_eur"].nlargest(design.contacts)
    )
    told = {
        (arm, control, treatment): (set(part["contacted"]), set(part["propensity"].round(9)))
        for (arm, control, treatment), part in members.groupby(
            ["arm", "named_by_control", "named_by_treatment"]
        )
    }
    assert told == {
        (CONTROL, False, False): ({False}, {0.0}),
        (CONTROL, False, True): ({False}, {0.3}),
        (CONTROL, True, False): ({True}, {0.7}),
        (CONTROL, True, True): ({True}, {1.0}),
        (TREATMENT, False, False): ({False}, {0.0}),
        (TREATMENT, False, True): ({True}, {0.3}),
        (TREATMENT, True, False): ({False}, {0.7}),
        (TREATMENT, True, True): ({True}, {1.0}),
    }


def test_the_plan_of_contacts_has_both_arms_on_the_same_days_and_its_holdouts():
    design = replace(DESIGN, contact_days=(0, 28), cost_per_contact_eur=0.8)
    members = arms_of(customers(), design)
    plan = contact_rows(members, design)
    assert plan["treatment_id"].is_unique
    assert set(plan) == set(TREATMENTS.names) - {"recorded_ts"}  # so that it can be delivered as it is
    assert set(plan["customer_id"]) == set(members.loc[members["propensity"] > 0, "customer_id"])
    days = plan.groupby(["rule", "purpose"])["treatment_ts"].unique()
    assert {tuple(str(day)[:10] for day in sorted(one)) for one in days} == {("2026-01-05", "2026-02-02")}
    contacted = plan[plan["purpose"] == "exploit"]
    assert set(contacted["customer_id"]) == set(members.loc[members["contacted"], "customer_id"])
    assert plan.groupby("purpose")["cost"].max().to_dict() == {"exploit": 0.8, "holdout": 0.0}


def test_a_design_survives_its_file_and_its_fingerprint_knows_any_change():
    again = Design.from_json(DESIGN.to_json())
    assert again == DESIGN
    assert again.fingerprint == DESIGN.fingerprint
    assert replace(DESIGN, weeks=9).fingerprint != DESIGN.fingerprint


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"name": "x"}', DESIGN.to_json().replace("weeks", "months")]
)
def test_a_broken_design_is_one_error(text):
    with pytest.raises(UserError, match="clv experiment design"):
        Design.from_json(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Spring 1"}, "a–z"),
        ({"start": DESIGN.as_of.replace(day=4)}, "start on 2026-01-05 or later"),
        ({"weeks": 0}, "one week"),
        ({"treatment_share": 1.0}, "share between 0 and 1"),
        ({"alpha": 0.0}, "alpha and power"),
        ({"margin": 0.0}, "margin"),
        ({"contacts": 0}, "budget pays for no contact"),
        ({"contact_days": (0, 56)}, "days 0 to 55"),
        ({"segments": ("revenue_eur",)}, "segments are some of"),
        ({"decides": "some"}, "all or differing"),
    ],
)
def test_a_design_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(UserError, match=message):
        replace(DESIGN, **change)
