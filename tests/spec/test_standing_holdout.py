"""Who is held out from all plans: the same people every time, in the share asked for."""

import pytest

from clv.errors import UserError
from decisions.standing_holdout import StandingHoldout

IDS = [f"c{number}" for number in range(20_000)]


def test_without_a_share_nobody_is_held_out():
    assert not StandingHoldout().holds(IDS).any()
    assert StandingHoldout(0.5, "a").holds([]).tolist() == []


def test_it_has_its_share_and_depends_on_id_and_salt_alone():
    held = StandingHoldout(0.05, "a").holds(IDS)
    assert held.mean() == pytest.approx(0.05, abs=0.005)
    assert StandingHoldout(0.05, "a").holds(IDS[::-1])[::-1].tolist() == held.tolist()
    assert StandingHoldout(0.05, "a").holds(IDS[:7]).tolist() == held[:7].tolist()
    other = StandingHoldout(0.05, "b").holds(IDS)
    assert (held & other).mean() == pytest.approx(0.05**2, abs=0.002)


def test_a_larger_share_keeps_those_of_a_smaller_one():
    small, large = (StandingHoldout(share, "a").holds(IDS) for share in (0.02, 0.1))
    assert (large | ~small).all()
    assert large.sum() > small.sum()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "expected share and salt"),
        ('{"share": 0.1}', "expected share and salt"),
        ('{"share": 0.1, "salt": "a", "seed": 1}', "expected share and salt"),
        ('{"share": 1, "salt": "a"}', "share is 1; give at least 0 and below 1"),
        ('{"share": -0.1, "salt": "a"}', "share is -0.1"),
        ('{"share": true, "salt": "a"}', "share is True"),
        ('{"share": NaN, "salt": "a"}', "share is nan"),
        ('{"share": 0.1, "salt": ""}', "salt is ''; give a text"),
    ],
)
def test_a_setting_that_says_something_else_is_refused_in_one_line(text, says):
    with pytest.raises(UserError, match=f"^here: .*{says}") as error:
        StandingHoldout.from_json(text, "here")
    assert "\n" not in str(error.value)
