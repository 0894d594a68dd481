"""What the pages show is what the run published."""

import pandas as pd
import pytest

from app.dashboard import budgeting, driver_queries, evaluations, queries
from app.dashboard.page_customer import steps
from app.dashboard.store import Week
from app.drivers.figures import difference
from clv.frames import read_frame
from clv.metrics import capture
from clv.partitions import scores_at
from clv.timeline import Horizon
from decisions.actions import EXAMPLE
from decisions.plan_budget import returns_at
from tests.flow.weekly_lake import AS_OF, SETTINGS


@pytest.fixture(scope="module")
def week(scored):
    lake = scored[0]
    return Week(lake.root, AS_OF, lake.current(scores_at(AS_OF)).run_id)


@pytest.fixture(scope="module")
def rows(week):
    return read_frame(week.lake.files(scores_at(AS_OF)))


def test_aggregates_are_those_of_the_published_table(week, rows):
    known = rows[rows.clv_eur.notna()]
    totals = queries.totals(week)
    assert totals.customers == len(known)
    assert totals.leads == len(rows) - len(known)
    assert totals.clv_eur == pytest.approx(known.clv_eur.sum())
    deciles = queries.deciles(week).set_index("decile")
    pd.testing.assert_series_equal(
        deciles.clv_eur, known.groupby("decile").clv_eur.sum(), check_index_type=False, check_names=False
    )
    curve = queries.concentration(week).set_index("customers").revenue
    assert curve[0.1] == pytest.approx(capture(known.clv_eur, known.clv_eur), abs=0.005)
    assert curve[1.0] == pytest.approx(1)


def test_steps_of_a_customer_add_up_to_the_forecast(week, rows):
    for name in rows[rows.driver_start_eur.notna()].customer_id.head(20):
        found = steps(queries.customer(week, name))
        assert found.eur.sum() == pytest.approx(queries.customer(week, name).clv_eur)


def test_drivers_of_two_groups_are_those_of_their_published_customers(week, rows):
    choices = driver_queries.choices(week, "established")
    assert choices["stage"] == ["early", "established"]
    one, other = choices["country"][0], choices["country"][-1]
    groups = [driver_queries.group(week, "established", "country", name) for name in (one, other)]
    known = rows[(rows.segment == "established") & rows.driver_start_eur.notna()]
    means = known.groupby("country").clv_eur.mean()
    parts = difference(*groups, kept=5)
    assert parts.eur.sum() == pytest.approx(means[one] - means[other])


def test_what_an_action_returns_with_a_customer_is_that_of_the_table_of_returns(week):
    table, _ = returns_at(week.lake, AS_OF, EXAMPLE)
    place = 5
    found = budgeting.of_customer(week, EXAMPLE, table.customers.customer_id[place]).set_index("action")
    wanted = dict(zip([one.name for one in EXAMPLE.actions], table.return_eur[place], strict=True))
    assert found.return_eur.to_dict() == {name: eur for name, eur in wanted.items() if eur > float("-inf")}
    assert found.return_eur.is_monotonic_decreasing
    assert set(found.source) == {"assumption"}
    assert budgeting.of_customer(week, EXAMPLE, "nobody").empty


def test_a_search_finds_ids_by_their_beginning_best_first(week, rows):
    found = queries.found(week, "C000001")
    wanted = rows[rows.customer_id.str.startswith("c000001")].sort_values("clv_eur", ascending=False)
    assert found[0] == wanted.customer_id.iloc[0]
    assert all(name.startswith("c000001") for name in found)
    assert queries.found(week, "nobody") == []


def test_quality_is_that_of_the_models_which_scored(week):
    found = evaluations.quality(week, Horizon(SETTINGS.horizon_days))
    assert set(found.who) <= {"early customers", "established customers", "all customers"}
    assert (found.gain_low <= found.gain).all()
    assert (found.gain <= found.gain_high).all()
