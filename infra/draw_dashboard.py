"""Draws the dashboard's layout: `python -m infra.draw_dashboard TEMPLATE OUT.png`.

TEMPLATE is a synthesized one such as `build/cdk.out/ClvMonitoring.template.json`. Each widget is a box where
CloudWatch puts it, with its title and what it shows; boxes that overlap or leave the page are an error.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from textwrap import fill
from typing import Any

COLUMNS = 24
"""CloudWatch's dashboards are this many units wide."""

INCHES = 0.55
COLOURS = {"text": "#eef2f7", "alarm": "#fde7e7", "metric": "#ffffff"}
CHARACTERS_A_UNIT = 5
MARKDOWN = re.compile(r"[#*`]")
MOST_LINES = 9
"""Of the figures named in one box."""


@dataclass(frozen=True)
class Box:
    """One widget: its place in units of the page, its kind, its title and what stands in it."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    title: str
    lines: tuple[str, ...]

    def overlaps(self, other: "Box") -> bool:
        """Return whether two widgets share a place."""
        beside = self.x + self.width <= other.x or other.x + other.width <= self.x
        above = self.y + self.height <= other.y or other.y + other.height <= self.y
        return not (beside or above)


def body_of(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dashboard's body; what CloudFormation fills in stands as the name of its resource.

    LookupError for a template without a dashboard.
    """
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::CloudWatch::Dashboard":
            return dict(json.loads(_text(resource["Properties"]["DashboardBody"])))
    raise LookupError("the template has no dashboard; take that of the stack ClvMonitoring")


def boxes(body: Mapping[str, Any]) -> list[Box]:
    """Return the widgets of a dashboard's body as boxes; ValueError where two overlap or one leaves it."""
    found = [_box(widget) for widget in body["widgets"]]
    for one, other in combinations(found, 2):
        if one.overlaps(other):
            raise ValueError(f"{one.title!r} and {other.title!r} overlap")
    for one in found:
        if one.x + one.width > COLUMNS:
            raise ValueError(f"{one.title!r} leaves the page of {COLUMNS} columns")
    return found


def draw(found: Sequence[Box], out: Path) -> None:
    """Write the picture of a page; its format follows from the file's name."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - takes a second, and only drawing needs it
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    rows = max(box.y + box.height for box in found)
    figure = Figure(figsize=(COLUMNS * INCHES, rows * INCHES))
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set_xlim(0, COLUMNS)
    axes.set_ylim(rows, 0)
    axes.set_axis_off()
    for box in found:
        place = (box.x + 0.06, box.y + 0.06)
        axes.add_patch(
            Rectangle(
                place, box.width - 0.12, box.height - 0.12, facecolor=COLOURS[box.kind], edgecolor="#8895a7"
            )
        )
        axes.text(box.x + 0.25, box.y + 0.3, _wrapped(box.title, box), va="top", fontsize=9, weight="bold")
        top = box.y + (0.95 if box.kind == "text" else 1.5)
        shown = box.lines[:MOST_LINES]
        more = [f"and {len(box.lines) - MOST_LINES} more"] if len(box.lines) > MOST_LINES else []
        said = "\n".join(_wrapped(line, box) for line in (*shown, *more))
        axes.text(box.x + 0.25, top, said, va="top", fontsize=7.5, color="#445064")
    figure.savefig(out, dpi=100)


def main(arguments: list[str]) -> int:
    """Draw the dashboard of a template; 2 where it cannot be drawn."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m infra.draw_dashboard TEMPLATE OUT.png\n")
        return 2
    try:
        found = boxes(body_of(json.loads(Path(arguments[0]).read_text(encoding="utf-8"))))
    except (LookupError, ValueError) as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 2
    draw(found, Path(arguments[1]))
    return 0


def _box(widget: Mapping[str, Any]) -> Box:
    properties, kind = widget["properties"], widget["type"]
    if kind == "text":
        title, *rest = [MARKDOWN.sub("", line).strip() for line in properties["markdown"].splitlines()]
        lines = tuple(line for line in rest if line)
    elif kind == "alarm":
        title = properties["title"]
        lines = tuple(arn.rsplit(":", 1)[-1].removesuffix(".Arn") for arn in properties["alarms"])
    else:
        title, lines = properties.get("title", ""), tuple(_metric(metric) for metric in properties["metrics"])
    return Box(widget["x"], widget["y"], widget["width"], widget["height"], kind, title, lines)


def _metric(metric: Sequence[Any]) -> str:
    """Return what a line of a graph is called: its label, or its metric and dimensions."""
    options = metric[-1] if isinstance(metric[-1], dict) else {}
    names = [part for part in metric if isinstance(part, str)]
    return str(options.get("label") or options.get("expression") or " ".join(names[1:]))


def _text(value: Any) -> str:
    """Return a property as text, joined."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(_text(part) for part in parts)
    named = value.get("Ref") or value.get("Fn::GetAtt") or value.get("Fn::ImportValue")
    return ".".join(named) if isinstance(named, list) else str(named)


def _wrapped(text: str, box: Box) -> str:
    return fill(text, max(8, box.width * CHARACTERS_A_UNIT))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
