"""docs/validation.md names every check with the limit that the code holds it against."""

from pathlib import Path

import pytest

from training.validation.checks import CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
ROWS = [
    line.split("|")[1:5] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_page_says_the_limit_of_a_check(check):
    name = f"{check.name.partition('_by_')[0]}_by_…" if check.area == "fairness" else check.name
    [row] = [row for row in ROWS if f"`{name}`" in row[0]]
    assert row[2].strip() == check.limit


def test_the_page_says_how_many_checks_there_are():
    assert f"each of {len(CHECKS)} checks" in PAGE.read_text(encoding="utf-8")
