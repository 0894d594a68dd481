"""Drawings as SVG texts: Glue has no plotting library of ours, and a page needs little more than lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """A linear map from values to pixels; values beyond its ends are put at the end."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)

    def holds(self, value: float) -> bool:
        """Say whether a value is on the scale."""
        return self.low <= value <= self.high


@dataclass
class Drawing:
    """One drawing of a size in pixels; classes are styled by the page."""

    width: float
    height: float
    title: str
    parts: list[str] = field(default_factory=list)

    def line(self, start: Point, stop: Point, of: str) -> None:
        """Draw a straight line."""
        (x1, y1), (x2, y2) = start, stop
        self.parts.append(f'<line class="{of}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def dot(self, at: Point, of: str, radius: float = 3.5) -> None:
        """Draw a disc."""
        self.parts.append(f'<circle class="{of}" cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius}"/>')

    def box(self, start: Point, stop: Point, of: str) -> None:
        """Draw a rectangle between two corners, the first one left and above."""
        (x, y), width, height = start, stop[0] - start[0], stop[1] - start[1]
        size = f'width="{width:.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect class="{of}" x="{x:.1f}" y="{y:.1f}" {size}/>')

    def path(self, points: Sequence[Point], of: str, style: str = "") -> None:
        """Draw straight lines through points."""
        told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline class="{of}" style="{style}" points="{told}"/>')

    def text(self, at: Point, words: str, of: str = "", anchor: Anchor = "start") -> None:
        """Write words, their baseline at a point."""
        x, y = at
        self.parts.append(
            f'<text class="{of}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def __str__(self) -> str:
        """Return the element."""
        size = f'viewBox="0 0 {self.width:.0f} {self.height:.0f}" width="{self.width:.0f}"'
        about = f'xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(self.title)}"'
        return f"<svg {about} {size}>{''.join(self.parts)}</svg>"
