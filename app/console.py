"""What a person sees: progress on standard error, results on standard output."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console as Terminal
from rich.table import Table

PLAIN_WIDTH = 120
"""Columns of a table that goes to a file or a pipe."""


@dataclass
class Console:
    """Progress lines, tables and results; `quiet` drops the progress, `as_json` prints results as JSON."""

    quiet: bool = False
    as_json: bool = False
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._progress = Terminal(stderr=True, highlight=False)
        self._results = Terminal(highlight=False)
        if not self._results.is_terminal:
            self._results.width = PLAIN_WIDTH

    def say(self, message: str) -> None:
        """Report a step, with the seconds since the start."""
        if not self.quiet:
            self._progress.print(f"[dim]{time.monotonic() - self.started:6.1f} s[/dim]  {message}")

    def show(self, result: dict[str, Any], *tables: Table) -> None:
        """Print the result: as JSON, or as its tables."""
        if self.as_json:
            self._results.print_json(json.dumps(result, default=str))
            return
        for table in tables:
            self._results.print(table)

    def tell(self, line: str) -> None:
        """Print one line of the result, unless it is printed as JSON."""
        if not self.as_json:
            self._results.print(line, soft_wrap=True)


def grid(title: str, columns: list[str], rows: list[list[str]]) -> Table:
    """Return a table; columns after the first are right-aligned."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2)
    )
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*row)
    return table
