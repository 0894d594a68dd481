"""Which t₀s train, and from when on there is a forecast."""

from datetime import date, timedelta

import pytest

from clv.closed_snapshots import SnapshotPlan, first_trainable_as_of, plan, require_history, training_as_ofs
from clv.errors import UserError
from clv.models.level import SeasonLevel
from clv.settings import Settings
from clv.timeline import Horizon
from tests.ascii_table import rows, table

SNAPSHOTS = """
first_entry | as_of      | horizon | newest | oldest_trained | last_trained | trained
2009-12-01  | 2011-09-09 |      90 |     12 | 2010-07-01     | 2011-06-01   |      12
2009-12-01  | 2011-06-01 |     180 |     12 | 2010-03-01     | 2010-12-01   |      10
2009-12-01  | 2011-06-01 |     180 |      1 | 2010-12-01     | 2010-12-01   |       1
2023-07-01  | 2025-07-01 |     365 |     12 | 2023-10-01     | 2024-07-01   |      10
2023-07-02  | 2025-07-01 |     365 |     12 | 2023-10-01     | 2024-07-01   |      10
2023-07-04  | 2025-07-01 |     365 |     12 | 2023-11-01     | 2024-07-01   |       9
2023-07-01  | 2025-06-30 |     365 |     12 | 2023-10-01     | 2024-06-01   |       9
1997-01-01  | 1997-10-01 |     273 |     12 | -              | -            |       0
2023-07-01  | 2024-09-30 |     366 |     12 | -              | -            |       0
2023-07-01  | 2024-10-01 |     366 |     12 | 2023-10-01     | 2023-10-01   |       1
"""


def day(text):
    return None if text is None else date.fromisoformat(text)


@pytest.mark.parametrize("row", rows(table(SNAPSHOTS), *table(SNAPSHOTS).columns))
def test_firsts_of_months_train_if_they_have_90_days_of_history_and_are_closed(row):
    first_entry, as_of, horizon, newest, oldest, last, trained = row
    settings = Settings(training_snapshots=newest)
    found = training_as_ofs(day(first_entry), day(as_of), Horizon(horizon), settings)
    assert (len(found), *(found[:1] or [None]), *(found[-1:] or [None])) == (trained, day(oldest), day(last))
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("first_entry", "horizon"), [("2023-07-01", 365), ("2023-07-03", 90), ("2023-10-03", 1)]
)
def test_the_day_before_the_first_trainable_as_of_has_no_snapshot_and_that_day_has_one(first_entry, horizon):
    start, length, settings = day(first_entry), Horizon(horizon), Settings()
    works = first_trainable_as_of(start, length, settings)
    assert training_as_ofs(start, works - timedelta(days=1), length, settings) == []
    assert len(training_as_ofs(start, works, length, settings)) == 1


PLANS = """
first_entry | as_of      | horizon | judged     | taught_from | taught_to  | taught
2023-07-01  | 2026-07-01 |     365 | 2025-07-01 | 2023-10-01  | 2024-07-01 |     10
2009-12-01  | 2011-12-09 |      90 | 2011-09-01 | 2010-07-01  | 2011-06-01 |     12
2023-07-01  | 2025-07-01 |     365 | 2024-07-01 | -           | -          |      0
1997-01-01  | 1997-10-01 |     273 | -          | -           | -          |      0
"""


@pytest.mark.parametrize("row", rows(table(PLANS), *table(PLANS).columns))
def test_the_newest_closed_snapshot_is_judged_by_a_model_taught_by_those_closed_before_it(row):
    first_entry, as_of, horizon, judged, taught_from, taught_to, taught = row
    found = plan(day(first_entry), day(as_of), Horizon(horizon), Settings())
    teachers = found.evaluation_training_as_ofs
    assert found.evaluation_as_of == day(judged)
    assert (len(teachers), *(teachers[:1] or [None]), *(teachers[-1:] or [None])) == (
        taught,
        day(taught_from),
        day(taught_to),
    )
    assert found.training_as_ofs == tuple(
        training_as_ofs(day(first_entry), day(as_of), Horizon(horizon), Settings())
    )


def test_a_plan_names_every_snapshot_it_needs_once_and_survives_its_file():
    found = plan(date(2023, 7, 1), date(2025, 7, 1), Horizon(180), Settings(training_snapshots=6))
    assert found.labelled_as_ofs == tuple(sorted({*found.training_as_ofs, *found.evaluation_training_as_ofs}))
    assert found.evaluation_as_of in found.labelled_as_ofs
    assert SnapshotPlan.from_json(found.to_json()) == found


RETURNED = [date(2023, 1, 10) + timedelta(days=n) for n in range(60)]
"""One more customer comes back on each day; the fiftieth on 2023-02-28."""


def test_90_days_and_50_returning_customers_are_enough():
    require_history(date(2022, 12, 1), RETURNED[::-1], date(2023, 3, 1), Settings())


def test_error_names_the_first_as_of_with_50_returning_customers_and_that_one_works():
    with pytest.raises(
        UserError, match=r"89 days of history and 49 returning.* take --as-of 2023-03-01 or later"
    ):
        require_history(date(2022, 12, 1), RETURNED, date(2023, 2, 28), Settings())


def test_error_names_the_first_as_of_with_90_days_of_history():
    with pytest.raises(UserError, match="take --as-of 2023-04-01 or later"):
        require_history(date(2023, 1, 1), RETURNED, date(2023, 3, 31), Settings())
    require_history(date(2023, 1, 1), RETURNED, date(2023, 4, 1), Settings())


def test_as_of_before_the_first_entry_has_no_days_of_history():
    with pytest.raises(UserError, match="0 days of history and 0 returning"):
        require_history(date(2023, 1, 1), RETURNED, date(2022, 1, 1), Settings())


def test_fewer_than_50_returning_customers_ever_is_an_error_that_asks_for_data():
    with pytest.raises(UserError, match=r"only 49 customers .* no as_of or horizon would work"):
        require_history(date(2022, 1, 1), RETURNED[:49], date(2023, 12, 1), Settings())


LEVELS = """
as_of      | reference
2024-03-01 | 2023-03-01
2024-02-16 | 2023-03-01
2024-04-14 | 2023-04-01
2024-05-15 | 2023-04-01
2024-05-16 | -
2024-01-14 | -
"""


@pytest.mark.parametrize("row", rows(table(LEVELS), "as_of", "reference"))
def test_level_comes_from_the_snapshot_nearest_a_year_before_and_at_most_45_days_off(row):
    ratios = {date(2023, 3, 1): 0.8, date(2023, 4, 1): 1.5, date(2023, 12, 1): 9.0}
    level = SeasonLevel(ratios, horizon_days=30, neutral=1.0)
    as_of, reference = map(day, row)
    assert level.reference(as_of) == reference
    assert level.at(as_of) == (1.0 if reference is None else ratios[reference])


def test_level_of_a_horizon_that_has_not_closed_is_not_known():
    level = SeasonLevel({date(2023, 3, 1): 0.8}, horizon_days=366, neutral=1.0)
    assert level.at(date(2024, 2, 29)) == 1.0
    assert level.at(date(2024, 3, 1)) == 0.8
