"""Faults planted after a sound week: the right alarm fires, and no other."""

import re

import pytest

from app import planted
from app.console import Console
from clv.errors import UserError
from step_functions.rehearsal.firing import fired
from step_functions.rehearsal.plants import PLANTS, shown
from tests.rehearsal.rehearsed_weeks import planted_weeks, sound_week


@pytest.fixture(scope="module")
def sound(assembly, raw, tmp_path_factory):
    """A deployment after its first sound week."""
    with sound_week(assembly, raw, tmp_path_factory.mktemp("deployed")) as found:
        yield found


@pytest.fixture(scope="module")
def weeks(sound):
    """The week of each plant."""
    return planted_weeks(sound)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_planted_fault_raises_its_alarm_and_no_other(sound, weeks, plant):
    week = weeks[plant.name]
    assert week.succeeded, (week.error, week.cause)
    assert shown(plant, sound.whole, week).as_wanted, shown(plant, sound.whole, week)
    assert not shown(plant, sound.whole, sound.whole).fired


def test_a_miscalibrated_country_is_one_breach_more(sound, weeks):
    found = shown(PLANTS[0], sound.whole, weeks["miscalibrated-country"])
    assert found.after == (found.before or 0) + 1


def test_an_alarm_that_is_not_the_faults_is_told(sound, weeks, capsys):
    found = shown(PLANTS[0], sound.whole, weeks["missing-week"])
    assert "clv-DataFaults" in found.unexpected
    assert planted.verdict([found]).endswith("not as they should be: miscalibrated-country")
    Console(quiet=True).show({}, planted.plants_table([found]))
    assert "not raised" in capsys.readouterr().out


def test_faults_are_chosen_by_name_and_planted_in_their_own_order():
    with pytest.raises(UserError, match="--plant storm: no such fault; there are miscalibrated-country, "):
        planted.chosen(["storm"])
    assert planted.chosen(["all"]) == PLANTS
    assert [plant.name for plant in planted.chosen([PLANTS[3].name, PLANTS[1].name])] == [
        PLANTS[1].name,
        PLANTS[3].name,
    ]


def test_the_sound_week_raises_neither(sound):
    raised = {alarm.name for alarm in fired(sound.whole) if alarm.state == "ALARM"}
    assert not {name for name in raised if re.search("Drifted|DataFaults", name)}
