import pytest

from clv.errors import UserError
from step_functions.handlers.request import read_request, run_id, short_id

STARTED = "2025-07-07T01:00:00.000Z"


def asked(**given):
    return read_request(given, STARTED, {})


def test_as_of_is_the_utc_date_of_the_scheduled_time():
    assert asked(scheduled_time="2025-06-30T00:30:00+02:00").as_of.isoformat() == "2025-06-29"
    assert asked(scheduled_time="2025-06-30T01:00:00Z").as_of.isoformat() == "2025-06-30"
    assert asked(scheduled_time="2025-06-30T01:00:00Z", as_of="2025-06-01").as_of.isoformat() == "2025-06-01"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"asof": "2025-07-01"}, "unknown asof; known are as_of, horizon_days"),
        ({"as_of": "01.07.2025"}, "write a date as YYYY-MM-DD"),
        ({"as_of": "2025-07-08"}, "as_of 2025-07-08 lies after 2025-07-07"),
        ({"as_of": "2025-07-01", "scheduled_time": "2025-06-30T23:00:00Z"}, "lies after 2025-06-30"),
        ({"train": "sometimes"}, "train is 'sometimes'; write one of auto, always, never"),
        ({"until": "noon"}, "until is 'noon'; write one of features, published, watched, decided"),
        ({"replace": "false"}, "replace is 'false'; write true or false"),
        ({"scheduled_time": "monday"}, "scheduled_time is 'monday'"),
        ({"settings": []}, "settings is []"),
        ({"settings": {"depth": 3}}, "unknown setting depth"),
        ({"horizon_days": 0}, "horizon_days is 0; give at least 1"),
    ],
)
def test_an_input_that_cannot_be_run_is_refused_by_name(given, said):
    with pytest.raises(UserError) as error:
        asked(**given)
    assert said in str(error.value)


def test_the_remark_that_the_console_offers_is_no_error():
    assert asked(Comment="Insert your JSON here").as_of.isoformat() == "2025-07-07"


def test_a_run_is_named_after_its_execution_in_letters_digits_and_hyphens():
    assert run_id("run_2025.07--01 a_") == "run-2025-07-01-a"
    assert short_id("run-2025-07-01-3") == "run-2025-07-01-3"


def test_long_names_are_shortened_and_stay_apart():
    first, second = (short_id(f"{'a' * 34}-{end}") for end in ("-x", "-y"))
    assert len(first) == len(second) <= 36
    assert first != second
    assert short_id("b" * 36) == "b" * 36
