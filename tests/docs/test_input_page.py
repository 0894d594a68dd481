"""`docs/input.md` shows the accounts of the faulty delivery of `tests/spec/test_quarantine.py`.

`python -m tests.docs.test_input_page` writes them anew.
"""

import re
from dataclasses import asdict
from io import StringIO
from pathlib import Path

from rich.console import Console

from app.commands import accounts_table
from tests.spec.test_quarantine import DELIVERED, faulty

PAGE = Path(__file__).parents[2] / "docs" / "input.md"
BLOCK = re.compile(r"(?<=<!-- accounts -->\n```\n).*?(?=\n```)", re.DOTALL)


def accounts():
    out = StringIO()
    Console(file=out, width=110, highlight=False).print(
        accounts_table([asdict(line) for line in faulty().accounts if line.table in DELIVERED])
    )
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())


def test_the_page_shows_the_accounts_as_they_are_today():
    assert BLOCK.search(PAGE.read_text(encoding="utf-8"))[0] == accounts()


if __name__ == "__main__":
    PAGE.write_text(BLOCK.sub(lambda _: accounts(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
