import re
from pathlib import Path

from clv.indicators import INDICATORS

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"


def sections():
    text = RUNBOOK.read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def alarmed():
    return [indicator for indicator in INDICATORS if indicator.rule is not None]


def test_every_alarm_has_a_section_and_every_section_an_alarm():
    assert set(sections()) == {indicator.rule.anchor for indicator in alarmed()}


def test_a_section_names_exactly_the_alarms_that_point_to_it():
    for anchor, text in sections().items():
        said = re.findall(r"`(\w+)`", re.search(r"\*\*Alarms?:\*\*([^.]*)\.", text).group(1))
        assert set(said) == {i.name for i in alarmed() if i.rule.anchor == anchor}, anchor


def test_each_section_says_what_it_means_where_to_look_and_what_to_do():
    for anchor, text in sections().items():
        for part in ("**Alarm", "**Look:**", "**Do:**"):
            assert part in text, f"{anchor} lacks {part}"


def test_a_rule_points_to_an_existing_place():
    for indicator in alarmed():
        path, _, anchor = indicator.rule.runbook.partition("#")
        assert RUNBOOK.parents[1] / path == RUNBOOK
        assert anchor in sections()
