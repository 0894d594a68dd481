"""Features, priors and inputs go after `keep_days`; what is trained on or was scored last stays."""

from datetime import date, timedelta

import pytest

from clv.partitions import features_at, inputs_at, labels_at, priors_at, scores_at
from clv.timeline import Horizon
from glue_jobs.expire import AGED, expire
from glue_jobs.notes import expired

AS_OF = date(2026, 7, 6)
YEAR, QUARTER = Horizon(365), Horizon(90)


def commit(lake, partition, text="rows"):
    with lake.commit(partition, "r1") as draft:
        (draft.folder / "part-000.txt").write_text(text)


def day_of(lake, day, horizons=(YEAR,)):
    commit(lake, features_at(day))
    for horizon in horizons:
        commit(lake, priors_at(day, horizon))
        commit(lake, inputs_at(day, horizon))


def files_of(lake, day):
    return {
        entry.name.split("/")[0] for table in AGED for entry in lake.entries(table) if str(day) in entry.name
    }


def test_days_older_than_the_setting_go_with_all_that_was_built_for_them(any_lake):
    old, young = AS_OF - timedelta(days=36), AS_OF - timedelta(days=35)
    for day in (old, young, AS_OF):
        day_of(any_lake, day, (YEAR, QUARTER))
    assert expire(any_lake, AS_OF, 35) == [old]
    assert files_of(any_lake, old) == set()
    assert files_of(any_lake, young) == files_of(any_lake, AS_OF) == set(AGED)
    assert expire(any_lake, AS_OF, 35) == []


def test_firsts_of_months_stay_and_so_does_every_other_table(any_lake):
    first, old = date(2025, 3, 1), date(2025, 3, 2)
    for day in (first, old):
        day_of(any_lake, day)
        commit(any_lake, labels_at(day, YEAR))
    commit(any_lake, scores_at(old), "scores")
    commit(any_lake, scores_at(AS_OF - timedelta(days=7)))
    any_lake.write_text("features/notes/readme.txt", "of somebody")
    assert expire(any_lake, AS_OF, 35) == [old]
    assert files_of(any_lake, first) == set(AGED)
    assert any_lake.current(labels_at(old, YEAR)) is not None
    assert any_lake.committed_text(scores_at(old), "part-000.txt") == "scores"
    assert any_lake.read_text("features/notes/readme.txt") == "of somebody"


@pytest.mark.parametrize("keep_days", [0, -400])
def test_the_week_before_stays_whatever_the_setting(any_lake, keep_days):
    week_before, tomorrow = AS_OF - timedelta(days=7), AS_OF + timedelta(days=1)
    for day in (week_before - timedelta(days=1), week_before, AS_OF, tomorrow):
        day_of(any_lake, day)
    assert expire(any_lake, AS_OF, keep_days) == [week_before - timedelta(days=1)]


def test_after_a_pause_the_features_of_the_newest_scores_are_still_there(any_lake):
    before, last = date(2026, 3, 2), date(2026, 3, 9)
    for day in (before, last):
        day_of(any_lake, day)
        commit(any_lake, scores_at(day))
    any_lake.write_text("scores/as_of=2026-03-16/run=r9/part-000.txt", "never committed")
    assert expire(any_lake, AS_OF, 35) == [before]
    assert files_of(any_lake, last) == set(AGED)


def test_the_commit_goes_first_and_the_next_call_removes_what_a_crash_left(any_lake, monkeypatch):
    old = date(2026, 3, 2)
    day_of(any_lake, old)

    def crash(storage, folder):
        raise OSError("gone")

    kind = type(any_lake.storage)
    with monkeypatch.context() as broken:
        broken.setattr(kind, "remove", crash)
        with pytest.raises(OSError, match="gone"):
            expire(any_lake, AS_OF, 35)
    assert any_lake.current(features_at(old)) is None
    assert "features" in files_of(any_lake, old)
    assert expire(any_lake, AS_OF, 35) == [old]
    assert files_of(any_lake, old) == set()


def test_a_note_is_made_only_where_something_went():
    assert expired([], 35) == []
    (said,) = expired([date(2026, 5, 3), date(2026, 5, 4)], 35)
    assert "2 days from 2026-05-03 to 2026-05-04" in said
    (said,) = expired([date(2026, 5, 3)], 35)
    assert "inputs of 2026-05-03 were removed" in said
