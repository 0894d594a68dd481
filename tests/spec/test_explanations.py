"""All drivers of the customers drawn by lot: who is drawn, what is told of them, and what is refused."""

from datetime import date

import ibis
import pandas as pd
import pytest

from clv.errors import UserError
from glue_jobs.explanations import explanations
from glue_jobs.inputs import sample

AS_OF = date(2024, 1, 7)
SCORES = pd.DataFrame(
    {
        "customer_id": ["ann", "bob", "cid"],
        "as_of": AS_OF,
        "horizon_days": 90,
        "segment": ["early", "established", "established"],
        "clv_eur": [10.0, 30.0, 7.0],
        "driver_start_eur": [12.0, 20.0, 20.0],
        "model_version": ["e@1", "s@2", "s@2"],
    }
)
GIVEN = pd.DataFrame(
    {
        "customer_id": ["ann", "bob"],
        "country": ["DE", None],
        "marketing_consent": [True, None],
        "recency_days": [3, 40],
        "btyd_expected_orders": [0.5, 2.0],
    }
)
TOLD = pd.DataFrame(
    {
        "customer_id": ["ann", "bob"],
        "all_drivers_eur": [
            [("country", -3.0), ("marketing_consent", 1.0)],
            [("country", 2.0), ("recency_days", 3.5), ("rhythm", 4.0), ("other", 0.5)],
        ],
    }
)


def drawn(customers, size, seed=1):
    rows = ibis.memtable({"customer_id": list(customers)})
    return set(sample(rows, size, seed).to_pandas().customer_id)


def test_so_many_customers_are_drawn_and_another_seed_draws_others():
    people = [f"c{number}" for number in range(300)]
    first = drawn(people, 40)
    assert len(first) == 40
    assert drawn(reversed(people), 40) == first
    assert len(drawn(people, 40, seed=2) & first) < 20
    assert drawn(people, 1_000) == set(people)
    assert drawn(people, 0) == set()


def test_who_was_drawn_stays_drawn_when_others_come_but_for_those_they_displace():
    people = [f"c{number}" for number in range(300)]
    before, after = drawn(people, 100), drawn([*people, *(f"n{number}" for number in range(30))], 100)
    newcomers = [name for name in after if name.startswith("n")]
    assert len(before - after) == len(newcomers) < 20


def test_each_driver_is_a_row_with_the_value_it_goes_by():
    rows = explanations(SCORES, TOLD, GIVEN).set_index(["customer_id", "driver"])
    assert rows.eur.groupby("customer_id").sum().to_dict() == {"ann": -2.0, "bob": 10.0}
    assert list(rows.loc[("ann", "country"), ["feature", "value_text", "eur"]]) == ["country", "DE", -3.0]
    assert rows.loc[("ann", "marketing consent"), "value_text"] == "yes"
    assert rows.loc[("bob", "time since the last order"), "value"] == 40
    assert rows.loc[("bob", "country"), ["value_text"]].isna().all()
    rhythm = rows.loc[("bob", "how often and how lately the customer orders")]
    assert (rhythm.feature, rhythm.value, rhythm.model_version) == ("btyd_expected_orders", 2.0, "s@2")
    assert rows.loc[("bob", "everything else together"), ["feature", "value", "value_text"]].isna().all()


def test_drivers_that_miss_the_forecast_are_refused_with_a_customer_and_both_amounts():
    with pytest.raises(UserError, match=r"1 of 2 .* such as 10\.0000 for 10\.1000 EUR of ann"):
        explanations(SCORES.assign(clv_eur=[10.1, 30.0, 7.0]), TOLD, GIVEN)


def test_drivers_of_nobody_who_is_scored_are_refused():
    with pytest.raises(UserError, match="1 of 2 sampled customers have drivers and no score"):
        explanations(SCORES[1:], TOLD, GIVEN)


def test_nobody_drawn_is_an_empty_table():
    assert explanations(SCORES, TOLD[:0], GIVEN[:0]).empty
