"""Whether raw tables still arrive, and as much of them as usual."""

from datetime import date

import pandas as pd
import pytest

from clv.timeline import EPOCH
from monitoring.freshness import deliveries, lines, odd_volumes, stale

AS_OF = date(2026, 7, 6)


def by_day(rows_of_age, source="orders", kind=""):
    """Return a table with these rows on days so many days before t₀: 1 is the last one in it."""
    days = [((AS_OF - EPOCH).days - age, rows) for age, rows in rows_of_age.items()]
    return pd.DataFrame([{"source": source, "type": kind, "day": day, "rows": rows} for day, rows in days])


def every_day(days=600, rows=20, since=1):
    return dict.fromkeys(range(since, days + 1), rows)


def only(rows_of_age):
    [found] = deliveries(by_day(rows_of_age), AS_OF)
    return found


def test_a_table_that_comes_every_day_is_as_usual():
    found = only(every_day())
    assert (found.newest, found.days_old, found.longest_gap_days) == (date(2026, 7, 5), 1, 1)
    assert (found.rows_week, found.rows_usual, found.flag) == (140, 140.0, "usual")


@pytest.mark.parametrize(("since", "flag"), [(7, "low"), (8, "stale")])
def test_a_week_without_news_is_a_missing_week(since, flag):
    assert only(every_day(since=since)).flag == flag


def test_a_table_that_often_waits_longer_is_not_stale():
    every_tenth = dict.fromkeys(range(9, 400, 10), 5)
    assert only(every_tenth).flag == "usual"
    assert only({age + 2: rows for age, rows in every_tenth.items()}).flag == "stale"  # 11 days by now


def test_types_of_events_stand_for_themselves():
    rows = pd.concat(
        [by_day(every_day(), "web_events", "view"), by_day(every_day(since=30), "web_events", "search")]
    )
    found = deliveries(rows, AS_OF)
    assert [each.name for each in stale(found)] == ["web_events search"]
    [line] = lines(found)
    assert line.startswith("web_events search: the newest event is of 2026-06-06, 30 days before t₀ (")


@pytest.mark.parametrize(("rows", "flag"), [(9, "low"), (10, "usual"), (40, "usual"), (41, "high")])
def test_half_or_twice_the_usual_rows_are_odd(rows, flag):
    found = only(every_day() | every_day(days=7, rows=rows))
    assert found.flag == flag
    assert [each.flag for each in odd_volumes([found])] == [flag] * (flag != "usual")


def test_one_bad_week_does_not_change_what_is_usual():
    found = only(every_day() | dict.fromkeys(range(8, 15), 1))
    assert (found.rows_usual, found.flag) == (140.0, "usual")


def test_christmas_comes_every_year():
    season = every_day() | every_day(days=7, rows=60)
    assert only(season).flag == "high"
    assert only(season | dict.fromkeys(range(358, 372), 50)).flag == "usual"
    assert only(season | dict.fromkeys(range(358, 372), 30)).flag == "high"


def test_a_few_rows_more_or_less_are_chance():
    every_other_day = dict.fromkeys(range(1, 400, 2), 1)
    assert (
        only({age: rows for age, rows in every_other_day.items() if age > 6}).flag == "usual"
    )  # none of 3.5


@pytest.mark.parametrize(("last", "flag"), [(6, "usual"), (7, "high")])
def test_a_usual_row_a_week_is_itself_known_by_few(last, flag):
    """Six after eight weeks of one: P = .003 by the conditional test, .0006 were one a week known for sure."""
    weekly = {7 * week + 1: 1 for week in range(1, 12)}
    assert only({1: last} | weekly).flag == flag


def test_without_two_months_nothing_is_usual_yet():
    found = only(every_day(days=62) | every_day(days=7, rows=1))
    assert (found.rows_usual, found.flag) == (None, "usual")
    assert only(every_day(days=63) | every_day(days=7, rows=1)).flag == "low"


def test_what_happens_after_t0_does_not_count():
    later = every_day(since=20) | {0: 500, -1: 500}
    assert only(later).flag == "stale"
    assert deliveries(by_day({-3: 1}), AS_OF) == []


@pytest.mark.parametrize(("days_old", "listed"), [(365, True), (366, False)])
def test_a_table_without_news_for_a_year_is_given_up(days_old, listed):
    found = deliveries(by_day(every_day(since=days_old)), AS_OF)
    assert [each.flag for each in found] == ["stale"] * listed


def test_days_that_no_calendar_has_do_not_count():
    found = only(every_day() | {739_000: 1, -2_900_000: 1})  # the years 3 and 9966
    assert (found.days_old, found.flag) == (1, "usual")
