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
    """A table; the first `names` columns are words, the others numbers. `total` is its last, heavier row.

    A row of one cell heads the rows below it. A table that is not `wide` shares its line with a
    chart where the window has room.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[list[str | Cell]]
    names: int = 1
    total: list[str | Cell] = field(default_factory=list)
    note: str = ""
    wide: bool = True


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
    """A heading, and what the section has of tiles, paragraphs, notes, charts with tables, and terms."""

    anchor: str
    title: str
    says: list[str] = field(default_factory=list)
    blocks: list[Figure | Grid] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    terms: dict[str, str] = field(default_factory=dict)
