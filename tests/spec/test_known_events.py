"""Which events are known at t₀, each once and as it was recorded by then."""

from datetime import date

from clv.timeline import epoch_day
from tests.spec.stories import story

EVENTS = story(
    orders="order_id\no1",
    order_lines="order_id\no1",
    web_events="""
    event_id | ts                  | type   | recorded_ts
    plain    | 2024-01-10          | view   |
    t0       | 2024-02-01          | view   |
    late     | 2024-01-10          | login  | 2024-02-05
    twice    | 2024-01-11          | search |
    twice    | 2024-01-11          | search |
    fought   | 2024-01-12          | view   |
    fought   | 2024-01-12          | search |
    restated | 2024-01-13          | view   |
    restated | 2024-01-13          | search | 2024-02-10
    mended   | 2024-01-14          | dance  |
    mended   | 2024-01-14          | login  |
    broken   | 2024-01-15          | dance  |
             | 2024-01-16          | view   |
    """,
)


def january(row: dict[str, int]) -> int:
    return row["day"] - epoch_day(date(2023, 12, 31))


def events_before(as_of: str) -> dict[int, str]:
    return {january(row): row["type"] for row in EVENTS.history("web", as_of)}


def test_events_are_used_once_in_the_version_known_at_t0_and_never_from_quarantine():
    assert events_before("2024-02-01") == {10: "view", 11: "search", 13: "view", 14: "login"}


def test_a_late_or_restated_event_counts_from_when_it_was_recorded():
    told = sorted((january(row), row["type"]) for row in EVENTS.history("web", "2024-02-11"))
    assert told == [(10, "login"), (10, "view"), (11, "search"), (13, "search"), (14, "login"), (32, "view")]
