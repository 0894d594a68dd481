"""What a page is made of: sections of paragraphs, tables and figures. The template knows nothing else."""

from dataclasses import dataclass, field
from typing import NamedTuple

from markupsafe import Markup


class Cell(NamedTuple):
    """A table cell: its text, and what stands small below it, such as an interval."""

    text: str
    small: str = ""


@dataclass(frozen=True)
class Grid:
    """A table; the first `names` columns are words, the others numbers. `total` is its last, heavier row."""

    title: str
    columns: tuple[str, ...]
    rows: list[list[str | Cell]]
    names: int = 1
    total: list[str | Cell] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart whose title is the one sentence that it shows."""

    title: str
    svg: Markup
    note: str = ""


class Tile(NamedTuple):
    """A headline figure: the number, what it is, and what to compare it with."""

    value: str
    label: str
    beside: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with what follows: paragraphs, then figures side by side, then tables."""

    anchor: str
    title: str
    says: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
